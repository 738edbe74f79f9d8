"""How far one set of scores is ahead of another: on the same rows, or on rows that have nothing in common."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mainstay.stats.arrays import outcomes_and_scores, vectors
from mainstay.stats.intervals import Interval, mean_interval, ratio_interval, t_interval, unknown
from mainstay.stats.ranking import auc_influence, roc_auc

if TYPE_CHECKING:
    import numpy.typing as npt


def difference_apart(first: Interval, then: Interval) -> Interval:
    """`then - first` of two numbers that were measured on rows of their own.

    Each bound adds the squares of the distances to the bounds that it rests on, so that intervals need not be
    symmetric. Unknown where either is. Where the rows are partly the same the interval is too wide, never too narrow,
    as long as both do well on the same rows. Source: Newcombe (1998), method 10; Zou & Donner (2008).

    >>> difference_apart(Interval(1.0, 0.7, 1.3), Interval(2.0, 1.6, 2.4))
    Interval(value=1.0, low=0.5, high=1.5)
    """
    value = then.value - first.value
    if not (first.known and then.known):
        return unknown(value)
    below = math.hypot(then.value - then.low, first.high - first.value)
    above = math.hypot(then.high - then.value, first.value - first.low)
    return Interval(value, value - below, value + above)


def roc_auc_difference(outcomes: npt.ArrayLike, first: npt.ArrayLike, then: npt.ArrayLike) -> Interval:
    """The area under the ROC curve of `then` less that of `first`, paired by row; all have shape (n,).

    Unknown with fewer than two rows in a class. Source: DeLong and others (1988).

    >>> roc_auc_difference([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], [0.1, 0.2, 0.3, 0.4]).value
    0.25
    """
    happened, before = outcomes_and_scores(outcomes, first)
    _, after = outcomes_and_scores(outcomes, then)
    value = roc_auc(happened, after) - roc_auc(happened, before)
    n_fewer = min(int(np.count_nonzero(happened)), int(np.count_nonzero(~happened)))
    if n_fewer < 2:
        return unknown(value)
    moved = auc_influence(happened, after) - auc_influence(happened, before)
    return t_interval(value, math.sqrt(float(moved @ moved)), n_fewer)


def rmse_difference(outcomes: npt.ArrayLike, first: npt.ArrayLike, then: npt.ArrayLike) -> Interval:
    """The root mean squared error of `then` less that of `first`, paired by row, by the delta method.

    >>> rmse_difference([0.0, 0.0], [1.0, -1.0], [2.0, -2.0]).value
    1.0
    """
    came, before, after = vectors(outcomes=outcomes, first=first, then=then)
    squares = [np.square(said - came) for said in (before, after)]
    roots = [math.sqrt(float(square.mean())) for square in squares]
    value = roots[1] - roots[0]
    if min(roots) == 0.0:
        return unknown(value)
    found = mean_interval(squares[1] / (2 * roots[1]) - squares[0] / (2 * roots[0]))
    return Interval(value, found.low + value / 2, found.high + value / 2)


def r2_difference(outcomes: npt.ArrayLike, first: npt.ArrayLike, then: npt.ArrayLike) -> Interval:
    """The share of what varies that `then` explains less that of `first`, paired by row.

    It is one ratio of sums: squared errors saved over squared distances from the mean.

    >>> r2_difference([0.0, 2.0], [1.0, 1.0], [0.0, 2.0]).value
    1.0
    """
    came, before, after = vectors(outcomes=outcomes, first=first, then=then)
    return ratio_interval(np.square(before - came) - np.square(after - came), np.square(came - came.mean()))
