"""Lift: how many more of the sought are found at the top of the ranking than by picking at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstay.stats.arrays import FloatArray, outcomes_and_scores, vector
from mainstay.stats.buckets import bucket_sums, equal_count_ends, tie_ends
from mainstay.stats.intervals import NAN, Interval, unknown, wilson, wilson_bounds

if TYPE_CHECKING:
    import numpy.typing as npt

    from mainstay.stats.arrays import BoolArray, IntArray


@dataclass(frozen=True, slots=True)
class LiftTable:
    """Buckets from the highest scores down, arrays of one length.

    `mean_score` is what was predicted, `outcome_share` what happened (with Wilson bounds), `lift` that share over the
    share of all rows. The cumulative columns speak of this bucket and all above it: `row_share` of the rows, `gain` the
    share of all positives they hold, `cumulative_lift` one over the other. `mean_value` per row is None without values.
    """

    n: IntArray
    score_low: FloatArray
    score_high: FloatArray
    mean_score: FloatArray
    outcome_share: FloatArray
    outcome_share_low: FloatArray
    outcome_share_high: FloatArray
    lift: FloatArray
    row_share: FloatArray
    gain: FloatArray
    cumulative_lift: FloatArray
    mean_value: FloatArray | None


def lift_table(
    outcomes: npt.ArrayLike, scores: npt.ArrayLike, *, n_buckets: int = 10, values: npt.ArrayLike | None = None
) -> LiftTable:
    """Buckets of nearly equal count, never parting rows of one score, so fewer come back where scores repeat.

    Outcomes are 0 or 1, scores any finite numbers, values (money, say) one a row. Lifts are NaN without positives.

    >>> lift_table([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], n_buckets=2).lift
    array([2., 0.])
    """
    happened, given = outcomes_and_scores(outcomes, scores)
    order = np.argsort(-given, kind="stable")
    ordered = given[order]
    ends = equal_count_ends(ordered, n_buckets)
    starts, n_positive = np.insert(ends, 0, 0)[:-1], bucket_sums(happened[order], ends)
    n, row_share = ends - starts, ends / max(given.size, 1)
    low, high = wilson_bounds(n_positive, n)
    total = float(n_positive.sum()) or NAN
    return LiftTable(
        n=n,
        score_low=ordered[ends - 1],
        score_high=ordered[starts],
        mean_score=bucket_sums(ordered, ends) / n,
        outcome_share=n_positive / n,
        outcome_share_low=low,
        outcome_share_high=high,
        lift=(n_positive / n) / (total / max(given.size, 1)),
        row_share=row_share,
        gain=np.cumsum(n_positive) / total,
        cumulative_lift=np.cumsum(n_positive) / total / row_share,
        mean_value=None if values is None else _mean_values(values, order, ends),
    )


def lift_at(outcomes: npt.ArrayLike, scores: npt.ArrayLike, share: float, *, level: float = 0.95) -> Interval:
    """The lift of the top `share` of rows (0 to 1), a run of equal scores at the edge counting in part.

    The interval is Wilson's for the share of positives found, over the share of rows, at the number of trials that has
    the same variance: the edge moves with the sample, which steadies the share found. Unknown without positives.

    >>> lift_at([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], 0.5).value
    2.0
    """
    if not 0.0 < share <= 1.0:
        raise ValueError(f"share is {share:g}; wanted above 0 and at most 1")
    happened, given = outcomes_and_scores(outcomes, scores)
    n_positive = int(np.count_nonzero(happened))
    if not n_positive:
        return unknown()
    ordered, in_top = _by_rank(happened, given, share)
    gain = min(float(ordered @ in_top) / n_positive, 1.0)
    n = _equivalent_trials(ordered, in_top, gain, n_positive)
    found = wilson(gain * n, n, level=level)
    return Interval(gain / share, found.low / share, found.high / share)


def _by_rank(happened: BoolArray, given: FloatArray, share: float) -> tuple[FloatArray, FloatArray]:
    """From the highest score down: each row's expected outcome and the part of it in the top, ties alike."""
    order = np.argsort(-given, kind="stable")
    ends = tie_ends(given[order])
    n = np.diff(ends, prepend=0)
    part = np.clip((share * given.size - (ends - n)) / n, 0.0, 1.0)
    return np.repeat(bucket_sums(happened[order], ends) / n, n), np.repeat(part, n)


def _equivalent_trials(ordered: FloatArray, in_top: FloatArray, gain: float, n_positive: int) -> float:
    """Trials of a plain share with the variance of the gain, from each row's influence on it (positives at least)."""
    share = float(in_top.mean())
    edge, reach = round(share * ordered.size), max(int(min(share, 1 - share) * ordered.size / 4), 10)
    at_edge = float(ordered[max(edge - reach, 0) : edge + reach].mean())
    of_positive, of_negative = in_top - gain - at_edge * (in_top - share), at_edge * (in_top - share)
    variance = float(ordered @ of_positive**2 + (1 - ordered) @ of_negative**2) / n_positive**2
    return max(gain * (1 - gain) / variance, float(n_positive)) if variance > 0 else float(n_positive)


def _mean_values(values: npt.ArrayLike, order: npt.NDArray[np.intp], ends: IntArray) -> FloatArray:
    numbers = vector("values", values)
    if numbers.size != order.size:
        raise ValueError(f"lengths differ: scores {order.size}, values {numbers.size}; wanted one length")
    return bucket_sums(numbers[order], ends) / np.diff(ends, prepend=0)
