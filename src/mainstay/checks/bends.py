"""The ways in which real rows come bent: what each does to a row, and whether it may change what is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mainstay.checks.examined import Examined
from mainstay.domain.kind import MISSING_WORDS
from mainstay.domain.schema import Field, Kind, Policy

Bent = dict[str, object]
STRANGE = "\u202eñ\u0301\u200b🦋 ﷽ never seen"
NEVER_SEEN = "a level that nobody ever saw"
LEVELS, NUMBERS = (Kind.CATEGORY,), (Kind.NUMBER,)
EXTREMES = (1e120, -1e120, float("inf"), float("-inf"), float("nan"))


@dataclass(frozen=True, slots=True)
class Bend:
    """One way to bend a row. An `equivalent` one leaves all that is known as it was, so the score must stay.

    `whole` bends a whole row; `one` a single value of a field of `kinds`, and gives it back as it was where that cannot
    be done. `number` is the row's place, for variety.
    """

    name: str
    says: str
    equivalent: bool = True
    whole: Callable[[Examined, Bent], Bent] | None = None
    one: Callable[[Field, object, int], object] | None = None
    kinds: tuple[Kind, ...] = ()


def fields_of(exam: Examined, kinds: Sequence[Kind]) -> tuple[Field, ...]:
    """Return the inputs of these kinds that the table has; all kinds where none is named."""
    have = set(exam.table.columns)
    return tuple(field for field in exam.schema.fields if field.name in have and (not kinds or field.kind in kinds))


def _in_case_and_spaces(exam: Examined, row: Bent) -> Bent:
    bent = dict(row)
    for field in fields_of(exam, LEVELS):
        value = row[field.name]
        if isinstance(value, str) and value in field.levels and _stands_alone(field, value):
            bent[field.name] = f"  {value.swapcase()}\t"
    return bent


def _stands_alone(field: Field, level: str) -> bool:
    """Whether no other level, and no word for missing, is the same but for case and spaces; and case can be undone."""
    folded = level.strip().casefold()
    alike = sum(each.strip().casefold() == folded for each in field.levels)
    taken = folded in MISSING_WORDS or folded in field.missing or len(level) > 200
    return alike == 1 and not taken and level.swapcase().strip().casefold() == folded


def _as_text(exam: Examined, row: Bent) -> Bent:
    bent = dict(row)
    for field in fields_of(exam, NUMBERS):
        value = row[field.name]
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if is_number and field.on_wrong_type is not Policy.REFUSE:
            bent[field.name] = str(value).replace(".", field.decimal)
    return bent


def _reordered(exam: Examined, row: Bent) -> Bent:
    return dict(reversed(row.items()))


def _extra(exam: Examined, row: Bent) -> Bent:
    return {"not known to anybody": 1, "\n<b>": [None], **row, "": {"deep": {"er": 1}}}


def _unseen(field: Field, value: object, number: int) -> object:
    return NEVER_SEEN


def _unicode(field: Field, value: object, number: int) -> object:
    return f"{STRANGE} {value}"


def _missing(field: Field, value: object, number: int) -> object:
    return None


def _thousandfold(field: Field, value: object, number: int) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value * 1000.0 if is_number else value  # type: ignore[operator]


def _extreme(field: Field, value: object, number: int) -> object:
    return EXTREMES[number % len(EXTREMES)]


BENDS: tuple[Bend, ...] = (
    Bend("case-and-spaces", "levels in another case, with spaces around", whole=_in_case_and_spaces),
    Bend("text-for-numbers", "numbers sent as texts", whole=_as_text),
    Bend("reordered", "columns in another order", whole=_reordered),
    Bend("extra", "columns that nobody asked for", whole=_extra),
    Bend("unseen-level", "a level that training never saw", False, one=_unseen, kinds=LEVELS),
    Bend("unicode", "a text in strange characters", False, one=_unicode, kinds=LEVELS),
    Bend("missing", "one value missing", False, one=_missing, kinds=(*NUMBERS, *LEVELS)),
    Bend("unit-change", "a number a thousand times as large", False, one=_thousandfold, kinds=NUMBERS),
    Bend("extreme", "a number that is huge, infinite or none", False, one=_extreme, kinds=NUMBERS),
)


def is_remarkable(field: Field, value: object) -> bool:
    """Whether a value is none that training saw, so that an answer must say so."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return not field.nullable
    if isinstance(value, int | float):
        below = field.low is not None and value < field.low
        above = field.high is not None and value > field.high
        return below or above or math.isinf(value)
    return field.kind is Kind.CATEGORY and value not in field.levels
