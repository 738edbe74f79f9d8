"""Means of few rows whose rare kind may not have come: intervals that do not mistake silence for certainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstay.stats.arrays import FloatArray, group_numbers, vector
from mainstay.stats.intervals import Interval, mean_interval

if TYPE_CHECKING:
    import numpy.typing as npt

N_GUARDS = 2  # as many as Agresti and Coull add of each kind


def typical_gain(gains: npt.ArrayLike) -> float:
    """What a row gains where it gains at all, large gains counted by their size: the sum of squares over the sum.

    0.0 where nothing is gained. Unit: that of the gains.

    >>> typical_gain([-5.0, 1.0, 1.0, 10.0])
    8.5
    """
    given = vector("gains", gains)
    positive = given[given > 0]
    return float(positive @ positive / positive.sum()) if positive.size else 0.0


def guarded_mean(
    values: npt.ArrayLike, *, unseen: float, clusters: npt.ArrayLike | None = None, level: float = 0.95
) -> Interval:
    """The mean of values of shape (n,), with Student's interval over these and two more rows of `unseen`.

    Thirty refused applicants who all paid show no loss avoided; that one in fifty would have been one is not ruled out
    by them, though their spread is nothing. Two rows of what such a one would have brought keep the interval honest.
    The value stays the plain mean. Source: Agresti & Coull (1998), carried over from shares to means.

    >>> found = guarded_mean([-1.0] * 30, unseen=50.0)
    >>> found.value, found.high > 0
    (-1.0, True)
    """
    given = vector("values", values)
    groups = group_numbers(clusters, given.size)
    first = int(groups.max(initial=-1)) + 1
    added = np.concatenate([given, np.full(N_GUARDS, unseen)])
    guarded = mean_interval(added, clusters=np.concatenate([groups, first + np.arange(N_GUARDS)]), level=level)
    plain = _mean(given)
    return Interval(plain, min(guarded.low, plain), max(guarded.high, plain))


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if values.size else float("nan")
