"""How far apart two histograms over the same bins are. All take counts; NaN where one of them holds no rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc, rel_entr

from mainstay.stats.arrays import FloatArray, vector

if TYPE_CHECKING:
    import numpy.typing as npt

NAN = float("nan")
LN2 = math.log(2.0)


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """The statistic of equal shares, its degrees of freedom, and its p-value (too small where bins hold few rows)."""

    statistic: float
    n_degrees: int
    p_value: float


def population_stability(reference: npt.ArrayLike, current: npt.ArrayLike) -> float:
    """The population stability index: 0 is no change, 0.1 is often called some and 0.25 much.

    Counts of shape (n_bins,). Each bin gets half a count (Jeffreys), so empty bins leave it finite. Unit: nats. It is
    the sum of the relative entropies both ways, hence symmetric for equal sizes. Source: Yurdakul (2018).

    >>> population_stability([50, 50], [50, 50])
    0.0
    """
    before, after = _counts(reference, current)
    if not (before.sum() and after.sum()):
        return NAN
    p, q = _shares(before + 0.5), _shares(after + 0.5)
    return float(np.sum((q - p) * np.log(q / p)))


def jensen_shannon(reference: npt.ArrayLike, current: npt.ArrayLike) -> float:
    """The Jensen-Shannon distance: the root of the divergence in bits, from 0 (equal shares) to 1 (no bin in common).

    >>> jensen_shannon([1, 0], [0, 1])
    1.0
    """
    before, after = _counts(reference, current)
    if not (before.sum() and after.sum()):
        return NAN
    return math.sqrt(float(np.clip(jensen_shannon_terms(_shares(before), _shares(after)).sum(), 0.0, 1.0)))


def jensen_shannon_terms(p: FloatArray, q: FloatArray) -> FloatArray:
    """What each bin adds to the divergence of shares p and q (any shapes that broadcast), in bits.

    >>> jensen_shannon_terms(np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    array([0., 0.])
    """
    middle = (p + q) / 2
    return np.asarray((rel_entr(p, middle) + rel_entr(q, middle)) / (2 * LN2))


def hellinger(reference: npt.ArrayLike, current: npt.ArrayLike) -> float:
    """The Hellinger distance, from 0 (equal shares) to 1 (no bin in common).

    >>> hellinger([1, 0], [0, 1])
    1.0
    """
    before, after = _counts(reference, current)
    if not (before.sum() and after.sum()):
        return NAN
    gap = np.sqrt(_shares(before)) - np.sqrt(_shares(after))
    return min(math.sqrt(float(gap @ gap) / 2), 1.0)


def kolmogorov_smirnov(reference: npt.ArrayLike, current: npt.ArrayLike) -> float:
    """The largest gap between the two cumulated shares, 0 to 1; the order of the bins matters.

    >>> kolmogorov_smirnov([2, 2, 0], [0, 2, 2])
    0.5
    """
    before, after = _counts(reference, current)
    if not (before.sum() and after.sum()):
        return NAN
    return float(np.max(np.abs(np.cumsum(_shares(before) - _shares(after)))))


def wasserstein(reference: npt.ArrayLike, current: npt.ArrayLike, centres: npt.ArrayLike) -> float:
    """How far rows must move on average to turn one histogram into the other, in the unit of the bin centres.

    `centres` has shape (n_bins,) and does not fall.

    >>> wasserstein([1, 0], [0, 1], [10.0, 13.0])
    3.0
    """
    before, after = _counts(reference, current)
    places = vector("centres", centres)
    if places.size != before.size or bool(np.any(np.diff(places) < 0)):
        raise ValueError(f"centres came with length {places.size}; wanted {before.size} numbers that do not fall")
    if not (before.sum() and after.sum()):
        return NAN
    return float(np.abs(np.cumsum(_shares(before) - _shares(after)))[:-1] @ np.diff(places))


def chi_square(reference: npt.ArrayLike, current: npt.ArrayLike) -> ChiSquare:
    """Pearson's test that both histograms have the same shares, over the bins that hold rows.

    It treats both as samples of independent rows: on many rows any change is significant, so set an effect beside it.

    >>> chi_square([10, 10], [10, 10]).p_value
    1.0
    """
    before, after = _counts(reference, current)
    both = before + after
    before, after, both = before[both > 0], after[both > 0], both[both > 0]
    if not (before.sum() and after.sum()):
        return ChiSquare(NAN, 0, NAN)
    expected = both * (after.sum() / both.sum())
    statistic = float(np.sum((after - expected) ** 2 / expected) * both.sum() / before.sum())
    n_degrees = both.size - 1
    return ChiSquare(statistic, n_degrees, float(chdtrc(n_degrees, statistic)) if n_degrees else 1.0)


def counts_of(name: str, values: npt.ArrayLike) -> FloatArray:
    """A histogram's counts as a vector; `ValueError` for counts below 0 or no bins at all.

    >>> counts_of("reference", [1, 2])
    array([1., 2.])
    """
    counts = vector(name, values)
    if not counts.size or bool(np.any(counts < 0)):
        n_below = int(np.count_nonzero(counts < 0))
        raise ValueError(
            f"{name} has {counts.size} bins, {n_below} of them below 0; wanted one bin or more, none below 0"
        )
    return counts


def _counts(reference: npt.ArrayLike, current: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    before, after = counts_of("reference", reference), counts_of("current", current)
    if before.size != after.size:
        raise ValueError(f"reference has {before.size} bins, current {after.size}; wanted the same bins in both")
    return before, after


def _shares(counts: FloatArray) -> FloatArray:
    return np.asarray(counts / counts.sum())
