"""The holdout rows of an evaluation as arrays, checked once so that no sentence rests on a broken number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from mainstay.domain.errors import DataError
from mainstay.domain.evaluation import Evaluation

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
TASKS = ("binary",)


@dataclass(frozen=True, slots=True)
class Worth:
    """Money of each row decided high and low, and of doing nothing: the better of deciding all one way.

    `nothing_is_high` says which way that is.
    """

    high: Floats
    low: Floats
    nothing: Floats
    nothing_is_high: bool


@dataclass(frozen=True, slots=True)
class Rows:
    """Holdout rows, arrays of shape (n,): what happened, the score, the money, today's decision, the moment (UTC s)."""

    outcomes: Flags
    scores: Floats
    worth: Worth | None
    today: Flags | None
    at: Floats | None

    @property
    def n(self) -> int:
        """How many rows."""
        return int(self.scores.size)


def rows_of(evaluation: Evaluation) -> Rows:
    """The arrays of an evaluation's holdout.

    Raises `DataError` for a task that has no report yet, for no rows, and for a column that is absent or not finite.
    """
    task, frame = evaluation.summary.task, evaluation.rows
    if task not in TASKS:
        raise DataError(f"no report is made for a {task} model yet", remedy=f"Tasks with a report: {', '.join(TASKS)}.")
    if not frame.height:
        raise DataError("the evaluation holds no holdout rows", remedy="Train again on a table with more rows.")
    outcomes = _numbers(frame, "outcome")
    if not np.isin(outcomes, (0.0, 1.0)).all():
        raise DataError("the evaluation's 'outcome' holds numbers other than 0 and 1", remedy="Train again.")
    return Rows(
        outcomes=outcomes == 1.0,
        scores=_numbers(frame, "score"),
        worth=_worth(frame),
        today=_numbers(frame, "today") != 0.0 if "today" in frame.columns else None,
        at=_numbers(frame, "at") if "at" in frame.columns else None,
    )


def _worth(frame: pl.DataFrame) -> Worth | None:
    if "value_high" not in frame.columns or "value_low" not in frame.columns:
        return None
    high, low = _numbers(frame, "value_high"), _numbers(frame, "value_low")
    is_high = bool(high.mean() > low.mean())
    return Worth(high, low, high if is_high else low, is_high)


def _numbers(frame: pl.DataFrame, name: str) -> Floats:
    if name not in frame.columns:
        raise DataError(
            f"the evaluation has no column {name!r}; it has {', '.join(frame.columns)}", remedy="Train again."
        )
    numbers: npt.NDArray[Any] = frame[name].cast(pl.Float64, strict=False).to_numpy()
    n_bad = int(np.count_nonzero(~np.isfinite(numbers)))
    if n_bad:
        raise DataError(
            f"the evaluation's {name!r} is missing or infinite in {n_bad:,} of {numbers.size:,} rows",
            remedy="Train again.",
        )
    return np.asarray(numbers, dtype=np.float64)
