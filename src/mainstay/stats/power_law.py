"""The law of a learning curve: a power law with a random walk around it, fitted to few noisy points.

`metric(n) = limit - scale * n ** -power + walk(n) + noise`. The walk (anchored at the largest size measured) is the
law's own error: the steeper the curve, the further it may stray, so that what is foretold is as unsure beyond the
points as laws of this kind have been. Sources: Viering and Loog (2022) for the law, Kennedy and O'Hagan (2001) for
keeping a model's own error as a random process.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from mainstay.stats.arrays import FloatArray
from mainstay.stats.curve_noise import Noise, noise_of
from mainstay.stats.intervals import Interval, unknown

WALK = 0.35  # of the law's own gain, per root of e-fold; with it real curves stayed within what was foretold
POWERS = np.geomspace(0.08, 2.0, 32)  # below a tenth nothing ever levels off, above two it has at once
USUAL_POWER, POWER_SPREAD = 0.55, 0.7  # most published curves of tabular learners lie between 0.25 and 1.2
N_SLOPES = 48
N_DRAWS = 1000
N_STEPS = 64  # sizes between the smallest measured and twice the largest asked for
MIN_POINTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLaw:
    """What is known of a curve: draws from all laws that the points leave possible.

    `limit`, `scale` and `power` have shape (n_draws,); `paths` the curve itself at `sizes`, shape (n_draws, n_sizes);
    `noise` how far one mean measurement strays from it, shape (n_draws,) at size 1, falling as `n ** fall`.
    """

    limit: FloatArray
    scale: FloatArray
    power: FloatArray
    sizes: FloatArray
    paths: FloatArray
    noise: FloatArray
    fall: float

    def at(self, n: float, *, level: float = 0.95) -> Interval:
        """Return the curve at n rows: the median of the draws and the bounds that hold the share `level` of them."""
        return _interval(self._at(n), level)

    def measured_at(self, n: float, *, seed: int, level: float = 0.95) -> Interval:
        """Return what measuring at n rows would show: the curve, and the noise of one more mean over the repeats."""
        luck = np.random.default_rng(seed).standard_normal(self.noise.size)
        return _interval(self._at(n) + luck * self.noise * n**self.fall, level)

    def gain(self, start: float, end: float, *, level: float = 0.95) -> Interval:
        """Return how much higher the curve is at `end` rows than at `start`."""
        return _interval(self._at(end) - self._at(start), level)

    def limit_interval(self, *, level: float = 0.95) -> Interval:
        """Return what the metric would reach without end."""
        return _interval(self.limit, level)

    def enough(self, share: float, *, n_all: float, baseline: float, level: float = 0.95) -> Interval:
        """Return the least n at which the curve reaches `share` of its gain over `baseline` at `n_all`.

        Unknown where the curve may gain nothing over the baseline.
        """
        top = self._at(n_all)
        gaining = top > baseline
        if np.count_nonzero(gaining) < 0.95 * top.size:
            return unknown()
        wanted = baseline + share * (top - baseline)
        return _interval(self._first(wanted, n_all)[gaining], level)

    def _at(self, n: float) -> FloatArray:
        return _at_size(self.sizes, self.paths, n)

    def _first(self, wanted: FloatArray, n_all: float) -> FloatArray:
        """The size where each path first reaches what is wanted, between two steps on a straight line in log n."""
        logs = np.append(np.log(self.sizes[self.sizes < n_all]), np.log(n_all))
        inner = np.column_stack([self.paths[:, : logs.size - 1], self._at(n_all)])
        reached = inner >= wanted[:, None] - 1e-12
        first = np.argmax(reached, axis=1)
        before = np.maximum(first - 1, 0)
        rows = np.arange(wanted.size)
        low, high = inner[rows, before], inner[rows, first]
        rise = np.where(high > low, high - low, 1.0)
        share = np.clip(np.where(first > 0, (wanted - low) / rise, 0.0), 0.0, 1.0)
        found: FloatArray = np.exp(logs[before] + share * (logs[first] - logs[before]))
        return found


def fit_power_law(
    sizes: npt.ArrayLike, metrics: npt.ArrayLike, *, n_max: float, highest: float = np.inf, seed: int
) -> PowerLaw:
    """Fit the law to repeated measurements of a metric that is better when higher (turn errors round).

    `sizes` has shape (n_sizes,), ascending; `metrics` (n_repeats, n_sizes), each row one fold or one draw of rows;
    `highest` is a bound that the metric cannot pass. What is foretold reaches to `n_max`. Powers and slopes are weighed
    on a grid, the limit in closed form. Raises `ValueError` for fewer than three sizes, or other shapes.

    >>> n = np.array([100.0, 200.0, 400.0, 800.0])
    >>> law = fit_power_law(n, np.tile(0.9 - n**-0.5, (3, 1)), n_max=1600, seed=1)
    >>> round(law.at(1600).value, 2)
    0.87
    """
    at, values = np.asarray(sizes, dtype=np.float64), np.asarray(metrics, dtype=np.float64)
    if at.ndim != 1 or at.size < MIN_POINTS or bool(np.any(np.diff(at) <= 0)) or at[0] <= 0:
        raise ValueError(f"sizes came as {at.shape}; wanted at least {MIN_POINTS}, above 0 and ascending")
    if values.ndim != 2 or values.shape[1] != at.size or not bool(np.all(np.isfinite(values))):
        raise ValueError(f"metrics came as {values.shape}; wanted finite numbers, (n_repeats, {at.size})")
    noise = noise_of(at, values)
    points = _Points(at, values.mean(axis=0), noise.variances, highest)
    random = np.random.default_rng(seed)
    laws = _weighed(points).drawn(random)
    return _followed(points, laws, noise, n_max=max(n_max, at[-1]), random=random)


@dataclass(frozen=True, slots=True)
class _Points:
    """Mean metrics at sizes, the variance of each mean's noise, and the bound above all."""

    sizes: FloatArray
    means: FloatArray
    variances: FloatArray
    highest: float


