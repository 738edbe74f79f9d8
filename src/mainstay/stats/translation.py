"""What moving alone does to a histogram: so that a change of spread is told from a place where spread looks different.

Scores of ranks are bent: where values have moved far (a season does that) any further move also changes the mean of the
scores that tell spread, skewness and tails. That part is expected and taken out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from mainstay.stats.arrays import FloatArray, vector

FARTHEST, STEP = 5.0, 0.05  # moves that are tabled, in standard deviations of the normal behind the ranks


@dataclass(frozen=True, slots=True, eq=False)
class Translation:
    """Mean scores of a histogram that only moved, shape (n, k), by that of location, `place`, ascending, shape (n,).

    `noise`, shape (n, k), is the variance of one row's score, its part along `place` taken out; at least 1.
    """

    place: FloatArray
    means: FloatArray
    noise: FloatArray

    def beyond(self, values: FloatArray, rows: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean scores less what moving alone explains, and the rows that they are worth; all (n_periods, k).

        Column 0, location, stays as it is.
        """
        left, worth = values.copy(), rows.copy()
        for k in range(1, values.shape[1]):
            left[:, k] -= np.interp(values[:, 0], self.place, self.means[:, k])
            worth[:, k] /= np.interp(values[:, 0], self.place, self.noise[:, k])
        return left, worth


def translation(shares: npt.ArrayLike, scores: FloatArray) -> Translation:
    """Table what scores of ordered bins do where a normal variable behind the bins moves and nothing else changes.

    `shares`, shape (n_bins,), holds the reference's rows by bin, `scores`, shape (n_bins, k), those of `smooth_scores`.
    Source: the cumulative probit model of ordered values (McCullagh, 1980).

    >>> moved = translation([1, 1, 1], np.array([[-1.2, 0.7], [0.0, -1.4], [1.2, 0.7]]))
    >>> moved.beyond(np.array([[0.0, 0.0], [0.6, 0.15]]), np.full((2, 2), 9.0))[0].round(2).tolist()
    [[0.0, -0.0], [0.6, -0.01]]
    """
    weights = vector("shares", shares)
    cuts = ndtri(np.clip(np.cumsum(weights)[:-1] / weights.sum(), 0.0, 1.0))
    moves = np.arange(-FARTHEST, FARTHEST + STEP / 2, STEP)
    chances = np.diff(ndtr(cuts[None] - moves[:, None]), axis=1, prepend=0.0, append=1.0)
    means = chances @ scores
    slope = np.gradient(means, axis=0) / np.maximum(np.gradient(means[:, :1], axis=0), 1e-12)
    slope[:, 0] = 0.0
    left = scores[None] - slope[:, None, :] * scores[None, :, :1]
    middle = np.einsum("nb,nbk->nk", chances, left)
    noise = np.einsum("nb,nbk->nk", chances, left**2) - middle**2
    return Translation(means[:, 0], means, np.maximum(noise, 1.0))
