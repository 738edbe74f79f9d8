"""Scoring with a packed model: what it says raw, through the plan's link and calibration.

The model itself is brought from outside: nothing here can reach the libraries that it needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from mainstay.domain.plan import Packed, Plan
from mainstay.serving import plan_math
from mainstay.serving.plan_inputs import Columns, FloatArray
from mainstay.serving.row_inputs import Used

RawScores: TypeAlias = Callable[[Columns, int], FloatArray]


class PackedScorer:
    """A plan of a packed model made ready: the same questions as to a `Scorer`.

    `raw(columns, n_rows)` gives what the model says in the plan's link, and raises `ValueError` where it cannot.
    """

    __slots__ = ("_ready", "plan", "raw")

    def __init__(self, plan: Plan, raw: RawScores) -> None:
        self.plan = plan
        self.raw = raw
        self._ready = plan_math.prepare(msgspec.to_builtins(plan))

    def scores(self, columns: Columns) -> FloatArray:
        """Return the calibrated scores of used columns: shape (n_rows,), or (n_rows, n_classes) of several classes."""
        n_rows = max((len(column) for column in columns.values()), default=0)
        return plan_math.calibrated(self._ready, self.raw(columns, n_rows))

    def score_row(self, used: Used) -> float:
        """Return the calibrated score of one used row, of a plan that has one score."""
        return float(self._one(used)[0])

    def class_scores(self, used: Used) -> tuple[float, ...]:
        """Return the calibrated score of each class for one used row, of a plan of several classes."""
        found: tuple[float, ...] = tuple(self._one(used)[0].tolist())
        return found

    def score_of(self, used: Used) -> float | tuple[float, ...]:
        """Return the score of one used row, or the score of each class where there are several."""
        return self.class_scores(used) if self._ready.many else self.score_row(used)

    def _one(self, used: Used) -> FloatArray:
        return self.scores({name: [value] for name, value in used.items()} or {"": [None]})


def is_packed(plan: Plan) -> bool:
    """Say whether a plan's model is packed, not written as data.

    >>> is_packed(Plan(task="binary", models=(), link="logistic"))
    False
    """
    return len(plan.models) == 1 and isinstance(plan.models[0], Packed)
