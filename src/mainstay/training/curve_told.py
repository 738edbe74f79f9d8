"""What a measured curve says: the law through it, how many rows are enough, and what twice as many would bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.domain.evaluation import Curve, CurvePoint, Estimate
from mainstay.stats.arrays import FloatArray
from mainstay.stats.curve_noise import noise_of
from mainstay.stats.intervals import Interval
from mainstay.stats.power_law import MIN_POINTS, PowerLaw, fit_power_law
from mainstay.training.curve_metric import BY_TASK, Metric, baseline
from mainstay.training.curve_points import THIRD
from mainstay.training.prepared import Prepared

ENOUGH = 0.99  # of the gain over the baseline
FORETOLD = (1.0, 1.25, 1.5, 2.0)  # times all rows
NORMAL = 1.96
ROUNDING = 1.001  # a third of the rows is a whole number of them


@dataclass(frozen=True, slots=True)
class Measured:
    """A curve as measured: metrics (better when higher) and money per decision (NaN without), (n_repeats, n_sizes)."""

    over: str
    sizes: FloatArray
    metrics: FloatArray
    money: FloatArray
    n_all: float


def told(found: Measured, prepared: Prepared) -> Curve:
    """Return what was measured as a curve: points measured and foretold, the law, and what follows from it."""
    metric, seed = BY_TASK[prepared.task], prepared.seed
    law = fit_power_law(found.sizes, found.metrics, n_max=2 * found.n_all, highest=metric.sign * metric.best, seed=seed)
    start = metric.sign * baseline(prepared.task, prepared.outcomes[prepared.training])
    limit, scale, power = law.near(found.n_all)
    bounds = law.limit_interval()
    enough = law.enough(ENOUGH, n_all=found.n_all, baseline=start)
    return Curve(
        over=found.over,
        metric=metric.name,
        points=(*_measured_points(found, metric), *_foretold_points(law, found, metric)),
        limit=_estimate(Interval(limit, min(bounds.low, limit), max(bounds.high, limit)), metric),
        scale=scale,
        power=power,
        enough=Estimate(enough.value, enough.low, enough.high) if enough.known else None,
        twice=_estimate(law.at(2 * found.n_all), metric),
        twice_value=_twice_value(found, seed),
        from_third=_from_third(found, metric, seed),
    )


def _measured_points(found: Measured, metric: Metric) -> list[CurvePoint]:
    errors = np.sqrt(noise_of(found.sizes, found.metrics).variances)
    means = found.metrics.mean(axis=0)
    return [
        CurvePoint(n=float(n), metric=_estimate(Interval(m, m - NORMAL * e, m + NORMAL * e), metric))
        for n, m, e in zip(found.sizes.tolist(), means.tolist(), errors.tolist(), strict=True)
    ]


def _foretold_points(law: PowerLaw, found: Measured, metric: Metric) -> list[CurvePoint]:
    sizes = [times * found.n_all for times in FORETOLD]
    return [CurvePoint(n=n, metric=_estimate(law.at(n), metric), foretold=True) for n in sizes]


def _twice_value(found: Measured, seed: int) -> Estimate | None:
    """What twice as many rows would add to the money per decision, by a law of the money's own."""
    if not bool(np.all(np.isfinite(found.money))):
        return None
    law = fit_power_law(found.sizes, found.money, n_max=2 * found.n_all, seed=seed)
    gain = law.gain(found.n_all, 2 * found.n_all)
    return Estimate(gain.value, gain.low, gain.high)


def _from_third(found: Measured, metric: Metric, seed: int) -> Estimate | None:
    early = found.sizes <= ROUNDING * THIRD * found.sizes[-1]
    if np.count_nonzero(early) < MIN_POINTS:
        return None
    last, highest = float(found.sizes[-1]), metric.sign * metric.best
    law = fit_power_law(found.sizes[early], found.metrics[:, early], n_max=last, highest=highest, seed=seed)
    return _estimate(law.measured_at(last, seed=seed), metric)


def _estimate(interval: Interval, metric: Metric) -> Estimate:
    """The interval as it is told: an error turned back from better when higher."""
    if metric.sign > 0:
        return Estimate(interval.value, interval.low, interval.high)
    return Estimate(-interval.value, -interval.high, -interval.low)
