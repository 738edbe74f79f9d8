"""How far the outcomes of some rows lie from those of the others, in the outcomes' own spread."""

from __future__ import annotations

import math

import numpy as np

from mainstay.stats.arrays import BoolArray, FloatArray, IntArray, group_numbers
from mainstay.stats.intervals import Interval, unknown


def standard_gap(
    marked: BoolArray, outcomes: FloatArray, *, z: float = 1.96, clusters: IntArray | None = None
) -> Interval:
    """The mean outcome of marked rows less that of the others, in standard deviations, with `z` standard errors.

    Both have shape (n,). The error is that of the score test: the spread of all rows, as if there were no gap, so that
    a handful of marked rows without any positive does not look certain. Rows of one of the `clusters` may depend on
    each other. Unknown where a side is empty or outcomes do not vary. Source: Cohen (1988), d with a pooled spread.

    >>> standard_gap(np.array([True, True, False, False]), np.array([1.0, 1.0, 0.0, 0.0])).value
    2.0
    """
    n_marked = int(np.count_nonzero(marked))
    n_others, spread = marked.size - n_marked, float(outcomes.std()) if outcomes.size else 0.0
    if not (n_marked and n_others and spread > 0):
        return unknown()
    standard = (outcomes - outcomes.mean()) / spread
    value = float(standard[marked].mean() - standard[~marked].mean())
    influence = standard * np.where(marked, 1 / n_marked, -1 / n_others)
    by_group = np.bincount(group_numbers(clusters, marked.size), weights=influence)
    error = math.sqrt(float(by_group @ by_group))
    return Interval(value, value - z * error, value + z * error)
