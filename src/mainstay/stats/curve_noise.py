"""How far the points of a learning curve stray by luck: which rows were drawn, which were scored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.stats.arrays import FloatArray

STEEPEST_FALL = -1.0  # the spread of a mean over n rows falls as n ** -0.5; luck of the fit falls no faster than this
LEAST = 1e-6  # a spread below this is rounding, and would let a law be as sure as its arithmetic


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise of the means: `variances` by size; of one draw each `at_one * n ** fall`, known to `freedom` degrees."""

    variances: FloatArray
    at_one: float
    fall: float
    freedom: int

    def spread(self, n_draws: int, random: np.random.Generator) -> FloatArray:
        """Draw spreads at size 1 as unsure as so few repeats leave them (inverse chi-square), shape (n_draws,)."""
        drawn: FloatArray = self.at_one * np.sqrt(self.freedom / random.chisquare(self.freedom, n_draws))
        return drawn


def noise_of(sizes: FloatArray, metrics: FloatArray, draws: FloatArray | None = None) -> Noise:
    """Learn the noise of the means over repeats, metrics having shape (n_repeats, n_sizes).

    Each metric is itself a mean over so many `draws` of rows, shape (n_sizes,); one each if left out. What a repeat
    adds at every size alike (its scored rows are easier, say), or evenly more with each doubling (more can be learned
    about them), is no noise of the curve's shape and is taken out. The spread of one draw is taken to fall as a power
    of the size, for single sizes have too few repeats to tell. A lone repeat tells nothing: a twentieth of the range
    stands in.

    >>> noise_of(np.array([1.0, 2.0]), np.array([[0.5, 0.6], [0.7, 0.8]])).at_one < 0.001
    True
    """
    n_repeats, n_sizes = metrics.shape
    each = np.ones(n_sizes) if draws is None else draws
    if n_repeats < 2:
        return _smooth(sizes, np.full(n_sizes, max(float(np.ptp(metrics)) / 20, LEAST) ** 2), each, freedom=2)
    logs = np.log(sizes) - np.log(sizes).mean()
    apart = metrics - metrics.mean(axis=0)
    apart = apart - apart.mean(axis=1, keepdims=True)
    rest = apart - np.outer(apart @ logs / (logs @ logs), logs)
    freedom = max((n_repeats - 1) * (n_sizes - 2), 1)
    by_size = np.sum(rest**2, axis=0) * n_sizes / freedom / n_repeats
    return _smooth(sizes, np.maximum(by_size, LEAST**2), each, freedom=freedom)


def _smooth(sizes: FloatArray, variances: FloatArray, draws: FloatArray, *, freedom: int) -> Noise:
    """Lay one power of the size through one draw's variances: a slope held to what luck can do, then the level."""
    logs, single = np.log(sizes) - np.log(sizes).mean(), variances * draws
    fall = float(np.clip(logs @ np.log(single) / (logs @ logs) / 2, STEEPEST_FALL, 0.0))
    at_one = float(np.sqrt(np.mean(single / sizes ** (2 * fall))))
    return Noise((at_one * sizes**fall) ** 2 / draws, at_one, fall, freedom)
