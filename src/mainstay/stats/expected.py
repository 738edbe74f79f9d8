"""What a further period may show, judged by periods that are known: like is compared with like.

Periods of the same weekday and hour and of the same time of the year are alike. Where the reference has never seen the
time of the year, a period is compared with the last ones that looked right, and as much movement is allowed for as a
season can bring in the time between: a jump stands out, a slow move does not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from mainstay.stats.arrays import BoolArray, FloatArray

YEAR_DAYS = 365.25
WINDOW_DAYS = 30.0  # periods this near in the year count as the same season
MIN_ALIKE = 8  # fewer periods than this do not tell how periods differ
MIN_PER_PHASE = 4
SEASON_SIZE = 0.5  # allowed to a season nobody saw: half the way from trough to peak, in sd of a row
SEASON_SPEED = SEASON_SIZE * 2 * np.pi / YEAR_DAYS  # the most such a season moves in a day
SPAN_DAYS = 15.0  # slow movement of the reference is measured between the means of spans of this length
MOST_SEEN_SLOWNESS = 1.5  # a season moves faster elsewhere in the year than where it was seen


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
    itself moved (sd a day), `phase_effects` what the cycle does, shape (n_phases, n_contrasts), `n_per_phase` known
    periods of a phase.
    """

    between: FloatArray
    persistence: FloatArray
    freedom: FloatArray
    speed: FloatArray
    phase_effects: FloatArray
    n_per_phase: FloatArray


@dataclass(frozen=True, slots=True)
class Departures:
    """How far each period lies from what was expected, shape (n, n_contrasts).

    `shift` in sd of a row; `chance` the two-sided probability of as much in a period where nothing changed, a season
    allowed for; `strange` the same by the reference alone, as if a season could not move anything; `seen` whether the
    reference covers the time of the year, shape (n,); `n_alike` how many periods of the reference each was compared
    with.
    """

    shift: FloatArray
    chance: FloatArray
    strange: FloatArray
    seen: BoolArray
    n_alike: FloatArray


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


def departures(
    reference: Blocks, current: Blocks, known: Variation, *, alpha: FloatArray, covered_days: float
) -> Departures:
    """Compare periods with what the reference makes expect.

    A period less than `alpha` (n_contrasts,) likely by chance is not used to judge later ones. Times of the year up to
    `covered_days` from one of the reference's count as seen. Contrasts of which the reference knows fewer than two
    degrees of freedom get `chance` 1: nothing can be said.

    >>> flat = Blocks(np.zeros((9, 1)), np.full((9, 1), 100.0), np.arange(9.0), np.ones((9, 1)))
    >>> later = Blocks(np.array([[0.0], [1.0]]), np.full((2, 1), 100.0), np.array([9.0, 10.0]), np.ones((2, 1)))
    >>> found = departures(flat, later, variation(flat), alpha=np.array([0.01]), covered_days=5)
    >>> found.chance.ravel().round(3).tolist()
    [1.0, 0.0]
    """
    reference = replace(reference, values=reference.values - reference.phases @ known.phase_effects)
    current = replace(current, values=current.values - current.phases @ known.phase_effects)
    apart = _apart(current.days, reference.days)
    nearest = apart.min(axis=1)
    alike = _Alike.of(reference, apart, nearest)
    shift = current.values - alike.mean
    strange = _chance(shift, 0.0, _variance(known, current, alike.n, alike.rows), known)
    seen = nearest <= covered_days
    chance = strange.copy()
    _follow(_Walk(current, known, alike, alpha, seen), shift, chance)
    quiet = (current.rows <= 0) | (known.freedom < 2)
    chance, strange = np.where(quiet, 1.0, chance), np.where(quiet, 1.0, strange)
    return Departures(shift=shift, chance=chance, strange=strange, seen=seen, n_alike=alike.n)


@dataclass(frozen=True, slots=True)
class _Alike:
    """What comparable periods show, per current period and contrast: how many, their rows, mean and mean distance."""

    n: FloatArray
    rows: FloatArray
    mean: FloatArray
    days: FloatArray

    @classmethod
    def of(cls, reference: Blocks, apart: FloatArray, nearest: FloatArray) -> _Alike:
        """The reference's periods within a month of the season, or the eight nearest."""
        eighth = np.partition(apart, min(MIN_ALIKE, apart.shape[1]) - 1, axis=1)[:, min(MIN_ALIKE, apart.shape[1]) - 1]
        within = (apart <= np.maximum(nearest + WINDOW_DAYS, eighth)[:, None]).astype(np.float64)
        n = within @ (reference.rows > 0).astype(np.float64)
        # A contrast without rows in that season (scores of a short holdout) is compared with all there is.
        rows = within @ reference.rows
        everywhere = np.broadcast_to(reference.rows.sum(axis=0), rows.shape)
        sums = within @ (reference.rows * reference.values)
        all_sums = (reference.rows * reference.values).sum(axis=0)
        far = n < MIN_ALIKE
        n = np.where(far, np.count_nonzero(reference.rows > 0, axis=0), n)
        mean = np.where(far, all_sums, sums) / np.maximum(np.where(far, everywhere, rows), 1.0)
        days = (within * apart) @ reference.rows / np.maximum(rows, 1.0)
        return cls(n, np.where(far, everywhere, rows), mean, np.where(far, np.maximum(days, nearest[:, None]), days))


