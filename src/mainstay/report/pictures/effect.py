"""How the score moves with one input: its mean with a band of rows, and beneath it how the rows are spread."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import altair as alt

from mainstay.domain.shown import EffectShown, near
from mainstay.report.pictures.canvas import INSET, ended, haloed, label, layered, points, shortened
from mainstay.report.theme import LIGHT

HIGH, ROW = 190, 34  # pixels
BENEATH = 0.22  # of the height, for the bars
TICKS = 4  # about so many beneath
SHORT_FROM = 10_000  # from here on thousands are written k; below, halves must not be written 500m


def effect(
    moved: EffectShown, ends: tuple[float, float], *, says: str, shows: str, is_share: bool, width: int
) -> alt.LayerChart:
    """One of several small pictures, all on the scale from `ends[0]` to `ends[1]`."""
    draw = _of_numbers if moved.edges else _of_levels
    layers, height = draw(moved, ends, is_share=is_share)
    return layered(*layers, says=says, shows=shows, width=width, height=height)


def _of_numbers(moved: EffectShown, ends: tuple[float, float], *, is_share: bool) -> tuple[list[alt.Chart], int]:
    numbers = [float(value) for value in moved.values]
    kept = near(numbers)
    across = numbers[kept]
    columns = zip(across, moved.mean[kept], moved.low[kept], moved.high[kept], strict=True)
    rows = [{"x": x, "mean": mean, "low": low, "high": high} for x, mean, low, high in columns]
    span = (ends[1] - ends[0]) or 1.0
    floor = ends[0] - BENEATH * span / (1 - BENEATH)
    beneath = alt.Axis(tickCount=TICKS, grid=False, **_of_whole(across))
    x = alt.X("x:Q", title=shortened(moved.name), axis=beneath, scale=_from_to(across))
    up = alt.Scale(domain=[floor, ends[1]], nice=False)
    y = alt.Y("mean:Q", title=None, axis=_axis(ends, is_share=is_share), scale=up)
    data = alt.Chart(points(rows))
    band = data.mark_area(color=LIGHT["ours"], opacity=0.16).encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high"))
    line = data.mark_line(color=LIGHT["ours"], strokeWidth=2).encode(x=x, y=y)
    return [*_bars(moved, (across[0], across[-1]), floor, ends[0]), band, line], HIGH


def _bars(moved: EffectShown, across: tuple[float, float], floor: float, top: float) -> list[alt.Chart]:
    """How many rows lie where, as bars below the line: the highest fills the room there."""
    parts = [
        (max(low, across[0]), min(high, across[1]), n)
        for (low, high), n in zip(pairwise(moved.edges), moved.counts, strict=True)
        if low < across[1] and high > across[0] and n
    ]
    most = max((n for _, _, n in parts), default=0)
    rows = [{"a": a, "b": b, "from": floor, "to": floor + 0.85 * (top - floor) * n / most} for a, b, n in parts]
    if not rows:
        return []
    bars = alt.Chart(points(rows)).mark_rect(color=LIGHT["grey"], opacity=0.45)
    x = alt.X("a:Q", scale=_from_to(list(across)))
    return [bars.encode(x=x, x2=alt.X2("b"), y=alt.Y("from:Q"), y2=alt.Y2("to"))]


def _of_levels(moved: EffectShown, ends: tuple[float, float], *, is_share: bool) -> tuple[list[alt.Chart], int]:
    """The commonest levels, a dot each; a name says how many rows hold it."""
    few = slice(0, 8)
    columns = zip(moved.values[few], moved.mean[few], moved.low[few], moved.high[few], moved.counts[few], strict=True)
    rows: list[dict[str, Any]] = [
        {"line": i, "mean": mean, "low": low, "high": high, "text": ended(str(value), f": {n:,} rows")}
        for i, (value, mean, low, high, n) in enumerate(columns)
    ]
    y = alt.Y("line:O", axis=None, scale=alt.Scale(domain=[row["line"] for row in rows]))
    scale = alt.Scale(domain=list(ends), nice=False)
    x = alt.X("mean:Q", title=shortened(moved.name), axis=_axis(ends, is_share=is_share), scale=scale)
    data = alt.Chart(points(rows))
    spans = data.mark_rule(color=LIGHT["ours"], strokeWidth=6, opacity=0.22).encode(
        x=alt.X("low:Q"), x2=alt.X2("high"), y=y
    )
    dots = data.mark_point(color=LIGHT["ours"], fill=LIGHT["ours"], size=46, opacity=1).encode(x=x, y=y)
    named = label(rows, align="left", baseline="bottom", dy=-6).encode(x=alt.value(INSET), y=y)
    return [spans, dots, *haloed(named)], ROW * len(rows) + 6


def _axis(ends: tuple[float, float], *, is_share: bool) -> alt.Axis:
    """Ticks only where there are scores: the room beneath is for the bars."""
    is_large = max(abs(end) for end in ends) >= SHORT_FROM
    return alt.Axis(format="~%" if is_share else "~s" if is_large else "~r", values=ticks(*ends))


def ticks(low: float, high: float) -> list[float]:
    """Round numbers from low to high, three to six of them.

    >>> ticks(0.02, 0.47)
    [0.1, 0.2, 0.3, 0.4]
    """
    if not high > low:
        return [low]
    size = 10.0 ** math.floor(math.log10(high - low))
    step = next(size * part for part in (0.2, 0.5, 1.0, 2.0) if (high - low) / (size * part) <= 6)
    return [round(i * step, 12) for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _of_whole(across: list[float]) -> dict[str, Any]:
    """Few whole numbers as ticks where all values are whole: there is nothing between them."""
    if across[-1] - across[0] > TICKS or not all(value.is_integer() for value in across):
        return {}
    return {"values": list(range(int(across[0]), int(across[-1]) + 1)), "format": "d"}


def _from_to(across: list[float]) -> alt.Scale:
    return alt.Scale(domain=[across[0], across[-1]], nice=False)
