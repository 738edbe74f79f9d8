"""The quick way of admission: a row in which nothing is remarkable is read and checked in one step.

The schema becomes a type, by which msgspec checks every value while it reads it: names, ranges, levels. A row that it
does not take (an unseen level, a text for a number, a column too many) says nothing here: `admission` reads it again
with care, and alone knows what is wrong. What the quick way takes, `admission` would take as it is, without a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec.structs import astuple

from mainstay.domain.reading import Unreadable, read_value
from mainstay.domain.schema import Kind, Policy
from mainstay.domain.traffic import Value
from mainstay.serving.admission import Column, Index
from mainstay.serving.seen import Values

Row = bytes | msgspec.Raw

SHORT = 1_000  # characters: a longer text may be beyond somebody's limit
TRUTHS = {True: "true", False: "false", None: None}


class Quick(NamedTuple):
    """A schema as a type. `truths` and `read` are the columns, by their places, that take a second step.

    A row is read as its values, first those of the `n_columns` that are admitted, then those of columns that the model
    does not read (`left_out`: none of them came); `entity` is the place of the entity's, -1 without one. `is_whole`
    says whether a row's own text then is what the model sees: every column must be there and is used as it is.
    """

    decode: Callable[[Row], msgspec.Struct]
    n_columns: int
    truths: tuple[int, ...]
    read: tuple[tuple[int, Column], ...]
    time_zone: str
    entity: int
    left_out: tuple[object, ...]
    is_whole: bool


def quick_of(index: Index, entity: str | None) -> Quick | None:
    """Return the quick way into a schema; None where a name cannot be a key of such a type."""
    if entity in index.names:
        return None
    silent, n_columns = tuple(index.silent), len(index.columns)
    try:
        row = msgspec.defstruct(
            "Row",
            [_member(place, column) for place, column in enumerate(index.columns)]
            + [(f"silent_{place}", str | float | int | bool | None, msgspec.UNSET) for place in range(len(silent))],
            rename=dict(_keys(index, silent)),
            forbid_unknown_fields=True,
            kw_only=True,
            gc=False,
        )
        decode = msgspec.json.Decoder(row).decode
    except (TypeError, ValueError):
        return None
    truths = tuple(place for place, column in enumerate(index.columns) if column.field.kind is Kind.BOOLEAN)
    read = tuple((place, column) for place, column in enumerate(index.columns) if _type(column) is Any)
    may_be_absent = any(column.carried and takes_null(column) for column in index.columns)
    return Quick(
        decode=decode,
        n_columns=n_columns,
        truths=truths,
        read=read,
        time_zone=index.time_zone,
        entity=-1 if entity is None or entity not in silent else n_columns + silent.index(entity),
        left_out=(msgspec.UNSET,) * len(silent),
        is_whole=not truths and not read and not may_be_absent,
    )


def read_plain(quick: Quick, rows: Sequence[Row]) -> list[Values | None]:
    """Read rows of JSON; None in place of one that must be read with care.

    >>> from mainstay.domain.schema import Field, Schema
    >>> from mainstay.serving.admission import index_schema
    >>> schema = Schema(fields=(Field(name="age", kind=Kind.NUMBER, low=0, high=99),), target="churned")
    >>> read_plain(quick_of(index_schema(schema), None), [b'{"age": 12}', b'{"age": "12"}'])
    [(12.0, UNSET), None]
    """
    decode, is_done = quick.decode, not quick.truths and not quick.read
    found: list[Values | None] = []
    for row in rows:
        try:
            values = astuple(decode(row))
            found.append(values if is_done else _settled(quick, values))
        except (msgspec.MsgspecError, Unreadable, RecursionError):
            found.append(None)
    return found


def _settled(quick: Quick, values: Values) -> Values:
    settled = list(values)
    for place in quick.truths:
        settled[place] = TRUTHS[settled[place]]  # type: ignore[index]  # the type of the row says that it is one
    for place, column in quick.read:
        settled[place] = _read(column, settled[place], quick.time_zone)
    return tuple(settled)


def _keys(index: Index, silent: tuple[str, ...]) -> list[tuple[str, str]]:
    columns = [(f"column_{place}", column.name) for place, column in enumerate(index.columns)]
    return columns + [(f"silent_{place}", name) for place, name in enumerate(silent)]


def _member(place: int, column: Column) -> tuple[str, Any] | tuple[str, Any, Any]:
    name, kind = f"column_{place}", _type(column)
    if not takes_null(column):
        return (name, kind)
    return (name, kind | None, None) if column.carried else (name, kind | None)


def takes_null(column: Column) -> bool:
    """Say whether a missing value of a column is nothing to speak of, and taken as missing."""
    field = column.field
    return field.nullable and field.default is None and (column.carried or field.on_missing is not Policy.REFUSE)


def _type(column: Column) -> Any:
    if column.low <= column.high:
        return Annotated[float, msgspec.Meta(ge=column.low, le=column.high)]
    if column.levels:
        return Literal[tuple(column.levels)]
    return bool if column.field.kind is Kind.BOOLEAN else Any


def _read(column: Column, raw: object, time_zone: str) -> Value:
    """Read a moment, a text, or a number of which some mean missing; raises `Unreadable` for all that is remarkable."""
    if raw is None and takes_null(column):
        return None
    reading = read_value(column.field, raw, time_zone=time_zone)
    if reading.code is not None or (isinstance(raw, str) and len(raw) > SHORT):
        raise Unreadable("a plain value")
    return reading.value
