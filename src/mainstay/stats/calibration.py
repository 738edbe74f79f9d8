"""Whether a score of 0.3 means three in ten: recalibration, the size of the error, a test, the reliability picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc, expit, logit, ndtr, ndtri

from mainstay.stats.arrays import FloatArray, outcomes_and_probabilities, outcomes_and_scores, vector
from mainstay.stats.buckets import bucket_sums, equal_count_ends, snapped_ends
from mainstay.stats.intervals import NAN, Interval, unknown, wilson_bounds
from mainstay.stats.logit_fit import fit_logit, information, log_likelihood

if TYPE_CHECKING:
    import numpy.typing as npt

    from mainstay.stats.arrays import BoolArray, IntArray

EPSILON = 1e-12  # scores of exactly 0 or 1 have no logit; this far inside they still weigh as near-certain
AS_IT_IS = np.array([1.0, 0.0])  # slope and intercept that change nothing
MIN_ROWS = 50  # below this the error's own noise is larger than any error worth acting on


@dataclass(frozen=True, slots=True)
class CalibrationTest:
    """The p-value of perfect calibration, Cox's slope (1 is right) and intercept (0 is right), Spiegelhalter's z."""

    p_value: float
    slope: Interval
    intercept: Interval
    spiegelhalter_z: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Score bins from low to high, arrays of one length: what was predicted in each and what happened."""

    n: IntArray
    score_low: FloatArray
    score_high: FloatArray
    mean_score: FloatArray
    outcome_share: FloatArray
    outcome_share_low: FloatArray
    outcome_share_high: FloatArray


def fit_logistic(scores: npt.ArrayLike, outcomes: npt.ArrayLike) -> tuple[float, float]:
    """The slope and intercept that recalibrate scores on the logit scale (Platt scaling, Cox's recalibration).

    Scores are probabilities of shape (n,), outcomes 0 or 1. A ridge of a ten-thousandth of a row, centred on 'change
    nothing', keeps both finite when classes do not overlap. Sources: Cox (1958), Platt (1999).

    >>> slope, intercept = fit_logistic([0.2] * 5 + [0.8] * 5, [0, 0, 0, 0, 1, 0, 1, 1, 1, 1])
    >>> round(slope, 3), abs(round(intercept, 3))
    (1.0, 0.0)
    """
    happened, given = outcomes_and_probabilities(outcomes, scores)
    slope, intercept = fit_logit(_with_intercept(logits_of(given)), happened, AS_IT_IS)
    return float(slope), float(intercept)


def apply_logistic(scores: npt.ArrayLike, slope: float, intercept: float) -> FloatArray:
    """Scores moved by a slope and an intercept on the logit scale; they stay within 0 and 1.

    >>> apply_logistic([0.2, 0.8], 1.0, 0.0)
    array([0.2, 0.8])
    """
    return np.asarray(expit(intercept + slope * logits_of(vector("scores", scores))))


def calibration_error(
    outcomes: npt.ArrayLike, scores: npt.ArrayLike, *, n_bins: int | None = None, level: float = 0.95
) -> Interval:
    """How far scores are from what happens, as the root mean square over rows, in probability (0.02: two points).

    Bins of equal noise, the sum of sqrt(p(1 - p)), so that rare high scores get bins of their own; as many as the cube
    root of the rows, 5 to 30, unless said. Each bin's squared gap is freed of what chance alone would make of it, so
    the square is 0 in the mean under perfect calibration, at any size; the interval inverts a score test, as Wilson's
    does, and starts at 0 where the gap could be chance. Unknown below 50 rows. Source for the debiased estimate:
    Kumar, Liang & Ma (2019).
    """
    happened, given = outcomes_and_probabilities(outcomes, scores)
    if given.size < MIN_ROWS:
        return unknown()
    return root_mean_square(*binned_gaps(happened, given, n_bins=n_bins), level)


