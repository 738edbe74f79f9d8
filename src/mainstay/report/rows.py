"""The holdout rows of an evaluation as arrays, checked once so that no sentence rests on a broken number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from mainstay.domain.errors import DataError
from mainstay.domain.evaluation import Evaluation
from mainstay.domain.task import Task

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]


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
    """Holdout rows, arrays of shape (n,): what happened, the score, the money, today's decision, the moment (UTC s).

    `views` is the money by each further value table, by its name.
    """

    outcomes: Flags
    scores: Floats
    worth: Worth | None
    today: Flags | None
    at: Floats | None
    views: Mapping[str, Worth] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """How many rows."""
        return int(self.scores.size)


def rows_of(evaluation: Evaluation) -> Rows:
    """The arrays of an evaluation's holdout.

    Raises `DataError` for a task that has no report yet, for no rows, and for a column that is absent or not finite.
    """
    task, frame = evaluation.summary.task, evaluation.rows
    if task != Task.BINARY:
        raise DataError(f"the rows of a {task} model have no threshold", remedy="Make its own report.")
    refuse_empty(frame)
    outcomes = numbers(frame, "outcome")
    if not np.isin(outcomes, (0.0, 1.0)).all():
        raise DataError("the evaluation's 'outcome' holds numbers other than 0 and 1", remedy="Train again.")
    worth = _worth(frame, "")
    return Rows(
        outcomes=outcomes == 1.0,
        scores=numbers(frame, "score"),
        worth=worth,
        today=numbers(frame, "today") != 0.0 if "today" in frame.columns else None,
        at=optional(frame, "at"),
        views=_views(frame, None if worth is None else worth.nothing_is_high),
    )


def refuse_empty(frame: pl.DataFrame) -> None:
    """Raise `DataError` where an evaluation holds no holdout rows."""
    if not frame.height:
        raise DataError("the evaluation holds no holdout rows", remedy="Train again on a table with more rows.")


def optional(frame: pl.DataFrame, name: str) -> Floats | None:
    """A column of an evaluation as finite numbers, or None where it has no such column."""
    return numbers(frame, name) if name in frame.columns else None


def _worth(frame: pl.DataFrame, view: str, *, nothing_is_high: bool | None = None) -> Worth | None:
    names = [f"value_{side}{view}" for side in ("high", "low")]
    if not {*names} <= {*frame.columns}:
        return None
    high, low = (numbers(frame, name) for name in names)
    is_high = bool(high.mean() > low.mean()) if nothing_is_high is None else nothing_is_high
    return Worth(high, low, high if is_high else low, is_high)


def _views(frame: pl.DataFrame, nothing_is_high: bool | None) -> dict[str, Worth]:
    """Money by each further table; doing nothing is the same for all of them: what is best by the first."""
    start = "value_high:"
    names = [name.removeprefix(start) for name in frame.columns if name.startswith(start)]
    found = {name: _worth(frame, f":{name}", nothing_is_high=nothing_is_high) for name in names}
    return {name: worth for name, worth in found.items() if worth is not None}


def numbers(frame: pl.DataFrame, name: str) -> Floats:
    """A column of an evaluation as finite numbers; raises `DataError` where it is absent or holds anything else."""
    if name not in frame.columns:
        raise DataError(
            f"the evaluation has no column {name!r}; it has {', '.join(frame.columns)}", remedy="Train again."
        )
    found: npt.NDArray[Any] = frame[name].cast(pl.Float64, strict=False).to_numpy()
    n_bad = int(np.count_nonzero(~np.isfinite(found)))
    if n_bad:
        raise DataError(
            f"the evaluation's {name!r} is missing or infinite in {n_bad:,} of {found.size:,} rows",
            remedy="Train again.",
        )
    return np.asarray(found, dtype=np.float64)
