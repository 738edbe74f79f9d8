"""How near predicted amounts come: metrics under scikit-learn's names, each with its interval, and the mean bias."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mainstay.stats.arrays import mean, vectors
from mainstay.stats.intervals import NAN, Interval, mean_interval, paired_difference, ratio_interval, unknown

if TYPE_CHECKING:
    import numpy.typing as npt

    from mainstay.stats.arrays import FloatArray


def r2(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """The share of the outcomes' variance that the scores explain; NaN when the outcomes do not vary.

    >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    1.0
    """
    actual, given = vectors(outcomes=outcomes, scores=scores)
    if actual.size < 2 or float(np.ptp(actual)) == 0.0:
        return NAN
    return 1.0 - float(np.sum((actual - given) ** 2) / np.sum((actual - actual.mean()) ** 2))


def rmse(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """The root of the mean squared error, in the outcome's unit.

    >>> rmse([0.0, 0.0], [3.0, 3.0])
    3.0
    """
    actual, given = vectors(outcomes=outcomes, scores=scores)
    return math.sqrt(mean((actual - given) ** 2))


def mae(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """The mean absolute error, in the outcome's unit.

    >>> mae([0.0, 0.0], [1.0, -3.0])
    2.0
    """
    actual, given = vectors(outcomes=outcomes, scores=scores)
    return mean(np.abs(actual - given))


def mean_bias(
    outcomes: npt.ArrayLike, scores: npt.ArrayLike, *, clusters: npt.ArrayLike | None = None, level: float = 0.95
) -> Interval:
    """How much too high scores are on average, in the outcome's unit, with its interval; 0 is right.

    >>> mean_bias([1.0, 2.0], [2.0, 3.0]).value
    1.0
    """
    return paired_difference(scores, outcomes, clusters=clusters, level=level)


def metrics_regression(
    outcomes: npt.ArrayLike, scores: npt.ArrayLike, *, clusters: npt.ArrayLike | None = None
) -> dict[str, Interval]:
    """R², root mean squared and mean absolute error by name, each with a 95% interval, honest about `clusters`.

    >>> sorted(metrics_regression([1.0, 2.0, 4.0], [1.0, 2.0, 3.0]))
    ['mae', 'r2', 'rmse']
    """
    actual, given = vectors(outcomes=outcomes, scores=scores)
    squares = (actual - given) ** 2
    return {
        "r2": _r2_interval(actual, squares, clusters),
        "rmse": _root(mean_interval(squares, clusters=clusters)),
        "mae": mean_interval(np.abs(actual - given), clusters=clusters),
    }


def _r2_interval(actual: FloatArray, squares: FloatArray, clusters: npt.ArrayLike | None) -> Interval:
    if actual.size < 2 or float(np.ptp(actual)) == 0.0:
        return unknown()
    unexplained = ratio_interval(squares, (actual - actual.mean()) ** 2, clusters=clusters)
    return Interval(1 - unexplained.value, 1 - unexplained.high, 1 - unexplained.low)


def _root(square: Interval) -> Interval:
    return Interval(math.sqrt(square.value), math.sqrt(max(square.low, 0.0)), math.sqrt(square.high))
