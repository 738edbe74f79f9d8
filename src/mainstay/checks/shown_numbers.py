"""Numbers as they are kept: short, finite, or not at all."""

from __future__ import annotations

import math

from mainstay.domain.evaluation import Estimate
from mainstay.stats.intervals import Interval

DIGITS = 6


def estimate(found: Interval | None) -> Estimate | None:
    """Return a number with its bounds, None where it is none.

    >>> estimate(Interval(0.5, float("nan"), float("nan")))
    Estimate(value=0.5, low=None, high=None)
    """
    if found is None or not math.isfinite(found.value):
        return None
    bounds = (found.low, found.high)
    low, high = map(short, bounds) if all(map(math.isfinite, bounds)) else (None, None)
    return Estimate(short(found.value), low, high)


def short(value: float) -> float:
    """Return a number with six digits: no reader needs more, and a file of them stays small.

    >>> short(1 / 3)
    0.333333
    """
    return float(f"{value:.{DIGITS}g}")
