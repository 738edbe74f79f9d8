"""How much one column alone tells of the outcome, with an interval, on training rows that did not teach it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.checks.draws import drawn
from mainstay.checks.examined import Examined
from mainstay.checks.sight import (
    cells_of,
    clusters_of,
    folds_of,
    indicators,
    level_numbers,
    numbers_of,
    rank_correlation,
)
from mainstay.domain.task import Task
from mainstay.stats.amounts import metrics_regression
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.intervals import Interval, unknown
from mainstay.stats.ranking import roc_auc, roc_auc_interval
from mainstay.stats.telling import cell_guesses

MOST_ROWS = 20_000
MIN_ROWS = 100
MIN_OF_CLASS = 35  # below, even a column that parts all rows is not surely above 0.9
PRIOR_ROWS = 10.0
MAX_CLASSES = 10
FINE_CELLS = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """Rows that a question about single columns is put to, with what they hold."""

    rows: IntArray
    outcomes: FloatArray
    folds: IntArray


def asked_rows(exam: Examined) -> Asked | None:
    """Return training rows to ask about, None where they are too few to tell."""
    rows = drawn(exam, exam.training, MOST_ROWS)
    outcomes = exam.outcomes[rows]
    if rows.size < MIN_ROWS or not tells_apart(exam, outcomes):
        return None
    return Asked(rows, outcomes, folds_of(exam, rows))


def tells_apart(exam: Examined, outcomes: FloatArray) -> bool:
    """Whether there is enough of two outcomes to speak of a difference."""
    _, counts = np.unique(outcomes, return_counts=True)
    if exam.task is Task.REGRESSION:
        return counts.size > 1 and outcomes.size >= MIN_ROWS
    return int(np.count_nonzero(counts >= MIN_OF_CLASS)) > 1


def measure_name(exam: Examined) -> str:
    """Return how strength is measured, in words."""
    return "R²" if exam.task is Task.REGRESSION else "ROC AUC"


def strength_of(exam: Examined, column: pl.Series, asked: Asked, *, level: float = 0.95) -> Interval:
    """Return the ROC AUC (the mean over classes) or R² of a column's cells, cross-fitted; `column` holds all rows."""
    return strength_of_cells(exam, cells_of(column[asked.rows]), asked, level=level)


def strength_of_cells(exam: Examined, cells: IntArray, asked: Asked, *, level: float = 0.95) -> Interval:
    """Return the strength of cells made by the caller, one of each asked row."""
    clusters = clusters_of(exam, asked.rows)
    if exam.task is Task.REGRESSION:
        guesses = cell_guesses(cells, asked.folds, asked.outcomes, prior=2.0)
        return metrics_regression(asked.outcomes, guesses, clusters=clusters)["r2"]
    found = []
    for happened in _common(exam, asked.rows):
        guesses = cell_guesses(cells, asked.folds, happened, prior=PRIOR_ROWS)
        found.append(roc_auc_interval(happened, guesses, clusters=clusters, level=level))
    return _mean(found)


def is_recoding(exam: Examined, column: pl.Series, asked: Asked) -> Interval | None:
    """Return the strength of a column that is the outcome in other words, over rows that know it; None if it is not.

    In other words: every level or stretch of numbers has one outcome; of amounts, one order or one amount per level.
    """
    told = column[asked.rows]
    known = level_numbers(told) > 0
    some = Asked(asked.rows[known], asked.outcomes[known], asked.folds[known])
    if some.rows.size < max(MIN_ROWS, 0.3 * asked.rows.size) or not tells_apart(exam, some.outcomes):
        return None
    found = _ordered_alike(exam, told.filter(pl.Series(known)), some)
    if found is not None:
        return found
    found = strength_of_cells(exam, cells_of(told.filter(pl.Series(known)), n_cells=FINE_CELLS), some)
    certain = 0.9995 if exam.task is Task.REGRESSION else 0.999
    return found if found.value >= certain and found.low >= 0.9 else None


def _ordered_alike(exam: Examined, column: pl.Series, some: Asked) -> Interval | None:
    """Whether the numbers of a column are in the outcomes' order, or part the two outcomes at one place."""
    numbers = numbers_of(column)
    if numbers is None:
        return None
    if exam.task is Task.REGRESSION:
        told = abs(rank_correlation(numbers, some.outcomes))
        return Interval(told, told, 1.0) if told >= 0.9998 else None
    if exam.task is Task.MULTICLASS:
        return None
    area = roc_auc(some.outcomes, numbers)
    found = roc_auc_interval(some.outcomes, numbers if area >= 0.5 else -numbers)
    return found if found.value >= 0.9999 and found.low >= 0.9 else None


def _common(exam: Examined, rows: IntArray) -> list[FloatArray]:
    """What there is to tell of the outcome, of classes the most common ones."""
    found = [each for each in indicators(exam, rows).values() if 0 < each.sum() < each.size]
    if exam.task is Task.BINARY:
        return found
    return sorted(found, key=lambda happened: -float(happened.sum()))[:MAX_CLASSES]


def _mean(found: list[Interval]) -> Interval:
    if not found:
        return unknown()
    parts = np.array([(each.value, each.low, each.high) for each in found])
    return Interval(*(float(part) for part in parts.mean(axis=0)))
