"""Two rankings of cases: what share of the sought each finds, from the highest scores down."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np

from mainstay.report.pictures.canvas import haloed, label, layered, points, share_axis
from mainstay.report.rows import Floats
from mainstay.report.theme import LIGHT, WIDE

HEIGHT = 240
Curve = tuple[str, Floats, Floats]  # a name, shares of cases and shares found, arrays of one length


def found(curves: Sequence[Curve], says: str, cases: str, *, width: int = WIDE) -> alt.LayerChart:
    """A line for each of two versions, the second in our colour, and picking at random as the diagonal."""
    x = alt.X("share:Q", title="cases, highest scores first", axis=share_axis(grid=False))
    y = alt.Y("found:Q", title=None, axis=share_axis(), scale=alt.Scale(domain=[0, 1]))
    roles = ("other", "ours")
    diagonal = alt.Chart(points([{"share": 0, "found": 0}, {"share": 1, "found": 1}]))
    lines = [
        alt.Chart(points(_rows(shares, gains))).mark_line(color=LIGHT[role], strokeWidth=2).encode(x=x, y=y)
        for (_, shares, gains), role in zip(curves, roles, strict=True)
    ]
    keys = [
        layer
        for i, ((name, _, _), role) in enumerate(zip(curves, roles, strict=True))
        for layer in haloed(
            label([{"text": name}], role=role, align="right", fontWeight=600).encode(
                x=alt.value(width - 8), y=alt.value(HEIGHT - 30 + 16 * i)
            )
        )
    ]
    return layered(
        diagonal.mark_line(color=LIGHT["grey"], strokeDash=[4, 3], strokeWidth=1).encode(x=x, y=y),
        *lines,
        *keys,
        says=says,
        shows=f"Share of all {cases} among the cases of the highest scores; the dashed line is picking at random",
        width=width,
        height=HEIGHT,
    )


def _rows(shares: Floats, gains: Floats) -> list[dict[str, float]]:
    drawn = zip(np.insert(shares, 0, 0.0).tolist(), np.insert(gains, 0, 0.0).tolist(), strict=True)
    return [{"share": round(share, 5), "found": round(gain, 5)} for share, gain in drawn]
