"""What the page's script needs to count anew without a server, as small as exact numbers allow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mainstay.report.actions import Words
from mainstay.report.buckets import Sums
from mainstay.report.hit import HitBy, hits_data
from mainstay.report.ladder import Ladder, today_level
from mainstay.report.rows import Floats
from mainstay.stats.value import ValueCurve

HALF_DIGITS = 8  # of the half-width of an interval: it is shown with one or two
SPARK_WIDTH, SPARK_HEIGHT, SPARK_POINTS = 1000, 100, 240


def thresholds_data(
    steps: Ladder, words: Words, currency: str, nothing: str, hits: Sequence[HitBy] = ()
) -> dict[str, Any]:
    """The ladder for the slider: counts, and money per decision in full so that the page is right to the cent."""
    return {
        "at": [None if math.isinf(at) else float(at) for at in steps.at],
        "n_high": steps.n_high.tolist(),
        "n_right": steps.n_right.tolist(),
        "n": steps.n,
        "n_positive": steps.n_positive,
        "chosen": steps.chosen,
        "best": steps.best,
        "upper": steps.upper,
        "worth": _curve(steps.worth),
        "ahead": _curve(steps.ahead),
        "today": _curve(steps.ahead_of_today),
        "words": {"done": words.high.done, "event": words.event, "cases": words.cases, "currency": currency},
        "nothing": nothing,
        "views": [
            {
                "worth": _curve(view.worth),
                "ahead": _curve(view.ahead),
                "currency": words.currencies.get(view.name, ""),
                "best": view.best,
            }
            for view in steps.views
        ],
        "hits": hits_data(hits),
    }


def buckets_data(sums: Sums) -> dict[str, Any]:
    """The running sums at the edges of buckets, in full."""
    columns = {
        "n": sums.n,
        "n_positive": sums.n_positive,
        "score": sums.score,
        "gain": sums.gain,
        "gain_squared": sums.gain_squared,
    }
    return {name: None if column is None else column.tolist() for name, column in columns.items()}


def spark(steps: Ladder) -> dict[str, Any] | None:
    """The small money curve above the slider, as SVG points by the slider's position; None without money.

    `zero` and `today` are heights of level lines, `chosen` and `best` positions as percentages of the width.
    """
    if steps.ahead is None:
        return None
    last = steps.at.size - 1
    kept = sorted({*(round(k * last / SPARK_POINTS) for k in range(SPARK_POINTS + 1)), steps.chosen})
    low, high = (bounds[kept] for bounds in (steps.ahead.per_decision_low, steps.ahead.per_decision_high))
    today = today_level(steps)
    top, bottom = max(float(high.max()), today or 0.0, 0.0), min(float(low.min()), today or 0.0, 0.0)
    top, bottom = (top, max(bottom, -top)) if top > 0 else (top, bottom)
    span = (top - bottom) or 1.0

    def height(value: float) -> float:
        return round((top - value) / span * SPARK_HEIGHT, 1)

    def path(values: Floats) -> list[str]:
        return [f"{round(i / last * SPARK_WIDTH, 1)},{height(float(v))}" for i, v in zip(kept, values, strict=True)]

    return {
        "line": " ".join(path(steps.ahead.per_decision[kept])),
        "band": " ".join(path(high) + path(low)[::-1]),
        "zero": height(0.0),
        "today": None if today is None else height(today),
        "chosen": round(100 * steps.chosen / last, 2),
        "best": round(100 * steps.best / last, 2),
        "is_end_level": abs(float(steps.ahead.per_decision[0])) > abs(float(steps.ahead.per_decision[-1])),
    }


def _curve(curve: ValueCurve | None) -> dict[str, list[float | None]] | None:
    """Values in full, and half-widths; a half that is not known is null."""
    if curve is None:
        return None
    halves = (curve.per_decision_high - curve.per_decision_low) / 2
    return {
        "value": curve.per_decision.tolist(),
        "half": [float(f"{half:.{HALF_DIGITS}g}") if math.isfinite(half) else None for half in halves],
    }
