"""How the score moves with one input: what a report draws. Pure numbers, of rows as they are but for that input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.checks.draws import drawn
from mainstay.checks.examined import Examined
from mainstay.checks.sight import numbers_of
from mainstay.stats.arrays import FloatArray, IntArray

MOST_ROWS = 500
N_POINTS = 20
MOST_LEVELS = 20


@dataclass(frozen=True, slots=True)
class Effect:
    """The mean score of rows when one input has each of `values` (numbers ascending, or levels by how often they come).

    `mean`, `low` and `high` have shape (n_values,), or (n_values, n_classes): the mean, and the 10th and 90th
    percentile over rows. `n_rows` says how many rows of the holdout hold each value, or one up to it.
    """

    name: str
    values: tuple[float | str, ...]
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    n_rows: IntArray


def effect(exam: Examined, name: str) -> Effect | None:
    """Return the effect of an input (partial dependence; Friedman 2001); None where it never has a value.

    Of correlated inputs it shows rows that are rare in the world: look at `n_rows`.
    """
    rows = drawn(exam, exam.holdout, MOST_ROWS)
    column = exam.used[name].alias("grid")  # a column's own name may be a pattern to polars
    grid, n_rows = _grid(column[exam.holdout])
    if not grid.len() or not rows.size:
        return None
    used = exam.used[rows]
    stacked = pl.concat([used] * grid.len())
    values = grid[np.repeat(np.arange(grid.len()), rows.size)].alias(name)
    scores = exam.score(pl.DataFrame([values if each.name == name else each for each in stacked]))
    by_value = scores.reshape(grid.len(), rows.size, *scores.shape[1:])
    return Effect(
        name=name,
        values=tuple(grid.to_list()),
        mean=by_value.mean(axis=1),
        low=np.quantile(by_value, 0.1, axis=1),
        high=np.quantile(by_value, 0.9, axis=1),
        n_rows=n_rows,
    )


def _grid(column: pl.Series) -> tuple[pl.Series, IntArray]:
    numbers = numbers_of(column)
    if numbers is None:
        counts = column.drop_nulls().value_counts(sort=True).head(MOST_LEVELS)
        return counts["grid"], counts["count"].to_numpy().astype(np.int64)
    known = np.sort(numbers[~np.isnan(numbers)])
    if not known.size:
        return column.clear(), np.zeros(0, dtype=np.int64)
    points = _points(known)
    up_to = np.searchsorted(known, points, side="right")
    return pl.Series("grid", points).cast(column.dtype), np.diff(up_to, prepend=0).astype(np.int64)


def _points(known: FloatArray) -> FloatArray:
    """Quantiles of rows; where most rows say the same, quantiles of the distinct numbers beside them."""
    points: FloatArray = np.unique(np.quantile(known, np.linspace(0, 1, N_POINTS), method="nearest"))
    if points.size >= N_POINTS // 2:
        return points
    others = np.quantile(np.unique(known), np.linspace(0, 1, N_POINTS - points.size), method="nearest")
    return np.union1d(points, others)
