"""What a measured curve says: the law through it, how many rows are enough, and what twice as many would bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.domain.evaluation import Curve, CurvePoint, Estimate
from mainstay.stats.arrays import FloatArray
from mainstay.stats.curve_noise import noise_of
from mainstay.stats.intervals import Interval
from mainstay.stats.power_law import MIN_POINTS, PowerLaw, fit_power_law
from mainstay.training.curve_climb import Climbed
from mainstay.training.curve_metric import BY_TASK, Metric, baseline
from mainstay.training.curve_points import THIRD
from mainstay.training.prepared import Prepared

ENOUGH = 0.99  # of the gain over the baseline
FORETOLD = (1.0, 1.25, 1.5, 2.0)  # times all rows
NORMAL = 1.96
LATE = 1 / 6  # of the largest size: below, a metric may buy more or less than it does near the end
ROUNDING = 1.001  # a third of the rows is a whole number of them


@dataclass(frozen=True, slots=True)
class _Seen:
    """A curve as measured: metrics (better when higher) and money (NaN without), (n_repeats, n_sizes), by size."""

    sizes: FloatArray
    metrics: FloatArray
    money: FloatArray
    draws: FloatArray
    n_all: float


def told(climbed: Climbed, prepared: Prepared) -> Curve:
    """Return what was measured as a curve: points measured and foretold, the law, and what follows from it."""
    metric, seed, ladder = BY_TASK[prepared.task], prepared.seed, climbed.ladder
    sizes, better = np.array(ladder.sizes), metric.sign * climbed.metrics
    found = _Seen(sizes, better, climbed.money, climbed.draws, ladder.n_all)
    highest = metric.sign * metric.best
    law = fit_power_law(
        found.sizes, found.metrics, n_max=2 * found.n_all, draws=found.draws, highest=highest, seed=seed
    )
    start = metric.sign * baseline(prepared.task, prepared.outcomes[prepared.training])
    limit, scale, power = law.near(found.n_all)
    bounds = law.limit_interval()
    enough = law.enough(ENOUGH, n_all=found.n_all, baseline=start)
    return Curve(
        over=ladder.over,
        metric=metric.name,
        points=(*_measured_points(found, metric), *_foretold_points(law, found, metric)),
        limit=_estimate(Interval(limit, min(bounds.low, limit), max(bounds.high, limit)), metric),
        scale=scale,
        power=power,
        enough=Estimate(enough.value, enough.low, enough.high) if enough.known else None,
        twice=_estimate(law.at(2 * found.n_all), metric),
        twice_value=_twice_value(found, law, seed),
        from_third=_from_third(found, metric, seed),
    )


def _measured_points(found: _Seen, metric: Metric) -> list[CurvePoint]:
    errors = np.sqrt(noise_of(found.sizes, found.metrics, found.draws).variances)
    means = found.metrics.mean(axis=0)
    return [
        CurvePoint(n=float(n), metric=_estimate(Interval(m, m - NORMAL * e, m + NORMAL * e), metric))
        for n, m, e in zip(found.sizes.tolist(), means.tolist(), errors.tolist(), strict=True)
    ]


def _foretold_points(law: PowerLaw, found: _Seen, metric: Metric) -> list[CurvePoint]:
    sizes = [times * found.n_all for times in FORETOLD]
    return [CurvePoint(n=n, metric=_estimate(law.at(n), metric), foretold=True) for n in sizes]


def _twice_value(found: _Seen, law: PowerLaw, seed: int) -> Estimate | None:
    """What twice as many rows would add to the money per decision: the metric's gain, at what it has bought so far."""
    if not bool(np.all(np.isfinite(found.money))):
        return None
    late = found.sizes >= LATE * found.sizes[-1]
    price, error = _slope(found.metrics[:, late], found.money[:, late])
    prices = price + error * np.random.default_rng(seed).standard_normal(law.limit.size)
    low, middle, high = np.quantile(prices * law.gains(found.n_all, 2 * found.n_all), [0.025, 0.5, 0.975])
    return Estimate(float(middle), float(low), float(high))


def _slope(metrics: FloatArray, money: FloatArray) -> tuple[float, float]:
    """Money for each unit of the metric within the repeats, and its standard error; both (n_repeats, n_sizes)."""
    x = (metrics - metrics.mean(axis=1, keepdims=True)).ravel()
    rest = (money - money.mean(axis=1, keepdims=True)).ravel()
    moved = float(x @ x)
    if moved <= 0.0:
        return 0.0, 0.0
    price = float(x @ rest) / moved
    freedom = max(x.size - len(metrics) - 1, 1)
    return price, float(np.sqrt(np.sum((rest - price * x) ** 2) / freedom / moved))


def _from_third(found: _Seen, metric: Metric, seed: int) -> Estimate | None:
    early = found.sizes <= ROUNDING * THIRD * found.sizes[-1]
    if np.count_nonzero(early) < MIN_POINTS:
        return None
    last, highest = float(found.sizes[-1]), metric.sign * metric.best
    sizes, metrics, draws = found.sizes[early], found.metrics[:, early], found.draws[early]
    law = fit_power_law(sizes, metrics, n_max=last, draws=draws, highest=highest, seed=seed)
    return _estimate(law.measured_at(last, seed=seed), metric)


def _estimate(interval: Interval, metric: Metric) -> Estimate:
    """The interval as it is told: an error turned back from better when higher."""
    if metric.sign > 0:
        return Estimate(interval.value, interval.low, interval.high)
    return Estimate(-interval.value, -interval.high, -interval.low)
