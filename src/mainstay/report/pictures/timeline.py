"""Time lines: a measured value by period, with thin named verticals where something happened or was noticed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import altair as alt

from mainstay.report.pictures.canvas import haloed, label, layered, points
from mainstay.report.theme import LIGHT, WIDE

LETTER = 6.6  # pixels of a letter at 12 pixels, for keeping names apart
HEIGHT = 220  # pixels of the plot
LANE = 15  # pixels between two lanes of names
LINE_ROLES = ("ours", "other", "grey")
MARK_ROLES = {"truth": "ink", "signal": "fail", "act": "ours", "note": "grey"}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a moment: a `truth` of the world, a `signal` that noticed it, an `act` of ours, or a `note`."""

    at: datetime
    label: str
    kind: Literal["truth", "signal", "act", "note"] = "note"


def watch_timeline(
    at: Sequence[datetime],
    lines: Mapping[str, Sequence[float | None]],
    *,
    marks: Sequence[Mark] = (),
    says: str,
    shows: str,
    width: int = WIDE,
) -> alt.LayerChart:
    """One line per name over the periods that start at `at`, the first ours, the others for comparison.

    A missing value breaks its line. Time runs left to right in UTC; names of marks are kept apart in lanes above.
    """
    first, last = _ends(at, marks)
    x_scale = alt.Scale(type="utc", domain=[millis(first), millis(last)])
    x = alt.X("at:T", title=None, axis=alt.Axis(grid=False, tickCount=6, labelOverlap=True), scale=x_scale)
    y = alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=5), scale=alt.Scale(zero=False, nice=True))
    drawn, names = uprights(marks, (first, last), x, width)
    for role, (name, values) in zip(LINE_ROLES, lines.items(), strict=False):
        line, *named = _line(_Line(name, role, _side(name, lines)), list(zip(at, values, strict=True)), (x, y))
        drawn.append(line)
        names += named
    return layered(*drawn, *names, says=says, shows=shows, width=width, height=HEIGHT)


def uprights(
    marks: Sequence[Mark], ends: tuple[datetime, datetime], x: alt.X, width: int
) -> tuple[list[alt.Chart], list[alt.Chart]]:
    """The verticals of marks and, to be drawn on top, their names, which are kept apart in lanes above."""
    drawn: list[alt.Chart] = []
    names: list[alt.Chart] = []
    for mark, spot in zip(marks, _spots(marks, *ends, width), strict=True):
        rule, *named = _mark(mark, spot, x)
        drawn.append(rule)
        names += named
    return drawn, names


def _ends(at: Sequence[datetime], marks: Sequence[Mark]) -> tuple[datetime, datetime]:
    moments = [*at, *(mark.at for mark in marks)] or [datetime(2000, 1, 1, tzinfo=UTC)]
    return min(moments), max(moments)


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    role: str
    side: Literal["above", "below", "start"]


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a mark's name stands: its lane above the plot, and whether it reads away from its line to the left."""

    lane: int
    is_left: bool


def _line(line: _Line, pairs: list[tuple[datetime, float | None]], axes: tuple[alt.X, alt.Y]) -> list[alt.Chart]:
    """The line, and its name at its end (or its start, where two other lines end)."""
    x, y = axes
    rows = [{"at": millis(moment), "value": value} for moment, value in pairs]
    data = alt.Chart(points(rows))
    drawn = data.mark_line(color=LIGHT[line.role], strokeWidth=2, invalid="break-paths-show-path-domains").encode(
        x=x, y=y
    )
    known = [row for row in rows if row["value"] is not None]
    if not known:
        return [drawn]
    at_start, is_below = line.side == "start", line.side == "below"
    mark = {"align": "left" if at_start else "right", "baseline": "top" if is_below else "bottom", "fontWeight": 600}
    name = label(
        [{**known[0 if at_start else -1], "text": line.name}], role=line.role, dy=7 if is_below else -7, **mark
    )
    return [drawn, *haloed(name.encode(x=alt.X("at:T"), y=alt.Y("value:Q")))]


def _side(name: str, lines: Mapping[str, Sequence[float | None]]) -> Literal["above", "below", "start"]:
    """Names stand above the line that ends highest, below the one that ends lowest, before any other."""
    ends = {each: next((v for v in reversed(values) if v is not None), 0.0) for each, values in lines.items()}
    if ends[name] == max(ends.values()):
        return "above"
    return "below" if ends[name] == min(ends.values()) else "start"


def _mark(mark: Mark, spot: _Spot, x: alt.X) -> list[alt.Chart]:
    role = MARK_ROLES[mark.kind]
    dash = [] if mark.kind == "truth" else [3, 3]
    rows: list[dict[str, Any]] = [{"at": millis(mark.at), "text": mark.label}]
    rule = alt.Chart(points(rows)).mark_rule(color=LIGHT[role], strokeWidth=1.2, strokeDash=dash)
    drawn = rule.encode(x=x, y=alt.value(-5 - LANE * spot.lane), y2=alt.value("height"))
    place = {"align": "right" if spot.is_left else "left", "dx": -4 if spot.is_left else 4, "dy": -6 - LANE * spot.lane}
    name = label(rows, role=role, baseline="bottom", **place).encode(x=alt.X("at:T"), y=alt.value(0))
    return [drawn, *haloed(name)]


def _spots(marks: Sequence[Mark], first: datetime, last: datetime, width: int) -> list[_Spot]:
    """The lowest lane above the plot in which each name touches no other.

    Later marks stand lower, so that their lines do not cross the names of earlier ones.
    """
    span = max((last - first).total_seconds(), 1.0)
    spots: dict[int, _Spot] = {}
    taken: list[tuple[int, float, float]] = []
    for i in sorted(range(len(marks)), key=lambda i: marks[i].at, reverse=True):
        mark = marks[i]
        at, size = (mark.at - first).total_seconds() / span * width, LETTER * (len(mark.label) + 1)
        is_left = at + size > width and at > width / 2
        start, end = (at - size, at) if is_left else (at, at + size)
        lane = 0
        while any(where == lane and start < right and left < end for where, left, right in taken):
            lane += 1
        taken.append((lane, start, end))
        spots[i] = _Spot(lane, is_left)
    return [spots[i] for i in range(len(marks))]


def millis(moment: datetime) -> float:
    """A moment as pictures place it: UTC milliseconds since 1970."""
    return moment.astimezone(UTC).timestamp() * 1000
