"""How far scores are from what happens, without bins: the smooth calibration error, freed of what chance adds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import dct, idct

from mainstay.stats.arrays import FloatArray, outcomes_and_probabilities
from mainstay.stats.calibration import MIN_ROWS, debiased_root
from mainstay.stats.intervals import Interval, unknown

if TYPE_CHECKING:
    import numpy.typing as npt

N_CELLS = 1000  # of the range of scores: far finer than any bandwidth that rows admit
N_DRAWS = 200  # of what chance alone would show
MOST_HALVINGS = 30


def smooth_calibration_error(
    outcomes: npt.ArrayLike, scores: npt.ArrayLike, *, seed: int, level: float = 0.95
) -> Interval:
    """The mean absolute gap between score and outcome after smoothing over scores, in probability (0.02: two points).

    Gaussian smoothing with reflection at 0 and 1, its bandwidth the error itself, as Błasiok & Nakkiran (2023) define
    it. Theirs grows with noise: under perfect calibration it is far from 0 on few rows. Here the mean square of what
    chance makes of perfectly calibrated scores (drawn from `seed`) is taken off its square, so that a perfect model
    shows about 0 at any size, and the interval starts at 0 where the gap could be chance. Rows are taken as
    independent; unknown below 50 of them.

    >>> smooth_calibration_error([0, 1] * 200, [0.2, 0.8] * 200, seed=1).value.__round__(1)
    0.2
    """
    happened, given = outcomes_and_probabilities(outcomes, scores)
    n = given.size
    if n < MIN_ROWS:
        return unknown()
    cell = np.minimum((given * N_CELLS).astype(np.int64), N_CELLS - 1)
    each = happened - given
    gaps = np.bincount(cell, weights=each, minlength=N_CELLS) / n
    variance = np.bincount(cell, weights=given * (1 - given), minlength=N_CELLS) / n**2
    bandwidth = _bandwidth(gaps)
    drawn = np.random.default_rng(seed).normal(size=(N_DRAWS, N_CELLS)) * np.sqrt(variance)
    by_chance = np.abs(smoothed(drawn, bandwidth)).sum(axis=1) ** 2
    pull = smoothed(np.sign(smoothed(gaps, bandwidth)), bandwidth)
    error = _error(gaps, bandwidth)
    noise = float(np.bincount(cell, weights=each**2, minlength=N_CELLS) @ pull**2) / n**2 - error**2 / n
    return debiased_root(error**2 - float(by_chance.mean()), noise, float(by_chance.var()), level)


def smoothed(cells: FloatArray, bandwidth: float) -> FloatArray:
    """Numbers in cells of [0, 1], along the last axis, spread by a Gaussian that is reflected at both ends.

    Their sum stays as it is. In cosines the Gaussian is a product, for it is how heat spreads.

    >>> smoothed(np.array([0.0, 1.0, 0.0]), 10.0).round(3)
    array([0.333, 0.333, 0.333])
    """
    waves = np.pi * bandwidth * np.arange(cells.shape[-1])
    return np.asarray(idct(dct(cells, axis=-1, norm="ortho") * np.exp(-(waves**2) / 2), axis=-1, norm="ortho"))


def _error(gaps: FloatArray, bandwidth: float) -> float:
    return float(np.abs(smoothed(gaps, bandwidth)).sum())


def _bandwidth(gaps: FloatArray) -> float:
    """The bandwidth at which the smoothed error is the bandwidth: the error falls with it, so halving finds it."""
    low, high = 1 / N_CELLS, 1.0
    for _ in range(MOST_HALVINGS):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if _error(gaps, middle) > middle else (low, middle)
    return math.sqrt(low * high)
