"""Amounts foretold beside what came: the middle, half and eight of ten of what came, along the line of equality."""

from __future__ import annotations

import altair as alt

from mainstay.report.amount_bins import AmountBins
from mainstay.report.pictures.canvas import haloed, label, layered, points, shortened
from mainstay.report.theme import LIGHT, WIDE

SQUARE = 320  # pixels high: the line of equality should not lie flat
BANDS = (("low", "high", 0.16), ("quarter", "three_quarters", 0.26))


def foretold(bins: AmountBins, says: str, target: str, *, width: int = WIDE) -> alt.LayerChart:
    """A line of the middle of what came over what was foretold, in bands of half and of eight of ten rows."""
    rows = _rows(bins)
    across, up = (_ends(rows, names) for names in (("foretold",), ("low", "high", "foretold")))
    x = alt.X("foretold:Q", title=shortened(f"{target}, foretold"), axis=alt.Axis(tickCount=6), scale=_scale(across))
    axis = alt.Axis(tickCount=6, titleAngle=0, titleAlign="left", titleY=-6)
    y = alt.Y("middle:Q", title="came", axis=axis, scale=_scale(up))
    data = alt.Chart(points(rows))
    bands = [_band(data, x, low, high, opacity) for low, high, opacity in BANDS]
    line = data.mark_line(color=LIGHT["ours"], strokeWidth=2).encode(x=x, y=y)
    dots = data.mark_point(color=LIGHT["ours"], fill=LIGHT["ours"], size=30, opacity=1).encode(x=x, y=y)
    shows = f"What came for {len(rows)} bands of foretold amounts: the middle, half of them, and eight of ten"
    return layered(*bands, *_equal(*across), line, dots, says=says, shows=shows, width=width, height=min(width, SQUARE))


def _ends(rows: list[dict[str, float]], names: tuple[str, ...]) -> tuple[float, float]:
    ends = [row[name] for row in rows for name in names]
    return min(*ends, 0.0), max(*ends, 0.0)


def _scale(ends: tuple[float, float]) -> alt.Scale:
    return alt.Scale(domain=list(ends), nice=False)


def _band(data: alt.Chart, x: alt.X, low: str, high: str, opacity: float) -> alt.Chart:
    drawn: alt.Chart = data.mark_area(color=LIGHT["ours"], opacity=opacity).encode(
        x=x, y=alt.Y(f"{low}:Q"), y2=alt.Y2(high)
    )
    return drawn


def _equal(start: float, end: float) -> tuple[alt.Chart, ...]:
    line = alt.Chart(points([{"x": start, "y": start}, {"x": end, "y": end}]))
    drawn = line.mark_line(color=LIGHT["grey"], strokeWidth=1, strokeDash=[4, 3]).encode(x=alt.X("x:Q"), y=alt.Y("y:Q"))
    rows = [{"x": end, "y": end, "text": "as foretold"}]
    named = label(rows, role="grey", align="right", baseline="bottom", dx=-14)
    return drawn, *haloed(named.encode(x=alt.X("x:Q"), y=alt.Y("y:Q")))


def _rows(bins: AmountBins) -> list[dict[str, float]]:
    names = ("low", "quarter", "middle", "three_quarters", "high")
    return [
        {"foretold": float(bins.foretold[i])} | dict(zip(names, map(float, bins.came[i]), strict=True))
        for i in range(bins.n.size)
    ]
