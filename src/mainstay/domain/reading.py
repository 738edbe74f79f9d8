"""Reading one value as a field wants it: the one place where a raw value becomes what a model sees.

Training and serving both read through here, so they cannot disagree. A reading says what was done (`code`); what cannot
be read safely raises `Unreadable`, which says what is wanted. Needs the standard library alone when it runs, because
this text also travels inside bundles.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from mainstay.domain.date_text import date_of
from mainstay.domain.errors import Asked
from mainstay.domain.kind import MISSING_WORDS, Kind
from mainstay.domain.moments import parse_moment
from mainstay.domain.number_text import number_of

if TYPE_CHECKING:
    from mainstay.domain.schema import Field
    from mainstay.domain.traffic import Value

TRUE_WORDS = frozenset(
    {
        "true",
        "t",
        "yes",
        "y",
        "1",
        "on",
        "ja",
        "j",
        "oui",
        "si",
        "sí",
        "sì",
        "sim",
        "wahr",
        "vrai",
        "vero",
        "verdadero",
        "verdadeiro",
        "tak",
        "да",
        "是",
    }
)
FALSE_WORDS = frozenset(
    {
        "false",
        "f",
        "no",
        "n",
        "0",
        "off",
        "nein",
        "nee",
        "non",
        "não",
        "nao",
        "falsch",
        "faux",
        "falso",
        "nie",
        "нет",
        "否",
    }
)
LARGEST = 1e150  # what is larger is no measurement but a mark, and its square is no number
MAX_LEVEL = 256  # characters kept of a level nobody has seen
MAX_TEXT = 20_000  # characters kept of a free text

# Codes of readings. None: read as it was.
MISSING = "missing"  # null, NaN or a word that means missing
NOT_FINITE = "not-finite"  # infinity, or beyond `LARGEST`: read as missing
CONVERTED = "converted"  # another type that says the same: "12" for 12, 3 for "3", 1 for true
MATCHED = "matched-level"  # a known level, or an alias of one, but for case or surrounding spaces
UNSEEN = "unseen-level"  # a level that training never saw
OUT_OF_RANGE = "out-of-range"  # a number or date outside what training saw (or the brief says)
TRUNCATED = "truncated"  # a text cut to `MAX_TEXT`

DATE_WANTED = "an ISO date or time, such as 2026-03-31T14:05:00Z"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a value was read as (number or UTC seconds: float; level: text; missing: None) and what had to be done."""

    value: Value
    code: str | None = None


