"""How something went: a line over time with its band, other lines beside it, and the level that was to be expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import altair as alt

from mainstay.report.pictures.canvas import haloed, label, layered, points
from mainstay.report.pictures.timeline import HEIGHT, Mark, millis, uprights
from mainstay.report.theme import LIGHT, SMALL, WIDE

FEW = 16  # points that are drawn as dots, too


@dataclass(frozen=True, slots=True)
class Bounded:
    """A value with its bounds at a moment; a line breaks where there is None."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Beside:
    """Another line, named at its end, in one of the theme's colours; at moments of its own where `at` has any."""

    name: str
    values: tuple[float | None, ...]
    role: str = "other"
    at: tuple[datetime, ...] = ()
    dash: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """What was to be expected: a level line with its name, and its bounds as a grey band."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is drawn: `at` the middles of stretches in time order, `ends` of the whole, and everything over them."""

    at: tuple[datetime, ...]
    ends: tuple[datetime, datetime]
    name: str
    ours: tuple[Bounded | None, ...]
    beside: tuple[Beside, ...] = ()
    level: Level | None = None
    marks: tuple[Mark, ...] = ()
    is_share: bool = False
    from_zero: bool = False


def course(drawn: Course, *, says: str, shows: str, width: int = WIDE) -> alt.LayerChart:
    """The line is ours; bands are its bounds, grey is what was to be expected."""
    x = alt.X(
        "at:T",
        title=None,
        axis=alt.Axis(grid=False, tickCount=6 if width > SMALL else 4, labelOverlap=True),
        scale=alt.Scale(type="utc", domain=[millis(end) for end in drawn.ends]),
    )
    axis = alt.Axis(tickCount=5, format=".0~%" if drawn.is_share else "~s" if _is_large(drawn) else "~r")
    y = alt.Y("value:Q", title=None, axis=axis, scale=alt.Scale(zero=drawn.from_zero, nice=True))
    rules, names = uprights(drawn.marks, drawn.ends, x, width)
    layers = [*_level(drawn), *_band(drawn, x), *rules]
    for line in drawn.beside:
        layers += _line(line.at or drawn.at, line, (x, y), width=1.5)
    ours = tuple(None if each is None else each.value for each in drawn.ours)
    layers += _line(drawn.at, Beside(drawn.name, ours, "ours"), (x, y), width=2.0)
    layers += [*_ends(drawn), *names]
    return layered(*layers, says=says, shows=shows, width=width, height=HEIGHT if width > SMALL else 170)


def _line(at: tuple[datetime, ...], line: Beside, axes: tuple[alt.X, alt.Y], *, width: float) -> list[alt.Chart]:
    x, y = axes
    rows = [{"at": millis(moment), "value": value} for moment, value in zip(at, line.values, strict=True)]
    known = [row for row in rows if row["value"] is not None]
    drawn = alt.Chart(points(rows)).mark_line(
        color=LIGHT[line.role],
        strokeWidth=width,
        strokeDash=list(line.dash),
        invalid="break-paths-show-path-domains",
    )
    dots = alt.Chart(points(known)).mark_point(color=LIGHT[line.role], fill=LIGHT[line.role], opacity=1, size=26)
    return [drawn.encode(x=x, y=y), *([dots.encode(x=x, y=y)] if len(known) <= FEW and line.role == "ours" else [])]


def _band(drawn: Course, x: alt.X) -> list[alt.Chart]:
    """The bounds of our line; a stretch without any breaks it."""
    bands, part = [], list[dict[str, float]]()
    for moment, each in [*zip(drawn.at, drawn.ours, strict=True), (drawn.ends[1], None)]:
        if each is not None:
            part.append({"at": millis(moment), "low": each.low, "high": each.high})
        elif part:
            bands.append(part)
            part = []
    made = []
    for rows in bands:
        if len(rows) == 1:
            mark = alt.Chart(points(rows)).mark_rule(color=LIGHT["ours"], strokeWidth=2, opacity=0.4)
        else:
            mark = alt.Chart(points(rows)).mark_area(color=LIGHT["ours"], opacity=0.16)
        made.append(mark.encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high")))
    return made


def _level(drawn: Course) -> list[alt.Chart]:
    level = drawn.level
    if level is None:
        return []
    start, end = (millis(each) for each in drawn.ends)
    made = []
    if level.low is not None and level.high is not None and level.high > level.low:
        box = alt.Chart(points([{"from": start, "to": end, "low": level.low, "high": level.high}]))
        made.append(
            box.mark_rect(color=LIGHT["grey"], opacity=0.16).encode(
                x=alt.X("from:T"), x2=alt.X2("to"), y=alt.Y("low:Q"), y2=alt.Y2("high")
            )
        )
    rule = alt.Chart(points([{"value": level.value}])).mark_rule(color=LIGHT["grey"], strokeDash=[4, 3])
    return [*made, rule.encode(y=alt.Y("value:Q"))]


def _ends(drawn: Course) -> list[alt.Chart]:
    """The names of lines at their ends, and of the level where it begins; kept apart by who lies higher."""
    ours = Beside(drawn.name, tuple(None if each is None else each.value for each in drawn.ours), "ours", drawn.at)
    last = [
        (line.name, line.role, _last(line.at or drawn.at, line.values)) for line in (ours, *drawn.beside) if line.name
    ]
    placed = sorted(((name, role, end) for name, role, end in last if end is not None), key=lambda each: -each[2][1])
    made: list[alt.Chart] = []
    for i, (name, role, (moment, value)) in enumerate(placed):
        above = i == 0
        row = [{"at": millis(moment), "value": value, "text": name}]
        mark = {"align": "right", "baseline": "bottom" if above else "top", "dy": -8 if above else 8 + 14 * (i - 1)}
        text = label(row, role=role, fontWeight=600, **mark)
        made += haloed(text.encode(x=alt.X("at:T"), y=alt.Y("value:Q")))
    if drawn.level is not None:
        row = [{"at": millis(drawn.ends[0]), "value": drawn.level.value, "text": drawn.level.name}]
        text = label(row, role="grey", align="left", baseline="bottom", dx=4, dy=-4)
        made += haloed(text.encode(x=alt.X("at:T"), y=alt.Y("value:Q")))
    return made


def _last(at: tuple[datetime, ...], values: Sequence[float | None]) -> tuple[datetime, float] | None:
    known = [(moment, value) for moment, value in zip(at, values, strict=True) if value is not None]
    return known[-1] if known else None


def _is_large(drawn: Course) -> bool:
    return any(each is not None and abs(each.value) >= 10_000 for each in drawn.ours)


def middles(starts: Sequence[datetime], ends: Sequence[datetime]) -> tuple[datetime, ...]:
    """The middle of every stretch."""
    return tuple(start + (end - start) / 2 for start, end in zip(starts, ends, strict=True))
