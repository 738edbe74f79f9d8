"""Lift: buckets of cases from the highest scores down, what was predicted beside what happened."""

from __future__ import annotations

import altair as alt
import numpy as np

from mainstay.report.actions import Words
from mainstay.report.pictures.canvas import haloed, label, layered, points, share_axis
from mainstay.report.theme import LIGHT, WIDE
from mainstay.report.words import counted, percent
from mainstay.stats.lift import LiftTable

NAMED = {2: "half", 3: "third", 4: "quarter", 5: "fifth", 10: "tenth", 20: "twentieth", 100: "hundredth"}
ROOM = 1.08  # of the highest mark, so that it does not touch the edge


def lift(table: LiftTable, words: Words, *, width: int = WIDE) -> alt.LayerChart:
    """Bars of what happened in each bucket with its interval, and a level line where the model said it would be.

    The horizontal axis is the share of cases, so buckets that ties have made larger are drawn larger.
    """
    rows = _rows(table)
    highest = max(max(row["high"], row["predicted"]) for row in rows) * ROOM
    x = alt.X(
        "start:Q", title="cases, highest scores first", axis=share_axis(grid=False), scale=alt.Scale(domain=[0, 1])
    )
    y = alt.Y("happened:Q", title=None, axis=share_axis(), scale=alt.Scale(domain=[0, min(highest, 1) or 1], nice=True))
    data = alt.Chart(points(rows))
    bars = data.mark_rect(color=LIGHT["ours"], opacity=0.7, stroke=LIGHT["paper"], strokeWidth=1.5)
    spans = data.mark_rule(color=LIGHT["ink"], strokeWidth=1.2).encode(
        x=alt.X("middle:Q"), y=alt.Y("low:Q"), y2=alt.Y2("high")
    )
    said = data.mark_rule(color=LIGHT["other"], strokeWidth=3).encode(
        x=alt.X("inner:Q"), x2=alt.X2("outer"), y=alt.Y("predicted:Q")
    )
    return layered(
        bars.encode(x=x, x2=alt.X2("end"), y=y, y2=alt.Y2("zero")),
        *_base(table),
        said,
        spans,
        *_key(width),
        says=_finding(table, words),
        shows=f"Share with {words.event} in {counted(len(rows), 'bucket')} of cases: bars are what happened, with 95% "
        "intervals, level lines what was predicted",
        width=width,
        height=240,
    )


def top_name(table: LiftTable) -> str:
    """The first bucket in words: 'top tenth', or 'top 12%' where ties have moved its edge."""
    share = float(table.row_share[0])
    named = next((word for n, word in NAMED.items() if abs(share * n - 1) < 0.02), None)
    return f"top {named}" if named else f"top {percent(share)}"


def _finding(table: LiftTable, words: Words) -> str:
    gain = float(table.gain[0])
    if np.isnan(gain):
        return f"No {words.cases} among these cases: lift cannot be told"
    if table.row_share.size == 1:
        return "So many cases share one score that none can be picked before others"
    return f"The {top_name(table)} of cases holds {percent(gain)} of all {words.cases}"


def _rows(table: LiftTable) -> list[dict[str, float]]:
    ends = table.row_share
    starts = np.insert(ends, 0, 0.0)[:-1]
    inset = (ends - starts) * 0.08
    columns = {
        "start": starts,
        "end": ends,
        "zero": np.zeros(ends.size),
        "middle": (starts + ends) / 2,
        "inner": starts + inset,
        "outer": ends - inset,
        "happened": table.outcome_share,
        "low": table.outcome_share_low,
        "high": table.outcome_share_high,
        "predicted": table.mean_score,
    }
    return [{name: round(float(column[i]), 6) for name, column in columns.items()} for i in range(ends.size)]


def _base(table: LiftTable) -> tuple[alt.Chart, ...]:
    """The share in all cases: what picking at random would find."""
    share = float(table.n @ table.outcome_share / table.n.sum())
    rows = [{"y": share, "text": f"all cases: {percent(share)}"}]
    line = alt.Chart(points(rows)).mark_rule(color=LIGHT["grey"], strokeDash=[4, 3]).encode(y=alt.Y("y:Q"))
    text = label(rows, role="grey", align="right", baseline="bottom", dy=-4).encode(x=alt.datum(1), y=alt.Y("y:Q"))
    return line, *haloed(text)


def _key(width: int) -> tuple[alt.Chart, ...]:
    """Names in the marks' colours above the plot, where no bar can reach."""
    return tuple(
        label([{"text": text}], role=role, align="right", fontWeight=600).encode(x=alt.value(width), y=alt.value(y))
        for text, role, y in (("happened", "ours", -4), ("predicted", "other", 12))
    )
