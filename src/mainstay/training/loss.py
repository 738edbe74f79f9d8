"""The loss of scores, row by row: what is compared where no money is."""

from __future__ import annotations

import numpy as np

from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray

EPSILON = 1e-12  # keeps the log of a score of 0 or 1 finite


def losses_of(task: Task, outcomes: FloatArray, scores: FloatArray) -> FloatArray:
    """Return the loss of each row, shape (n_rows,): log loss of classes, squared error of amounts."""
    if task is Task.REGRESSION:
        return (outcomes - scores) ** 2
    if task is Task.MULTICLASS:
        given = np.clip(scores, EPSILON, 1.0)[np.arange(outcomes.size), outcomes.astype(np.int64)]
        return -np.log(given)
    return log_losses(outcomes, scores)


def log_losses(outcomes: FloatArray, scores: FloatArray) -> FloatArray:
    """Return the log loss of each row, shape (n_rows,).

    >>> log_losses(np.array([1.0]), np.array([0.5])).round(3).tolist()
    [0.693]
    """
    given = np.clip(scores, EPSILON, 1 - EPSILON)
    return -np.log(np.where(outcomes == 1.0, given, 1 - given))


def quantile_losses(outcomes: FloatArray, scores: FloatArray, quantile: float) -> FloatArray:
    """Return what each row adds to the loss that is least at a quantile, shape (n_rows,).

    >>> quantile_losses(np.array([10.0, 10.0]), np.array([8.0, 12.0]), 0.75).tolist()
    [1.5, 0.5]
    """
    above = outcomes - scores
    return np.maximum(quantile * above, (quantile - 1) * above)
