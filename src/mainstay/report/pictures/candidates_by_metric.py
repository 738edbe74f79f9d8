"""The candidates side by side where money is not stated: each one's metric with its interval."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import altair as alt

from mainstay.domain.evaluation import CandidateResult, Estimate
from mainstay.report.metrics import SHOWN, name_of, title_of
from mainstay.report.pictures.candidates import ROW
from mainstay.report.pictures.canvas import INSET, ended, haloed, label, layered, points
from mainstay.report.theme import LIGHT, WIDE
from mainstay.report.words import apart, fixed


def first_metric(task: str) -> str:
    """The metric that leads in a task: more of it is better.

    >>> first_metric("regression")
    'r2'
    """
    return SHOWN[task][0]


def candidates_by_metric(results: tuple[CandidateResult, ...], task: str, *, width: int = WIDE) -> alt.LayerChart:
    """Each candidate's first metric with its 95% interval, the best on top; those without it are left out."""
    metric = first_metric(task)
    shown = [(result, result.metrics[metric]) for result in results if metric in result.metrics]
    shown.sort(key=lambda pair: -pair[1].value)
    values = [found.value for _, found in shown]
    digits = max((apart(*pair) for pair in pairwise(values) if pair[0] != pair[1]), default=2)
    rows = [_row(result, found, digits) for result, found in shown]
    x = alt.X("value:Q", title=name_of(metric), axis=alt.Axis(tickCount=5), scale=alt.Scale(zero=False))
    y = alt.Y("line:O", axis=None, scale=alt.Scale(domain=[row["line"] for row in rows]))
    drawn = []
    for chosen, role, shape in ((False, "other", "circle"), (True, "ours", "diamond")):
        data = alt.Chart(points([row for row in rows if row["chosen"] is chosen]))
        spans = data.mark_rule(color=LIGHT[role], strokeWidth=2).encode(x=alt.X("low:Q"), x2=alt.X2("high"), y=y)
        dots = data.mark_point(color=LIGHT[role], fill=LIGHT[role], size=70, opacity=1, shape=shape).encode(x=x, y=y)
        drawn += [spans, dots] if any(row["chosen"] is chosen for row in rows) else []
    named = label(rows, align="left", baseline="bottom", dy=-7).encode(x=alt.value(INSET), y=y)
    return layered(
        *drawn,
        *haloed(named),
        says=_finding(shown, metric, digits),
        shows=f"{title_of(metric)} on the same cases, with 95% intervals",
        width=width,
        height=ROW * len(rows) + 10,
    )


def _finding(shown: list[tuple[CandidateResult, Estimate]], metric: str, digits: int) -> str:
    """What was chosen, and how good it is."""
    chosen = next(((result, found) for result, found in shown if result.chosen), None)
    if chosen is None:
        return "Nothing that has this number was chosen"
    title = chosen[0].title[:1].upper() + chosen[0].title[1:]
    return f"{title} was chosen: {name_of(metric)} {fixed(chosen[1].value, digits)}"


def _row(result: CandidateResult, found: Estimate, digits: int) -> dict[str, Any]:
    low, high = (found.value if bound is None else bound for bound in (found.low, found.high))
    return {
        "line": result.name,
        "value": found.value,
        "low": low,
        "high": high,
        "chosen": result.chosen,
        "text": ended(result.title, f"{', chosen' if result.chosen else ''}: {fixed(found.value, digits)}"),
    }
