"""Two groups side by side: the difference and the ratio of any number, from the interval of each group alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mainstay.stats.arrays import vectors
from mainstay.stats.intervals import Interval, ratio_interval, unknown, wilson

if TYPE_CHECKING:
    import numpy.typing as npt


def share_of(
    part: npt.ArrayLike, whole: npt.ArrayLike, *, clusters: npt.ArrayLike | None = None, level: float = 0.95
) -> Interval:
    """The share of `whole` that is also `part`, both 0 or 1 of shape (n,): Wilson's interval, or a clustered one.

    A true positive rate has the rows that were positive as its whole, a selection rate all rows. Unknown for no rows.

    >>> share_of([1, 0, 0, 0], [1, 1, 0, 0]).value
    0.5
    """
    top, bottom = vectors(part=part, whole=whole)
    n, n_part = float(bottom.sum()), float((top * bottom).sum())
    plain = wilson(n_part, n, level=level)
    if clusters is None or n == 0:
        return plain
    found = ratio_interval(top * bottom, bottom, clusters=clusters, level=level)
    if not found.known:
        return found
    # Nought of n rows has no spread between clusters either: Wilson's bounds are then the least that is honest.
    return Interval(found.value, max(min(found.low, plain.low), 0.0), min(max(found.high, plain.high), 1.0))


def difference(first: Interval, second: Interval) -> Interval:
    """First minus second, two independent numbers whose intervals have one level; the result's has that level too.

    The square-and-add of Zou & Donner (2008, MOVER); for two shares it is Newcombe's (1998) tenth method.

    >>> found = difference(wilson(56, 70), wilson(48, 80))
    >>> round(found.low, 4), round(found.high, 4)
    (0.0524, 0.3339)
    """
    value = first.value - second.value
    if not (first.known and second.known):
        return unknown(value)
    below = math.hypot(first.value - first.low, second.high - second.value)
    above = math.hypot(first.high - first.value, second.value - second.low)
    return Interval(value, value - below, value + above)


def ratio(first: Interval, second: Interval) -> Interval:
    """First over second, two independent numbers of at least 0; without bound where the second may be 0.

    Unknown where either interval is, where the second is 0, or where a number is below 0. Source: Donner & Zou (2012),
    the ratio by MOVER.

    >>> round(ratio(wilson(50, 100), wilson(50, 100)).low, 2)
    0.76
    """
    if not (first.known and second.known) or second.value <= 0 or first.value < 0:
        return unknown(first.value / second.value if second.value > 0 else math.nan)
    value, product = first.value / second.value, first.value * second.value
    low_1, high_1 = max(first.low, 0.0), first.high
    low_2, high_2 = max(second.low, 0.0), second.high
    low = _end(product, low_1 * (2 * first.value - low_1), high_2 * (2 * second.value - high_2), -1)
    high = _end(product, high_1 * (2 * first.value - high_1), low_2 * (2 * second.value - low_2), 1)
    return Interval(value, min(max(low, 0.0), value), max(high, value))


def _end(product: float, first: float, second: float, sign: int) -> float:
    """One end of the ratio: the root of a quadratic whose leading term is `second`."""
    inside = math.sqrt(max(product * product - first * second, 0.0))
    if sign > 0:
        return (product + inside) / second if second > 0 else math.inf
    # (product - inside) / second, written so that it also holds where `second` is 0
    return first / (product + inside) if product + inside > 0 else 0.0


def pairs_of(n: int) -> list[tuple[int, int]]:
    """Every pair of n numbers, the lower first.

    >>> pairs_of(3)
    [(0, 1), (0, 2), (1, 2)]
    """
    first, second = np.triu_indices(n, 1)
    return list(zip(first.tolist(), second.tolist(), strict=True))
