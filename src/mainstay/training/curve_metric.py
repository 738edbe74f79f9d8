"""What a learning curve measures: the task's metric, the baseline it starts from, and money per decision."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mainstay.domain.task import Task
from mainstay.stats.amounts import r2
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.ranking import roc_auc
from mainstay.stats.value import best_threshold
from mainstay.training.decided import decided
from mainstay.training.prepared import Prepared

LEAST_SCORE = 1e-12  # keeps the log of a score of 0 finite


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's name, 1 where higher is better and -1 for errors, and the best it can be."""

    name: str
    sign: float
    best: float


BY_TASK = {
    Task.BINARY: Metric("roc_auc", 1.0, 1.0),
    Task.REGRESSION: Metric("r2", 1.0, 1.0),
    Task.MULTICLASS: Metric("log_loss", -1.0, 0.0),
}


def measured(task: Task, outcomes: FloatArray, scores: FloatArray) -> float:
    """Return the task's metric; NaN where it cannot be told (one outcome only, nothing varies).

    >>> measured(Task.MULTICLASS, np.array([0.0, 1.0]), np.full((2, 2), 0.5)).__round__(3)
    0.693
    """
    match task:
        case Task.BINARY:
            return roc_auc(outcomes, scores)
        case Task.REGRESSION:
            return r2(outcomes, scores)
    given = scores[np.arange(outcomes.size), outcomes.astype(np.int64)]
    return float(-np.log(np.clip(given, LEAST_SCORE, 1.0)).mean())


def baseline(task: Task, outcomes: FloatArray) -> float:
    """Return the metric of a model that looks at nothing.

    >>> baseline(Task.BINARY, np.array([0.0, 1.0])), round(baseline(Task.MULTICLASS, np.array([0.0, 1.0])), 3)
    (0.5, 0.693)
    """
    if task is not Task.MULTICLASS:
        return 0.5 if task is Task.BINARY else 0.0
    shares = np.bincount(outcomes.astype(np.int64)) / outcomes.size
    return float(-sum(share * math.log(share) for share in shares if share > 0))


def money_per_decision(prepared: Prepared, rows: IntArray, scores: FloatArray) -> float:
    """Return what decisions by these scores are worth on rows, NaN without a value table.

    Binary: each half is decided at the threshold that is best for the other half. Several classes: the action worth
    most under the scores. An amount: as predicted.
    """
    if prepared.worth is None:
        return float("nan")
    if prepared.task is not Task.BINARY:
        return float(prepared.worth.at(rows, decided(scores, None, prepared, rows)).mean())
    high, low = prepared.money(rows)
    half = np.arange(rows.size) % 2 == 0
    earned = 0.0
    for chosen, judged in ((half, ~half), (~half, half)):
        threshold = best_threshold(scores[chosen], high[chosen], low[chosen]).threshold
        earned += float(np.where(scores[judged] >= threshold, high[judged], low[judged]).sum())
    return earned / rows.size
