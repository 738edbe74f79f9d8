"""What scores foretell of outcomes that are not known yet: a metric's expectation, and how far it may come out.

A score that means what it says is a coin: it comes up with chance p. So whatever is a mean over rows of one number for
either outcome has an expectation, and a variance of p (1 - p) times the square of what the outcome changes. That much
any chunk of rows scatters about its own expectation, whatever the model. To it comes what is not known of the scores:
the curve that takes them to chances was learned from finite rows. Sources: Białek, Kuberski, Perrakis & Bifet (2023,
2024), who estimate so from calibrated scores (CBPE; PAPE where inputs moved); the intervals are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit, ndtri

from mainstay.stats.arrays import FloatArray
from mainstay.stats.calibration_curve import Curve
from mainstay.stats.intervals import NAN, Interval, unknown

if TYPE_CHECKING:
    pass

LEVEL = 0.9
MEAN_GAP = 2 / np.sqrt(3)  # of two draws from an even stretch, in its sd


@dataclass(frozen=True, slots=True)
class Foretold:
    """Sums over rows of a number that is one thing if the outcome is positive and another if it is not.

    `total` is its expectation, `noise` its variance, and `slopes`, shape (n_bins,), how it moves with the log-odds of
    the rows in each score bin.
    """

    rows: float
    total: float
    noise: float
    slopes: FloatArray


def foretell(
    scores: FloatArray, if_positive: FloatArray, if_negative: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what a number is expected to be of each row, its variance, and how it moves with the row's log-odds.

    `if_positive` and `if_negative` are what it is for either outcome. Shapes (n,): what `Foretold` sums up.

    >>> foretell(np.array([0.25]), np.array([8.0]), np.array([4.0]))[0]
    array([5.])
    """
    differs, spread = if_positive - if_negative, scores * (1 - scores)
    return if_negative + scores * differs, spread * differs**2, spread * differs


def mean_foretold(sums: Foretold, curve: Curve, *, level: float = LEVEL) -> Interval:
    """The mean per row, and the bounds within which the realised one will lie; unknown without rows.

    >>> fair = Curve(np.zeros(1), np.zeros((1, 1)))
    >>> round(mean_foretold(Foretold(100.0, 50.0, 25.0, np.zeros(1)), fair).high, 3)
    0.582
    """
    if sums.rows <= 0:
        return unknown()
    slopes = sums.slopes / sums.rows
    value = sums.total / sums.rows + float(slopes @ curve.shift)
    variance = sums.noise / sums.rows**2 + float(slopes @ curve.covariance @ slopes)
    return _around(value, variance, level)


def share_foretold(sums: Foretold, curve: Curve, *, level: float = LEVEL) -> Interval:
    """As `mean_foretold` for a number of 0 or 1, such as being right: bounds on the logit scale, within 0 and 1."""
    return within_unit(mean_foretold(sums, curve, level=level))


def area_foretold(
    rows: FloatArray, chances: FloatArray, spreads: FloatArray, curve: Curve, *, level: float = LEVEL
) -> Interval:
    """The ROC area that scores foretell, from sums by score bin, lowest bin first: rows, p and p (1 - p).

    Rows of one bin are no ties: those of an even stretch of scores with the bin's own variance are ranked among
    themselves, so 64 bins give the area of the rows. All of shape (n_bins,). Unknown where nothing can differ.

    >>> fair = Curve(np.zeros(2), np.zeros((2, 2)))
    >>> area = area_foretold(np.array([500.0, 500.0]), np.array([50.0, 450.0]), np.array([45.0, 45.0]), fair)
    >>> round(area.value, 2)
    0.9
    """
    held = rows > 0
    n, chance, spread = rows[held], chances[held], spreads[held]
    middle = chance / n
    positive = np.clip(chance + spread * curve.shift[held], 0.0, n)
    negative = n - positive
    pairs = positive.sum() * negative.sum() - spread.sum()  # no row makes a pair with itself
    if n.size == 0 or pairs <= 0:
        return unknown()
    inside = np.sqrt(np.maximum((chance - spread) / n - middle**2, 0.0)) * MEAN_GAP * n**2 / 4
    below, above = np.cumsum(negative) - negative / 2, positive.sum() - np.cumsum(positive) + positive / 2
    area = float((positive @ below + inside.sum() - spread.sum() / 2) / pairs)
    moves = (below - above - area * (negative.sum() - positive.sum())) / pairs
    slopes = spread * moves
    variance = float((spread * moves**2).sum() + slopes @ curve.covariance[np.ix_(held, held)] @ slopes)
    return within_unit(_around(area, variance, level))


def mean_by_bin(
    rows: FloatArray, known: FloatArray, means: FloatArray, squares: FloatArray, *, level: float = LEVEL
) -> Interval:
    """The mean that score bins foretell of rows, where the score itself does not say it: errors of amounts, say.

    `rows` by bin are those asked about; `known` those of the reference, `means` and `squares` what they came to and
    its square on average. All of shape (n_bins,). Source: direct loss estimation (NannyML's name), by score bin.

    >>> mean_by_bin(np.array([0.0, 9.0]), np.ones(2), np.array([1.0, 3.0]), np.array([1.0, 9.0])).value
    3.0
    """
    total = float(rows.sum())
    if total <= 0:
        return unknown()
    spread = np.maximum(squares - means**2, 0.0)
    share = rows / total
    variance = float((share * spread).sum() / total + (share**2 * spread / np.maximum(known, 1.0)).sum())
    return _around(float((share * means).sum()), variance, level)


def within_unit(found: Interval) -> Interval:
    """Take bounds that lie evenly about a share to the logit scale, so that they stay within 0 and 1.

    >>> within_unit(Interval(0.9, 0.75, 1.05)).high < 1
    True
    """
    if not found.known or not 0.0 < found.value < 1.0:
        return Interval(found.value, *(float(np.clip(bound, 0.0, 1.0)) for bound in (found.low, found.high)))
    half = (found.high - found.low) / 2 / (found.value * (1 - found.value))
    middle = float(logit(found.value))
    return Interval(found.value, float(expit(middle - half)), float(expit(middle + half)))


def _around(value: float, variance: float, level: float) -> Interval:
    if not np.isfinite(value):
        return unknown(NAN)
    half = float(ndtri(0.5 + level / 2)) * float(np.sqrt(max(variance, 0.0)))
    return Interval(value, value - half, value + half)
