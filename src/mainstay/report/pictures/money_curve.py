"""The money curve: what each threshold is worth beyond doing nothing, and where the best likely lies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np

from mainstay.report.ladder import Ladder, today_level
from mainstay.report.pictures.canvas import haloed, label, layered, points
from mainstay.report.theme import LIGHT, WIDE
from mainstay.report.words import money, number, step_of
from mainstay.stats.value import ValueCurve

N_POINTS = 250  # of a curve: more than its width can show
DEEPEST = 1.5  # times the height of the curve that its depth is drawn: what lies far below decides nothing


@dataclass(frozen=True, slots=True)
class MoneyWords:
    """What the money curve calls things: the currency, doing nothing, and what is done above the threshold.

    `best_low` and `best_high` bound where the best threshold likely lies; None where that is not known.
    """

    currency: str
    nothing: str
    done: str
    best_low: float | None = None
    best_high: float | None = None


def money_curve(steps: Ladder, ahead: ValueCurve, words: MoneyWords, *, width: int = WIDE) -> alt.LayerChart:
    """Money per decision beyond doing nothing by threshold with its 95% band, the chosen threshold marked.

    `ahead` is the ladder's curve over doing nothing. Today's rule, where there is one, is a level line.
    """
    rows = _rows(steps, ahead)
    low, high = _domain(rows, today_level(steps) or 0.0)
    x = alt.X("at:Q", title="threshold", axis=alt.Axis(grid=False), scale=alt.Scale(domain=[0, steps.upper]))
    y = alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=6), scale=alt.Scale(domain=[low, high], nice=True))
    data = alt.Chart(points(rows))
    band = data.mark_area(color=LIGHT["ours"], opacity=0.18, clip=True).encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high"))
    line = data.mark_line(color=LIGHT["ours"], strokeWidth=2, clip=True).encode(x=x, y=y)
    return layered(
        *_best(steps, words, low, high),
        band,
        line,
        *_levels(steps, ahead, words),
        *_chosen(steps, ahead, words),
        says=_finding(steps, ahead, words),
        shows=_subtitle(words),
        width=width,
        height=280,
    )


def _finding(steps: Ladder, ahead: ValueCurve, words: MoneyWords) -> str:
    i = steps.chosen
    value, low, high = (float(x[i]) for x in (ahead.per_decision, ahead.per_decision_low, ahead.per_decision_high))
    amount = money(abs(value), words.currency, step_of(value, low, high))
    if low <= 0 <= high:
        return f"At the chosen threshold the money cannot be told from {words.nothing}"
    return f"The chosen threshold is worth {amount} a decision {'more' if value > 0 else 'less'} than {words.nothing}"


def _subtitle(words: MoneyWords) -> str:
    unit = f"{words.currency} a decision" if words.currency else "Money a decision"
    shaded = "" if words.best_low is None else "; shaded: where the best threshold likely lies"
    return f"{unit} beyond {words.nothing}, by threshold, with its 95% band{shaded}"


def _rows(steps: Ladder, ahead: ValueCurve) -> list[dict[str, float]]:
    drawn = np.flatnonzero(np.isfinite(steps.at) & (steps.at <= steps.upper))
    kept = np.unique(
        np.append(drawn[np.linspace(0, drawn.size - 1, min(N_POINTS, drawn.size)).astype(int)], _index(steps))
    )
    columns = {
        "at": steps.at,
        "value": ahead.per_decision,
        "low": ahead.per_decision_low,
        "high": ahead.per_decision_high,
    }
    return [{name: float(f"{column[i]:.6g}") for name, column in columns.items()} for i in kept]


def _index(steps: Ladder) -> int:
    """The chosen threshold's place on the drawn axis: 'nobody' is drawn at its end."""
    inside = np.flatnonzero(np.isfinite(steps.at) & (steps.at <= steps.upper))
    return min(steps.chosen, int(inside[-1]))


def _domain(rows: list[dict[str, float]], today: float) -> tuple[float, float]:
    values = [row[name] for row in rows for name in ("low", "high") if math.isfinite(row[name])] or [0.0]
    high, low = max(*values, today, 0.0), min(*values, today, 0.0)
    if high == low:
        return -1.0, 1.0
    return (max(low, -DEEPEST * high) if high > 0 else low), high * 1.15


def _best(steps: Ladder, words: MoneyWords, low: float, high: float) -> tuple[alt.Chart, ...]:
    if words.best_low is None or words.best_high is None:
        return ()
    span = {"from": words.best_low, "to": min(words.best_high, steps.upper), "low": low, "high": high}
    box = alt.Chart(points([span])).mark_rect(color=LIGHT["grey"], opacity=0.14, clip=True)
    return (box.encode(x=alt.X("from:Q"), x2=alt.X2("to")),)


def _levels(steps: Ladder, ahead: ValueCurve, words: MoneyWords) -> tuple[alt.Chart, ...]:
    """Doing nothing and today's rule as level lines, named where the curve comes back to doing nothing."""
    levels: list[dict[str, Any]] = [{"y": 0.0, "text": words.nothing, "role": "grey", "is_above": False}]
    today = today_level(steps)
    if today is not None:
        levels.append({"y": today, "text": "today's rule", "role": "other", "is_above": today >= 0})
    at_left = abs(float(ahead.per_decision[0])) < abs(float(ahead.per_decision[-1]))
    place = {"x": alt.datum(0 if at_left else steps.upper)}
    drawn = []
    for level in levels:
        role, is_above = str(level["role"]), bool(level["is_above"])
        mark = {"baseline": "bottom" if is_above else "top", "dy": -4 if is_above else 5}
        mark |= {"align": "left" if at_left else "right", "dx": 4 if at_left else -4}
        drawn.append(alt.Chart(points([level])).mark_rule(color=LIGHT[role]).encode(y=alt.Y("y:Q")))
        drawn += haloed(label([level], role=role, **mark).encode(y=alt.Y("y:Q"), **place))
    return tuple(drawn)


def _chosen(steps: Ladder, ahead: ValueCurve, words: MoneyWords) -> tuple[alt.Chart, ...]:
    i = _index(steps)
    value, low, high = (float(x[i]) for x in (ahead.per_decision, ahead.per_decision_low, ahead.per_decision_high))
    at = float(steps.at[i])
    name = "nobody" if math.isinf(steps.at[steps.chosen]) else f"{number(at, steps.upper / 1000)} chosen"
    rows = [{"x": at, "y": value, "text": name, "low": low, "high": high}]
    align = "left" if at < 0.12 * steps.upper else "right" if at > 0.88 * steps.upper else "center"
    dot = alt.Chart(points(rows)).mark_point(color=LIGHT["ours"], fill=LIGHT["ours"], size=70, opacity=1)
    text = label(rows, role="ours", align=align, baseline="bottom", dy=-10, fontWeight=600)
    return dot.encode(x=alt.X("x:Q"), y=alt.Y("y:Q")), *haloed(text.encode(x=alt.X("x:Q"), y=alt.Y("high:Q")))
