"""Metrics that can be told by group: what each takes from the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from mainstay.checks.examined import Examined
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.group_gaps import share_of
from mainstay.stats.intervals import Interval, mean_interval, unknown
from mainstay.stats.ranking import roc_auc_interval


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one group: outcomes, decisions and scores as `Examined` has them, money of each, and their clusters."""

    task: Task
    outcomes: FloatArray
    decided: FloatArray
    scores: FloatArray
    money: FloatArray | None
    clusters: IntArray | None
    level: float


Told: TypeAlias = Callable[[Rows], Interval]
FEWEST = 10  # rows that a share is over, such as positives in a group: below, nothing is said of it


def told_of(exam: Examined, metric: str, rows: IntArray, *, level: float) -> Interval:
    """Return a metric of some rows with its interval; unknown where the task has none such, or too few rows carry it.

    Definitions are Fairlearn's (selection rate, true and false positive rates) and scikit-learn's; `calibration_gap` is
    the mean score less the mean outcome, `absolute_error` by how much amounts are missed on average,
    `money_per_decision` in the brief's currency.
    """
    taken = Rows(
        task=exam.task,
        outcomes=exam.outcomes[rows],
        decided=exam.decided[rows].astype(np.float64),
        scores=exam.scores[rows],
        money=None if exam.worth is None else exam.money(rows),
        clusters=None if exam.clusters is None else exam.clusters[rows],
        level=level,
    )
    return TOLD[metric](taken)


def _share(rows: Rows, part: FloatArray, whole: FloatArray) -> Interval:
    if rows.task is not Task.BINARY or whole.sum() < FEWEST:
        return unknown()
    return share_of(part, whole, clusters=rows.clusters, level=rows.level)


def _mean(rows: Rows, values: FloatArray | None) -> Interval:
    if values is None or values.size < FEWEST or not np.isfinite(values).all():
        return unknown()
    return mean_interval(values, clusters=rows.clusters, level=rows.level)


def _accuracy(rows: Rows) -> Interval:
    if rows.task is Task.REGRESSION:
        return unknown()
    decided = rows.decided if rows.task is Task.BINARY else rows.scores.argmax(axis=1)
    right = (decided == rows.outcomes).astype(np.float64)
    return share_of(right, np.ones(right.size), clusters=rows.clusters, level=rows.level)


def _calibration(rows: Rows) -> Interval:
    return _mean(rows, None if rows.task is Task.MULTICLASS else rows.scores - rows.outcomes)


def _absolute_error(rows: Rows) -> Interval:
    return _mean(rows, np.abs(rows.scores - rows.outcomes) if rows.task is Task.REGRESSION else None)


def _roc_auc(rows: Rows) -> Interval:
    if rows.task is not Task.BINARY or not np.isfinite(rows.scores).all():
        return unknown()
    if min(rows.outcomes.sum(), (1 - rows.outcomes).sum()) < FEWEST:
        return unknown()
    return roc_auc_interval(rows.outcomes, rows.scores, clusters=rows.clusters, level=rows.level)


TOLD: Mapping[str, Told] = {
    "selection_rate": lambda rows: _share(rows, rows.decided, np.ones(rows.decided.size)),
    "true_positive_rate": lambda rows: _share(rows, rows.decided, rows.outcomes),
    "false_positive_rate": lambda rows: _share(rows, rows.decided, 1 - rows.outcomes),
    "false_negative_rate": lambda rows: _share(rows, 1 - rows.decided, rows.outcomes),
    "precision": lambda rows: _share(rows, rows.outcomes, rows.decided),
    "accuracy": _accuracy,
    "calibration_gap": _calibration,
    "absolute_error": _absolute_error,
    "money_per_decision": lambda rows: _mean(rows, rows.money),
    "roc_auc": _roc_auc,
}
