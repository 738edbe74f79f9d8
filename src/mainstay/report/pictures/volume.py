"""How much came in by stretch of time, and how much of it was refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import altair as alt

from mainstay.report.pictures.canvas import haloed, label, layered, points
from mainstay.report.pictures.timeline import millis
from mainstay.report.theme import LIGHT, SMALL, WIDE

HIGH = 150


def volume(
    stretches: Sequence[tuple[datetime, datetime]],
    bars: Sequence[tuple[str, str, Sequence[int]]],
    *,
    says: str,
    shows: str,
    width: int = WIDE,
) -> alt.LayerChart:
    """Bars on top of each other in the order given: each with its name and its colour's role."""
    last = [0.0] * len(stretches)
    ends = [millis(stretches[0][0]), millis(stretches[-1][1])]
    x = alt.X(
        "a:T",
        title=None,
        axis=alt.Axis(grid=False, tickCount=6 if width > SMALL else 4, labelOverlap=True),
        scale=alt.Scale(type="utc", domain=ends),
    )
    y = alt.Y("top:Q", title=None, axis=alt.Axis(tickCount=4, format="~s"), scale=alt.Scale(zero=True))
    layers: list[alt.Chart] = []
    names = []
    for name, role, counts in bars:
        gap = 0.08 * (ends[1] - ends[0]) / max(len(stretches), 1)
        rows = [
            {"a": millis(start), "b": millis(end) - gap, "from": base, "top": base + n}
            for (start, end), base, n in zip(stretches, last, counts, strict=True)
            if n
        ]
        last = [base + n for base, n in zip(last, counts, strict=True)]
        if rows:
            mark = alt.Chart(points(rows)).mark_rect(color=LIGHT[role], opacity=0.75)
            layers.append(mark.encode(x=x, x2=alt.X2("b"), y=y, y2=alt.Y2("from")))
            names.append((name, role))
    if len(names) > 1:
        for i, (name, role) in enumerate(reversed(names)):
            text = label([{"text": name}], role=role, align="left", baseline="bottom", fontWeight=600)
            layers += haloed(text.encode(x=alt.value(4), y=alt.value(-6 - 15 * (len(names) - 1 - i))))
    return layered(*layers, says=says, shows=shows, width=width, height=HIGH)
