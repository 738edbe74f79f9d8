"""Numbers as findings write them."""

from __future__ import annotations

from mainstay.domain.spelled import spelled
from mainstay.stats.intervals import Interval


def shown_interval(interval: Interval) -> str:
    """Return a number with its bounds, four digits each, or alone where they are unknown.

    >>> shown_interval(Interval(1.0, 0.5, 1.5))
    '1 (0.5 to 1.5)'
    """
    if not interval.known:
        return f"{spelled(interval.value, 4)}"
    return f"{spelled(interval.value, 4)} ({spelled(interval.low, 4)} to {spelled(interval.high, 4)})"