class Unreadable(Exception):
    """A value that cannot be read as the field wants it."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted


def read_value(field: Field, raw: object, *, time_zone: str = "UTC") -> Reading:
    """Read one raw value (from JSON or a table) as `field` wants it; raises `Unreadable`.

    What is missing is the field's `default`, where it has one; the code still says that it was missing.

    >>> from mainstay.domain.schema import Field
    >>> read_value(Field(name="age", kind=Kind.NUMBER), "12")
    Reading(value=12.0, code='converted')
    """
    reading = _read(field, raw, time_zone)
    return reading if reading.value is not None or field.default is None else Reading(field.default, reading.code)


def _read(field: Field, raw: object, time_zone: str) -> Reading:
    if raw is None or (isinstance(raw, float) and math.isnan(raw)):
        return Reading(None, MISSING)
    if isinstance(raw, str) and raw.strip().lower() in MISSING_WORDS and raw not in field.levels:
        return Reading(None, MISSING)
    try:
        if field.missing and _means_missing(field, raw):
            return Reading(None, MISSING)
        if field.kind is Kind.DATETIME:
            return _in_range(field, _datetime(field, raw, time_zone))
        reading = READERS[field.kind](field, raw)
    except ValueError as error:  # Python writes no integer of more than 4,300 digits
        raise Unreadable(f"a shorter value for {field.name}") from error
    if field.kind is not Kind.NUMBER:
        return reading
    if field.missing and reading.value is not None and level_text(reading.value) in field.missing:
        return Reading(None, MISSING)  # `999.0 kg`, where 999 means missing
    return _in_range(field, reading)


def level_text(raw: object) -> str:
    """Write a value as the text of a level: 3 and 3.0 are `3`, True is `true`, texts as they are.

    >>> level_text(3.0), level_text(True), level_text("EU ")
    ('3', 'true', 'EU ')
    """
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return str(raw)


def _means_missing(field: Field, raw: object) -> bool:
    return isinstance(raw, str | int | float) and level_text(raw).strip().lower() in field.missing


def _number(field: Field, raw: object) -> Reading:
    if isinstance(raw, bool):
        return Reading(float(raw), CONVERTED)
    if not isinstance(raw, int | float | str):
        raise Unreadable(f"a number for {field.name}")
    try:
        value = _number_text(field, raw) if isinstance(raw, str) else float(raw)
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"a number for {field.name}{_unit_wanted(field)}") from error
    if value is None or math.isnan(value):
        return Reading(None, MISSING)
    if abs(value) > LARGEST:
        return Reading(None, NOT_FINITE)
    return Reading(value, CONVERTED if isinstance(raw, str) else None)


def _number_text(field: Field, raw: str) -> float | None:
    """The number that a text writes, alone, with what training saw around numbers, or followed by exactly the unit."""
    bare = raw.strip()
    if field.unit and field.unit != field.affix and bare.endswith(field.unit):
        return number_of(bare.removesuffix(field.unit), decimal=field.decimal)
    return number_of(bare, decimal=field.decimal, affix=field.affix)


def _unit_wanted(field: Field) -> str:
    said = field.unit or field.affix
    unit = f" in {said}" if said else ""
    return f"{unit} with a decimal comma" if field.decimal == "," else unit


def _category(field: Field, raw: object) -> Reading:
    if not isinstance(raw, str | int | float):
        raise Unreadable(f"a text for {field.name}")
    if isinstance(raw, float) and math.isinf(raw):
        return Reading(None, NOT_FINITE)
    known, text = _known(field), level_text(raw)
    if text in known.exact:
        return Reading(known.exact[text], None if isinstance(raw, str) else CONVERTED)
    trimmed = text.strip()[:MAX_LEVEL]
    near = (known.exact[trimmed],) if trimmed in known.exact else known.folded.get(trimmed.casefold(), ())
    near = near or _same_truth(field.levels, trimmed)
    if len(near) != 1:
        return Reading(trimmed, UNSEEN)
    return Reading(near[0], MATCHED if known.exact.get(near[0]) == near[0] else UNSEEN)


def _same_truth(levels: tuple[str, ...], text: str) -> tuple[str, ...]:
    """The level that says the same as another spelling of yes or no, where the levels are one of each."""
    if len(levels) != 2 or not is_yes_and_no(levels):
        return ()
    words = next((words for words in (TRUE_WORDS, FALSE_WORDS) if text.lower() in words), frozenset())
    return tuple(level for level in levels if level.strip().lower() in words)


def is_yes_and_no(words: Iterable[str]) -> bool:
    """Whether words are all some spelling of yes or no, with at least one of each.

    >>> is_yes_and_no(["Y", "n", "no"]), is_yes_and_no(["yes", "maybe"]), is_yes_and_no(["yes"])
    (True, False, False)
    """
    folded = {word.strip().lower() for word in words}
    return folded <= TRUE_WORDS | FALSE_WORDS and bool(folded & TRUE_WORDS) and bool(folded & FALSE_WORDS)


class _Known(NamedTuple):
    """The levels of a field, looked up: `exact` leads from levels and their aliases to levels, `folded` from spellings.

    Made once for each field, so that an unseen level among ten thousand is as quick as a known one of two.
    """

    levels: tuple[str, ...]
    aliases: tuple[tuple[str, str], ...]
    exact: Mapping[str, str]
    folded: Mapping[str, tuple[str, ...]]


_KNOWN: dict[int, _Known] = {}  # by the identity of the levels, which each entry keeps alive
MAX_KNOWN = 4096


def _known(field: Field) -> _Known:
    found = _KNOWN.get(id(field.levels))
    if found is None or found.levels is not field.levels or found.aliases is not field.level_aliases:
        if len(_KNOWN) >= MAX_KNOWN:
            _KNOWN.clear()
        found = _KNOWN[id(field.levels)] = _look_up(field.levels, field.level_aliases)
    return found


def _look_up(levels: tuple[str, ...], aliases: tuple[tuple[str, str], ...]) -> _Known:
    folded: dict[str, tuple[str, ...]] = {}
    for name, level in (*[(level, level) for level in levels], *aliases):
        spelling = name.strip().casefold()
        if level not in (there := folded.get(spelling, ())):
            folded[spelling] = (*there, level)
    known = frozenset(levels)
    exact = {name: level for name, level in aliases if level in known}
    return _Known(levels, aliases, exact | {level: level for level in levels}, folded)


def _boolean(field: Field, raw: object) -> Reading:
    if isinstance(raw, bool):
        return Reading("true" if raw else "false")
    word = level_text(raw).strip().lower() if isinstance(raw, str | int | float) else ""
    if word in TRUE_WORDS or word in FALSE_WORDS:
        text = "true" if word in TRUE_WORDS else "false"
        return Reading(text, None if raw == text else CONVERTED)
    raise Unreadable(f"true or false for {field.name}")


def _text(field: Field, raw: object) -> Reading:
    if isinstance(raw, str):
        return Reading(raw) if len(raw) <= MAX_TEXT else Reading(raw[:MAX_TEXT], TRUNCATED)
    if isinstance(raw, int | float):
        return Reading(level_text(raw), CONVERTED)
    raise Unreadable(f"a text for {field.name}")


def _datetime(field: Field, raw: object, time_zone: str) -> Reading:
    try:
        if isinstance(raw, datetime):
            return Reading(_seconds(raw, time_zone))
        if isinstance(raw, date):
            return Reading(_seconds(datetime.combine(raw, time()), time_zone))
        if isinstance(raw, str):
            return Reading(_date_text(field, raw, time_zone))
    except (Asked, OverflowError, ValueError) as error:
        raise Unreadable(DATE_WANTED) from error
    raise Unreadable(DATE_WANTED)


def _date_text(field: Field, raw: str, time_zone: str) -> float:
    try:
        return parse_moment(raw, time_zone=time_zone).timestamp()
    except Asked:
        if not field.date_format:
            raise
    return date_of(raw.strip(), field.date_format).replace(tzinfo=ZoneInfo(time_zone)).timestamp()


def _seconds(moment: datetime, time_zone: str) -> float:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(time_zone))
    return aware.astimezone(UTC).timestamp()


def _in_range(field: Field, reading: Reading) -> Reading:
    value = reading.value
    if not isinstance(value, float):
        return reading
    below = field.low is not None and value < field.low
    above = field.high is not None and value > field.high
    return Reading(value, OUT_OF_RANGE) if below or above else reading


READERS: dict[Kind, Callable[[Field, object], Reading]] = {
    Kind.NUMBER: _number,
    Kind.CATEGORY: _category,
    Kind.BOOLEAN: _boolean,
    Kind.TEXT: _text,
}
