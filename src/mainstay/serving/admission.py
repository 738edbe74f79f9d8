"""Admission: a row as a caller sent it becomes what the model reads, with warnings, or faults that say how to mend it.

What each policy of a field means:

| | `repair` | `warn` | `refuse` |
|---|---|---|---|
| missing, absent, not finite | taken as missing, warned | the same | refused |
| unseen level | taken as unseen, warned | the same | refused |
| out of range | brought to the nearest bound, warned | used as it came, warned | refused |
| another type | converted, warned; refused if it cannot be | converted, else taken as missing; warned | refused |

A missing value is only remarkable where training saw none or the field has a default; an absent column always is. A
known level in another case, a column spelled otherwise and a text cut short are always repaired and warned about.
Carried columns never refuse a row. A row without any of the model's inputs is refused whatever the policies say:
nothing would be known to answer from. Where strictness is asked for, every warning of an input that changes what the
model reads is a fault instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import msgspec

from mainstay.domain.limits import LIMITS, Limits
from mainstay.domain.reading import (
    CONVERTED,
    LARGEST,
    MATCHED,
    MISSING,
    NOT_FINITE,
    OUT_OF_RANGE,
    TRUNCATED,
    UNSEEN,
    Unreadable,
    read_value,
)
from mainstay.domain.schema import Field, Kind, Policy, Schema
from mainstay.domain.traffic import Fault, Value, Warned
from mainstay.serving.wording import short, wanted

# Codes beyond those of `domain.reading`.
ABSENT = "absent"  # the column is not in the row
EXTRA = "extra-column"  # a column that training did not know
RENAMED = "renamed"  # the column was spelled otherwise (case, spaces)
WRONG_TYPE = "wrong-type"  # a value that cannot be read as the field wants it
NOT_A_ROW = "not-a-row"  # a row that is not a JSON object
TOO_LONG = "too-long"  # a text beyond the limit
TOO_MANY_COLUMNS = "too-many-columns"  # far more columns than training knew
NOTHING_KNOWN = "nothing-known"  # a row without a single input of the model: any answer would be a guess

MAX_EXTRA = 20  # extra columns warned about one by one; the rest are counted, so that an answer stays bounded
MAX_NAMED = 5  # inputs named to whoever sent none of them
MAX_SPELLING = 300  # characters of a column's name that are compared; no table has longer ones

ALWAYS_REPAIRED = frozenset({MATCHED, TRUNCATED})
NOTHING = object()


class Column(NamedTuple):
    """A field prepared for the quick way: a number within `low` to `high` or a text in `levels` is read as it is."""

    name: str
    low: float
    high: float
    levels: frozenset[str]
    field: Field
    carried: bool


@dataclass(frozen=True, slots=True)
class Index:
    """A schema prepared for admission. `order` are the names of its columns, in which values stand in a used row.

    `aliases` and `spelled` (folded spellings) lead to names of fields.
    """

    columns: tuple[Column, ...]
    order: tuple[str, ...]
    fields: Mapping[str, Field]
    inputs: tuple[str, ...]
    names: frozenset[str]
    aliases: Mapping[str, str]
    spelled: Mapping[str, str]
    silent: frozenset[str]
    time_zone: str


class Admitted(msgspec.Struct, frozen=True, gc=False):
    """A row that can be answered: what the model sees, by field, and what had to be done."""

    used: dict[str, Value]
    warnings: tuple[Warned, ...] = ()


class Manner(msgspec.Struct, frozen=True, gc=False):
    """How rows are admitted: whether strictly, and within which limits."""

    strict: bool = False
    limits: Limits = LIMITS


Refused: TypeAlias = tuple[Fault, ...]
USUAL = Manner()


class _Refusal(Exception):
    def __init__(self, code: str, wants: str) -> None:
        super().__init__(code)
        self.code, self.wants = code, wants


def index_schema(schema: Schema) -> Index:
    """Prepare a schema once for many rows."""
    n_inputs = len(schema.fields)
    columns = tuple(_column(field, carried=i >= n_inputs) for i, field in enumerate(schema.admitted))
    names = frozenset(column.name for column in columns)
    aliases = {alias: column.name for column in columns for alias in column.field.aliases if alias not in names}
    others = {name for name in (*schema.known, schema.target, schema.time, schema.entity) if name is not None}
    return Index(
        columns=columns,
        order=tuple(column.name for column in columns),
        fields={column.name: column.field for column in columns},
        inputs=schema.names,
        names=names,
        aliases=aliases,
        spelled=_spellings(columns),
        silent=frozenset(others - names),
        time_zone=schema.time_zone,
    )


def field_named(index: Index, name: str) -> Field | None:
    """Return the field that a column is taken for: by its name, an alias or another spelling; None for no field."""
    return index.fields.get(name) or index.fields.get(_elsewhere_named(index, name) or "")


def admit(row: object, index: Index, *, number: int = 0, manner: Manner = USUAL) -> Admitted | Refused:
    """Read one row; `number` is its place in the request, for the faults.

    Whatever comes, this returns: what the model sees, or at least one fault.

    >>> schema = Schema(fields=(Field(name="age", kind=Kind.NUMBER),), target="churned")
    >>> admit({"age": "12"}, index_schema(schema)).warnings
    (Warned(field='age', code='converted', got='12', used=12.0, nearest=None),)
    """
    if not isinstance(row, dict):
        return (Fault(row=number, field=None, code=NOT_A_ROW, got=short(row), wanted="an object: column to value"),)
    get, used = row.get, {}
    odd: list[tuple[Column, object]] = []
    for column in index.columns:
        name, low, high, levels, _, _ = column
        raw = get(name, NOTHING)
        kind = type(raw)
        if ((kind is float or kind is int) and low <= raw <= high) or (kind is str and raw in levels):
            used[name] = raw if kind is str else float(raw)
        else:
            used[name] = None
            odd.append((column, raw))
    if not odd and len(used) == len(row):
        return Admitted(used)
    most = len(index.columns) + len(index.silent) + manner.limits.extra_columns
    if len(row) > most:
        wants = f"at most {most:,} columns; the model reads {len(index.inputs):,}"
        return (Fault(row=number, field=None, code=TOO_MANY_COLUMNS, got=f"{len(row):,} columns", wanted=wants),)
    return _with_care(row, index, _Found(used, odd, number), manner)


class _Found(NamedTuple):
    """What the quick way found of a row: what can be used, and what it must be asked about again."""

    used: dict[str, Value]
    odd: list[tuple[Column, object]]
    number: int


def _with_care(row: dict[str, object], index: Index, quick: _Found, manner: Manner) -> Admitted | Refused:
    used, odd, number = quick
    warnings: list[Warned] = []
    faults: list[Fault] = []
    left = [name for name in row if name not in index.names]
    absent = {column.name for column, raw in odd if raw is NOTHING}
    found = _elsewhere(left, index, absent)
    if index.inputs and (absent - found.keys()).issuperset(index.inputs):
        return (_nothing_known(index, number),)
    for column, given in odd:
        spelled = found.get(column.name)
        raw = row[spelled] if spelled is not None else given
        renamed = spelled is not None and spelled not in index.aliases
        try:
            value, code = _read(column, raw, index.time_zone, manner)
            if renamed and manner.strict and not column.carried:
                raise _Refusal(RENAMED, f"the column as {column.name}, not as {short(spelled)}")
        except _Refusal as refusal:
            faults.append(_fault(column.field, raw, refusal, number))
            continue
        used[column.name] = value
        if renamed:
            warnings.append(Warned(column.name, RENAMED, short(spelled), column.name))
        if code is not None:
            warnings.append(Warned(column.name, code, None if raw is NOTHING else short(raw), value))
    if faults:
        return tuple(faults)
    taken = set(found.values())
    return Admitted(used, (*warnings, *_extra(row, [n for n in left if n not in taken and n not in index.silent])))


def _elsewhere(left: list[str], index: Index, wanting: set[str]) -> dict[str, str]:
    """Find columns that are not there by name under an alias, or spelled otherwise: field name to name as sent."""
    found: dict[str, str] = {}
    for name in left if wanting else ():
        field = _elsewhere_named(index, name)
        if field in wanting:
            found.setdefault(field, name)
    return found


def _elsewhere_named(index: Index, name: str) -> str | None:
    return index.aliases.get(name) or index.spelled.get(_folded(name[:MAX_SPELLING]))


def _read(column: Column, raw: object, time_zone: str, manner: Manner) -> tuple[Value, str | None]:
    value, code = _liberal(column, raw, time_zone, manner)
    if manner.strict and not column.carried and code is not None and _is_changed(column.field, code, raw):
        raise _Refusal(code, wanted(column.field))
    return value, code


def _is_changed(field: Field, code: str, raw: object) -> bool:
    """Say whether what a warning is about changed what the model reads; a value out of range may be used as it came."""
    if code != OUT_OF_RANGE or field.on_out_of_range is Policy.REPAIR:
        return True
    return field.kind is Kind.NUMBER and isinstance(raw, str | bool)


def _liberal(column: Column, raw: object, time_zone: str, manner: Manner) -> tuple[Value, str | None]:
    field = column.field
    if type(raw) is str and not column.carried and len(raw) > manner.limits.text_characters:
        raise _Refusal(TOO_LONG, f"a text of at most {manner.limits.text_characters:,} characters")
    try:
        value, code = (field.default, ABSENT) if raw is NOTHING else _reading(field, raw, time_zone)
    except Unreadable as unreadable:
        policy = Policy.WARN if column.carried else field.on_wrong_type
        if policy is not Policy.WARN:
            raise _Refusal(WRONG_TYPE, wanted(field)) from unreadable
        return field.default, WRONG_TYPE
    if code is None or code in ALWAYS_REPAIRED:
        return value, code
    policy = _policy(field, code)
    if policy is Policy.REFUSE and not column.carried:
        raise _Refusal(code, wanted(field))
    if _unremarkable(column, code, raw):
        return value, None
    if code == OUT_OF_RANGE and policy is Policy.REPAIR:
        return _nearest(field, value), code
    return value, code


def _unremarkable(column: Column, code: str, raw: object) -> bool:
    quiet = column.field.nullable and column.field.default is None
    if code == ABSENT:
        return column.carried and quiet
    return (code == MISSING and quiet) or (code == CONVERTED and _like_example(column.field, raw))


def _reading(field: Field, raw: object, time_zone: str) -> tuple[Value, str | None]:
    reading = read_value(field, raw, time_zone=time_zone)
    if reading.code == MISSING and _spells_nan(raw):
        return reading.value, NOT_FINITE
    is_strict = field.kind is Kind.NUMBER and field.on_wrong_type is Policy.REFUSE
    if is_strict and reading.code == OUT_OF_RANGE and isinstance(raw, str | bool):
        return reading.value, CONVERTED  # a reading has one code: here the one that refuses
    return reading.value, reading.code


def _policy(field: Field, code: str) -> Policy:
    if code in (ABSENT, MISSING, NOT_FINITE):
        return field.on_missing
    return {UNSEEN: field.on_unseen, OUT_OF_RANGE: field.on_out_of_range}.get(code, field.on_wrong_type)


def _like_example(field: Field, raw: object) -> bool:
    """Say whether a value has the JSON type that the field's example shows callers: then it is no other type."""
    return field.example is not None and _json_type(raw) == _json_type(field.example)


