"""Stretches of time from left to right: what a decision gains in each, with its interval, along the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from mainstay.domain.shown import PlaceShown
from mainstay.report.pictures.canvas import haloed, label, layered, points, shortened
from mainstay.report.theme import LIGHT, WIDE

HIGH = 220
PIXELS_A_NAME = 84  # a date beneath the axis
DATE = 10  # letters of a date


def periods(
    shown: Sequence[PlaceShown], *, says: str, shows: str, unit: str, zero: str, width: int = WIDE
) -> alt.LayerChart:
    """Dots with intervals in the order of time; stretches of too few rows leave a gap. A worse one is a square."""
    rows: list[dict[str, Any]] = [row for i, place in enumerate(shown) for row in _row(i, place)]
    x = alt.X("at:Q", axis=None, scale=alt.Scale(domain=[-0.5, len(shown) - 0.5], nice=False))
    axis = alt.Axis(tickCount=5, titleAngle=0, titleAlign="left", titleY=-10, titleX=0)
    y = alt.Y("value:Q", title=shortened(unit), axis=axis, scale=alt.Scale(zero=True))
    drawn = []
    for is_worse, role, shape in ((False, "ours", "circle"), (True, "fail", "square")):
        few = [row for row in rows if row["worse"] is is_worse]
        if few:
            data, colour = alt.Chart(points(few)), LIGHT[role]
            spans = data.mark_rule(color=colour, strokeWidth=2).encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high"))
            dots = data.mark_point(color=colour, fill=colour, size=56, opacity=1, shape=shape).encode(x=x, y=y)
            drawn += [spans, dots]
    named = label(_names(shown, width), role="grey", baseline="top", dy=8)
    return layered(
        *_zero(zero),
        *drawn,
        named.encode(x=x, y=alt.value(HIGH)),
        says=says,
        shows=shows,
        width=width,
        height=HIGH,
    )


def _row(i: int, place: PlaceShown) -> list[dict[str, Any]]:
    if place.gain is None:
        return []
    low, high = (place.gain.value if bound is None else bound for bound in (place.gain.low, place.gain.high))
    return [{"at": i, "value": place.gain.value, "low": low, "high": high, "worse": place.is_worse}]


def _names(shown: Sequence[PlaceShown], width: int) -> list[dict[str, Any]]:
    """As many dates as fit, the first among them."""
    each = max(1, -(-len(shown) * PIXELS_A_NAME // width))
    return [{"at": i, "text": place.name[:DATE]} for i, place in enumerate(shown) if i % each == 0]


def _zero(zero: str) -> tuple[alt.Chart, ...]:
    line = alt.Chart(points([{"y": 0}])).mark_rule(color=LIGHT["grey"]).encode(y=alt.Y("y:Q"))
    named = label([{"y": 0, "text": zero}], role="grey", align="right", baseline="bottom", dy=-4)
    return line, *haloed(named.encode(x=alt.value("width"), y=alt.Y("y:Q")))
