"""Numbers with their uncertainty: shares, means, differences, ratios, and anything else by the bootstrap."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from mainstay.stats.arrays import FloatArray, IntArray, group_numbers, vectors

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

Columns: TypeAlias = "tuple[npt.NDArray[Any], ...]"

NAN = float("nan")
MAX_FAILED_SHARE = 0.1  # more resamples without an answer than this, and the rest no longer stand for the whole
N_JACKKNIFE_GROUPS = 100  # the acceleration is a third moment over these; more groups cost time and change little


@dataclass(frozen=True, slots=True)
class Interval:
    """A number and the bounds that hold it at the stated level (95% unless said); NaN bounds mean unknown."""

    value: float
    low: float
    high: float

    @property
    def known(self) -> bool:
        """Whether both bounds are known."""
        return not (math.isnan(self.low) or math.isnan(self.high))


def unknown(value: float = NAN) -> Interval:
    """A number whose uncertainty cannot be told.

    >>> unknown(0.5).known
    False
    """
    return Interval(value, NAN, NAN)


def wilson_bounds(n_positive: npt.ArrayLike, n: npt.ArrayLike, *, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Wilson score bounds of many shares at once; NaN where there are no rows.

    Both arguments have one shape and hold counts, `n_positive` between 0 and `n` (fractions are allowed).
    Source: Wilson (1927).

    >>> wilson_bounds([0], [10])[1].round(3)
    array([0.278])
    """
    positive, total = np.asarray(n_positive, dtype=np.float64), np.asarray(n, dtype=np.float64)
    if bool(np.any((positive < 0) | (positive > total))):
        raise ValueError(
            "a share came with fewer than 0 positives or more positives than rows; wanted 0 <= positives <= rows"
        )
    z2 = float(ndtri(0.5 + level / 2)) ** 2
    total = np.where(total > 0, total, np.nan)
    share = positive / total
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = np.sqrt(z2 * (share * (1 - share) + z2 / (4 * total)) / total) / (1 + z2 / total)
    # At the ends the bounds are exactly 0 and 1; rounding would put the value outside its own interval.
    return np.where(positive == 0, share, np.maximum(middle - half, 0.0)), np.where(
        share == 1, 1.0, np.minimum(middle + half, 1.0)
    )


def wilson(n_positive: float, n: float, *, level: float = 0.95) -> Interval:
    """The share of positives among n rows with its Wilson score interval, unknown for no rows.

    >>> wilson(0, 10).high < 0.28
    True
    """
    low, high = wilson_bounds(n_positive, n, level=level)
    return Interval(n_positive / n, float(low), float(high)) if n else unknown()


def t_interval(value: float, standard_error: float, n_groups: int, *, level: float = 0.95) -> Interval:
    """Student's interval around a value with `n_groups - 1` degrees of freedom; unknown below two groups.

    >>> t_interval(0.0, 1.0, 2).high.__round__(2)
    12.71
    """
    if n_groups < 2 or not math.isfinite(standard_error):
        return unknown(value)
    half = float(stdtrit(n_groups - 1, 0.5 + level / 2)) * standard_error
    return Interval(value, value - half, value + half)