def _json_type(raw: object) -> type:
    return float if isinstance(raw, int | float) and not isinstance(raw, bool) else type(raw)


def _spells_nan(raw: object) -> bool:
    return isinstance(raw, float) or (isinstance(raw, str) and raw.strip().lower() == "nan")


def _nearest(field: Field, value: Value) -> Value:
    if not isinstance(value, float):
        return value
    low = field.low if field.low is not None else value
    high = field.high if field.high is not None else value
    return min(max(value, low), high)


def _fault(field: Field, raw: object, refusal: _Refusal, number: int) -> Fault:
    got = None if raw is NOTHING else short(raw)
    return Fault(row=number, field=field.name, code=refusal.code, got=got, wanted=refusal.wants, example=field.example)


def _nothing_known(index: Index, number: int) -> Fault:
    wants = f"at least one of: {', '.join(index.inputs[:MAX_NAMED])}"
    return Fault(row=number, field=None, code=NOTHING_KNOWN, got=None, wanted=wants)


def _extra(row: dict[str, object], names: list[str]) -> list[Warned]:
    shown = [Warned(str(short(name)), EXTRA, short(row[name]), None) for name in names[:MAX_EXTRA]]
    if len(names) > MAX_EXTRA:
        shown.append(Warned("…", EXTRA, f"{len(names) - MAX_EXTRA} more extra columns", None))
    return shown


def _column(field: Field, *, carried: bool) -> Column:
    is_number = field.kind is Kind.NUMBER and not field.missing  # a number that means missing is no number as it is
    most = LARGEST if is_number else -1.0  # infinite is never quick, and what is no number has an empty range
    low = -most if field.low is None or not is_number else max(field.low, -most)
    high = most if field.high is None or not is_number else min(field.high, most)
    levels = frozenset(field.levels) if field.kind is Kind.CATEGORY else frozenset()
    return Column(field.name, low, high, levels, field, carried)


def _spellings(columns: tuple[Column, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    several: set[str] = set()
    for column in columns:
        for name in (column.name, *column.field.aliases):
            if found.setdefault(_folded(name), column.name) != column.name:
                several.add(_folded(name))
    return {spelling: name for spelling, name in found.items() if spelling not in several}


@lru_cache(maxsize=8_192)  # the rows of a request have the same columns
def _folded(name: str) -> str:
    return "".join(name.split()).casefold()
