"""How values are spread now, over how they were spread in the reference: steps over numbers, bars over levels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from mainstay.domain.overview import Moved
from mainstay.report.pictures.canvas import INSET, ended, haloed, label, layered, points
from mainstay.report.theme import LIGHT
from mainstay.report.words import percent

HIGH = 170
STEPS = 32  # bars of equal width: quantile bins would hide what is drawn
EDGE = 0.005  # of the rows on either side that may be cut off, so that one far value does not squeeze the rest
MOST_LEVELS = 6
ROW = 30


def shape(moved: Moved, *, says: str, shows: str, width: int) -> alt.LayerChart:
    """One of several small pictures; grey is the reference."""
    if moved.cuts:
        return layered(*_numbers(moved), says=says, shows=shows, width=width, height=HIGH)
    names = _most(moved)
    return layered(*_levels(moved, names), says=says, shows=shows, width=width, height=ROW * max(len(names), 1) + 8)


def steps_of(cuts: Sequence[float], shares: Sequence[float], edges: np.ndarray) -> np.ndarray:
    """Shares of bins as shares of steps of equal width: spread evenly within a bin, a value's own bin kept whole.

    >>> steps_of([0.0, 1.0, 2.0], [0.5, 0.5], np.array([0.0, 0.5, 2.0])).tolist()
    [0.25, 0.75]
    """
    out = np.zeros(edges.size - 1)
    values = len(cuts) > 2 and cuts[-1] == cuts[-2]
    for low, high, share in zip(cuts[:-1], cuts[1:], shares, strict=True):
        if values or high <= low:
            place = int(np.searchsorted(edges, low, side="right")) - 1
            if 0 <= place <= out.size:
                out[min(place, out.size - 1)] += share if edges[0] <= low <= edges[-1] else 0.0
            continue
        inside = np.clip(edges[1:], low, high) - np.clip(edges[:-1], low, high)
        out += share * inside / (high - low)
    return out


def _numbers(moved: Moved) -> list[alt.Chart]:
    edges = _edges(moved)
    before, now = (steps_of(moved.cuts, shares, edges) for shares in (moved.reference, moved.now))
    rows = [
        {"a": float(a), "b": float(b), "before": float(p), "now": float(q), "zero": 0.0}
        for a, b, p, q in zip(edges[:-1], edges[1:], before, now, strict=True)
    ]
    x = alt.X(
        "a:Q",
        title=None,
        axis=alt.Axis(tickCount=4, grid=False, format="~s" if abs(edges).max() >= 10_000 else "~r"),
        scale=alt.Scale(domain=[float(edges[0]), float(edges[-1])], nice=False),
    )
    y = alt.Y("before:Q", title=None, axis=alt.Axis(tickCount=3, format=".0~%"), scale=alt.Scale(zero=True))
    bars = alt.Chart(points(rows)).mark_rect(color=LIGHT["grey"], opacity=0.35)
    line = alt.Chart(points(_outline(rows))).mark_line(color=LIGHT["ours"], strokeWidth=2)
    return [
        bars.encode(x=x, x2=alt.X2("b"), y=y, y2=alt.Y2("zero")),
        line.encode(x=alt.X("x:Q"), y=alt.Y("now:Q"), order=alt.Order("order:Q")),
    ]


def _outline(rows: list[dict[str, float]]) -> list[dict[str, float]]:
    corners = [(row[side], row["now"]) for row in rows for side in ("a", "b")]
    return [{"x": x, "now": y, "order": float(i)} for i, (x, y) in enumerate(corners)]


def _edges(moved: Moved) -> np.ndarray:
    """Steps of equal width where all but a few of both lie."""
    cuts = np.array(moved.cuts)
    lows, highs = [], []
    for shares in (moved.reference, moved.now):
        reached = np.cumsum(shares)
        if reached.size and reached[-1] > 0:
            inside = np.flatnonzero((reached > EDGE) & (np.concatenate([[0.0], reached[:-1]]) < reached[-1] - EDGE))
            lows.append(cuts[inside[0]])
            highs.append(cuts[inside[-1] + 1])
    low, high = (min(lows), max(highs)) if lows else (0.0, 1.0)
    high = high if high > low else low + 1.0
    values = np.unique(cuts) if cuts[-1] == cuts[-2] else cuts
    kept = values[(values >= low) & (values <= high)]
    whole = bool(np.all(kept == np.round(kept))) and high - low <= STEPS and cuts[-1] == cuts[-2]
    return np.arange(low, high + 2) - 0.5 if whole else np.linspace(low, high, STEPS + 1)


def _most(moved: Moved) -> list[int]:
    """The levels that differ most, then the largest, in the order of the reference."""
    gap = [-abs(a - b) - 0.1 * max(a, b) for a, b in zip(moved.reference, moved.now, strict=True)]
    kept = sorted(range(len(gap)), key=lambda i: gap[i])[:MOST_LEVELS]
    return sorted(kept, key=lambda i: -moved.reference[i])


def _levels(moved: Moved, kept: list[int]) -> list[alt.Chart]:
    rows: list[dict[str, Any]] = [
        {
            "line": n,
            "before": moved.reference[i],
            "now": moved.now[i],
            "text": ended(
                moved.levels[i] or "(empty)", f": {percent(moved.now[i])}, was {percent(moved.reference[i])}"
            ),
        }
        for n, i in enumerate(kept)
    ]
    y = alt.Y("line:O", axis=None, scale=alt.Scale(domain=list(range(len(kept)))))
    x = alt.X("before:Q", title=None, axis=alt.Axis(tickCount=3, format=".0~%"), scale=alt.Scale(zero=True))
    data = alt.Chart(points(rows))
    grey = data.mark_bar(color=LIGHT["grey"], opacity=0.35, height=10, yOffset=6).encode(x=x, y=y)
    ours = data.mark_bar(color=LIGHT["ours"], height=4, yOffset=6).encode(x=alt.X("now:Q"), y=y)
    named = label(rows, align="left", baseline="bottom", dy=-1, dx=INSET).encode(x=alt.value(0), y=y)
    return [grey, ours, *haloed(named)]
