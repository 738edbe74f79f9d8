"""How far scores are off as chances, score bin by score bin, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import logit

from mainstay.stats.arrays import BoolArray, FloatArray

CLOSEST = 1e-5  # chances nearer to certainty weigh as if they were this near: their log-odds would say all of a curve

# What is believed of a calibrated score before any row is seen, as sd of log-odds.
OFF_FOR_ALL = 0.3
OFF_PER_ODDS = 0.15  # too sure or too shy: for each unit of log-odds
BENDS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3)  # how far a curve may bend
REACHES = (0.5, 1.0, 2.0)  # log-odds within which it bends alike
LEAST_SPREAD = 1e-9  # of a bin that knows something: the sum of p (1 - p)


@dataclass(frozen=True, slots=True)
class Curve:
    """What to add to the log-odds of the scores in each bin, shape (n_bins,), and its covariance (n_bins, n_bins)."""

    shift: FloatArray
    covariance: FloatArray


def odds_of(scores: npt.ArrayLike) -> FloatArray:
    """The log-odds of scores, held away from certainty.

    >>> odds_of([0.5, 1.0]).round(1).tolist()
    [0.0, 11.5]
    """
    return np.asarray(logit(np.clip(np.asarray(scores, dtype=np.float64), CLOSEST, 1 - CLOSEST)))


def learn_curve(odds: FloatArray, beyond: FloatArray, spread: FloatArray) -> Curve:
    """Learn how far scores are off from rows that were not fitted on, added up by score bin; all of shape (n_bins,).

    `odds` are the mean log-odds of each bin's scores, `beyond` the sum of outcomes less scores, `spread` that of score
    × (1 - score); a bin without rows has none of the last two. A smooth curve (a Gaussian process over log-odds: a
    constant, a slope and a bend, over whose sizes and reaches it is averaged), so with few rows it stays near 'as it
    is' and is not sure of it, and where no rows are it knows least. To first order: for scores that were calibrated and
    are off by little. Source: Rasmussen & Williams (2006), chapters 2 and 5.

    >>> learn_curve(np.array([-1.0, 1.0]), np.zeros(2), np.array([50.0, 50.0])).shift.tolist()
    [0.0, 0.0]
    """
    known = spread > LEAST_SPREAD
    believed = OFF_FOR_ALL**2 + OFF_PER_ODDS**2 * np.outer(odds, odds)
    if not known.any():
        return Curve(np.zeros(odds.size), believed)
    off, error = beyond[known] / spread[known], np.diag(1 / spread[known])
    apart = (odds[:, None] - odds[None]) ** 2
    shapes = [believed + bend**2 * np.exp(-apart / (2 * reach**2)) for bend in BENDS for reach in REACHES]
    likely = np.array([_likelihood(off, shape[np.ix_(known, known)] + error) for shape in shapes])
    shares = np.exp(likely - likely.max()) / np.exp(likely - likely.max()).sum()
    return _mixed([_given(shape, known, off, error) for shape in shapes], shares)


def _given(shape: FloatArray, known: BoolArray, off: FloatArray, error: FloatArray) -> Curve:
    """The curve of one shape, given what was seen in the bins that are known."""
    gain = np.linalg.solve(shape[np.ix_(known, known)] + error, shape[known]).T
    return Curve(gain @ off, np.asarray(shape - gain @ shape[known], dtype=np.float64))


def _mixed(curves: Sequence[Curve], shares: FloatArray) -> Curve:
    """The mean of curves, as unsure as they are and as they differ: one alone would be too sure of its shape."""
    shift: FloatArray = np.array([share * curve.shift for curve, share in zip(curves, shares, strict=True)]).sum(axis=0)
    covariance = np.zeros((shift.size, shift.size))
    for curve, share in zip(curves, shares, strict=True):
        covariance += share * (curve.covariance + np.outer(curve.shift - shift, curve.shift - shift))
    return Curve(shift, covariance)


def _likelihood(off: FloatArray, covariance: FloatArray) -> float:
    """The log likelihood of what was seen, but for a constant."""
    root = np.linalg.cholesky(covariance)
    standard = np.linalg.solve(root, off)
    return -float(standard @ standard) / 2 - float(np.log(np.diag(root)).sum())
