"""Words for callers: what a field wants, an example, and what came, short enough to show."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime

from mainstay.domain.moments import iso
from mainstay.domain.reading import DATE_WANTED
from mainstay.domain.schema import Field, Kind
from mainstay.domain.traffic import Value

MAX_SHOWN = 100  # characters of a caller's value that are shown back
MAX_LEVELS_SHOWN = 12
EXACT_INTEGERS = 1 << 53  # larger ones are no JSON number everywhere

FAR_S = 6e10  # UTC seconds: the year 3871, within what a date can say

Scalar = str | float | bool | None


def short(raw: object) -> Scalar:
    """Return a value as a JSON scalar of at most 100 characters.

    >>> short([1, 2]), short(float("nan")), short("x" * 1000)[-1]
    ('a list of 2', 'NaN', '…')
    """
    if isinstance(raw, str):
        return raw if len(raw) <= MAX_SHOWN else raw[: MAX_SHOWN - 1] + "…"
    if raw is None or isinstance(raw, bool):
        return raw
    if isinstance(raw, int):
        return raw if abs(raw) <= EXACT_INTEGERS else "a whole number beyond 2^53"
    if isinstance(raw, float):
        return raw if math.isfinite(raw) else _not_finite(raw)
    if isinstance(raw, list):
        return f"a list of {len(raw)}"
    return f"an object of {len(raw)}" if isinstance(raw, dict) else type(raw).__name__


def shown_value(field: Field, value: Value) -> Scalar:
    """Return a used value as callers send it.

    >>> shown_value(Field(name="member", kind=Kind.BOOLEAN), "true")
    True
    """
    if field.kind is Kind.BOOLEAN and value in ("true", "false"):
        return value == "true"
    if not isinstance(value, float):
        return short(value)
    if field.kind is Kind.DATETIME and abs(value) < FAR_S:
        return iso(datetime.fromtimestamp(value, UTC))
    return int(value) if field.whole and value.is_integer() else value


def wanted(field: Field) -> str:
    """Return what a field wants, in words.

    >>> wanted(Field(name="age", kind=Kind.NUMBER, low=18, high=99, unit="years"))
    'a number from 18 to 99 (years)'
    """
    return f"{WANTED[field.kind](field)}{f' ({field.unit})' if field.unit else ''}"


def _number(field: Field) -> str:
    return f"a {'whole ' if field.whole else ''}number{_span(field)}"


def _span(field: Field) -> str:
    if field.low is not None and field.high is not None:
        return f" from {field.low:g} to {field.high:g}"
    if field.low is not None:
        return f", at least {field.low:g}"
    return f", at most {field.high:g}" if field.high is not None else ""


def _category(field: Field) -> str:
    if not field.levels:
        return "a text"
    more = f", … ({len(field.levels)} in all)" if len(field.levels) > MAX_LEVELS_SHOWN else ""
    return "one of " + ", ".join(str(short(level)) for level in field.levels[:MAX_LEVELS_SHOWN]) + more


def _datetime(field: Field) -> str:
    since = f", from {iso(datetime.fromtimestamp(field.low, UTC))}" if field.low is not None else ""
    return DATE_WANTED + since


def _not_finite(raw: float) -> str:
    return "NaN" if math.isnan(raw) else "Infinity" if raw > 0 else "-Infinity"


WANTED: dict[Kind, Callable[[Field], str]] = {
    Kind.NUMBER: _number,
    Kind.CATEGORY: _category,
    Kind.BOOLEAN: lambda _: "true or false",
    Kind.DATETIME: _datetime,
    Kind.TEXT: lambda _: "a text",
}
