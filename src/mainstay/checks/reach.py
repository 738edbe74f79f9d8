"""How far answers move when one input of a row takes any value that is real: what not knowing it may cost at most."""

from __future__ import annotations

import numpy as np
import polars as pl

from mainstay.checks.examined import Examined
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray

N_VALUES = 24  # tried in each row, the least and the greatest always among them


def one_number(scores: FloatArray) -> FloatArray:
    """Return the score of a row as a reply gives it: of several classes the likeliest's."""
    return scores if scores.ndim == 1 else np.asarray(scores.max(axis=1), dtype=np.float64)


def usual_span(exam: Examined) -> float:
    """Return how far apart the scores of nine in ten rows of the holdout lie; 0 where none is finite."""
    scores = one_number(exam.scores[exam.holdout])
    known = scores[np.isfinite(scores)]
    return float(np.subtract(*np.quantile(known, [0.95, 0.05]))) if known.size else 0.0


def reach(exam: Examined, rows: IntArray, name: str) -> tuple[FloatArray, FloatArray]:
    """Return the least and the greatest score of each row over real values of one input; both shape (n_rows,)."""
    values = _tried(exam, name)
    used = exam.used[rows]
    stacked = pl.concat([used] * values.len())
    swapped = stacked.with_columns(pl.Series(name, values[np.repeat(np.arange(values.len()), rows.size)]))
    scores = one_number(exam.score(swapped)).reshape(values.len(), rows.size)
    own = one_number(exam.score(used))
    if exam.task is Task.MULTICLASS:  # to be less sure of the likeliest class is right where less is known
        return np.zeros(rows.size), np.fmax(scores.max(axis=0), own)
    return np.fmin(scores.min(axis=0), own), np.fmax(scores.max(axis=0), own)


def _tried(exam: Examined, name: str) -> pl.Series:
    column = exam.used[name].alias("tried")  # a column's own name may be a pattern to polars
    known = column.drop_nulls().unique().sort()
    if known.len() > N_VALUES:
        known = known[np.linspace(0, known.len() - 1, N_VALUES).astype(np.int64)]
    missing = pl.Series("tried", [None], dtype=column.dtype) if column.null_count() else column.clear()
    return pl.concat([known, missing]) if known.len() else column.head(1)
