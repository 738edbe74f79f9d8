"""A smoothing spline whose stiffness the data choose: a straight line unless they say otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mainstay.stats.arrays import FloatArray

N_STIFFNESSES = 60  # over the whole range from following every point to a straight line: steps of about a half
MIN_GAP_SHARE = 1e-7  # points closer than this share of the range are one point; their division would overflow


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
    return np.asarray(_smoothed(knots, heights, np.sqrt(weight))[point])


def _smoothed(x: FloatArray, y: FloatArray, root_weight: FloatArray) -> FloatArray:
    bending = _bending_energy(x) / np.outer(root_weight, root_weight)
    stiffness, directions = np.linalg.eigh((bending + bending.T) / 2)
    stiffness = np.maximum(stiffness, 1e-14 * stiffness[-1])
    leaning = directions.T @ (root_weight * y)
    bent, observed = stiffness[2:], leaning[2:]  # the first two directions are the straight lines, which cost nothing
    penalties = np.geomspace(1e-3 / bent[-1], 1e4 / bent[0], N_STIFFNESSES)
    variance = 1 + 1 / (penalties[:, None] * bent)
    chosen = penalties[np.argmin(np.sum(np.log(variance) + observed**2 / variance, axis=1))]
    kept = np.concatenate([[1.0, 1.0], 1 / (1 + chosen * bent)])
    return np.asarray(directions @ (kept * leaning) / root_weight)


def _bending_energy(x: FloatArray) -> FloatArray:
    """The matrix K with y'Ky the integral of the squared second derivative of the natural spline through y."""
    gaps, inner = np.diff(x), np.arange(x.size - 2)
    second = np.zeros((x.size - 2, x.size))
    second[inner, inner], second[inner, inner + 2] = 1 / gaps[:-1], 1 / gaps[1:]
    second[inner, inner + 1] = -1 / gaps[:-1] - 1 / gaps[1:]
    overlap = np.diag((gaps[:-1] + gaps[1:]) / 3)
    overlap[inner[:-1], inner[1:]] = overlap[inner[1:], inner[:-1]] = gaps[1:-1] / 6
    return np.asarray(second.T @ np.linalg.solve(overlap, second))
