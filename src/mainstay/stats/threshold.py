"""Where to cut: the threshold worth most money, chosen so that one lucky row does not choose it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstay.stats.arrays import FloatArray, group_numbers, vectors
from mainstay.stats.buckets import bucket_sums
from mainstay.stats.intervals import Interval
from mainstay.stats.smoothing import smoothing_spline

if TYPE_CHECKING:
    import numpy.typing as npt

    from mainstay.stats.arrays import IntArray

NOBODY = float("inf")  # no score reaches it
NOISE_SHARE = 1e-12  # scores nearer than this share of their size may swap between machines, so none is cut between
N_CELLS = 64  # of equal count, and finer ones at both ends, where a good cut often lies
N_NEIGHBOURS = 4  # cells to each side that share an estimate of the noise
N_SHARED = 9  # rows' weight of the overall noise in each cell
MAX_STEPS = 2000  # distinct scores resampled for an interval; more would only cost time and memory
TOLERANCE = 1.0  # standard errors that the chosen cut may lie below the best of the sample
INDISTINCT = 2.2  # standard errors from the raw best to the truth: fewer in 95% of simulated samples (2.0 to 2.5)


@dataclass(frozen=True, slots=True)
class BestThreshold:
    """A threshold (decided high at or above it) and the money per decision it made on the rows it was chosen on."""

    threshold: float
    per_decision: float


@dataclass(frozen=True, slots=True)
class Steps:
    """Distinct scores from high to low: how many rows each has, and what deciding them high instead of low gains.

    `gain` and `gain_squared` are sums over the rows of a step.
    """

    score: FloatArray
    n: FloatArray
    gain: FloatArray
    gain_squared: FloatArray


def best_threshold(scores: npt.ArrayLike, value_high: npt.ArrayLike, value_low: npt.ArrayLike) -> BestThreshold:
    """The threshold worth most, lying strictly between scores; infinity when nobody, 0 when everybody is best.

    Shapes (n,); `value_high` and `value_low` are a row's money if decided high and low, given what happened to it. The
    highest point of the raw curve follows lucky rows. So the gain of deciding high is smoothed over the score by a
    spline, and its best cut is taken among those within a standard error (of the paired difference) of the raw best:
    in simulations of some thousand rows this loses a tenth to a half of the money that the raw choice loses out of
    sample where the gain slopes (at 300 rows up to as much), and up to three times as much where it jumps.
    `per_decision` is measured on the rows that chose it, hence a little flattering: judge on others.

    >>> best_threshold([0.1, 0.2, 0.8, 0.9], [-1, -1, 1, 1], [0, 0, 0, 0])
    BestThreshold(threshold=0.5, per_decision=0.5)
    """
    given, high, low = vectors(scores=scores, value_high=value_high, value_low=value_low)
    if not given.size:
        raise ValueError("no rows came; wanted one or more to choose a threshold on")
    order = np.argsort(-given, kind="stable")
    ends = step_ends(given[order])
    steps = steps_of(given[order], (high - low)[order], ends)
    threshold = float(cuts(steps.score)[choose(steps)])
    return BestThreshold(threshold, float(np.where(given >= threshold, high, low).mean()))


def threshold_interval(
    scores: npt.ArrayLike,
    value_high: npt.ArrayLike,
    value_low: npt.ArrayLike,
    *,
    seed: int,
    clusters: npt.ArrayLike | None = None,
    n: int = 200,
) -> Interval:
    """The best threshold, and the lowest and highest that the rows cannot tell from the truly best one at 95%.

    Wide where many thresholds are worth the same, which is good news: then none of them is wrong. A bound can be
    infinity (nobody) or 0 (everybody). A threshold is within when the raw curve falls short of its top by at most 2.2
    standard errors of that paired difference; with `clusters` the error comes from n resamples of them (`seed`),
    without them rows are taken as independent. Resampling the threshold itself would not be consistent (Abrevaya &
    Huang, 2005).
    """
    given, high, low = vectors(scores=scores, value_high=value_high, value_low=value_low)
    value = best_threshold(given, high, low).threshold
    order = np.argsort(-given, kind="stable")
    ends = step_ends(given[order]) if clusters is None else _at_most(step_ends(given[order]), MAX_STEPS)
    steps = steps_of(given[order], (high - low)[order], ends)
    raw, error = _running(steps.gain), _error_to_best(steps, _smooth(steps)[1])
    if clusters is not None:
        groups = group_numbers(clusters, given.size)[order]
        error = np.maximum(error, _clustered_error(groups, (high - low)[order], ends, int(np.argmax(raw)), n, seed))
    near = cuts(steps.score)[raw.max() - raw <= INDISTINCT * error]
    return Interval(value, min(float(near[-1]), value), max(float(near[0]), value))


def _clustered_error(groups: IntArray, gains: FloatArray, ends: IntArray, best: int, n: int, seed: int) -> FloatArray:
    """The standard error of the money between the best cut and every other, from resampled clusters."""
    random, n_groups = np.random.default_rng(seed), int(groups.max()) + 1
    between = np.empty((n, ends.size + 1))
    for i in range(n):
        weight = np.bincount(random.integers(n_groups, size=n_groups), minlength=n_groups)[groups]
        curve = _running(bucket_sums(weight * gains, ends))
        between[i] = curve - curve[best]
    return np.asarray(between.std(axis=0))


def step_ends(ordered: FloatArray) -> IntArray:
    """Where each run of scores that cannot be told apart ends (exclusive), scores sorted from high to low.

    >>> step_ends(np.array([0.3, 0.1 + 0.2 - 1e-16, 0.1]))
    array([2, 3])
    """
    if not ordered.size:
        return np.zeros(0, dtype=np.int64)
    gaps, size = ordered[:-1] - ordered[1:], np.maximum(np.abs(ordered[:-1]), np.abs(ordered[1:]))
    return np.append(np.flatnonzero(gaps > NOISE_SHARE * size) + 1, ordered.size)


def steps_of(ordered: FloatArray, gains: FloatArray, ends: IntArray) -> Steps:
    """Sums by step over rows sorted from high to low."""
    n = np.diff(ends, prepend=0).astype(np.float64)
    return Steps(ordered[ends - 1], n, bucket_sums(gains, ends), bucket_sums(gains**2, ends))


def cuts(score: FloatArray) -> FloatArray:
    """The thresholds that decide the first 0, 1, … n steps high: infinity, midway between neighbours, 0 for all.

    >>> cuts(np.array([0.8, 0.2]))
    array([inf, 0.5, 0. ])
    """
    return np.concatenate([[NOBODY], (score[:-1] + score[1:]) / 2, np.minimum(score[-1:], 0.0)])


def choose(steps: Steps) -> int:
    """How many steps from the top to decide high."""
    raw, (gain, noise) = _running(steps.gain), _smooth(steps)
    near = raw.max() - raw <= TOLERANCE * _error_to_best(steps, noise)
    return int(np.argmax(np.where(near, _running(steps.n * gain), -np.inf)))


def _running(values: FloatArray) -> FloatArray:
    return np.insert(np.cumsum(values), 0, 0.0)


def _error_to_best(steps: Steps, noise: FloatArray) -> FloatArray:
    """The standard error of the money between the raw best cut and every other."""
    variance = _running(steps.n * noise)
    return np.asarray(np.sqrt(np.abs(variance - variance[np.argmax(_running(steps.gain))])))


def _smooth(steps: Steps) -> tuple[FloatArray, FloatArray]:
    """At each step's score: the mean gain of deciding a row high, smoothed over cells of steps, and its variance."""
    cells = _cells(steps.n)
    n, gain, squares = (bucket_sums(column, cells) for column in (steps.n, steps.gain, steps.gain_squared))
    score, mean = bucket_sums(steps.n * steps.score, cells) / n, gain / n
    noise = _noise(n, np.maximum(squares - n * mean**2, 0.0), mean)
    smooth = smoothing_spline(-score, mean, n / noise)
    return np.interp(-steps.score, -score, smooth), np.interp(-steps.score, -score, noise)


