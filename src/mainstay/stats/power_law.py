"""The law of a learning curve: a power law that may bend, with a random walk around it, fitted to few noisy points.

Below its limit a curve lies by `left(n)`, which falls as a power of n. Learners of bounded capacity level off faster
than one power says: here the power itself may grow as `n ** bend` (a stretched exponential; at bend 0 the power law
`limit - scale * n ** -power`). A walk around the law is the law's own error: the steeper the curve, the further it may
stray, so that what is foretold is as unsure beyond the points as such laws have proved. Sources: Viering and Loog
(2022) for both laws, Kennedy and O'Hagan (2001) for keeping a law's own error as a random process.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from mainstay.stats.arrays import FloatArray
from mainstay.stats.curve_noise import noise_of
from mainstay.stats.intervals import Interval, unknown

# Learned from some forty curves of trees and lines on real tables, each foretold to three times its rows.
WALK = 0.04  # of the law's own gain, per root of e-fold
POWERS = np.geomspace(0.1, 3.0, 24)  # at the last size measured
USUAL_POWER, POWER_SPREAD = 0.9, 0.2  # a ratio
BENDS = np.array([-0.4, -0.25, -0.1, 0.02, 0.15, 0.3, 0.45, 0.6, 0.8])  # 0.02 is as good as none
USUAL_BEND, BEND_SPREAD = 0.4, 0.25
TAILS = 3.0  # degrees of freedom: other tables may be quite unlike these
N_ROUGH, N_SLOPES = 25, 48  # slopes over all that is possible, and then over what is likely
UNLIKELY = 1e-5  # of the likeliest
N_DRAWS = 1000
N_STEPS = 64  # sizes between the smallest measured and the largest asked for
MIN_POINTS = 3


@dataclass(frozen=True, slots=True)
class Laws:
    """Many laws, shape (n_laws,): what each gains per e-fold at the size `anchor`, its power there, and its bend."""

    anchor: float
    slope: FloatArray
    power: FloatArray
    bend: FloatArray

    def left(self, sizes: FloatArray) -> FloatArray:
        """How far below its limit each law lies at sizes, shape (n_laws, n_sizes)."""
        grown = np.exp(self.bend[:, None] * np.log(sizes / self.anchor))
        found: FloatArray = (self.slope / self.power)[:, None] * np.exp(self._fall(grown))
        return found

    def clock(self, sizes: FloatArray) -> FloatArray:
        """The walk's variance still to come from each size on: the law's squared slope in log n, summed to infinity."""
        grown = np.exp(self.bend[:, None] * np.log(sizes / self.anchor))
        twice = (2 * self.power / self.bend)[:, None]
        summed = np.exp(2 * self._fall(grown)) * (grown / twice + 1 / twice**2)
        found: FloatArray = WALK**2 * (self.slope**2 / self.bend)[:, None] * summed
        return found

    def drawn(self, at: npt.NDArray[np.int64]) -> Laws:
        """The laws at these positions."""
        return Laws(self.anchor, self.slope[at], self.power[at], self.bend[at])

    def _fall(self, grown: FloatArray) -> FloatArray:
        return -(self.power / self.bend)[:, None] * (grown - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLaw:
    """What is known of a curve: draws from all laws that the points leave possible.

    `limit` has shape (n_draws,); `paths` is the curve itself at `sizes`, shape (n_draws, n_sizes); `noise` how far
    measuring it once in every repeat strays from it, shape (n_draws,) at size 1, falling as `n ** fall`.
    """

    laws: Laws
    limit: FloatArray
    sizes: FloatArray
    paths: FloatArray
    noise: FloatArray
    fall: float
    highest: float

    def at(self, n: float, *, level: float = 0.95) -> Interval:
        """Return the curve at n rows: the median of the draws and the bounds that hold the share `level` of them."""
        return _interval(self._at(n), level)

    def measured_at(self, n: float, *, seed: int, level: float = 0.95) -> Interval:
        """Return what measuring at n rows would show: the curve, and the luck of one draw in every repeat."""
        luck = np.random.default_rng(seed).standard_normal(self.noise.size)
        found = self._at(n) + luck * self.noise * n**self.fall
        return _interval(np.minimum(found, self.highest), level)

    def gain(self, start: float, end: float, *, level: float = 0.95) -> Interval:
        """Return how much higher the curve is at `end` rows than at `start`."""
        return _interval(self.gains(start, end), level)

    def near(self, n: float) -> tuple[float, float, float]:
        """Return limit, scale and power of the one power law that lies nearest to all draws around n."""
        power = float(np.median(self.laws.power * (n / self.laws.anchor) ** self.laws.bend))
        limit = float(np.median(self.limit))
        return limit, max(limit - float(np.median(self._at(n))), 0.0) * n**power, power

    def gains(self, start: float, end: float) -> FloatArray:
        """Return by how much each draw is higher at `end` rows than at `start`, shape (n_draws,)."""
        found: FloatArray = self._at(end) - self._at(start)
        return found

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
    sizes: npt.ArrayLike,
    metrics: npt.ArrayLike,
    *,
    n_max: float,
    seed: int,
    draws: npt.ArrayLike | None = None,
    highest: float = np.inf,
) -> PowerLaw:
    """Fit the law to repeated measurements of a metric that is better when higher (turn errors round).

    `sizes` has shape (n_sizes,), ascending; `metrics` (n_repeats, n_sizes), each row one fold. Each metric is a mean of
    so many `draws` of rows, shape (n_sizes,), one each if left out. `highest` is a bound that the metric cannot pass.
    What is foretold reaches to `n_max`. Laws are weighed on a grid, their limits in closed form. Raises `ValueError`
    for fewer than three sizes, or other shapes.

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
    noise = noise_of(at, values, None if draws is None else np.asarray(draws, dtype=np.float64))
    points = _Points(at, values.mean(axis=0), noise.variances, highest)
    random = np.random.default_rng(seed)
    laws, limit = _laws(points, random)
    sizes_told = np.unique(np.concatenate([np.geomspace(at[0], max(n_max, at[-1]), N_STEPS), at]))
    paths = _paths(points, laws, limit, sizes_told, random)
    spread = noise.spread(limit.size, random)
    return PowerLaw(
        laws=laws, limit=limit, sizes=sizes_told, paths=paths, noise=spread, fall=noise.fall, highest=highest
    )