@dataclass(frozen=True, slots=True)
class _Walk:
    current: Blocks
    known: Variation
    alike: _Alike
    alpha: FloatArray
    seen: BoolArray


def _follow(walk: _Walk, shift: FloatArray, chance: FloatArray) -> None:
    """Walk through periods of unseen seasons, each compared with the latest that looked right; fills in place."""
    current, known = walk.current, walk.known
    speed = np.maximum(SEASON_SPEED, MOST_SEEN_SLOWNESS * known.speed)
    most = np.where(MOST_SEEN_SLOWNESS * known.speed > SEASON_SPEED, np.inf, 2 * SEASON_SIZE)
    accepted = np.where(walk.seen[:, None], chance > walk.alpha, False)
    for t in np.flatnonzero(~walk.seen):
        first = int(np.searchsorted(current.days, current.days[t] - WINDOW_DAYS))
        n, rows, mean, days = _latest(walk, accepted, first, int(t))
        shift[t] = current.values[t] - mean
        one = Blocks(
            current.values[t : t + 1], current.rows[t : t + 1], current.days[t : t + 1], current.phases[t : t + 1]
        )
        chance[t] = _chance(shift[t], np.minimum(speed * days, most), _variance(known, one, n, rows)[0], known)
        accepted[t] = (chance[t] > walk.alpha) & (current.rows[t] > 0)


def _latest(
    walk: _Walk, accepted: BoolArray, first: int, t: int
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Number, rows, mean and mean distance of the latest accepted periods; with the reference's where they are few."""
    current, alike = walk.current, walk.alike
    weight = current.rows[first:t] * accepted[first:t]
    n = np.count_nonzero(weight, axis=0).astype(np.float64)
    few = n < MIN_PER_PHASE
    rows = weight.sum(axis=0) + few * alike.rows[t]
    mean = ((weight * current.values[first:t]).sum(axis=0) + few * alike.rows[t] * alike.mean[t]) / np.maximum(
        rows, 1.0
    )
    ago = current.days[t] - current.days[first:t]
    days = ((weight * ago[:, None]).sum(axis=0) + few * alike.rows[t] * alike.days[t]) / np.maximum(rows, 1.0)
    return n + few * alike.n[t], rows, mean, days


def _variance(known: Variation, current: Blocks, n_alike: FloatArray, rows_alike: FloatArray) -> FloatArray:
    """Variance of a period's departure from the mean of its like, where nothing changed."""
    by_phase = (current.phases @ (1 / np.maximum(known.n_per_phase, 1.0)))[:, None]
    of_mean = known.persistence / np.maximum(n_alike, 1.0)
    sampling = 1 / np.maximum(current.rows, 1.0) + 1 / np.maximum(rows_alike, 1.0)
    variance: FloatArray = known.between * (1 + by_phase + of_mean) + sampling
    return variance


def _chance(shift: FloatArray, allowed: FloatArray | float, variance: FloatArray, known: Variation) -> FloatArray:
    beyond = np.maximum(np.abs(shift) - allowed, 0.0)
    chance: FloatArray = 2 * stdtr(np.maximum(known.freedom, 1.0), -beyond / np.sqrt(variance))
    return chance


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
    """Each period less the mean of those within a month of it, itself left out; and the mean number of those."""
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
    persistence: FloatArray = np.maximum(2 * (pairs * positive).sum(axis=0) - 1, 1.0)
    return persistence


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


def _apart(days: FloatArray, others: FloatArray) -> FloatArray:
    """How far days lie apart in the year, at most half of one; shape (n, n_others)."""
    apart = np.abs(days[:, None] - others[None]) % YEAR_DAYS
    nearest: FloatArray = np.minimum(apart, YEAR_DAYS - apart)
    return nearest


def cycle_phases(numbers: npt.ArrayLike, n_phases: int) -> FloatArray:
    """Say which part of a cycle each period is, shape (n, n_phases); `numbers` count periods from any start.

    >>> cycle_phases([6, 7, 8], 7)[1].tolist()
    [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    return np.eye(n_phases)[np.asarray(numbers, dtype=np.int64) % n_phases]