def binned_gaps(
    happened: BoolArray, given: FloatArray, *, n_bins: int | None = None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """By bin of equal noise: the mean gap between outcome and score, that mean's variance, and the share of rows.

    Shapes (n_bins,). One imagined row at the predicted share: a bin without positives is not free of noise.
    """
    order = np.argsort(given, kind="stable")
    gaps = (happened - given)[order]
    ends = _equal_noise_ends(given[order], n_bins or min(max(round(given.size ** (1 / 3)), 5), 30))
    n = np.diff(ends, prepend=0)
    mean_gap, mean_score = bucket_sums(gaps, ends) / n, bucket_sums(given[order], ends) / n
    spread = (np.maximum(bucket_sums(gaps**2, ends) - n * mean_gap**2, 0.0) + mean_score * (1 - mean_score)) / n
    return mean_gap, spread / n, n / given.size


def calibration_test(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> CalibrationTest:
    """Whether scores are consistent with perfect calibration: p-values are uniform when they are.

    Joins the likelihood-ratio test of slope 1 and intercept 0 (Cox) with Spiegelhalter's z by the Cauchy combination,
    which needs nothing about how the two depend. NaN with fewer than two rows in a class. Sources: Cox (1958),
    Spiegelhalter (1986), Liu & Xie (2020).
    """
    happened, given = outcomes_and_probabilities(outcomes, scores)
    z = _spiegelhalter_z(happened, given)
    if min(np.count_nonzero(happened), np.count_nonzero(~happened)) < 2:
        return CalibrationTest(NAN, unknown(), unknown(), z)
    columns = _with_intercept(logits_of(given))
    fitted = fit_logit(columns, happened, AS_IT_IS)
    varies = float(np.ptp(columns[0])) > 1e-9  # one score for all leaves only the intercept to test
    ratio = 2 * (log_likelihood(columns, happened, fitted) - log_likelihood(columns, happened, AS_IT_IS))
    p_ratio = float(chdtrc(2 if varies else 1, max(ratio, 0.0)))
    p_value = p_ratio if math.isnan(z) else _cauchy(p_ratio, 2 * float(ndtr(-abs(z))))
    slope, intercept = _wald(fitted, columns)
    return CalibrationTest(p_value, slope if varies else unknown(), intercept, z)


def reliability(outcomes: npt.ArrayLike, scores: npt.ArrayLike, *, n_bins: int = 10) -> Reliability:
    """Bins of nearly equal count, low scores first: mean score against the share that happened, with Wilson bounds.

    >>> reliability([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], n_bins=2).outcome_share
    array([0., 1.])
    """
    happened, given = outcomes_and_scores(outcomes, scores)
    order = np.argsort(given, kind="stable")
    ordered, ends = given[order], equal_count_ends(given[order], n_bins)
    starts, n_positive = np.insert(ends, 0, 0)[:-1], bucket_sums(happened[order], ends)
    n = ends - starts
    low, high = wilson_bounds(n_positive, n)
    return Reliability(
        n=n,
        score_low=ordered[starts],
        score_high=ordered[ends - 1],
        mean_score=bucket_sums(ordered, ends) / n,
        outcome_share=n_positive / n,
        outcome_share_low=low,
        outcome_share_high=high,
    )


def _equal_noise_ends(ordered: FloatArray, n_bins: int) -> IntArray:
    noise = np.cumsum(np.sqrt(ordered * (1 - ordered)) + EPSILON)
    return snapped_ends(ordered, np.searchsorted(noise, noise[-1] * np.arange(1, n_bins + 1) / n_bins) + 1)


def logits_of(given: FloatArray) -> FloatArray:
    """The logits of probabilities; those of exactly 0 and 1 are taken as near-certain.

    >>> logits_of(np.array([0.5, 1.0])).round(1)
    array([ 0. , 27.6])
    """
    return np.asarray(logit(np.clip(given, EPSILON, 1 - EPSILON)))


def _with_intercept(logits: FloatArray) -> FloatArray:
    return np.stack([logits, np.ones(logits.size)])


def _wald(fitted: FloatArray, columns: FloatArray, level: float = 0.95) -> tuple[Interval, Interval]:
    errors = np.sqrt(np.diag(np.linalg.inv(information(columns, fitted)))) * float(ndtri(0.5 + level / 2))
    slope, intercept = (
        Interval(float(middle), float(middle - half), float(middle + half))
        for middle, half in zip(fitted, errors, strict=True)
    )
    return slope, intercept


def _spiegelhalter_z(happened: BoolArray, given: FloatArray) -> float:
    """The Brier score's distance from its expectation in standard errors; NaN where every score is 0, 1 or a half."""
    leaning = 1 - 2 * given
    variance = float(np.sum(leaning**2 * given * (1 - given)))
    return float(np.sum((happened - given) * leaning)) / math.sqrt(variance) if variance > 0 else NAN


def _cauchy(first: float, second: float) -> float:
    tangents = [math.tan((0.5 - min(max(p, 1e-15), 1 - 1e-15)) * math.pi) for p in (first, second)]
    return 0.5 - math.atan(sum(tangents) / 2) / math.pi


def root_mean_square(
    mean_gap: FloatArray, variance: FloatArray, weight: FloatArray, level: float, *, dependence: float = 1.0
) -> Interval:
    """Root of the debiased mean square with its bounds: those x where (estimate - x)² = z²(4·x·v + 2·Σw²v²).

    v is the noise where the gaps are, weighted by their squares: errors sit where the noise is large. Bins that depend
    on each other have as much more of both noises as `dependence` says.
    """
    square = float(weight @ (mean_gap**2 - variance))
    noise = dependence * float(weight**2 @ (mean_gap**2 * variance)) / max(float(weight @ mean_gap**2), 1e-300)
    return debiased_root(square, noise, 2 * dependence * float(weight**2 @ variance**2), level)


def debiased_root(square: float, noise: float, null_variance: float, level: float) -> Interval:
    """The root of a square freed of noise, between those x where (square - x)² = z²(4·x·noise + null_variance).

    `noise` is the variance of what is squared, `null_variance` that of the square itself where nothing is amiss.
    """
    z2 = float(ndtri(0.5 + level / 2)) ** 2
    middle = square + 2 * z2 * noise
    reach = math.sqrt(max(middle**2 - square**2 + z2 * null_variance, 0.0))
    value, low, high = (math.sqrt(max(x, 0.0)) for x in (square, middle - reach, middle + reach))
    return Interval(value, low, high)
