"""A table as a caller sent it, in Parquet or Arrow, as lines of JSON: what a serving worker can read without Polars."""

from __future__ import annotations

import io
import math

import msgspec
import polars as pl
from polars.exceptions import PanicException, PolarsError

from mainstay.data.columns import is_nested, plain
from mainstay.domain.errors import DataError
from mainstay.domain.limits import Limits

ARROW_FILE = b"ARROW1"
PARQUET = b"PAR1"

_json = msgspec.json.Encoder()


class TooMuch(DataError):
    """A table beyond a limit."""


def table_lines(content: bytes, limits: Limits) -> bytes:
    """Return a table's rows as lines of JSON, one object each.

    Moments become ISO texts, with `Z` where they had a zone; NaN and infinities become texts, as in JSON. Raises
    `TooMuch` for a table beyond the limits, `DataError` for what is no whole table, or holds lists and the like.
    """
    table = _read(content, limits)
    if table.height > limits.rows:
        what = f"more than {limits.rows:,} rows at once"
        raise TooMuch(what, remedy=f"Send at most {limits.rows:,} at once, in several requests.")
    _require_plain(table)
    _require_small(table, limits)
    columns = [_values(plain(column)) for column in table]
    names = table.columns
    lines: list[bytes] = []
    n_bytes = 0
    for values in zip(*columns, strict=True):
        line = _json.encode(dict(zip(names, values, strict=True)))
        n_bytes += len(line) + 1
        if n_bytes > limits.body_bytes:
            raise _too_large(limits)
        lines.append(line)
    return b"\n".join(lines)


def _read(content: bytes, limits: Limits) -> pl.DataFrame:
    """Read one row more than may come, so that what is too many is known without reading them all."""
    most = limits.rows + 1
    try:
        if content.startswith(PARQUET):
            return pl.read_parquet(io.BytesIO(content), n_rows=most, glob=False, hive_partitioning=False)
        if content.startswith(ARROW_FILE):
            return pl.read_ipc(content, n_rows=most)
        return pl.read_ipc_stream(io.BytesIO(content), n_rows=most)
    except (PolarsError, PanicException, OSError, ValueError) as error:
        kind = "Parquet" if content.startswith(PARQUET) else "Arrow"
        raise DataError(f"the body is no whole {kind} table", remedy="Write it again, and send all of it.") from error


def _require_plain(table: pl.DataFrame) -> None:
    nested = next((column for column in table if is_nested(column.dtype)), None)
    if nested is not None:
        what = f"column {nested.name[:100]!r} holds {str(nested.dtype)[:100]}"
        raise DataError(what, remedy="Send plain columns: numbers, texts, truths and dates.")


def _require_small(table: pl.DataFrame, limits: Limits) -> None:
    """Refuse what is too large as lines before a value is unpacked: one text can stand in every row at no cost."""
    n_cells = table.width * table.height
    if n_cells > limits.cells:
        what = f"more than {limits.cells:,} cells at once"
        raise TooMuch(what, remedy="Send fewer rows at once, in several requests.")
    texts = (column for column in table if column.dtype in (pl.String, pl.Categorical, pl.Enum))
    n_bytes = sum(int(column.cast(pl.String).str.len_bytes().sum() or 0) for column in texts)
    if n_cells + n_bytes > limits.body_bytes:
        raise _too_large(limits)


def _too_large(limits: Limits) -> TooMuch:
    what = f"a table that unpacks to more than {limits.body_bytes:,} bytes"
    return TooMuch(what, remedy="Send fewer rows at once, in several requests.")


def _values(column: pl.Series) -> list[object]:
    if column.dtype != pl.Float64:
        return column.to_list()
    return [value if value is None or math.isfinite(value) else _odd(value) for value in column.to_list()]


def _odd(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
