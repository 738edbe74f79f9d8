"""The curve of arrival: which share of what is waited for has come by each age."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from mainstay.report.pictures.canvas import haloed, label, layered, points
from mainstay.report.theme import LIGHT, WIDE

HIGH = 180
PLATEAU = 0.999  # of all that come: from there on the curve says nothing more


def arriving(
    days: Sequence[float], share: Sequence[float], due: float, *, says: str, shows: str, width: int = WIDE
) -> alt.LayerChart:
    """Steps that never fall, from nought; an upright where all should have come."""
    enough = next((i for i, part in enumerate(share) if part >= PLATEAU * share[-1]), len(days) - 1)
    days, share = days[: enough + 2], share[: enough + 2]
    rows = [{"x": 0.0, "y": 0.0}, *({"x": x, "y": y} for x, y in zip(days, share, strict=True))]
    last = max([*days, due])
    across = alt.Scale(domain=[0.0, last * 1.02], nice=False)
    x = alt.X("x:Q", title="days after the decision", axis=alt.Axis(grid=False, tickCount=6), scale=across)
    y = alt.Y("y:Q", title=None, axis=alt.Axis(format=".0%", tickCount=5), scale=alt.Scale(domain=[0, 1]))
    data = alt.Chart(points(rows))
    area = data.mark_area(color=LIGHT["ours"], opacity=0.14, interpolate="step-after").encode(x=x, y=y)
    line = data.mark_line(color=LIGHT["ours"], strokeWidth=2, interpolate="step-after").encode(x=x, y=y)
    mark = [{"x": due, "text": "due"}]
    rule = alt.Chart(points(mark)).mark_rule(color=LIGHT["grey"], strokeDash=[4, 3]).encode(x=alt.X("x:Q"))
    side = {"align": "right", "dx": -5} if due > last / 2 else {"align": "left", "dx": 5}
    named = label(mark, role="grey", baseline="bottom", **side).encode(x=alt.X("x:Q"), y=alt.value(HIGH - 4))
    return layered(area, line, rule, *haloed(named), says=says, shows=shows, width=width, height=HIGH)
