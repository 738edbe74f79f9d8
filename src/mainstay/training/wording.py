"""Numbers as findings write them."""

from __future__ import annotations

from mainstay.domain.spelled import spelled, spelled_range
from mainstay.stats.intervals import Interval


def shown_interval(interval: Interval) -> str:
    """Return a number with its bounds, as finely as they let it be known, or alone where they are unknown.

    >>> shown_interval(Interval(1.0, 0.5, 1.5))
    '1.00 (0.50 to 1.50)'
    """
    if not interval.known:
        return f"{spelled(interval.value, 4)}"
    return spelled_range(interval.value, interval.low, interval.high)
