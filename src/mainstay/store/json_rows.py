"""Rows of tables as the JSON objects that callers send: what is read from a file meets the same admission.

Every cell is turned on its own, whatever stands in the cells around it: a row is the same row in any piece of a table,
and in any order.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import msgspec
import polars as pl

from mainstay.domain.schema import Field, Kind, Schema
from mainstay.store.pieces import CODE_TEXT, NUMBER_TEXT, ODD, WHOLE_TEXT

Cells: TypeAlias = Sequence[Any]
TRUTHS = {"true": True, "false": False}
LARGEST = 1 << 63  # whole numbers of 64 bits: beyond them a text keeps every digit

_encode = msgspec.json.Encoder(enc_hook=str).encode
_number, _whole, _code = re.compile(NUMBER_TEXT), re.compile(WHOLE_TEXT), re.compile(CODE_TEXT)


def text_rows(titles: Sequence[str], columns: Sequence[pl.Series], schema: Schema) -> list[bytes]:
    """Return rows of texts, such as a CSV file's, as JSON: a text has no type, so a cell gets that of its field.

    A cell of a number is a number where it reads as one, a cell of a truth is true or false, all else stays text. A
    column without a title is named by its place, and is left out where it is empty.

    >>> schema = Schema(fields=(Field(name="age", kind=Kind.NUMBER), Field(name="zip", kind=Kind.TEXT)), target="y")
    >>> text_rows(["age", "zip"], [pl.Series(["12", "x"]), pl.Series(["007", None])], schema)
    [b'{"age":12,"zip":"007"}', b'{"age":"x","zip":null}']
    """
    named = [title or f"column_{place}" for place, title in enumerate(titles, start=1)]
    fields = _fields(schema)
    cells = [_typed(column, fields.get(_folded(name))) for name, column in zip(named, columns, strict=True)]
    unnamed = frozenset(name for name, title in zip(named, titles, strict=True) if not title)
    return _encoded(named, cells, may_lack=unnamed)


def frame_rows(frame: pl.DataFrame) -> list[bytes]:
    """Return rows of a frame as JSON; NaN and infinities are kept as texts, which admission knows.

    >>> frame_rows(pl.DataFrame({"x": [1.5, None], "on": [True, False]}))
    [b'{"x":1.5,"on":true}', b'{"x":null,"on":false}']
    """
    return _encoded(frame.columns, [_plain(column) for column in frame.get_columns()])


def value_rows(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[bytes]:
    """Return rows of Python's values, as a database driver gives them, as JSON."""
    return [_encode(dict(zip(names, map(_json_value, row), strict=True))) for row in rows]


def json_text(value: Any) -> str:
    """Return a value as JSON text, as a database's column of JSON takes it."""
    return _encode(value).decode()


def unread_row(why: str) -> bytes:
    """Return what stands for a row that could not be read: a text, which admission refuses and shows."""
    return msgspec.json.encode(why)


def _fields(schema: Schema) -> Mapping[str, Field]:
    """Fields by every name that admission finds them under."""
    by_alias = {_folded(alias): field for field in schema.admitted for alias in field.aliases}
    return by_alias | {_folded(field.name): field for field in schema.admitted}


def _folded(name: str) -> str:
    return "".join(name.split()).casefold()


def _typed(column: pl.Series, field: Field | None) -> Cells:
    if field is None:
        return _whole_or_text(column)
    wants = _wanted(field)
    if wants is bool:
        return [TRUTHS.get(text.strip().lower(), text) if text is not None else None for text in column]
    if wants is str or column.null_count() == column.len():
        return column.to_list()
    column = column.alias("texts")  # Polars takes a name such as ^x$ for a pattern
    whole, real = (column.cast(dtype, strict=False).to_list() for dtype in (pl.Int64, pl.Float64))
    odd = column.str.contains(ODD)
    if not odd.any() and None not in whole:
        return whole
    cells = zip(column.to_list(), odd.to_list(), whole, real, strict=True)
    return [_cell(*cell) for cell in cells]


def _whole_or_text(column: pl.Series) -> Cells:
    """A column that is no field may name rows or people: only what is written as a whole number may be one."""
    whole = column.cast(pl.Int64, strict=False)
    same = (whole.cast(pl.String) == column).to_list()
    cells = zip(column.to_list(), whole.to_list(), same, strict=True)
    return [number if is_same else text for text, number, is_same in cells]


def _wanted(field: Field) -> type:
    """The type a field's texts are read as: its example's, as training met it."""
    if field.decimal != ".":
        return str  # 1.234 is a thousand there, which only admission knows
    if isinstance(field.example, bool) or (field.example is None and field.kind is Kind.BOOLEAN):
        return bool
    if isinstance(field.example, int | float) or (field.example is None and field.kind is Kind.NUMBER):
        return float
    return str


def _cell(text: str | None, odd: bool | None, whole: int | None, real: float | None) -> Any:
    if text is None or not odd:
        return whole if whole is not None else real if real is not None and math.isfinite(real) else text
    bare = text.strip()
    if not _number.match(bare) or _code.match(bare):
        return text
    return int(bare) if _whole.match(bare) and abs(int(bare)) < LARGEST else float(bare)


def _plain(column: pl.Series) -> Cells:
    if column.dtype.is_float():
        odd = ~column.is_finite()
        return column.to_list() if not odd.any() else [_json_value(value) for value in column]
    if column.dtype.is_decimal():
        return column.cast(pl.Float64).to_list()
    return column.to_list()


def _json_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _encoded(names: Sequence[str], columns: Sequence[Cells], *, may_lack: frozenset[str] = frozenset()) -> list[bytes]:
    rows = (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
    if may_lack:
        rows = ({n: v for n, v in row.items() if v is not None or n not in may_lack} for row in rows)
    return [_encode(row) for row in rows]
