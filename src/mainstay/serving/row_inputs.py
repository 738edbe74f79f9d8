"""One used row as the numbers a model reads: plain Python that gives the bits that `plan_inputs` gives for columns."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

from mainstay.domain.terms import text_fact, text_score
from mainstay.domain.traffic import Value
from mainstay.domain.wall_clock import DAY_S, FIRST_MOMENT_S, LAST_MOMENT_S, offset_at
from mainstay.serving.plan_inputs import Json, known_terms, shared_name

Used: TypeAlias = Mapping[str, Value]
OfRow: TypeAlias = Callable[[Used], float]

EPOCH_DAY = date(1970, 1, 1).toordinal()
NAN = float("nan")


def reader_of_row(source: Json) -> OfRow:
    """Return how to read one input of a row as a number: NaN where missing (or unseen)."""
    read: OfRow = READERS[source["type"]](source)
    return read


def _number(source: Json) -> OfRow:
    name = source["field"]
    return lambda used: _float(used.get(name))


def _shared(source: Json) -> OfRow:
    name = shared_name(source["place"])
    return lambda used: used[name]  # type: ignore[return-value]  # what is shared is a number always


def _float(value: Value) -> float:
    return NAN if value is None else float(value)


def _level(source: Json) -> OfRow:
    index = {level: float(i) for i, level in enumerate(source["levels"])}
    missing = float(len(index)) if source.get("missing_is_level") else NAN
    return _looked_up(source["field"], index, NAN, missing)


def _level_number(source: Json) -> OfRow:
    index = dict(zip(source["levels"], source["numbers"], strict=True))
    return _looked_up(source["field"], index, source["unseen"], source["missing"])


def _looked_up(name: str, index: Mapping[Value, float], unseen: float, missing: float) -> OfRow:
    def number(used: Used) -> float:
        value = used.get(name)
        return index.get(value, unseen) if isinstance(value, str) else missing

    return number


def _date_part(source: Json) -> OfRow:
    name, part, zone = source["field"], source["part"], source["time_zone"]
    place = None if zone == "UTC" else ZoneInfo(zone)
    return lambda used: date_part_of(_float(used.get(name)), part, place)


def date_part_of(moment: float, part: str, zone: ZoneInfo | None) -> float:
    """Return a part of one moment (UTC seconds) on the wall clock of a zone (None: UTC), NaN outside of time."""
    if not FIRST_MOMENT_S <= moment < LAST_MOMENT_S:
        return NAN
    if part == "days":
        return moment / DAY_S
    second = math.floor(moment)
    wall = second if zone is None else _wall(second, zone)
    if part in SECONDS_OF:
        return float(wall % DAY_S // SECONDS_OF[part])
    day = date.fromordinal(EPOCH_DAY + wall // DAY_S)
    return float(day.weekday() if part == "weekday" else day.month if part == "month" else day.day)


@lru_cache(maxsize=1024)
def _wall(second: int, zone: ZoneInfo) -> int:
    """Return the seconds on the wall clock of a zone: the parts of one moment are read one after another."""
    return int(second + offset_at(second, zone))


SECONDS_OF = {"hour": 3600, "minute": 60}


def _text_part(source: Json) -> OfRow:
    part = source["part"]
    return _of_text(source["field"], lambda text: text_fact(text, part), NAN)


def _text_score(source: Json) -> OfRow:
    known, intercept = known_terms(source), source["intercept"]
    return _of_text(source["field"], lambda text: text_score(text, known, intercept), source["missing"])


def _of_text(name: str, number: Callable[[str], float], missing: float) -> OfRow:
    def read(used: Used) -> float:
        value = used.get(name)
        return number(value) if isinstance(value, str) else missing

    return read


def _product(source: Json) -> OfRow:
    left, right = (_centred(reader_of_row(source[side]), source[f"{side}_range"]) for side in ("left", "right"))
    return lambda used: left(used) * right(used)


def _centred(read: OfRow, kept: Sequence[float]) -> OfRow:
    fill, centre, low, high = kept

    def number(used: Used) -> float:
        x = read(used)
        return min(max(fill if math.isnan(x) else x, low), high) - centre

    return number


def _difference(source: Json) -> OfRow:
    left, right = reader_of_row(source["left"]), reader_of_row(source["right"])
    left_scale, right_scale = source["left_scale"], source["right_scale"]

    def number(used: Used) -> float:
        found = left(used) / left_scale - right(used) / right_scale
        return found if math.isfinite(found) else NAN

    return number


def _cross(source: Json) -> OfRow:
    index = {tuple(pair): float(i) for i, pair in enumerate(source["levels"])}
    left, right = source["left"], source["right"]
    return lambda used: index.get((used.get(left), used.get(right)), NAN)


READERS: Mapping[str, Callable[[Json], OfRow]] = {
    "number": _number,
    "shared": _shared,
    "level": _level,
    "level_number": _level_number,
    "date_part": _date_part,
    "text_part": _text_part,
    "text_score": _text_score,
    "product": _product,
    "difference": _difference,
    "cross": _cross,
}
