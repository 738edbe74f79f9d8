"""How unusual one more period is, judged by how much the reference's own periods differ from each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln, stdtr

from mainstay.stats.arrays import FloatArray, vector
from mainstay.stats.distance import counts_of, jensen_shannon_terms
from mainstay.stats.few_blocks import overdispersed, rows_elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

NAN = float("nan")
LN2 = math.log(2.0)
MIN_ROWS = 50  # a period with fewer says nothing that could be acted on
MIN_BLOCKS = 5  # fewer do not show how distances between blocks vary
MAX_AUTOCORRELATION = 0.9
MARGIN = 1.5  # standard errors added to the autocorrelation: keeps the promise at 8 blocks and a true one of 0.6
N_SIZES = 6
EXACT_BELOW = 30.0  # expected rows of a bin below which its noise is summed over Poisson counts


def unusual(current: float, reference: npt.ArrayLike) -> float:
    """The chance that one more block from where the reference's blocks came shows this much or more.

    `reference` holds the blocks' distances (0 or more, shape (n_blocks,), in time order), `current` the new one's.
    Large is unusual. A predictive t on the logarithm and on the cube root (Wilson & Hilferty, 1931), whichever is less
    impressed, so that it is valid for lognormal as for gamma-like distances; the t has as many degrees as independent
    blocks would give at a lag-1 autocorrelation 1.5 standard errors above the estimate (corrected for its bias,
    Kendall 1954). Conservative by simulation from 8 to 60 blocks and autocorrelation up to 0.6. NaN below three blocks.

    >>> unusual(1.0, [0.9, 1.1, 1.0, 1.2, 0.8]) > 0.4, unusual(99.0, [0.9, 1.1, 1.0, 1.2, 0.8] * 4) < 1e-4
    (True, True)
    """
    blocks = vector("reference", reference)
    if bool(np.any(blocks < 0)) or current < 0:
        raise ValueError("a distance below 0 came; wanted distances of 0 or more")
    if blocks.size < 3 or math.isnan(current):
        return NAN
    largest = float(blocks.max())
    if float(blocks.min()) >= largest * (1 - 1e-9):  # all the same: only their number speaks
        return 1 / (blocks.size + 1) if current > largest else 1.0
    floor = 1e-6 * largest
    values, new = np.maximum(blocks, floor), max(current, floor)
    return max(_predictive(new, values, np.log), _predictive(new, values, np.cbrt))


def _predictive(current: float, blocks: FloatArray, scale: Callable[[FloatArray], FloatArray]) -> float:
    """The upper tail of Student's predictive distribution on a scale, for as many blocks as count as independent."""
    values, n = scale(blocks), blocks.size
    gaps = values - values.mean()
    square = float(gaps @ gaps)
    lag = float(gaps[1:] @ gaps[:-1]) / square
    lag = min(max(lag + (1 + 3 * lag) / n + MARGIN / math.sqrt(n), 0.0), MAX_AUTOCORRELATION)
    n_for_mean = max(n * (1 - lag) / (1 + lag), 1.5)
    n_degrees = max(n * (1 - lag**2) / (1 + lag**2) - 1, 1.0)
    variance = square / n / (1 - 1 / n_for_mean)
    t = (float(scale(np.array([current]))[0]) - float(values.mean())) / math.sqrt(variance * (1 + 1 / n_for_mean))
    return float(stdtr(n_degrees, -t))


def expected_noise(reference_counts: npt.ArrayLike, n: float) -> float:
    """The Jensen-Shannon distance that n rows from the reference itself would show: the root of its mean square.

    Common bins add 1 / (8 n ln 2) each, rare ones what their Poisson counts make of it, all less one degree of freedom.
    The reference is taken as exact. NaN without rows.

    >>> round(expected_noise([500, 500], 1000), 4)
    0.0134
    """
    return math.sqrt(_noise(counts_of("reference_counts", reference_counts), n))


def leave_one_out(blocks: npt.ArrayLike) -> FloatArray:
    """The Jensen-Shannon distance of each block, shape (n_blocks, n_bins), to all others together; NaN where empty.

    >>> leave_one_out([[5, 5], [5, 5], [10, 0]]).round(2)
    array([0.22, 0.22, 0.56])
    """
    counts = _table(blocks)
    return np.sqrt(_divergences(counts, counts.sum(axis=0) - counts))


