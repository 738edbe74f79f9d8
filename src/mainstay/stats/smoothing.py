"""A smoothing spline whose stiffness the data choose: a straight line unless they say otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_solve_banded, cholesky_banded, solveh_banded

if TYPE_CHECKING:
    from mainstay.stats.arrays import FloatArray

N_STIFFNESSES = 60  # from a straight line to following every point
MIN_GAP_SHARE = 1e-5  # points closer than this share of the range are one point; dividing by less loses digits


def smoothing_spline(x: FloatArray, y: FloatArray, precision: FloatArray) -> FloatArray:
    """The cubic smoothing spline through points (x ascending) at those points, its stiffness by restricted likelihood.

    All shapes (n,); precision is one over the variance of each y, so noise is known and only the stiffness is not.
    Fewer than four distinct x: the points as they are. Sources: Reinsch (1967), Wecker & Ansley (1983).

    >>> x = np.linspace(0, 1, 9)
    >>> smoothing_spline(x, 2 * x, np.ones(9)).round(6)[3:6]
    array([0.75, 1.  , 1.25])
    """
    span = float(x[-1] - x[0]) if x.size else 0.0
    point = np.cumsum(np.diff(x, prepend=x[:1]) > MIN_GAP_SHARE * span) if span > 0 else np.zeros(x.size, dtype=np.intp)
    weight = np.bincount(point, weights=precision)
    if weight.size < 4:
        return y
    knots = np.bincount(point, weights=precision * (x - x[0]) / span) / weight
    heights = np.bincount(point, weights=precision * y) / weight
    return np.asarray(_smoothed(knots, heights, 1 / weight)[point])


def _smoothed(x: FloatArray, y: FloatArray, variance: FloatArray) -> FloatArray:
    """Reinsch's equations: the second differences of y vary by the noise in y plus the looseness times the overlap."""
    differences, bends = _differences(x), _overlap(np.diff(x))
    noise = _banded_noise(differences, variance)
    seen = (differences * np.stack([y[:-2], y[1:-1], y[2:]])).sum(axis=0)
    ratio = noise[-1] / bends[-1]
    looseness = np.geomspace(1e-9 * ratio.min(), 10 * ratio.max(), N_STIFFNESSES)
    chosen = min(looseness, key=lambda loose: _deviance(noise + loose * bends, seen))
    pull = solveh_banded(noise + chosen * bends, seen)
    smooth = y.copy()
    for k in range(3):
        smooth[k : x.size - 2 + k] -= variance[k : x.size - 2 + k] * differences[k] * pull
    return smooth


def _deviance(covariance: FloatArray, seen: FloatArray) -> float:
    """Minus twice the log likelihood of the second differences, given their banded covariance."""
    root = cholesky_banded(covariance)
    return float(2 * np.log(root[-1]).sum() + seen @ cho_solve_banded((root, False), seen))


def _differences(x: FloatArray) -> FloatArray:
    """The three weights of each second divided difference, shape (3, n - 2)."""
    gaps = np.diff(x)
    return np.stack([1 / gaps[:-1], -1 / gaps[:-1] - 1 / gaps[1:], 1 / gaps[1:]])


def _overlap(gaps: FloatArray) -> FloatArray:
    """How the second derivatives of neighbouring knots overlap: upper bands, the diagonal last."""
    bands = np.zeros((3, gaps.size - 1))
    bands[2], bands[1, 1:] = (gaps[:-1] + gaps[1:]) / 3, gaps[1:-1] / 6
    return bands


def _banded_noise(differences: FloatArray, variance: FloatArray) -> FloatArray:
    """The covariance of the second differences that the noise alone would give: upper bands, the diagonal last."""
    n = differences.shape[1]
    spread = differences * np.stack([variance[k : n + k] for k in range(3)])
    bands = np.zeros((3, n))
    bands[2] = (spread * differences).sum(axis=0)
    bands[1, 1:] = (spread[1:, :-1] * differences[:-1, 1:]).sum(axis=0)
    bands[0, 2:] = spread[2, :-2] * differences[0, 2:]
    return bands
