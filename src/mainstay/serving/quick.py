"""The quick way of admission: a row in which nothing is remarkable is read and checked in one step.

The schema becomes a type, by which msgspec checks every value while it reads it: names, ranges, levels. A row that it
does not take (an unseen level, a text for a number, a column too many) says nothing here: `admission` reads it again
with care, and alone knows what is wrong. What the quick way takes, `admission` would take as it is, without a warning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec.structs import astuple

from mainstay.domain.reading import Unreadable, read_value
from mainstay.domain.schema import Kind, Policy
from mainstay.domain.traffic import Value
from mainstay.serving.admission import Column, Index

Used: TypeAlias = dict[str, Value]

SHORT = 1_000  # characters: a longer text may be beyond somebody's limit
TRUTHS = {True: "true", False: "false", None: None}


class Quick(NamedTuple):
    """A schema as a type. `names` are the admitted fields in order; `truths` and `read` those that take a second step.

    `entity` is the place of the entity's column in a decoded row; -1 without one.
    """

    decode: Callable[[bytes], msgspec.Struct]
    names: tuple[str, ...]
    truths: tuple[str, ...]
    read: tuple[Column, ...]
    time_zone: str
    entity: int


class Plain(msgspec.Struct, frozen=True, gc=False):
    """A row without anything remarkable: what the model sees, and the entity as it came."""

    used: Used
    entity: object


def quick_of(index: Index, entity: str | None) -> Quick | None:
    """Return the quick way into a schema; None where a name cannot be a key of such a type."""
    if entity in index.names:
        return None
    silent = tuple(index.silent)
    try:
        row = msgspec.defstruct(
            "Row",
            [_member(place, column) for place, column in enumerate(index.columns)]
            + [(f"silent_{place}", str | float | int | bool | None, None) for place in range(len(silent))],
            rename=dict(_keys(index, silent)),
            forbid_unknown_fields=True,
            kw_only=True,
            gc=False,
        )
        decode = msgspec.json.Decoder(row).decode
    except (TypeError, ValueError):
        return None
    return Quick(
        decode=decode,
        names=tuple(column.name for column in index.columns),
        truths=tuple(column.name for column in index.columns if column.field.kind is Kind.BOOLEAN),
        read=tuple(column for column in index.columns if _type(column) is Any),
        time_zone=index.time_zone,
        entity=-1 if entity is None or entity not in silent else len(index.columns) + silent.index(entity),
    )


def read_quick(quick: Quick, received: bytes) -> Plain | None:
    """Read a row's JSON; None for one that must be read with care.

    >>> from mainstay.domain.schema import Field, Schema
    >>> from mainstay.serving.admission import index_schema
    >>> schema = Schema(fields=(Field(name="age", kind=Kind.NUMBER, low=0, high=99),), target="churned")
    >>> quick = quick_of(index_schema(schema), None)
    >>> read_quick(quick, b'{"age": 12}'), read_quick(quick, b'{"age": "12"}')
    (Plain(used={'age': 12.0}, entity=None), None)
    """
    try:
        values = astuple(quick.decode(received))
        used = dict(zip(quick.names, values, strict=False))
        for name in quick.truths:
            used[name] = TRUTHS[used[name]]
        for column in quick.read:
            used[column.name] = _read(column, used[column.name], quick.time_zone)
    except (msgspec.MsgspecError, Unreadable, RecursionError):
        return None
    return Plain(used, values[quick.entity] if quick.entity >= 0 else None)


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