def _noise(n: FloatArray, spread: FloatArray, mean: FloatArray) -> FloatArray:
    """The variance of a row's gain in each cell, shared with its neighbours: rare positives make it uneven."""
    around = np.ones(min(2 * N_NEIGHBOURS + 1, n.size))
    overall = float(spread.sum()) / max(float((n - 1).sum()), 1.0)
    floor = 1e-9 * float(np.max(mean**2)) + 1e-300
    pooled: FloatArray = np.convolve(spread, around, "same") + N_SHARED * overall
    return np.asarray(np.maximum(pooled / (np.convolve(n - 1, around, "same") + N_SHARED), floor))


def _cells(n: FloatArray) -> IntArray:
    """The ends, in steps, of about eighty cells of rows: equal counts, and powers of two growing from both ends."""
    running = np.cumsum(n)
    total = float(running[-1])
    tail = np.geomspace(8, max(total / N_CELLS, 9), 8)
    wanted = np.concatenate([total * np.arange(1, N_CELLS) / N_CELLS, tail, total - tail])
    return np.unique(np.append(np.searchsorted(running, wanted[(wanted > 0) & (wanted < total)]) + 1, n.size))


def _at_most(ends: IntArray, n: int) -> IntArray:
    if ends.size <= n:
        return ends
    return ends[np.unique(np.linspace(0, ends.size - 1, n).round().astype(np.int64))]