@dataclass(frozen=True, slots=True)
class _Points:
    """Mean metrics at sizes, the variance of each mean's noise, and the bound above all."""

    sizes: FloatArray
    means: FloatArray
    variances: FloatArray
    highest: float


@dataclass(frozen=True, slots=True)
class _Weighed:
    """Laws with the weight of each, and the mean and spread of its limit before it is held below the bound."""

    laws: Laws
    weights: FloatArray
    mean: FloatArray
    spread: FloatArray


def _laws(points: _Points, random: np.random.Generator) -> tuple[Laws, FloatArray]:
    """Draw laws, each as often as it explains the points with its walk and their noise, and a limit for each draw."""
    rough = _weighed(points, _slopes(points))
    by_slope = rough.weights.reshape(N_ROUGH, -1).max(axis=1)
    likely = np.flatnonzero(by_slope > UNLIKELY * by_slope.max())
    ends = _slopes(points)[[max(likely[0] - 1, 0), min(likely[-1] + 1, N_ROUGH - 1)]]
    found = _weighed(points, np.geomspace(ends[0], ends[1], N_SLOPES))
    at = _drawn(found.weights, random)
    mean, spread = found.mean[at], found.spread[at]
    share = ndtr((points.highest - mean) / spread)
    luck = ndtri(np.clip(random.random(N_DRAWS) * share, 1e-12, 1 - 1e-12))
    return found.laws.drawn(at), np.minimum(mean + spread * luck, points.highest)


def _weighed(points: _Points, slopes: FloatArray) -> _Weighed:
    """Weigh every law of a grid, slopes first, by its prior and by how well it explains the points."""
    grid = np.meshgrid(slopes, POWERS, BENDS, indexing="ij")
    laws = Laws(float(points.sizes[-1]), *(axis.ravel() for axis in grid))
    clock = laws.clock(points.sizes)
    since = clock - clock[:, -1:]
    factor = np.linalg.cholesky(np.minimum(since[:, :, None], since[:, None, :]) + np.diag(points.variances))
    lifted = points.means + laws.left(points.sizes)  # what the limit would have to be
    both = np.linalg.solve(factor, np.stack([np.ones_like(lifted), lifted], axis=2))
    ones, white = both[..., 0], both[..., 1]
    precision = np.sum(ones**2, axis=1)
    mean, spread = np.sum(ones * white, axis=1) / precision, precision**-0.5
    rest = np.sum((white - mean[:, None] * ones) ** 2, axis=1)
    logs = 2 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1) + np.log(precision)
    below = np.log(np.maximum(ndtr((points.highest - mean) / spread), 1e-300))
    weights = _prior(laws) + below - 0.5 * (rest + logs)
    return _Weighed(laws, np.exp(weights - weights.max()), mean, spread)


def _prior(laws: Laws) -> FloatArray:
    """How likely a law is before anything was measured (Student's t of two variables, in logs)."""
    power = np.log(laws.power / USUAL_POWER) / POWER_SPREAD
    bend = (laws.bend - USUAL_BEND) / BEND_SPREAD
    found: FloatArray = -0.5 * (TAILS + 2) * np.log1p((power**2 + bend**2) / TAILS)
    return found


def _drawn(weights: FloatArray, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Positions drawn evenly along the weights, then shuffled."""
    levels = (np.arange(N_DRAWS) + random.random()) / N_DRAWS * weights.sum()
    at = np.searchsorted(np.cumsum(weights), levels).clip(0, weights.size - 1)
    return random.permutation(at).astype(np.int64)


def _slopes(points: _Points) -> FloatArray:
    """Gains per e-fold of rows at the last size, from next to none to more than was ever seen between two sizes."""
    spans = np.abs(np.diff(points.means)) / np.diff(np.log(points.sizes))
    largest = max(3 * float(spans.max()), 3 * float(np.sqrt(points.variances.max())), 1e-9)
    return np.geomspace(largest * 1e-4, largest, N_ROUGH)


def _paths(
    points: _Points, laws: Laws, limit: FloatArray, sizes: FloatArray, random: np.random.Generator
) -> FloatArray:
    """Follow each law with a walk of its own, drawn to the points as near as their noise makes likely."""
    at = np.searchsorted(sizes, points.sizes)
    clock = laws.clock(sizes)
    steps = random.standard_normal((limit.size, sizes.size - 1)) * np.sqrt(np.maximum(-np.diff(clock, axis=1), 0.0))
    walk = np.concatenate([np.zeros((limit.size, 1)), np.cumsum(steps, axis=1)], axis=1)
    curve = limit[:, None] - laws.left(sizes) + walk - walk[:, at[-1] :][:, :1]
    missed = points.means - curve[:, at] - random.standard_normal((limit.size, at.size)) * np.sqrt(points.variances)
    since = np.maximum(clock - clock[:, at[-1] :][:, :1], 0.0)
    reach = np.minimum(since[:, :, None], since[:, None, at])
    own = reach[:, at] + np.diag(points.variances)
    drawn = np.einsum("dgk,dk->dg", reach, np.linalg.solve(own, missed[..., None])[..., 0])
    found: FloatArray = np.minimum(curve + drawn, points.highest)
    return found


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
