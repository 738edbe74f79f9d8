"""Fair draws of rows: a large table is asked by as many of them as tell, and findings say so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.checks.examined import Examined
from mainstay.stats.arrays import IntArray

MOST_ROWS = 100_000  # more tell nothing that a check waits for


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """How many rows of each part a check asks at most, None where it asks all or none; `every` is of the whole table.

    Which rows these are hangs on the seed of the version alone.
    """

    training: int | None = None
    holdout: int | None = None
    every: int | None = None


ALL_ROWS = Draw()


def drawn(exam: Examined, rows: IntArray, most: int = MOST_ROWS) -> IntArray:
    """Return the rows, or a fair draw of them in their order where there are more than `most`."""
    if rows.size <= most:
        return rows
    return np.sort(np.random.default_rng(exam.seed).choice(rows, most, replace=False))


def said_of_draw(draws: Draw, exam: Examined) -> str:
    """Return what a finding adds where not all rows were asked; nothing where all were."""
    parts = (
        (draws.training, exam.training.size, "training rows"),
        (draws.holdout, exam.holdout.size, "rows of the holdout"),
        (draws.every, exam.table.height, "rows"),
    )
    told = [f"{most:,} of {n:,} {what}" for most, n, what in parts if most is not None and most < n]
    return f" (by {' and '.join(told)}, drawn fairly)" if told else ""
