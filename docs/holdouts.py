"""Draws `docs/img/holdouts.svg`: what a team that peeks at a holdout believes, and what is true. About a minute."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import altair as alt
import numpy as np

from mainstay.report.pictures.canvas import haloed, label, layered, points, to_svg
from mainstay.report.theme import LIGHT, WIDE
from mainstay.simulation.peeking import Peeked, peek
from mainstay.stats.arrays import FloatArray

LOOKS, ROWS, TEAMS = 500, 1000, 24
EVERY = 5  # looks between the points that are drawn

LOOK = alt.X(
    "look:Q",
    title="looks",
    scale=alt.Scale(domain=[0, 1.32 * LOOKS], nice=False),
    axis=alt.Axis(values=[1, *range(100, LOOKS + 1, 100)]),
)
AREA = alt.Y(
    "area:Q",
    title="ROC AUC",
    scale=alt.Scale(domain=[0.71, 0.81]),
    axis=alt.Axis(titleAngle=0, titleAlign="left", titleY=-6),
)


def picture(plain: Sequence[Peeked], held: Sequence[Peeked]) -> alt.LayerChart:
    """Draw the means of many teams: told plainly and what is true then; told what is more than luck, and the truth."""
    told, true = _mean([each.told for each in plain]), _mean([each.truth for each in plain])
    answered, meant = _mean([each.told for each in held]), _mean([each.truth for each in held])
    return layered(
        _line(meant, "ours", dashed=True),
        _line(true, "other", dashed=True),
        _line(answered, "ours"),
        _line(told, "other"),
        *_end(told, "told plainly", "other"),
        *_end(true, "the truth about it", "other"),
        *_end(answered, "corrected, and the truth", "ours"),
        says=f"Five hundred peeks seem to gain {told[-1] - told[0]:.2f} of ROC AUC; corrected, they gain nothing",
        shows=f"What a team believes after each look at one holdout of {ROWS:,} rows, and what is true (dashed); "
        f"means of {TEAMS} simulated teams that change their model at random",
        width=WIDE,
        height=300,
    )


def _mean(lines: Sequence[FloatArray]) -> FloatArray:
    mean: FloatArray = np.mean(lines, axis=0)
    return mean


def _line(areas: FloatArray, role: str, *, dashed: bool = False) -> alt.Chart:
    rows = [{"look": i + 1, "area": round(float(areas[i]), 4)} for i in [*range(0, LOOKS, EVERY), LOOKS - 1]]
    dash = [4, 3] if dashed else [1, 0]
    line: alt.Chart = alt.Chart(points(rows)).mark_line(color=LIGHT[role], strokeWidth=2, strokeDash=dash)
    return line.encode(x=LOOK, y=AREA)


def _end(areas: FloatArray, name: str, role: str) -> tuple[alt.Chart, alt.Chart]:
    end = [{"look": LOOKS, "area": round(float(areas[-1]), 4), "text": f"{name} {areas[-1]:.2f}"}]
    return haloed(label(end, role=role, align="left", dx=6).encode(x=LOOK, y=AREA))


def main() -> None:
    """Simulate, draw and write."""
    teams = (
        [peek(seed=seed, looks=LOOKS, n_rows=ROWS, taken_back=back) for seed in range(TEAMS)] for back in (False, True)
    )
    (Path(__file__).parent / "img" / "holdouts.svg").write_text(to_svg(picture(*teams)), encoding="utf-8")


if __name__ == "__main__":
    main()