def ratio_interval(
    numerators: npt.ArrayLike,
    denominators: npt.ArrayLike,
    *,
    clusters: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Interval:
    """The ratio of two sums over the same rows, where rows of one cluster may depend on each other.

    All arguments have shape (n,). The delta method, with each cluster's residual scaled by what the denominator would
    be without it: the delete-one-cluster jackknife in closed form, which stays honest when clusters differ in size
    (for clusters of one size it equals the usual sandwich). Unknown with fewer than two clusters, or when one cluster
    carries the whole denominator. Source: Bell & McCaffrey (2002).

    >>> ratio_interval([1, 0, 1, 0], [1, 1, 1, 1]).value
    0.5
    """
    top, bottom = vectors(numerators=numerators, denominators=denominators)
    groups = group_numbers(clusters, top.size)
    total = float(bottom.sum())
    if total == 0.0:
        return unknown()
    ratio = float(top.sum()) / total
    if clusters is not None:
        top, bottom = _sums(groups, top), _sums(groups, bottom)
    n_groups = top.size
    without = total - bottom
    if n_groups < 2 or bool(np.any(without == 0.0)):
        return unknown(ratio)
    influence = (top - ratio * bottom) / without
    standard_error = math.sqrt(float(influence @ influence) * (n_groups - 1) / n_groups)
    return t_interval(ratio, standard_error, n_groups, level=level)


def _sums(groups: IntArray, values: FloatArray) -> FloatArray:
    return np.asarray(np.bincount(groups, weights=values), dtype=np.float64)


def mean_interval(values: npt.ArrayLike, *, clusters: npt.ArrayLike | None = None, level: float = 0.95) -> Interval:
    """The mean over rows with Student's interval, robust to dependence inside `clusters` where they are named.

    Unit: that of the values. Unknown for fewer than two rows or clusters. Heavy tails need more rows than the t
    distribution admits: show `value.top_share` beside it.

    >>> mean_interval([1.0, 2.0, 3.0]).value
    2.0
    """
    (numbers,) = vectors(values=values)
    return ratio_interval(numbers, np.ones(numbers.size), clusters=clusters, level=level)


def paired_difference(
    values: npt.ArrayLike, other: npt.ArrayLike, *, clusters: npt.ArrayLike | None = None, level: float = 0.95
) -> Interval:
    """The mean of `values - other` on the same rows: what one choice is worth over another, their common luck removed.

    >>> paired_difference([1.0, 5.0, 9.0], [0.0, 4.0, 8.0])
    Interval(value=1.0, low=1.0, high=1.0)
    """
    numbers, others = vectors(values=values, other=other)
    return mean_interval(numbers - others, clusters=clusters, level=level)


def bootstrap(
    statistic: Callable[..., float],
    columns: Columns,
    *,
    seed: int,
    clusters: npt.ArrayLike | None = None,
    n: int = 1000,
    level: float = 0.95,
) -> Interval:
    """Any statistic of rows with a bias-corrected, accelerated bootstrap interval (BCa), resampling whole clusters.

    `statistic(*columns)` returns one float; NaN from a resample (a class that is missing, say) is left out, and more
    than a tenth of them makes the interval unknown. Source: Efron (1987).

    >>> bootstrap(np.mean, (np.arange(50.0),), seed=1, n=200).value
    24.5
    """
    n_rows = len(columns[0]) if columns else 0
    if not n_rows or any(len(column) != n_rows for column in columns):
        raise ValueError(f"columns have lengths {[len(column) for column in columns]}; wanted one length above 0")
    value = float(statistic(*columns))
    groups = group_numbers(clusters, n_rows)
    draws = _resampled(statistic, columns, groups, n, seed)
    known = draws[np.isfinite(draws)]
    if groups.max() < 1 or math.isnan(value) or known.size < (1 - MAX_FAILED_SHARE) * n:
        return unknown(value)
    left_out = _left_out(statistic, columns, groups, seed)
    low, high = np.quantile(known, _bca_levels(value, known, left_out[np.isfinite(left_out)], level))
    return Interval(value, min(float(low), value), max(float(high), value))


def _resampled(statistic: Callable[..., float], columns: Columns, groups: IntArray, n: int, seed: int) -> FloatArray:
    """The statistic on n samples of whole groups, drawn with replacement."""
    random = np.random.default_rng(seed)
    order = np.argsort(groups, kind="stable")
    sizes = np.bincount(groups)
    starts = np.cumsum(sizes) - sizes
    draws = np.empty(n)
    for i in range(n):
        drawn = random.integers(sizes.size, size=sizes.size)
        lengths = sizes[drawn]
        offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        rows = order[np.repeat(starts[drawn], lengths) + offsets]
        draws[i] = statistic(*(column[rows] for column in columns))
    return draws


def _left_out(statistic: Callable[..., float], columns: Columns, groups: IntArray, seed: int) -> FloatArray:
    """The statistic without each of at most 100 random sets of groups, for the acceleration."""
    n_groups = int(groups.max()) + 1
    n_sets = min(n_groups, N_JACKKNIFE_GROUPS)
    sets = np.random.default_rng(seed).permutation(np.arange(n_groups) % n_sets)[groups]
    return np.array([statistic(*(column[sets != i] for column in columns)) for i in range(n_sets)], dtype=np.float64)


def _bca_levels(value: float, draws: FloatArray, left_out: FloatArray, level: float) -> FloatArray:
    """The two quantile levels to read off the resamples; a share at the ends is held one draw away from them."""
    below = (np.count_nonzero(draws < value) + 0.5 * np.count_nonzero(draws == value)) / draws.size
    bias = float(ndtri(np.clip(below, 1 / draws.size, 1 - 1 / draws.size)))
    spread = left_out.mean() - left_out if left_out.size else np.zeros(1)
    scale = float(np.sum(spread**2)) ** 1.5
    acceleration = float(np.sum(spread**3)) / (6 * scale) if scale > 0 else 0.0
    shifted = bias + ndtri(np.array([0.5 - level / 2, 0.5 + level / 2]))
    levels: FloatArray = ndtr(bias + shifted / (1 - acceleration * shifted))
    return levels


def drawn_counts(groups: IntArray, cells: IntArray, n_cells: int, *, seed: int, n: int) -> FloatArray:
    """The rows in each cell when whole groups are drawn anew, shape (n, n_cells): the bootstrap of anything counted.

    `groups` number rows from 0 without a gap, `cells` say which cell a row is in; both have shape (n_rows,).

    >>> drawn_counts(np.array([0, 0]), np.array([0, 1]), 2, seed=1, n=1)
    array([[1., 1.]])
    """
    random, n_groups = np.random.default_rng(seed), int(groups.max()) + 1
    counts = np.empty((n, n_cells))
    for i in range(n):
        weight = np.bincount(random.integers(n_groups, size=n_groups), minlength=n_groups).astype(np.float64)
        counts[i] = np.bincount(cells, weights=weight[groups], minlength=n_cells)
    return counts
