"""The candidates side by side: how far each is behind the one that was chosen."""

from __future__ import annotations

from typing import Any

import altair as alt

from mainstay.domain.evaluation import CandidateResult, Estimate
from mainstay.report.pictures.canvas import INSET, ended, haloed, label, layered, points, shortened
from mainstay.report.theme import LIGHT, WIDE
from mainstay.report.words import money, signed, step_of

ROW = 38  # pixels a candidate


def candidates(results: tuple[CandidateResult, ...], currency: str, *, width: int = WIDE) -> alt.LayerChart:
    """Each candidate's money per decision against the chosen one's, paired, with its 95% interval.

    Candidates without money are left out.
    """
    winner = next(result for result in results if result.chosen)
    rows = sorted((row for result in results if (row := _row(result))), key=lambda row: -float(row["value"]))
    x = alt.X(
        "value:Q", title=shortened(f"{currency} a decision against the chosen one".strip()), axis=alt.Axis(tickCount=5)
    )
    y = alt.Y("line:O", axis=None, scale=alt.Scale(domain=[row["line"] for row in rows]))
    others = alt.Chart(points([row for row in rows if row["line"] != winner.name]))
    ours = alt.Chart(points([row for row in rows if row["line"] == winner.name]))
    spans = others.mark_rule(color=LIGHT["other"], strokeWidth=2).encode(x=alt.X("low:Q"), x2=alt.X2("high"), y=y)
    dots = others.mark_point(color=LIGHT["other"], fill=LIGHT["other"], size=60, opacity=1).encode(x=x, y=y)
    best = ours.mark_point(color=LIGHT["ours"], fill=LIGHT["ours"], size=80, opacity=1, shape="diamond").encode(
        x=x, y=y
    )
    named = label(rows, align="left", baseline="bottom", dy=-7).encode(x=alt.value(INSET), y=y)
    return layered(
        alt.Chart(points([{"x": 0}])).mark_rule(color=LIGHT["ours"]).encode(x=alt.X("x:Q")),
        spans,
        dots,
        best,
        *haloed(named),
        says=_finding(winner, results, currency),
        shows="Money per decision on the same cases, less that of the chosen one, with 95% intervals",
        width=width,
        height=ROW * len(rows) + 10,
    )


def _finding(winner: CandidateResult, results: tuple[CandidateResult, ...], currency: str) -> str:
    """What the chosen one is worth over the one that comes nearest."""
    title = winner.title[:1].upper() + winner.title[1:]
    behind = [(result.winner_ahead, result) for result in results if result.winner_ahead and not result.chosen]
    if not behind:
        return f"{title} was chosen; nothing else was measured in money"
    ahead, nearest = min(behind, key=lambda pair: pair[0].value)
    if ahead.low is None or ahead.high is None or ahead.low <= 0 <= ahead.high:
        return f"{title} was chosen; in money it cannot be told from {nearest.title}"
    amount = money(abs(ahead.value), currency, step_of(ahead.value, ahead.low, ahead.high))
    return f"{title} is worth {amount} a decision {'more' if ahead.value > 0 else 'less'} than {nearest.title}"


def _row(result: CandidateResult) -> dict[str, Any] | None:
    ahead = Estimate(0.0) if result.chosen else result.winner_ahead
    if ahead is None:
        return None
    low, high = (ahead.value if bound is None else bound for bound in (ahead.low, ahead.high))
    step = step_of(ahead.value, ahead.low, ahead.high)
    text = ended(result.title, ", chosen" if result.chosen else f": {signed(-ahead.value, step)}")
    return {"line": result.name, "value": -ahead.value, "low": -high, "high": -low, "text": text}
