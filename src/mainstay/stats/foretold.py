"""What scores foretell of outcomes that are not known yet: a metric's expectation, and how far it may come out.

A score that means what it says is a coin: it comes up with chance p. So whatever is a mean over rows of one number for
either outcome has an expectation, and a variance of p (1 - p) times the square of what the outcome changes. That much
any chunk of rows scatters about its own expectation, whatever the model. To it comes what is not known of the scores:
the curve that takes them to chances was learned from finite rows. Sources: Białek, Kuberski, Perrakis & Bifet (2023,
2024), who estimate so from calibrated scores (CBPE; PAPE where inputs moved); the intervals are ours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit, ndtri

from mainstay.stats.arrays import FloatArray, outcomes_and_probabilities
from mainstay.stats.intervals import NAN, Interval, unknown

if TYPE_CHECKING:
    import numpy.typing as npt

LEVEL = 0.9
CLOSEST = 1e-5  # chances nearer to certainty weigh as if they were this near: their log-odds would say all of a curve
BENDS = 3  # a curve is off by a constant, a slope and a bend of the log-odds
BELIEF = np.array([0.5, 0.3, 0.05])  # sd of these before any row is seen: a calibrated score is off by little
MEAN_GAP = 2 / np.sqrt(3)  # of two draws from an even stretch, in its sd
MOST_STEPS = 50


@dataclass(frozen=True, slots=True)
class Curve:
    """How far scores are off as chances: what to add to the log-odds l, as multiples of 1, l and l², and how sure.

    `shift` has shape (3,), `covariance` (3, 3).
    """

    shift: FloatArray
    covariance: FloatArray

    def moved(self, by: float, *, variance: float) -> Curve:
        """Return the curve with the log-odds of every row moved, of which the variance says how sure that is."""
        first = np.zeros(BENDS)
        first[0] = 1.0
        return replace(
            self, shift=self.shift + by * first, covariance=self.covariance + variance * np.outer(first, first)
        )


@dataclass(frozen=True, slots=True)
class Foretold:
    """Sums over rows of a number that is one thing if the outcome is positive and another if it is not.

    `total` is its expectation, `noise` its variance, and `slopes`, shape (3,), how it moves as the curve does.
    """

    rows: float
    total: float
    noise: float
    slopes: FloatArray


def odds_of(scores: npt.ArrayLike) -> FloatArray:
    """The log-odds of scores, held away from certainty.

    >>> odds_of([0.5, 1.0]).round(1).tolist()
    [0.0, 11.5]
    """
    return np.asarray(logit(np.clip(np.asarray(scores, dtype=np.float64), CLOSEST, 1 - CLOSEST)))


def bends_of(odds: FloatArray) -> FloatArray:
    """What a curve adds up from: 1, l and l² of log-odds l; shape (..., 3).

    >>> bends_of(np.array([2.0])).tolist()
    [[1.0, 2.0, 4.0]]
    """
    return np.stack([np.ones_like(odds), odds, odds**2], axis=-1)


def learn_curve(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> Curve:
    """Learn how far scores are off from rows that were not fitted on; both arguments of shape (n,).

    The mode of the posterior and its covariance there (Laplace), where each coefficient is believed to be small before
    any row is seen: with few rows the curve stays near 'as it is', and is not sure of it.

    >>> learn_curve([0, 1] * 500, [0.5] * 1000).shift.round(3).tolist()
    [0.0, 0.0, 0.0]
    """
    happened, given = outcomes_and_probabilities(outcomes, scores)
    odds = odds_of(given)
    bends, precision, shift = bends_of(odds), np.diag(1 / BELIEF**2), np.zeros(BENDS)
    for _ in range(MOST_STEPS):
        chance = expit(odds + _added(bends, shift))
        step = np.linalg.solve(_known(bends, chance) + precision, _lean(bends, happened - chance) - precision @ shift)
        # Half a unit of log-odds at most: the climb must not overshoot where few rows are uncertain.
        shift = shift + step * min(1.0, 0.5 / max(float(np.max(np.abs(step))), 1e-12))
        if float(np.max(np.abs(step))) < 1e-9:
            break
    chance = expit(odds + _added(bends, shift))
    return Curve(shift, _inverse(_known(bends, chance) + precision))


def believed(rows: FloatArray, chance: FloatArray) -> Curve:
    """Return the curve of scores that are right as far as anybody knows, learned from so many rows by score bin.

    `rows` and the mean `chance` of each bin have shape (n_bins,).
    """
    bends = bends_of(odds_of(chance))
    weighed = bends * (rows * chance * (1 - chance))[:, None]
    return Curve(np.zeros(BENDS), _inverse(bends.T @ weighed + np.diag(1 / BELIEF**2)))


def foretell(
    scores: FloatArray, if_positive: FloatArray, if_negative: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what a number is expected to be of each row, its variance, and how it moves with the curve.

    `if_positive` and `if_negative` are what it is for either outcome. Shapes (n,), the last (n, 3): what `Foretold`
    sums up.

    >>> foretell(np.array([0.25]), np.array([8.0]), np.array([4.0]))[0]
    array([5.])
    """
    differs, spread = if_positive - if_negative, scores * (1 - scores)
    slopes = bends_of(odds_of(scores)) * (spread * differs)[:, None]
    return if_negative + scores * differs, spread * differs**2, slopes


def mean_foretold(sums: Foretold, curve: Curve, *, level: float = LEVEL) -> Interval:
    """The mean per row, and the bounds within which the realised one will lie; unknown without rows.

    >>> fair = Curve(np.zeros(3), np.zeros((3, 3)))
    >>> mean_foretold(Foretold(100.0, 50.0, 25.0, np.zeros(3)), fair).high.round(3)
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

    >>> fair = Curve(np.zeros(3), np.zeros((3, 3)))
    >>> area = area_foretold(np.array([500.0, 500.0]), np.array([50.0, 450.0]), np.array([45.0, 45.0]), fair)
    >>> round(area.value, 2)
    0.9
    """
    held = rows > 0
    n, chance, spread = rows[held], chances[held], spreads[held]
    middle = chance / np.maximum(n, 1.0)
    bends = bends_of(odds_of(middle))
    positive = np.clip(chance + spread * (bends @ curve.shift), 0.0, n)
    negative = n - positive
    pairs = positive.sum() * negative.sum() - spread.sum()  # no row makes a pair with itself
    if n.size == 0 or pairs <= 0:
        return unknown()
    inside = np.sqrt(np.maximum((chance - spread) / n - middle**2, 0.0)) * MEAN_GAP * n**2 / 4
    below, above = np.cumsum(negative) - negative / 2, positive.sum() - np.cumsum(positive) + positive / 2
    area = float((positive @ below + inside.sum() - spread.sum() / 2) / pairs)
    moves = (below - above - area * (negative.sum() - positive.sum())) / pairs
    slopes = (bends * (spread * moves)[:, None]).sum(axis=0)
    variance = float((spread * moves**2).sum() + slopes @ curve.covariance @ slopes)
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


def _added(bends: FloatArray, shift: FloatArray) -> FloatArray:
    added: FloatArray = (bends * shift).sum(axis=1)
    return added


def _known(bends: FloatArray, chance: FloatArray) -> FloatArray:
    """Fisher's information, as sums: dot products depend on the number of threads."""
    weight = chance * (1 - chance)
    return np.array([[float((weight * one * other).sum()) for other in bends.T] for one in bends.T])


def _lean(bends: FloatArray, gap: FloatArray) -> FloatArray:
    return np.array([float((gap * column).sum()) for column in bends.T])


def _inverse(square: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.inv(square), dtype=np.float64)
