"""Columns by name: which a table has, which can be read at all, and how rows and values are named to people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from mainstay.domain.errors import DataError, did_you_mean
from mainstay.domain.held import UsedRows

MAX_EXCERPT = 40  # characters of a value that an error may show: enough to recognise it, too few to leak a text
MAX_NAMED_ROWS = 5


def require(columns: Iterable[str], name: str, *, key: str) -> None:
    """Refuse a column that the table does not have; `key` is the key of the brief that names it.

    >>> require(["age", "income"], "incme", key="data.target")
    Traceback (most recent call last):
    mainstay.domain.errors.DataError: data.target: there is no column 'incme' in the table
    Did you mean 'income'?
    """
    known = list(columns)
    if name not in known:
        raise DataError(f"{key}: there is no column {name!r} in the table", remedy=did_you_mean(name, known))


def require_rows(table: pl.DataFrame) -> None:
    """Refuse a table without rows."""
    if table.height == 0:
        raise DataError("the table has no rows", remedy="Check data.source: a header alone teaches nothing.")


def is_nested(dtype: pl.DataType) -> bool:
    """Whether a column holds something that is not one plain value per row.

    >>> is_nested(pl.List(pl.Int64())), is_nested(pl.String())
    (True, False)
    """
    return not (dtype.is_numeric() or dtype.is_temporal() or dtype in PLAIN) or dtype in (pl.Time, pl.Duration)


PLAIN = (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Null)


def columns_named(table: UsedRows, names: Sequence[str]) -> pl.DataFrame:
    """Return some columns by their exact names: Polars' own selection takes `*` and `^x$` for patterns.

    >>> columns_named(pl.DataFrame({"*": [1], "a": [2]}), ["*"]).columns
    ['*']
    """
    return pl.DataFrame([table[name] for name in names])


def plain(column: pl.Series) -> pl.Series:
    """Return the column as one of integer, Float64, Boolean, Date, Datetime in microseconds or String.

    Categories become their texts, decimals float64, nanoseconds are cut to microseconds, moments with a zone are turned
    to UTC, a column without any type (all null) becomes text. Raises `DataError` for lists, structs, objects, bytes,
    times of day and durations.

    >>> plain(pl.Series("size", ["L"], dtype=pl.Categorical)).dtype
    String
    """
    if is_nested(column.dtype):
        what = f"column {column.name!r} holds {column.dtype}; wanted numbers, texts, booleans or dates"
        raise DataError(what, remedy=f"Unpack it at the source, or leave it out: exclude = [{column.name!r}].")
    if column.dtype in (pl.Categorical, pl.Enum, pl.Null):
        return column.cast(pl.String)
    if column.dtype == pl.Decimal or column.dtype.is_float():
        return column.cast(pl.Float64)
    if isinstance(column.dtype, pl.Datetime):
        micros = nameless(column).dt.cast_time_unit("us")
        in_utc = micros if column.dtype.time_zone is None else micros.dt.convert_time_zone("UTC")
        return in_utc.alias(column.name)
    return column


def nameless(column: pl.Series) -> pl.Series:
    """Return a column under a name that says nothing: Polars takes a column's own name, such as `^x$`, for a pattern.

    >>> nameless(pl.Series("^x$", [1.0])).name
    'value'
    """
    return column.alias("value")


def rows_said(wanted: pl.Series) -> str:
    """Name the rows where a mask is true, counted from 1 below the header, a few of many.

    >>> rows_said(pl.Series([False, True, True]))
    'rows 2, 3'
    """
    rows = np.flatnonzero(wanted.fill_null(False).to_numpy()) + 1
    named = ", ".join(str(row) for row in rows[:MAX_NAMED_ROWS])
    more = f" and {rows.size - MAX_NAMED_ROWS} more" if rows.size > MAX_NAMED_ROWS else ""
    return f"row{'' if rows.size == 1 else 's'} {named}{more}"


def excerpt(value: object) -> str:
    """Show a value in an error, cut short.

    >>> excerpt("x" * 50)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'"
    """
    text = str(value)
    return repr(text if len(text) <= MAX_EXCERPT else text[:MAX_EXCERPT] + "…")
