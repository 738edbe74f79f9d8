"""Whether something moved between two stretches of time, where rows near in time may be alike."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import stdtr

from mainstay.stats.arrays import FloatArray

MIN_BLOCKS, MOST_BLOCKS = 4, 16
BLOCK_ROWS = 15


def block_shift_p(first: FloatArray, second: FloatArray) -> float:
    """The chance of so great a difference of means if nothing moved, from pairs of blocks of neighbouring rows.

    Both hold numbers in the order of time, NaN where missing. Each is cut into up to 16 blocks of equal counts, and the
    means of the first blocks, of the second, … are compared by a paired test: what makes neighbours alike makes the
    differences scatter, and is so allowed for as far as it dies out within a block; a season that both stretches go
    through, or a steady climb, does not. 1 where a block holds nothing. Source: Student (1908), on batch means.

    >>> steps = np.random.default_rng(1).normal(size=320)
    >>> block_shift_p(steps[:160], steps[160:]) > 0.01, block_shift_p(steps[:160], steps[160:] + 2) < 1e-6
    (True, True)
    """
    n_blocks = int(np.clip(min(first.size, second.size) // BLOCK_ROWS, MIN_BLOCKS, MOST_BLOCKS))
    moved = _means(second, n_blocks) - _means(first, n_blocks)
    if bool(np.isnan(moved).any()):
        return 1.0
    error = float(moved.std(ddof=1)) / math.sqrt(n_blocks)
    gap = abs(float(moved.mean()))
    if error <= 1e-12 * gap or gap == 0.0:
        return 0.0 if gap > 0 else 1.0
    return float(2 * stdtr(n_blocks - 1, -gap / error))


def _means(values: FloatArray, n_blocks: int) -> FloatArray:
    blocks = np.array_split(values, n_blocks)
    return np.array([np.nan if np.isnan(each).all() else float(np.nanmean(each)) for each in blocks])
