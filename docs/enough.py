"""Draws the pictures of `docs/enough.md` from `docs/enough.json`: figures of `bench/curve.py` and `bench/active.py`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import altair as alt
import msgspec

from mainstay.domain.evaluation import Curve
from mainstay.report.pictures.canvas import haloed, label, layered, points, to_svg
from mainstay.report.theme import LIGHT, WIDE

HERE = Path(__file__).parent
TABLE, TITLE = "credit", "credit card clients"
NAMES = {"credit": "credit", "adult": "adult", "bank": "bank", "elec2": "elec2", "bike": "bike (R²)", "sms": "SMS"}
WAYS = {"random": ("at random", "other"), "mixed": ("unsure and unlike each other", "ours")}


def curve_picture(curve: Curve) -> alt.LayerChart:
    """Draw what was measured, what is foretold as a band, and the rows that are enough."""
    measured = [_point(point) for point in curve.points if not point.foretold]
    told = [measured[-1] | {"low": measured[-1]["y"], "high": measured[-1]["y"]}]
    told += [_point(point) for point in curve.points if point.foretold]
    assert curve.enough is not None
    every = next(point for point in curve.points if point.foretold)
    scale = alt.Scale(type="log", domain=[measured[0]["x"], told[-1]["x"] * 1.5], nice=False)
    ticks = [500, 1000, 2000, 5000, 10_000, 20_000, 40_000]
    x = alt.X("x:Q", title="training rows", scale=scale, axis=alt.Axis(values=ticks, format=",.0f", grid=False))
    low = min(row["low"] for row in measured)
    high = max(row["high"] for row in told)
    domain = [low - 0.003, high + 0.003]
    y = _y("ROC AUC", domain)
    band = (
        alt.Chart(points(told))
        .mark_area(color=LIGHT["ours"], opacity=0.18)
        .encode(x=x, y=_y("ROC AUC", domain, "low:Q"), y2=alt.Y2("high"))
    )
    ahead = alt.Chart(points(told)).mark_line(color=LIGHT["ours"], strokeDash=[5, 3], strokeWidth=2).encode(x=x, y=y)
    line = alt.Chart(points(measured)).mark_line(color=LIGHT["ours"], strokeWidth=2).encode(x=x, y=y)
    dots = alt.Chart(points(measured)).mark_point(color=LIGHT["ours"], fill=LIGHT["ours"], opacity=1, size=40)
    n, n_all = curve.enough.value, every.n
    return layered(
        *_upright(n, f"99% with {_round(n)}", x, y, low, side="right"),
        *_upright(n_all, f"all {n_all:,.0f}", x, y, low, side="left"),
        band,
        ahead,
        line,
        dots.encode(x=x, y=y),
        says=f"{_round(n)} of {n_all:,.0f} rows teach 99% of what all of them teach",
        shows=f"ROC AUC of {TITLE} by training rows: dots are means over folds and draws, the band is foretold (95%)",
        width=WIDE,
        height=280,
    )


def foretold_picture(curves: Mapping[str, Curve]) -> alt.LayerChart:
    """Draw for each table how far beside the measured metric the one foretold from a third was, with its interval."""
    rows, held = [], 0
    for name, title in NAMES.items():
        curve = curves[name]
        told, last = curve.from_third, [point for point in curve.points if not point.foretold][-1].metric.value
        assert told is not None
        bounds = (told.low, told.high)
        assert bounds[0] is not None
        assert bounds[1] is not None
        held += bounds[0] <= last <= bounds[1]
        rows.append({"table": title, "x": told.value - last, "low": bounds[0] - last, "high": bounds[1] - last})
    y = alt.Y("table:N", title=None, sort=list(NAMES.values()), axis=alt.Axis(grid=False, labelColor=LIGHT["ink"]))
    x = alt.X(
        "x:Q", title="foretold from a third, less what was measured at all", axis=alt.Axis(format="+.3f", tickCount=6)
    )
    zero = alt.Chart(points([{"x": 0}])).mark_rule(color=LIGHT["other"], strokeWidth=2).encode(x=alt.X("x:Q"))
    data = alt.Chart(points(rows))
    spans = data.mark_rule(color=LIGHT["ours"], strokeWidth=2).encode(x=alt.X("low:Q"), x2=alt.X2("high"), y=y)
    dots = data.mark_point(color=LIGHT["ours"], fill=LIGHT["ours"], opacity=1, size=60).encode(x=x, y=y)
    return layered(
        zero,
        spans,
        dots,
        says=f"From a third of the rows the law held on {_word(held)} of {_word(len(rows))} tables",
        shows="What was foretold for all rows with its 95% interval, set against what was then measured (the upright)",
        width=WIDE,
        height=220,
    )


def active_picture(found: Mapping[str, Any]) -> alt.LayerChart:
    """Draw the mean log loss by labels, picked and at random."""
    rows = {
        way: [{"x": n, "y": loss} for n, loss in zip(found["counts"], found["losses"][way], strict=True) if n <= 1000]
        for way in WAYS
    }
    top = max(row["y"] for row in rows["random"][1:])
    x = alt.X("x:Q", title="labels", scale=alt.Scale(domain=[0, 1000]), axis=alt.Axis(grid=False))
    y = _y("log loss", [0, top])
    reached, needed = rows["random"][-1]["y"], found["needed"]["mixed"][0]
    level = alt.Chart(points([{"x": needed, "y": reached}, {"x": 1000, "y": reached}]))
    lines = [
        alt.Chart(points(rows[way])).mark_line(color=LIGHT[role], strokeWidth=2, clip=True).encode(x=x, y=y)
        for way, (_, role) in WAYS.items()
    ]
    named = [
        part for way, (title, role) in WAYS.items() for part in _named(rows[way], title, role, above=way == "random")
    ]
    return layered(
        level.mark_line(color=LIGHT["grey"], strokeDash=[4, 3], strokeWidth=1).encode(x=x, y=y),
        *lines,
        *named,
        says=f"{_round(needed)} picked messages teach what 1,000 random ones teach",
        shows="Log loss of SMS spam by labels given, mean of 20 simulations",
        width=WIDE,
        height=260,
    )


def _named(rows: list[dict[str, float]], title: str, role: str, *, above: bool) -> tuple[alt.Chart, ...]:
    at = rows[len(rows) // 2]
    text = label([{**at, "text": title}], role=role, align="left", dx=8, dy=-8 if above else 34, fontWeight=600)
    return haloed(text.encode(x=alt.X("x:Q"), y=alt.Y("y:Q")))


def _upright(n: float, text: str, x: alt.X, y: alt.Y, low: float, *, side: str) -> tuple[alt.Chart, ...]:
    row = [{"x": n, "y": low - 0.001, "text": text}]
    rule = alt.Chart(points(row)).mark_rule(color=LIGHT["grey"], strokeDash=[4, 3]).encode(x=x)
    named = label(row, role="grey", align=side, dx=5 if side == "left" else -5, baseline="bottom").encode(x=x, y=y)
    return rule, *haloed(named)


def _y(title: str, domain: list[float], field: str = "y:Q") -> alt.Y:
    axis = alt.Axis(titleAngle=0, titleAlign="left", titleY=-6)
    return alt.Y(field, title=title, scale=alt.Scale(domain=domain, nice=False), axis=axis)


def _point(point: Any) -> dict[str, float]:
    return {"x": point.n, "y": point.metric.value, "low": point.metric.low, "high": point.metric.high}


def _round(n: float) -> str:
    """Two digits, three after a leading 1."""
    digits = 3 if str(n).startswith("1") else 2
    return f"{float(f'{n:.{digits}g}'):,.0f}"


def _word(n: int) -> str:
    return ("none", "one", "two", "three", "four", "five", "six")[n]


def drawn(found: Mapping[str, Any]) -> Iterable[tuple[str, alt.LayerChart]]:
    """The pictures by name."""
    curves = {name: msgspec.convert(raw, Curve) for name, raw in found["curves"].items() if raw is not None}
    yield "enough-curve", curve_picture(curves[TABLE])
    yield "enough-foretold", foretold_picture(curves)
    yield "enough-active", active_picture(found["active"]["sms"])


def main() -> None:
    """Draw and write."""
    for name, chart in drawn(json.loads((HERE / "enough.json").read_text())):
        (HERE / "img" / f"{name}.svg").write_text(to_svg(chart) + "\n")


if __name__ == "__main__":
    main()
