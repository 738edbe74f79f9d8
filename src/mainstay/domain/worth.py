"""What decisions are worth, row by row, whatever the task: the one question that training asks of money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
Rows: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ActionWorth:
    """Money of each action. `amounts` has shape (n_rows, n_actions): what an action was worth, given what happened.

    Binary: the actions are `(when_low, when_high)`. `payoffs` is what an action is worth for each class, before it is
    known which: shape (n_actions, n_classes), or (n_rows, n_actions, n_classes) where amounts depend on the row.
    """

    actions: tuple[str, ...]
    amounts: FloatArray
    payoffs: FloatArray | None = None

    def at(self, rows: Rows, decided: npt.NDArray[Any]) -> FloatArray:
        """Return the money of rows under the actions decided (indices of `actions`, or true for high)."""
        found: FloatArray = self.amounts[rows, np.asarray(decided, dtype=np.int64)]
        return found

    def among(self, rows: Rows) -> ActionWorth:
        """Return the same of some rows alone."""
        payoffs = self.payoffs if self.payoffs is None or self.payoffs.ndim < 3 else self.payoffs[rows]
        return ActionWorth(self.actions, self.amounts[rows], payoffs)


@dataclass(frozen=True, slots=True)
class AmountWorth:
    """Money of predicted amounts: `judge` takes predictions and row positions, and gives each row's money."""

    judge: Callable[[FloatArray, Rows], FloatArray]

    def at(self, rows: Rows, decided: npt.NDArray[Any]) -> FloatArray:
        """Return the money of rows under the predicted amounts."""
        return self.judge(np.asarray(decided, dtype=np.float64), rows)

    def among(self, rows: Rows) -> AmountWorth:
        """Return the same of some rows alone."""
        return AmountWorth(lambda predicted, places: self.judge(predicted, rows[places]))


Worth = ActionWorth | AmountWorth