def block_p_value(current_counts: npt.ArrayLike, reference_blocks: npt.ArrayLike) -> float:
    """The chance of a period like this, or stranger, if nothing but the usual has happened since the reference.

    `current_counts` has shape (n_bins,), `reference_blocks` (n_blocks, n_bins) in time order. Each distance to the rest
    is set against the sampling noise at its own size plus the blocks' own variation, so that small and large periods
    compare (one larger than the blocks is given their noise); then `unusual` judges. Below five blocks with rows: a
    chi-square test against the blocks' overdispersion.
    A reference all in one bin: the exact chance of that many rows elsewhere. NaN (unknown) below 50 current rows or
    without a reference.

    >>> block_p_value([60, 0, 40], [[100, 0, 0]] * 6) < 1e-9
    True
    """
    current, blocks = counts_of("current_counts", current_counts), _table(reference_blocks)
    if blocks.shape[1] != current.size:
        raise ValueError(f"current has {current.size} bins, the reference {blocks.shape[1]}; wanted the same bins")
    blocks = blocks[blocks.sum(axis=1) > 0]
    if current.sum() < MIN_ROWS or not blocks.size:
        return NAN
    pooled = blocks.sum(axis=0)
    if np.count_nonzero(pooled) == 1:
        return rows_elsewhere(float(current.sum()), float(current[pooled == 0].sum()), float(pooled.sum()))
    if blocks.shape[0] < MIN_BLOCKS:
        return overdispersed(current, blocks)
    return unusual(*_standardised(current, blocks))


def _standardised(current: FloatArray, blocks: FloatArray) -> tuple[float, FloatArray]:
    """The new divergence and the reference's, each over what its size and the blocks' own variation let expect."""
    pooled = blocks.sum(axis=0)
    rest = pooled - blocks
    sizes = np.append(blocks.sum(axis=1), current.sum())
    others = np.append(rest.sum(axis=1), pooled.sum())
    noise = _degrees(pooled, sizes) * (1 / sizes + 1 / others)
    found = _divergences(blocks, rest)
    spread = max(float(np.mean(found - noise[:-1])), 0.0)
    # A larger period is compared as if thinned to the blocks' size: how blocks vary is known at that size only.
    least = max(float(noise[-1]), float(np.median(noise[:-1])))
    new = float(_divergences(current[None, :], pooled[None, :])[0]) + least - float(noise[-1])
    return new / (least + spread), found / (noise[:-1] + spread)


def _degrees(pooled: FloatArray, sizes: FloatArray) -> FloatArray:
    """The expected divergence times the rows, for many sizes; it changes slowly with the size, so a few tell all."""
    some = np.unique(np.geomspace(sizes.min(), sizes.max(), N_SIZES))
    degrees = [max(_noise(pooled, float(n)) * float(n), 1e-12) for n in some]
    return np.interp(sizes, some, degrees)


def _noise(pooled: FloatArray, n: float) -> float:
    """The expected divergence, in bits, of n rows from the shares they are drawn from."""
    if not (n > 0 and pooled.sum()):
        return NAN
    share = pooled[pooled > 0] / pooled.sum()
    common = 1 / (8 * n * LN2)
    rare = share[share * n < EXACT_BELOW]
    total = common * (share.size - rare.size - 1)
    if rare.size:
        counts = np.arange(int(EXACT_BELOW + 12 * math.sqrt(EXACT_BELOW)) + 1)
        weight = np.exp(counts * np.log(rare[:, None] * n) - rare[:, None] * n - gammaln(counts + 1))
        total += float(np.sum(weight * jensen_shannon_terms(rare[:, None], counts / n)))
    return max(float(total), 0.0)


def _divergences(counts: FloatArray, others: FloatArray) -> FloatArray:
    """The Jensen-Shannon divergence in bits between rows of two tables; NaN where one of them is empty."""
    n, m = counts.sum(axis=1), others.sum(axis=1)
    known = (n > 0) & (m > 0)
    p, q = counts / np.where(known, n, 1.0)[:, None], others / np.where(known, m, 1.0)[:, None]
    return np.where(known, np.maximum(jensen_shannon_terms(p, q).sum(axis=1), 0.0), NAN)


def _table(blocks: npt.ArrayLike) -> FloatArray:
    counts = np.asarray(blocks, dtype=np.float64)
    if counts.ndim != 2 or not counts.shape[1]:
        raise ValueError(f"blocks have shape {counts.shape}; wanted two dimensions, (n_blocks, n_bins)")
    if counts.size:
        counts_of("blocks", counts.ravel())
    return counts
