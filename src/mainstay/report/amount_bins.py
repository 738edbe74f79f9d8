"""Foretold amounts in bands of equal count, and what came in each: its middle, half and eight of ten."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.report.cells import Cell, Column, Table, count_cell
from mainstay.report.rows import Floats
from mainstay.report.words import number, step_of
from mainstay.stats.arrays import IntArray
from mainstay.stats.buckets import equal_count_ends

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
LEAST = 20  # amounts in a band: with fewer its outer tenths would be one or two rows


@dataclass(frozen=True, slots=True)
class AmountBins:
    """Bands of foretold amounts from low to high, arrays of shape (n_bands,); `came` has shape (n_bands, 5).

    `foretold` is the mean amount foretold, `came` the levels 10, 25, 50, 75 and 90% of what came.
    """

    foretold: Floats
    came: Floats
    n: IntArray


def amount_bins(outcomes: Floats, scores: Floats, n_bands: int) -> AmountBins:
    """Cut amounts into at most `n_bands` bands by what was foretold; equal amounts are never parted.

    >>> amount_bins(np.arange(100.0), np.arange(100.0), 2).came[:, 2].tolist()
    [24.5, 74.5]
    """
    order = np.argsort(scores, kind="stable")
    ends = equal_count_ends(scores[order], max(1, min(n_bands, scores.size // LEAST)))
    parts = np.split(order, ends[:-1])
    return AmountBins(
        foretold=np.array([scores[part].mean() for part in parts]),
        came=np.array([scores[part].mean() + np.quantile(outcomes[part] - scores[part], LEVELS) for part in parts]),
        n=np.array([part.size for part in parts], dtype=np.int64),
    )


def bins_table(bins: AmountBins, target: str) -> Table:
    """What came for each band of foretold amounts."""
    step = max(step_of(float(np.abs(bins.came).max())), 1e-9)
    rows = tuple(
        (
            _amount(float(bins.foretold[i]), step),
            *(_amount(float(level), step) for level in bins.came[i]),
            count_cell(int(n)),
        )
        for i, n in enumerate(bins.n)
    )
    named = ("10% below", "25% below", "in the middle", "25% above", "10% above")
    columns = (Column("foretold", "mean"), *(Column("came", name) for name in named), Column("number"))
    return Table("foretold", f"What {target} came to, by what was foretold", columns, rows)


def _amount(value: float, step: float) -> Cell:
    return Cell(number(value, step), value)
