"""Money by threshold: what each cut-off is worth per decision, which is best, and how few rows carry it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from mainstay.stats.arrays import FloatArray, binary, mean, vector, vectors
from mainstay.stats.intervals import Interval, mean_interval
from mainstay.stats.scores import confusion
from mainstay.stats.threshold import BestThreshold, best_threshold, cuts, step_ends, threshold_interval

if TYPE_CHECKING:
    import numpy.typing as npt

    from mainstay.stats.arrays import IntArray

__all__ = [
    "BestThreshold",
    "ValueCurve",
    "ValueTable",
    "best_threshold",
    "decided_values",
    "threshold_interval",
    "top_share",
    "value_at",
    "value_curve",
    "value_table",
    "winsorised_mean",
]


@dataclass(frozen=True, slots=True)
class ValueCurve:
    """Money per decision by threshold, from everybody decided high to nobody; arrays of one length."""

    thresholds: FloatArray
    per_decision: FloatArray
    per_decision_low: FloatArray
    per_decision_high: FloatArray
    share_high: FloatArray


@dataclass(frozen=True, slots=True)
class ValueTable:
    """One row a threshold, in the order asked: what is decided, what it is worth, and how right it is.

    Precision is NaN where nobody is decided high, recall where there are no positives.
    """

    thresholds: FloatArray
    share_high: FloatArray
    per_decision: FloatArray
    per_decision_low: FloatArray
    per_decision_high: FloatArray
    n_true_positive: IntArray
    n_false_positive: IntArray
    n_true_negative: IntArray
    n_false_negative: IntArray
    precision: FloatArray
    recall: FloatArray


def decided_values(
    scores: npt.ArrayLike, value_high: npt.ArrayLike, value_low: npt.ArrayLike, threshold: float
) -> FloatArray:
    """Each row's money under a threshold: `value_high` where its score reaches it, else `value_low`. For paired tests.

    >>> decided_values([0.2, 0.8], [5, 6], [1, 2], 0.5)
    array([1., 6.])
    """
    given, high, low = vectors(scores=scores, value_high=value_high, value_low=value_low)
    return np.where(given >= threshold, high, low)


def value_at(
    scores: npt.ArrayLike,
    value_high: npt.ArrayLike,
    value_low: npt.ArrayLike,
    threshold: float,
    *,
    clusters: npt.ArrayLike | None = None,
) -> Interval:
    """Money per decision under a threshold, with its 95% interval.

    >>> value_at([0.2, 0.8], [5, 6], [1, 2], 0.5).value
    3.5
    """
    return mean_interval(decided_values(scores, value_high, value_low, threshold), clusters=clusters)


def value_curve(
    scores: npt.ArrayLike,
    value_high: npt.ArrayLike,
    value_low: npt.ArrayLike,
    *,
    thresholds: npt.ArrayLike | None = None,
) -> ValueCurve:
    """Money per decision at every threshold that decides differently, or at the thresholds given.

    Without thresholds they lie midway between distinct scores, with 0 (everybody) before and infinity (nobody) after.
    Bounds are pointwise at 95% and treat rows as independent.

    >>> value_curve([0.2, 0.8], [5, 6], [1, 2]).per_decision
    array([5.5, 3.5, 1.5])
    """
    given, high, low = vectors(scores=scores, value_high=value_high, value_low=value_low)
    order = np.argsort(-given, kind="stable")
    ordered, high, low = given[order], high[order], low[order]
    if thresholds is None:
        ends = step_ends(ordered)
        n_high = np.insert(ends, 0, 0)[::-1]
        asked = cuts(ordered[ends - 1])[::-1]
    else:
        asked = np.asarray(thresholds, dtype=np.float64)
        n_high = np.searchsorted(-ordered, -asked, side="right")
    money, squares = (_split_sums(high**power, low**power)[n_high] for power in (1, 2))
    n = given.size or float("nan")
    average = money / n
    half = float(stdtrit(n - 1, 0.975)) * np.sqrt(np.maximum(squares / n - average**2, 0.0) / max(n - 1, 1))
    return ValueCurve(asked, average, average - half, average + half, n_high / n)


def value_table(
    scores: npt.ArrayLike,
    outcomes: npt.ArrayLike,
    value_high: npt.ArrayLike,
    value_low: npt.ArrayLike,
    thresholds: npt.ArrayLike,
    *,
    clusters: npt.ArrayLike | None = None,
) -> ValueTable:
    """The thresholds asked for, each with its decisions, its money (95%, by clusters where named) and its counts.

    >>> value_table([0.2, 0.8], [0, 1], [-1, 1], [0, 0], [0.5]).per_decision
    array([0.5])
    """
    given, happened = vector("scores", scores), binary("outcomes", outcomes)
    asked = np.asarray(thresholds, dtype=np.float64)
    money = [value_at(given, value_high, value_low, float(cut), clusters=clusters) for cut in asked]
    counts = [confusion(happened, given >= cut) for cut in asked]
    right, wrong = _counted([c.n_true_positive for c in counts]), _counted([c.n_false_positive for c in counts])
    missed = _counted([c.n_false_negative for c in counts])
    return ValueTable(
        thresholds=asked,
        share_high=_share(right + wrong, _counted([c.n for c in counts])),
        per_decision=np.array([interval.value for interval in money]),
        per_decision_low=np.array([interval.low for interval in money]),
        per_decision_high=np.array([interval.high for interval in money]),
        n_true_positive=right,
        n_false_positive=wrong,
        n_true_negative=_counted([c.n_true_negative for c in counts]),
        n_false_negative=missed,
        precision=_share(right, right + wrong),
        recall=_share(right, right + missed),
    )


def top_share(values: npt.ArrayLike, share: float = 0.01) -> float:
    """The part of the absolute total that the largest `share` of rows carries, at least one row; NaN for a total of 0.

    Near `share` money is spread evenly; near 1 a few rows decide the result.

    >>> top_share([1.0] * 99 + [99.0])
    0.5
    """
    sizes = np.sort(np.abs(vector("values", values)))[::-1]
    total = float(sizes.sum())
    n_top = max(int(np.ceil(share * sizes.size)), 1)
    return float(sizes[:n_top].sum()) / total if total > 0 else float("nan")


def winsorised_mean(values: npt.ArrayLike, share: float = 0.01) -> float:
    """The mean once the `share` of rows furthest out at each end is pulled in to the nearest row that stays.

    >>> winsorised_mean([0.0] * 50 + [1.0] * 49 + [1000.0])
    0.5
    """
    if not 0.0 <= share < 0.5:
        raise ValueError(f"share is {share:g}; wanted at least 0 and below one half")
    ordered = np.sort(vector("values", values))
    n_out = int(np.ceil(share * ordered.size)) if ordered.size > 2 else 0
    return mean(np.clip(ordered, ordered[n_out], ordered[-1 - n_out])) if ordered.size else float("nan")


def _split_sums(high: FloatArray, low: FloatArray) -> FloatArray:
    """The total when the first k rows (from the top) are decided high and the rest low, for k = 0 … n."""
    return float(low.sum()) + np.insert(np.cumsum(high - low), 0, 0.0)


def _counted(counts: list[int]) -> IntArray:
    return np.array(counts, dtype=np.int64)


def _share(part: IntArray, whole: IntArray) -> FloatArray:
    return part / np.where(whole > 0, whole, np.nan)
