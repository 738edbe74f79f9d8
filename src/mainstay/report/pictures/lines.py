"""One line for each thing that is compared: dots or bars with their intervals, named above, along one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from mainstay.report.pictures.canvas import INSET, LONGEST, haloed, label, layered, points, shortened
from mainstay.report.theme import LIGHT, WIDE

ROW = 38  # pixels a line
BAR = 12  # pixels a bar is high
SLIGHT = 0.2  # of the axis below nought, up to which names stand behind its line, and not across it


@dataclass(frozen=True, slots=True)
class Span:
    """A number with its bounds, in one of the theme's colours; `down` moves it off the middle of its line."""

    value: float
    low: float
    high: float
    role: str = "ours"
    shape: str = "circle"
    down: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """What stands on one line: its name with its number as text, and one or more spans."""

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """What the numbers are of: `unit` names the axis; it holds nought where `from_zero`, and bars begin there."""

    unit: str
    from_zero: bool = True
    as_bars: bool = False


def lines(drawn: Sequence[Line], axis: Axis, *, says: str, shows: str, width: int = WIDE) -> alt.LayerChart:
    """Lines from top to bottom."""
    rows = [_row(i, span) for i, line in enumerate(drawn) for span in line.spans]
    names: list[dict[str, Any]] = [{"line": i, "text": line.text} for i, line in enumerate(drawn)]
    y = alt.Y("line:O", axis=None, scale=alt.Scale(domain=list(range(len(drawn)))))
    at_zero = axis.from_zero or axis.as_bars
    below = _below(drawn) if at_zero else 0.0
    is_slight = 0 < below <= SLIGHT
    x = alt.X(
        "value:Q",
        title=shortened(axis.unit),
        axis=alt.Axis(tickCount=5),
        scale=alt.Scale(zero=at_zero, nice=alt.Undefined if not is_slight else False),
    )
    behind = is_slight and max(len(line.text) for line in drawn) <= (1 - below) * LONGEST
    named = label(names, align="left", baseline="bottom", dy=-8, dx=INSET).encode(
        x=alt.datum(0) if behind else alt.value(0), y=y
    )
    return layered(
        *(_at_zero() if at_zero else ()),
        *(each for kind in _kinds(rows) for each in _spans(kind, x, y, as_bars=axis.as_bars)),
        *haloed(named),
        says=says,
        shows=shows,
        width=width,
        height=ROW * max(len(drawn), 1) + 10,
    )


def _below(drawn: Sequence[Line]) -> float:
    """How much of the axis lies below nought, as a share of all of it."""
    spans = [span for line in drawn for span in line.spans]
    low = min((min(span.low, span.value) for span in spans), default=0.0)
    high = max((max(span.high, span.value) for span in spans), default=0.0)
    return -low / (max(high, 0.0) - low) if low < 0 else 0.0


def _row(i: int, span: Span) -> dict[str, Any]:
    numbers = {"value": span.value, "low": span.low, "high": span.high}
    return {"line": i, **numbers, "role": span.role, "shape": span.shape, "down": span.down}


def _kinds(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Rows that look alike together: each kind is one layer."""
    looks = dict.fromkeys((row["role"], row["shape"], row["down"]) for row in rows)
    return [[row for row in rows if (row["role"], row["shape"], row["down"]) == look] for look in looks]


def _spans(rows: list[dict[str, Any]], x: alt.X, y: alt.Y, *, as_bars: bool) -> list[alt.Chart]:
    data, first = alt.Chart(points(rows)), rows[0]
    colour, down = LIGHT[first["role"]], first["down"] + (4 if as_bars else 0)
    if as_bars:
        bars = data.mark_bar(color=colour, opacity=0.35, height=BAR, yOffset=down).encode(x=x, y=y)
        return [bars, _ranges(data, colour, down, y)]
    dots = data.mark_point(color=colour, fill=colour, size=56, opacity=1, shape=first["shape"], yOffset=down)
    return [_ranges(data, colour, down, y), dots.encode(x=x, y=y)]


def _ranges(data: alt.Chart, colour: str, down: int, y: alt.Y) -> alt.Chart:
    drawn: alt.Chart = data.mark_rule(color=colour, strokeWidth=2, yOffset=down).encode(
        x=alt.X("low:Q"), x2=alt.X2("high"), y=y
    )
    return drawn


def _at_zero() -> tuple[alt.Chart, ...]:
    return (alt.Chart(points([{"x": 0}])).mark_rule(color=LIGHT["grey"]).encode(x=alt.X("x:Q")),)
