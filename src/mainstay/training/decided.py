"""What scores decide: one side of a threshold, the action worth most, or the amount itself."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.training.prepared import Prepared

Decisions: TypeAlias = BoolArray | IntArray | FloatArray


def decided(scores: FloatArray, threshold: float | None, prepared: Prepared, rows: IntArray) -> Decisions:
    """Return what is decided on some rows: true for high (binary), the action's number (several classes), an amount.

    `scores` has shape (n,), or (n, n_classes) of several classes; `rows` are their positions in `prepared.used`. With a
    value table the action worth most under the scores is decided, without one the likeliest class; the first of equals.
    """
    if prepared.task is Task.REGRESSION:
        return scores
    if prepared.task is Task.MULTICLASS:
        return worth_most(scores, _payoffs(prepared, rows))
    assert threshold is not None  # two outcomes are always decided by one
    high: BoolArray = scores >= threshold
    return high


def worth_most(scores: FloatArray, payoffs: FloatArray | None) -> IntArray:
    """Return the number of the action that is worth most, shape (n,); without payoffs that of the likeliest class.

    `scores` has shape (n, n_classes), `payoffs` (n_actions, n_classes) or (n, n_actions, n_classes).

    >>> worth_most(np.array([[0.9, 0.1]]), np.array([[0.0, -100.0], [-1.0, 0.0]])).tolist()
    [1]
    """
    if payoffs is None:
        expected = scores
    elif payoffs.ndim == 2:
        expected = scores @ payoffs.T
    else:
        expected = np.einsum("nc,nac->na", scores, payoffs)
    return np.asarray(np.argmax(expected, axis=1), dtype=np.int64)


def _payoffs(prepared: Prepared, rows: IntArray) -> FloatArray | None:
    payoffs = prepared.worth.payoffs if isinstance(prepared.worth, ActionWorth) else None
    return payoffs[rows] if payoffs is not None and payoffs.ndim == 3 else payoffs
