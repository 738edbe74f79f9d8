"""Reliability: whether of a hundred cases that were given 30%, thirty turn out so."""

from __future__ import annotations

import math

import altair as alt

from mainstay.report.pictures.canvas import label, layered, points, share_axis
from mainstay.report.theme import LIGHT, WIDE
from mainstay.report.words import counted, fixed
from mainstay.stats.calibration import Reliability
from mainstay.stats.intervals import Interval

ROOM = 1.05
SQUARE = 300  # pixels high: the diagonal should not lie flat


def reliability(table: Reliability, error: Interval, shares: str, *, width: int = WIDE) -> alt.LayerChart:
    """Points of what happened against what was predicted with intervals, along the line where both agree.

    `error` is the calibration error, a share; `shares` says what is shared, and by what.
    """
    rows = _rows(table)
    end = min(max(max(row["high"], row["predicted"]) for row in rows) * ROOM, 1) or 1
    scale = alt.Scale(domain=[0, end], nice=False)
    x = alt.X("predicted:Q", title="predicted", axis=share_axis(), scale=scale)
    y = alt.Y("happened:Q", title="happened", axis=share_axis(titleAngle=0, titleAlign="left", titleY=-6), scale=scale)
    data = alt.Chart(points(rows))
    spans = data.mark_rule(color=LIGHT["ours"], strokeWidth=1.5).encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high"))
    dots = data.mark_point(color=LIGHT["ours"], fill=LIGHT["ours"], size=46, opacity=1).encode(x=x, y=y)
    return layered(
        *_diagonal(end),
        spans,
        dots,
        says=_finding(error),
        shows=f"{shares}, in {counted(len(rows), 'bin')} of cases with 95% intervals",
        width=width,
        height=min(width, SQUARE),
    )


def _finding(error: Interval) -> str:
    if math.isnan(error.value) or not error.known:
        return "Too few cases to say whether predictions can be taken at their word"
    if error.low <= 0:
        return f"Predictions can be taken at their word: off by {_points(error.high)} points at most, on average"
    found = f"{_points(error.value)} points on average"
    return f"Predictions are off by {found} (likely {_points(error.low)} to {_points(error.high)})"


def _points(share: float) -> str:
    return fixed(100 * share, 1)


def _rows(table: Reliability) -> list[dict[str, float]]:
    columns = {
        "predicted": table.mean_score,
        "happened": table.outcome_share,
        "low": table.outcome_share_low,
        "high": table.outcome_share_high,
    }
    return [{name: round(float(column[i]), 6) for name, column in columns.items()} for i in range(table.n.size)]


def _diagonal(end: float) -> tuple[alt.Chart, ...]:
    line = alt.Chart(points([{"x": 0, "y": 0}, {"x": end, "y": end}]))
    drawn = line.mark_line(color=LIGHT["grey"], strokeWidth=1, strokeDash=[4, 3]).encode(x=alt.X("x:Q"), y=alt.Y("y:Q"))
    rows = [{"x": end, "y": end, "text": "as predicted"}]
    named = label(rows, role="grey", align="right", baseline="bottom", dx=-14).encode(x=alt.X("x:Q"), y=alt.Y("y:Q"))
    return drawn, named