@dataclass(frozen=True, slots=True)
class _Laws:
    """Laws, each with its limit's mean and spread; `weights` sum to 1."""

    power: FloatArray
    scale: FloatArray
    mean: FloatArray
    spread: FloatArray
    weights: FloatArray
    highest: float

    def drawn(self, random: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Draw powers, scales and limits: evenly along the weights, limits below the bound."""
        levels = (np.arange(N_DRAWS) + random.random()) / N_DRAWS
        at = np.searchsorted(np.cumsum(self.weights), levels).clip(0, self.weights.size - 1)
        at = random.permutation(at)
        mean, spread = self.mean[at], self.spread[at]
        share = ndtr((self.highest - mean) / spread)
        limit = mean + spread * ndtri(np.clip(random.random(N_DRAWS) * share, 1e-12, 1 - 1e-12))
        return self.power[at], self.scale[at], np.minimum(limit, self.highest)


def _weighed(points: _Points) -> _Laws:
    """Weigh every power and slope of the grid by how well its law, walk and noise explain the points."""
    power, slope = (grid.ravel() for grid in np.meshgrid(POWERS, _slopes(points), indexing="ij"))
    scale = slope / power * points.sizes[-1] ** power
    covariance = _walk_covariance(points.sizes, scale, power) + np.diag(points.variances)
    lifted = points.means + scale[:, None] * points.sizes ** -power[:, None]  # what the limit would have to be
    factor = np.linalg.cholesky(covariance)
    ones = np.linalg.solve(factor, np.ones((power.size, points.sizes.size, 1)))[..., 0]
    white = np.linalg.solve(factor, lifted[..., None])[..., 0]
    precision = np.sum(ones**2, axis=1)
    mean = np.sum(ones * white, axis=1) / precision
    rest = np.sum((white - mean[:, None] * ones) ** 2, axis=1)
    logs = np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
    spread = precision**-0.5
    prior = -0.5 * (np.log(power / USUAL_POWER) / POWER_SPREAD) ** 2
    below = np.log(np.maximum(ndtr((points.highest - mean) / spread), 1e-300))
    weights = prior - 0.5 * rest - logs - 0.5 * np.log(precision) + below
    weights = np.exp(weights - weights.max())
    return _Laws(power, scale, mean, spread, weights / weights.sum(), points.highest)


def _slopes(points: _Points) -> FloatArray:
    """Gains per e-fold of rows at the last size, from next to none to more than was ever seen between two sizes."""
    spans = np.abs(np.diff(points.means)) / np.diff(np.log(points.sizes))
    largest = max(3 * float(spans.max()), 3 * float(np.sqrt(points.variances.max())), 1e-9)
    return np.geomspace(largest * 1e-4, largest, N_SLOPES)


def _walk_covariance(sizes: FloatArray, scale: FloatArray, power: FloatArray) -> FloatArray:
    """The walk at sizes up to the last, where it is nought; shape (n_laws, n_sizes, n_sizes)."""
    clock = _clock(sizes, scale, power)
    since = clock - clock[:, -1:]
    found: FloatArray = np.minimum(since[:, :, None], since[:, None, :])
    return found


def _clock(sizes: FloatArray, scale: FloatArray, power: FloatArray) -> FloatArray:
    """The walk's variance still to come from each size on: the law's squared slope in log n, summed to infinity."""
    slopes: FloatArray = (scale * power)[:, None] * sizes ** -power[:, None]
    return WALK**2 * slopes**2 / (2 * power[:, None])


def _followed(
    points: _Points,
    laws: tuple[FloatArray, FloatArray, FloatArray],
    noise: Noise,
    *,
    n_max: float,
    random: np.random.Generator,
) -> PowerLaw:
    """Follow each law with a walk of its own, bent to pass the points as near as their noise makes likely."""
    power, scale, limit = laws
    spread = noise.spread(power.size, random)
    sizes = np.unique(np.concatenate([np.geomspace(points.sizes[0], n_max, N_STEPS), points.sizes]))
    at = np.searchsorted(sizes, points.sizes)
    law = limit[:, None] - scale[:, None] * sizes ** -power[:, None]
    walk = _walks(sizes, scale, power, anchor=int(at[-1]), random=random)
    luck = random.standard_normal((power.size, at.size)) * np.sqrt(points.variances)
    missed = points.means - (law + walk)[:, at] - luck
    clock = _clock(sizes, scale, power)
    since = np.maximum(clock - clock[:, at[-1:]], 0.0)
    reach = np.minimum(since[:, :, None], since[:, None, at])
    own = reach[:, at] + np.diag(points.variances)
    bend = np.einsum("dgk,dk->dg", reach, np.linalg.solve(own, missed[..., None])[..., 0])
    paths = np.minimum(law + walk + bend, points.highest)
    return PowerLaw(limit=limit, scale=scale, power=power, sizes=sizes, paths=paths, noise=spread, fall=noise.fall)


def _walks(
    sizes: FloatArray, scale: FloatArray, power: FloatArray, *, anchor: int, random: np.random.Generator
) -> FloatArray:
    """One walk for each law, nought at the anchor, shape (n_laws, n_sizes)."""
    clock = _clock(sizes, scale, power)
    steps = random.standard_normal((power.size, sizes.size - 1)) * np.sqrt(np.maximum(-np.diff(clock, axis=1), 0.0))
    walk = np.concatenate([np.zeros((power.size, 1)), np.cumsum(steps, axis=1)], axis=1)
    return np.asarray(walk - walk[:, anchor : anchor + 1])


def _at_size(sizes: FloatArray, paths: FloatArray, n: float) -> FloatArray:
    """Each path at n, between two sizes on a straight line in log n; nothing is foretold beyond the ends."""
    if not sizes[0] * (1 - 1e-9) <= n <= sizes[-1] * (1 + 1e-9):
        raise ValueError(f"{n:g} rows came; wanted between {sizes[0]:g} and {sizes[-1]:g}")
    right = int(np.clip(np.searchsorted(sizes, n), 1, sizes.size - 1))
    share = np.log(n / sizes[right - 1]) / np.log(sizes[right] / sizes[right - 1])
    found: FloatArray = paths[:, right - 1] + share * (paths[:, right] - paths[:, right - 1])
    return found


def _interval(draws: FloatArray, level: float) -> Interval:
    low, middle, high = np.quantile(draws, [0.5 - level / 2, 0.5, 0.5 + level / 2])
    return Interval(float(middle), float(low), float(high))
