"""A learning curve: what was measured at each size, and the law that foretells beyond it, each with its band."""

from __future__ import annotations

import altair as alt
import numpy as np

from mainstay.domain.evaluation import Curve, CurvePoint
from mainstay.report.curve_words import curve_unit, shown_size, whole
from mainstay.report.metrics import LOWER_IS_BETTER, name_of
from mainstay.report.pictures.canvas import haloed, label, layered, points
from mainstay.report.theme import LIGHT, WIDE

N_POINTS = 80  # of the law's line
HEIGHT = 240


def learning_curve(curve: Curve, says: str, *, width: int = WIDE) -> alt.LayerChart:
    """Points with 95% intervals where it was measured, the law as a line, and its band where it foretells."""
    measured = [_row(point, curve) for point in curve.points if not point.foretold]
    foretold = [_row(point, curve) for point in curve.points if point.foretold]
    unit = curve_unit(curve)
    x = alt.X("n:Q", title=unit, axis=alt.Axis(grid=False, tickCount=5), scale=alt.Scale(zero=True, nice=False))
    y = alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=5), scale=alt.Scale(zero=False, nice=True))
    spans = alt.Chart(points(measured)).mark_rule(color=LIGHT["ours"], strokeWidth=1.5)
    dots = alt.Chart(points(measured)).mark_point(color=LIGHT["ours"], fill=LIGHT["ours"], size=46, opacity=1)
    band = alt.Chart(points(foretold)).mark_area(color=LIGHT["other"], opacity=0.2)
    line = alt.Chart(points(_law(curve))).mark_line(color=LIGHT["grey"], strokeWidth=1.5, strokeDash=[4, 3])
    return layered(
        band.encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high")),
        line.encode(x=x, y=y),
        spans.encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high")),
        dots.encode(x=x, y=y),
        *_all(curve),
        *_key(width, curve.metric in LOWER_IS_BETTER, bool(foretold)),
        says=says,
        shows=f"{name_of(curve.metric)} by {unit} learned from: points are measured, the band is foretold, both at 95%",
        width=width,
        height=HEIGHT,
    )


def _row(point: CurvePoint, curve: Curve) -> dict[str, float]:
    found = point.metric
    low, high = (found.value if bound is None else bound for bound in (found.low, found.high))
    return {"n": shown_size(point.n, curve), "value": found.value, "low": low, "high": high}


def _law(curve: Curve) -> list[dict[str, float]]:
    """The law where it was fitted for: from a third of the largest size that was measured."""
    first = max(point.n for point in curve.points if not point.foretold) / 3
    last = max(point.n for point in curve.points)
    sign = 1.0 if curve.metric in LOWER_IS_BETTER else -1.0
    sizes = np.geomspace(first, last, N_POINTS)
    values = curve.limit.value + sign * curve.scale * sizes**-curve.power
    drawn = zip(sizes.tolist(), values.tolist(), strict=True)
    return [{"n": shown_size(n, curve), "value": value} for n, value in drawn if np.isfinite(value)]


def _all(curve: Curve) -> tuple[alt.Chart, ...]:
    """Where all there is to learn from lies."""
    rows = [{"n": shown_size(whole(curve), curve), "text": "all there are"}]
    rule = alt.Chart(points(rows)).mark_rule(color=LIGHT["grey"], strokeWidth=1, strokeDash=[2, 3])
    named = label(rows, role="grey", align="left", baseline="bottom", dx=4).encode(
        x=alt.X("n:Q"), y=alt.value(HEIGHT - 6)
    )
    return rule.encode(x=alt.X("n:Q")), *haloed(named)


def _key(width: int, falls: bool, has_band: bool) -> tuple[alt.Chart, ...]:
    """Names in the marks' colours, in the corner that the curve leaves free."""
    first = 8 if falls else HEIGHT - 52
    names = (("measured", "ours"), ("law", "grey"), *((("foretold", "other"),) if has_band else ()))
    return tuple(
        label([{"text": text}], role=role, align="left", fontWeight=600).encode(
            x=alt.value(width * 0.3), y=alt.value(first + 15 * i)
        )
        for i, (text, role) in enumerate(names)
    )
