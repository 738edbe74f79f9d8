"""Tables that come by column, or without names: turned into rows, the only form in which anything is decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from mainstay.domain.errors import did_you_mean
from mainstay.domain.limits import LIMITS, Limits
from mainstay.domain.schema import Kind, Schema
from mainstay.serving.body import WRONG_SHAPE, DecideBody, Unacceptable, require_rows, whole
from mainstay.serving.wording import short

BESIDE = tuple(name for name in DecideBody.__struct_fields__ if name != "rows")
MAX_NAMED = 20  # columns that a message names

_json = msgspec.json.Encoder()


def rows_of_columns(columns: Mapping[str, Sequence[Any]], limits: Limits = LIMITS) -> list[msgspec.Raw]:
    """Return the rows of columns; raises `Unacceptable` for columns that differ in length, or for too many rows.

    >>> [bytes(row) for row in rows_of_columns({"age": [50, 51], "late": [0, 1]})]
    [b'{"age":50,"late":0}', b'{"age":51,"late":1}']
    """
    if len({len(values) for values in columns.values()}) > 1:
        lengths = ", ".join(f"{short(name)} {len(values)}" for name, values in list(columns.items())[:MAX_NAMED])
        raise misshapen(f"the columns differ in their number of rows: {lengths}", "Send as many values of each.")
    require_rows(len(next(iter(columns.values()), ())), limits)
    return rows_of(tuple(columns), zip(*columns.values(), strict=True))


def rows_of(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[msgspec.Raw]:
    """Return rows of values as rows with names."""
    return [msgspec.Raw(_json.encode(dict(zip(names, row, strict=True)))) for row in rows]


def names_by_place(schema: Schema, n: int) -> tuple[str, ...]:
    """Return the names of n columns that came without any; raises `Unacceptable` where it would be a guess.

    A model that reads numbers alone takes them in the order of its inputs; of others a table of one type is no row.
    """
    names = schema.names
    if n != len(names) or any(field.kind is not Kind.NUMBER for field in schema.fields):
        more = ", …" if len(names) > MAX_NAMED else ""
        raise misshapen(f"{n} columns without names", f"Name the columns: {', '.join(names[:MAX_NAMED])}{more}.")
    return names


def asked_with(rows: list[msgspec.Raw], beside: Mapping[str, Any], limits: Limits = LIMITS) -> DecideBody:
    """Return a request for decisions with what stands beside its rows; raises `Unacceptable` for what cannot.

    >>> asked_with([msgspec.Raw(b"{}")], {"ids": ["a"]}).ids
    ['a']
    """
    for name in beside:
        if name not in BESIDE:
            raise misshapen(f"{short(name)!r} means nothing here", did_you_mean(name[:100], BESIDE))
    try:
        return whole(msgspec.structs.replace(msgspec.convert({"rows": [], **beside}, DecideBody), rows=rows), limits)
    except msgspec.ValidationError as error:
        said = str(error).replace("`", "")
        raise misshapen(said, "Send it as in a request for decisions.") from error


def misshapen(what: str, remedy: str) -> Unacceptable:
    """Return the error for a body that makes no rows."""
    return Unacceptable(WRONG_SHAPE, what, remedy=remedy, status=400)
