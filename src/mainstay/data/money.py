"""Money per row: what deciding it high or low was worth, given its outcome; for other tasks see `worth`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from mainstay.data.columns import nameless
from mainstay.domain.brief.parts import ValueView
from mainstay.domain.errors import DataError
from mainstay.domain.expression import Column, Columns, evaluate
from mainstay.stats.arrays import BoolArray, FloatArray

OUTCOMES = (
    "when_high_and_positive",
    "when_high_and_negative",
    "when_low_and_positive",
    "when_low_and_negative",
)


@dataclass(frozen=True, slots=True)
class Money:
    """What each row is worth, decided high or low, given its outcome: arrays of shape (n_rows,), in the currency."""

    high: FloatArray
    low: FloatArray


def money(columns: Columns, outcomes: FloatArray, value: ValueView, *, key: str = "value") -> Money:
    """Return the money of every row for the outcome it had.

    `columns` have shape (n_rows,) (see `columns_of`); `outcomes` hold 0.0 and 1.0. Only the expression of the row's own
    outcome counts. Raises `ExpressionError` for unknown columns and `DataError` where a row's money is not finite
    (division by zero, a missing number), with the count and the expression; `key` names the value table in it.

    >>> table = ValueView(when_high_and_positive=0, when_high_and_negative=0,
    ...                   when_low_and_positive="-0.2 * loan", when_low_and_negative="0.06 * loan")
    >>> money({"loan": np.array([100.0, 100.0])}, np.array([1.0, 0.0]), table).low.tolist()
    [-20.0, 6.0]
    """
    if not value.is_binary:
        raise DataError(f"[{key}] has none of the four worths of a binary decision", remedy=f"Fill in {OUTCOMES[0]} …")
    n_rows, is_positive = outcomes.size, outcomes == 1.0
    worths = []
    for name, worth, counted in zip(OUTCOMES, value.outcomes, (is_positive, ~is_positive) * 2, strict=True):
        found = amounts(worth, columns, n_rows=n_rows)
        require_finite(found, counted, f"{key}.{name}", worth)
        worths.append(np.where(counted, found, 0.0))
    return Money(high=worths[0] + worths[1], low=worths[2] + worths[3])


def columns_of(used: pl.DataFrame) -> dict[str, Column]:
    """Return the columns of a used frame for expressions: numbers float64 with NaN, texts objects with None.

    >>> columns_of(pl.DataFrame({"age": [30.0, None], "region": ["EU", None]}))["region"].tolist()
    ['EU', None]
    """
    return {name: _column(nameless(used[name])) for name in used.columns}


def amounts(worth: float | str | None, columns: Columns, *, n_rows: int) -> FloatArray:
    """Return what a worth (a number, or an expression over columns) is in every row, shape (n_rows,)."""
    if isinstance(worth, str):
        return evaluate(worth, columns, n_rows=n_rows).astype(np.float64)
    return np.full(n_rows, 0.0 if worth is None else float(worth))


def require_finite(found: FloatArray, counted: BoolArray, key: str, worth: float | str | None) -> None:
    """Refuse, as `DataError` with the count, amounts that are not finite in rows that count; `key` names the worth."""
    wrong = counted & ~np.isfinite(found)
    if not wrong.any():
        return
    n_infinite = int(np.isinf(found[wrong]).sum())
    why = "divides by zero or overflows" if n_infinite else "reads a missing number or divides zero by zero"
    what = f"{key}: {worth!r} gives no amount in {int(wrong.sum())} of {int(counted.sum())} rows: it {why}"
    raise DataError(
        what, remedy="Say what such a row is worth: where(missing(COLUMN), 0, …) or where(COLUMN == 0, 0, …)."
    )


def _column(column: pl.Series) -> Column:
    if column.dtype == pl.String:
        texts: np.ndarray[Any, np.dtype[Any]] = np.empty(column.len(), dtype=object)
        texts[:] = column.to_list()
        return texts
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
