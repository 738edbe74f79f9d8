"""How far apart two samples are, with bounds that hold whatever the distributions are."""

from __future__ import annotations

import math

import numpy as np

from mainstay.stats.arrays import FloatArray
from mainstay.stats.intervals import Interval, unknown


def ordered_gap(first: FloatArray, second: FloatArray, *, level: float = 0.95) -> Interval:
    """The largest gap between the cumulated shares of two samples of finite numbers (Kolmogorov and Smirnov).

    Unit: share of rows, 0 to 1. The bounds hold for any distributions and sizes, at the price of width: each sample's
    cumulated shares are within its bound of the truth everywhere. Unknown for an empty sample. Sources: Dvoretzky,
    Kiefer and Wolfowitz (1956); Massart (1990).

    >>> ordered_gap(np.array([1.0, 2.0]), np.array([3.0, 4.0])).value
    1.0
    """
    if not (first.size and second.size):
        return unknown()
    one, other = np.sort(first), np.sort(second)
    places = np.concatenate([one, other])
    gaps = np.searchsorted(one, places, "right") / one.size - np.searchsorted(other, places, "right") / other.size
    value, slack = float(np.max(np.abs(gaps))), _slack(first.size, second.size, level)
    return Interval(value, max(0.0, value - slack), min(1.0, value + slack))


def share_gap(first: FloatArray, second: FloatArray, *, level: float = 0.95) -> Interval:
    """The total variation between two samples counted by level: the share of rows that would have to change level.

    Both hold counts, shape (n_levels,). Chance alone parts two samples the more, the more levels there are: that part
    is taken off the lower bound (by its largest mean, with the shares of both together), and the rest by the bounded
    difference inequality. Unknown for an empty sample. Source: McDiarmid (1989).

    >>> share_gap(np.array([50.0, 50.0]), np.array([100.0, 0.0])).value
    0.5
    """
    n, m = float(first.sum()), float(second.sum())
    if not (n and m):
        return unknown()
    value = float(np.abs(first / n - second / m).sum() / 2)
    shares = (first + second) / (n + m)
    by_chance = float(np.sqrt(shares * (1 - shares) * (1 / n + 1 / m)).sum() / 2)
    slack = math.sqrt(math.log(2 / (1 - level)) / 2 * (1 / n + 1 / m))
    return Interval(value, max(0.0, value - by_chance - slack), min(1.0, value + slack))


def _slack(n: int, m: int, level: float) -> float:
    """By how much both samples' cumulated shares together miss the truth at most, half the error each."""
    each = math.log(4 / (1 - level)) / 2
    return math.sqrt(each / n) + math.sqrt(each / m)
