"""Rows of a table as if they had been told over HTTP: under our names, with values as JSON would have brought them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from mainstay.domain.errors import DataError, did_you_mean

ROW = "row number"  # with a space: nothing we read has such a name
TEXTS = ("key", "by", "action")  # who and what: a staff number is a name too


def told(
    table: pl.DataFrame,
    columns: Mapping[str, str],
    *,
    needed: Sequence[str],
    optional: Sequence[str],
    name: str,
) -> pl.DataFrame:
    """Choose the columns that matter, under our names, with the row's number (from 1) as `ROW`.

    `columns` says which column of the table is which where the names differ. Moments become ISO text, whole numbers
    whole, names text. Raises `DataError` for a column that is not there.

    >>> told(pl.DataFrame({"ID": [7.0]}), {"id": "ID"}, needed=["id"], optional=[], name="t.csv").rows()
    [(1, 7)]
    """
    wanted = {part: columns.get(part, part) for part in (*needed, *optional)}
    for part, column in wanted.items():
        if column not in table.columns and (part in needed or part in columns):
            option = f"Say which it is: --{part.replace('_', '-')} COLUMN."
            hint = did_you_mean(column, table.columns)
            raise DataError(
                f"column {column!r} is not in {name}", remedy=f"{hint if hint.endswith('?') else hint + '.'} {option}"
            )
    chosen = [_as_json(table[column], part) for part, column in wanted.items() if column in table.columns]
    return pl.DataFrame(chosen).with_row_index(ROW, offset=1)


def by_key(rows: pl.DataFrame) -> Iterator[tuple[str, list[int], list[dict[str, Any]]]]:
    """Give rows key by key ("" where there is none): the key, the rows' numbers, and the rows."""
    if "key" not in rows.columns:
        yield "", rows[ROW].to_list(), rows.drop(ROW).to_dicts()
        return
    keyed = rows.with_columns(pl.col("key").fill_null(""))
    for part in keyed.partition_by("key", maintain_order=True):
        yield part["key"][0], part[ROW].to_list(), part.drop(ROW, "key").to_dicts()


def _as_json(values: pl.Series, part: str) -> pl.Series:
    values = values.alias(part)
    if values.dtype == pl.Date:
        return values.dt.strftime("%Y-%m-%d")
    if isinstance(values.dtype, pl.Datetime):
        zone = values.dtype.time_zone
        utc = values.dt.convert_time_zone("UTC") if zone is not None else values
        return utc.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f" + ("Z" if zone is not None else ""))
    if values.dtype.is_float() and values.is_nan().any():
        values = values.fill_nan(None)
    if part == "id" and values.dtype.is_float() and (values == values.round()).all():
        return values.cast(pl.Int64, strict=False)
    return values.cast(pl.String) if part in TEXTS or values.dtype == pl.Null else values
