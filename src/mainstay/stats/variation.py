"""How periods of a reference differ among themselves: by weekday and hour, chance, memory and slow movement."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mainstay.stats.arrays import FloatArray

WINDOW_DAYS = 21.0  # periods this near in the year count as the same season
MIN_PER_PHASE = 4  # periods of one weekday, say, before its own mean is used
SPAN_DAYS = 15.0  # slow movement of the reference is measured between the means of spans of this length


@dataclass(frozen=True, slots=True)
class Blocks:
    """Periods in time order: `values` and `rows` behind them, shape (n, n_contrasts), in units of a row's sd.

    `days` are their middles (days since any origin), shape (n,), or all one number where time is not known; `phases`
    the share of each in the parts of a cycle (such as seven weekdays), shape (n, n_phases), one column for no cycle.
    """

    values: FloatArray
    rows: FloatArray
    days: FloatArray
    phases: FloatArray


@dataclass(frozen=True, slots=True)
class Variation:
    """How periods of the reference differ among themselves, per contrast.

    `between` is the variance beyond what chance in n rows explains, `persistence` how many periods it takes until they
    know nothing of each other (1: at once), `freedom` the degrees of freedom of it all, `speed` how fast the reference
    itself moved (sd a day; infinite: by any amount in a season nobody saw), `phase_effects` what the cycle does, shape
    (n_phases, n_contrasts), `n_per_phase` known periods of a phase.
    """

    between: FloatArray
    persistence: FloatArray
    freedom: FloatArray
    speed: FloatArray
    phase_effects: FloatArray
    n_per_phase: FloatArray


def variation(reference: Blocks, *, least_between: float = 0.0) -> Variation:
    """Learn how the periods of a reference differ; `least_between` is a variance known from elsewhere.

    >>> flat = Blocks(np.zeros((9, 1)), np.full((9, 1), 100.0), np.arange(9.0), np.ones((9, 1)))
    >>> variation(flat).between.tolist(), variation(flat).freedom.tolist()
    ([0.0], [8.0])
    """
    effects, n_per_phase = _phase_effects(reference)
    plain = replace(reference, values=reference.values - reference.phases @ effects)
    n_known = np.count_nonzero(reference.rows > 0, axis=0).astype(np.float64)
    n_fitted = np.where(np.any(effects != 0, axis=0), effects.shape[0], 1)
    residual, n_near = _around_neighbours(plain)
    spread = (residual**2).sum(axis=0) / np.maximum(n_known - n_fitted + 1, 1.0) / (1 + 1 / np.maximum(n_near, 1.0))
    chance = np.where(plain.rows > 0, 1 / np.maximum(plain.rows, 1.0), 0.0).sum(axis=0) / np.maximum(n_known, 1.0)
    # What differs no more than rows do by chance has no memory to speak of.
    persistence = np.where(spread > chance, _persistence(residual, n_near), 1.0)
    n_free = np.maximum((n_known - n_fitted + 1) / persistence, 1.0)
    total = spread / (1 - np.minimum(1 / n_free, 0.5)) * (1 - 1 / np.maximum(n_known, 2.0))
    return Variation(
        between=np.maximum(total - chance, least_between),
        persistence=persistence,
        freedom=np.maximum(n_free - 1, 0.0),
        speed=_speed(plain),
        phase_effects=effects,
        n_per_phase=n_per_phase,
    )


def _phase_effects(blocks: Blocks) -> tuple[FloatArray, FloatArray]:
    """How each phase of the cycle differs from the whole; nothing where a phase was seen in fewer than four periods."""
    n_phases = blocks.phases.shape[1]
    n_contrasts = blocks.values.shape[1]
    n_known = blocks.phases.T @ (blocks.rows > 0)
    if n_phases == 1 or blocks.values.size == 0:
        return np.zeros((n_phases, n_contrasts)), np.full(n_phases, float(blocks.days.size))
    weighted = blocks.rows * blocks.values
    by_phase = (blocks.phases.T @ weighted) / np.maximum(blocks.phases.T @ blocks.rows, 1.0)
    overall = weighted.sum(axis=0) / np.maximum(blocks.rows.sum(axis=0), 1.0)
    enough = n_known.min(axis=0) >= MIN_PER_PHASE
    effects = np.where(enough, by_phase - overall, 0.0)
    per_phase = blocks.phases.sum(axis=0) if enough.any() else np.full(n_phases, float(blocks.days.size))
    return effects, per_phase


def _around_neighbours(blocks: Blocks) -> tuple[FloatArray, FloatArray]:
    """Each period less the mean of those within three weeks of it, itself left out; and the mean number of those."""
    near = (np.abs(blocks.days[:, None] - blocks.days[None]) <= WINDOW_DAYS).astype(np.float64)
    np.fill_diagonal(near, 0.0)
    if near.size and near.sum(axis=1).min() < MIN_PER_PHASE:
        near = 1.0 - np.eye(blocks.days.size)
    rows = near @ blocks.rows
    mean = (near @ (blocks.rows * blocks.values)) / np.maximum(rows, 1.0)
    known = (blocks.rows > 0) & (rows > 0)
    n_near = (near @ (blocks.rows > 0)).sum(axis=0) / max(blocks.days.size, 1)
    return np.where(known, blocks.values - mean, 0.0), n_near


def _persistence(residual: FloatArray, n_near: FloatArray) -> FloatArray:
    """The integrated autocorrelation: how many periods are worth one that knows nothing of the others; at least 1.

    Pairs of lags are summed while they are positive. Source: Geyer (1992).
    """
    n = residual.shape[0]
    if n < 4:
        return np.ones(residual.shape[1])
    spectrum = np.abs(np.fft.rfft(residual - residual.mean(axis=0), n=2 * n, axis=0)) ** 2
    covariance = np.fft.irfft(spectrum, axis=0)[:n]
    moves = covariance[0] > 0
    # Taking out a mean of few neighbours pulls correlations down by about one over their number.
    correlation = np.where(moves, covariance / np.where(moves, covariance[0], 1.0) + 1 / np.maximum(n_near, 1.0), 0.0)
    correlation[0] = 1.0
    pairs = correlation[: n // 2 * 2 : 2] + correlation[1 : n // 2 * 2 : 2]
    positive = np.cumprod(pairs > 0, axis=0)
    persistence = np.maximum(2 * (pairs * positive).sum(axis=0) - 1, 1.0)
    # A first correlation that chance explains is no memory; summed over many lags it would look like one.
    return np.where(correlation[1] > 1 / np.sqrt(n), persistence, 1.0)


def _speed(blocks: Blocks) -> FloatArray:
    """How fast the reference itself moved from one half month to the next at its fastest, beyond chance; sd a day."""
    if not blocks.days.size or np.ptp(blocks.days) < 2 * SPAN_DAYS:
        return np.zeros(blocks.values.shape[1])
    span = ((blocks.days - blocks.days[0]) // SPAN_DAYS).astype(np.int64)
    belongs = (span[:, None] == np.arange(span[-1] + 1)).astype(np.float64)
    rows = belongs.T @ blocks.rows
    mean = (belongs.T @ (blocks.rows * blocks.values)) / np.maximum(rows, 1.0)
    n = belongs.T @ (blocks.rows > 0)
    inside = (blocks.rows > 0) * (blocks.values - belongs @ mean) ** 2
    variance = (inside.sum(axis=0) / np.maximum((blocks.rows > 0).sum(axis=0) - span[-1] - 1, 1)) / np.maximum(n, 1.0)
    step = np.abs(np.diff(mean, axis=0)) - 3 * np.sqrt(variance[1:] + variance[:-1])
    usable = (rows[1:] > 0) & (rows[:-1] > 0)
    fastest: FloatArray = np.where(usable, np.maximum(step, 0.0), 0.0).max(axis=0) / SPAN_DAYS
    return fastest


def cycle_phases(numbers: npt.ArrayLike, n_phases: int) -> FloatArray:
    """Say which part of a cycle each period is, shape (n, n_phases); `numbers` count periods from any start.

    >>> cycle_phases([6, 7, 8], 7)[1].tolist()
    [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    return np.eye(n_phases)[np.asarray(numbers, dtype=np.int64) % n_phases]
