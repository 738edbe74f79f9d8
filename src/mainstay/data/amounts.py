"""Outcomes that are amounts: numbers, also where they are written as text."""

from __future__ import annotations

import polars as pl

from mainstay.data.coerce import ReadColumn, read_column
from mainstay.data.columns import excerpt, nameless, rows_said
from mainstay.data.numbers import NumberStyle
from mainstay.data.profile import profile_column
from mainstay.domain.errors import DataError
from mainstay.domain.reading import LARGEST as MOST
from mainstay.domain.schema import Field, Kind
from mainstay.stats.arrays import FloatArray

LARGEST = 1e100  # squares of larger amounts, and of less than one by it, leave float64


def amounts(target: pl.Series) -> FloatArray:
    """Return a target as amounts, shape (n_rows,), NaN where it is missing.

    Raises `DataError`, naming rows, for texts that are no number and for infinite amounts, and where all are the same.

    >>> amounts(pl.Series("t", ["1.5", None, " 2"])).tolist()
    [1.5, nan, 2.0]
    """
    seen = profile_column(target)
    if seen.kind is Kind.DATETIME:
        what = f"data.target: {target.name!r} holds dates; wanted amounts"
        raise DataError(what, remedy="Make a column of numbers, such as the days until then.")
    style = seen.numbers or NumberStyle()
    if style.ambiguous:
        what = f"data.target: in {target.name!r} it cannot be told whether a comma stands before thousands or fractions"
        raise DataError(what, remedy="Write its numbers without commas.")
    field = Field(name=target.name, kind=Kind.NUMBER, decimal=style.decimal, affix=style.affix)
    read = read_column(target, field)
    _require_numbers(target, read)
    values = read.values.fill_null(float("nan")).to_numpy().copy()
    _require_some(read.values, target.name)
    return values


def _require_numbers(target: pl.Series, read: ReadColumn) -> None:
    if read.unreadable.any():
        first = excerpt(nameless(target).filter(read.unreadable)[0])
        what = f"data.target: {first} of {target.name!r} is no amount ({rows_said(read.unreadable)})"
        raise DataError(what, remedy="Write a number there, or nothing where the outcome is missing.")
    if read.not_finite.any():
        what = f"data.target: {int(read.not_finite.sum())} amounts of {target.name!r} are infinite, or beyond {MOST:g}"
        raise DataError(f"{what} ({rows_said(read.not_finite)})", remedy="Write what came, or leave those rows out.")


def _require_some(values: pl.Series, target: str) -> None:
    present = values.drop_nulls()
    if present.is_empty():
        raise DataError(f"data.target: {target!r} is missing in every row", remedy="Name the column of the outcome.")
    low, high = float(present.to_numpy().min()), float(present.to_numpy().max())
    if max(-low, high) > LARGEST or 0 < high - low < 1 / LARGEST:
        what = f"data.target: the amounts of {target!r} run from {low:g} to {high:g}: their squares cannot be reckoned"
        raise DataError(what, remedy="Write them in another unit, or mend those that are no amounts.")
    if low == high:
        what = f"data.target: {target!r} is {low:g} in every row"
        raise DataError(what, remedy="A model needs different amounts; of a constant there is nothing to learn.")
