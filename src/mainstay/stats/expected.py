"""What a further period may show, judged by periods that are known: like is compared with like.

Periods of the same weekday and hour and of the same time of the year are alike. Where the reference has never seen the
time of the year, a period is compared with the last ones that looked right, and as much movement is allowed for as a
season can bring in the time between: a jump stands out, a slow move does not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtr

from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.stats.variation import MIN_PER_PHASE, WINDOW_DAYS, Blocks, Variation

YEAR_DAYS = 365.25
DOUBTFUL = 0.01  # a period less likely than this is not taken for the new normal, alarm or not
LATELY_DAYS, LATELY_BLOCKS = 14.0, 6.5  # the last that looked right: near, for a season to move little, but several
MIN_ALIKE = 8  # fewer periods than this do not tell how periods differ
SEASON_SIZE = 0.5  # allowed to a season nobody saw: half the way from trough to peak, in sd of a row
SEASON_SPEED = SEASON_SIZE * 2 * np.pi / YEAR_DAYS  # the most such a season moves in a day
MOST_SEEN_SLOWNESS = 1.5  # a season moves faster elsewhere in the year than where it was seen


@dataclass(frozen=True, slots=True)
class Departures:
    """How far each period lies from what was expected, shape (n, n_contrasts).

    `shift` in sd of a row; `chance` the two-sided probability of as much in a period where nothing changed, a season
    allowed for; `strange` the same by the reference alone, as if a season could not move anything; `n_alike` how many
    periods of the reference each was compared with; `seen` whether the reference covers the time of the year.
    """

    shift: FloatArray
    chance: FloatArray
    strange: FloatArray
    n_alike: FloatArray
    seen: BoolArray


def departures(reference: Blocks, current: Blocks, known: Variation, *, covered_days: float) -> Departures:
    """Compare periods with what the reference makes expect.

    A period less than 1% likely by chance is not used to judge later ones. Times of the year up to `covered_days` from
    one of the reference's count as seen. Contrasts of which the reference knows fewer than two degrees of freedom get
    `chance` 1: nothing can be said.

    >>> from mainstay.stats.variation import variation
    >>> flat = Blocks(np.zeros((9, 1)), np.full((9, 1), 100.0), np.arange(9.0), np.ones((9, 1)))
    >>> later = Blocks(np.array([[0.0], [1.0]]), np.full((2, 1), 100.0), np.array([9.0, 10.0]), np.ones((2, 1)))
    >>> found = departures(flat, later, variation(flat), covered_days=5)
    >>> found.chance.ravel().round(3).tolist()
    [1.0, 0.0]
    """
    reference = replace(reference, values=reference.values - reference.phases @ known.phase_effects)
    current = replace(current, values=current.values - current.phases @ known.phase_effects)
    shape = current.values.shape
    found = Departures(np.zeros(shape), np.ones(shape), np.ones(shape), np.zeros(shape), np.zeros(shape, np.bool_))
    patterns, belongs = np.unique(reference.rows > 0, axis=1, return_inverse=True)
    for i, present in enumerate(patterns.T):
        columns = np.flatnonzero(belongs.ravel() == i)
        _compare(_part(reference, present, columns), _columns(current, columns), known, columns, covered_days, found)
    return found


def _compare(
    reference: Blocks, current: Blocks, every: Variation, columns: IntArray, covered_days: float, found: Departures
) -> None:
    """Compare the contrasts that the reference knows of in the same periods; fills in their columns."""
    if not reference.days.size:
        return
    known = _of_contrasts(every, columns)
    alike = _Alike.of(reference, current.days)
    shift = current.values - alike.mean
    error = np.sqrt(_variance(known, current, alike.n[:, None], alike.rows))
    strange = _chance(shift, 0.0, error, known)
    seen = alike.nearest <= covered_days
    # At the edge of what was seen its like lies to one side, and a season moves in between.
    speed = np.where(np.isinf(known.speed), SEASON_SPEED, _speed(known))
    chance = _chance(shift, speed * alike.offset[:, None], error, known)
    _follow(_Walk(current, known, alike, seen), shift, chance)
    quiet = (current.rows <= 0) | (known.freedom < 2)
    found.shift[:, columns] = shift
    found.chance[:, columns] = np.where(quiet, 1.0, chance)
    found.strange[:, columns] = np.where(quiet, 1.0, strange)
    found.n_alike[:, columns] = alike.n[:, None]
    found.seen[:, columns] = seen[:, None]


@dataclass(frozen=True, slots=True)
class _Alike:
    """Comparable periods of the reference, per current period: how many, and how far away in the year.

    `nearest` is the least distance in days, `distance` the mean, `offset` that of their mean to one side, all (n,);
    `rows` and `mean` have shape (n, n_contrasts).
    """

    n: FloatArray
    nearest: FloatArray
    distance: FloatArray
    offset: FloatArray
    rows: FloatArray
    mean: FloatArray

    @classmethod
    def of(cls, reference: Blocks, days: FloatArray) -> _Alike:
        """The periods within three weeks of the season, or the eight nearest."""
        aside = _aside(days, reference.days)
        apart = np.abs(aside)
        nearest = apart.min(axis=1)
        some = min(MIN_ALIKE, reference.days.size) - 1
        eighth = np.partition(apart, some, axis=1)[:, some]
        within = (apart <= np.maximum(nearest + WINDOW_DAYS, eighth)[:, None]).astype(np.float64)
        n = within.sum(axis=1)
        rows = within @ reference.rows
        mean = within @ (reference.rows * reference.values) / np.maximum(rows, 1.0)
        distance, offset = (within * apart).sum(axis=1) / n, np.abs((within * aside).sum(axis=1)) / n
        return cls(n, nearest, distance, offset, rows, mean)


@dataclass(frozen=True, slots=True)
class _Walk:
    current: Blocks
    known: Variation
    alike: _Alike
    seen: BoolArray


def _follow(walk: _Walk, shift: FloatArray, chance: FloatArray) -> None:
    """Walk through periods of unseen seasons, each compared with the latest that looked right; fills in place."""
    current, known = walk.current, walk.known
    speed = _speed(known)
    most = np.where(speed > SEASON_SPEED, np.inf, 2 * SEASON_SIZE)
    usual = float(np.median(np.diff(current.days))) if current.days.size > 1 else 0.0
    lately = max(LATELY_DAYS, LATELY_BLOCKS * usual)
    accepted = np.where(walk.seen[:, None], chance > DOUBTFUL, False)
    for t in np.flatnonzero(~walk.seen):
        first = int(np.searchsorted(current.days, current.days[t] - lately))
        n, rows, mean, days = _latest(walk, accepted, first, int(t))
        shift[t] = current.values[t] - mean
        error = np.sqrt(_variance(known, _one(current, int(t)), n, rows)[0])
        chance[t] = _chance(shift[t], np.minimum(speed * days, most), error, known)
        accepted[t] = (chance[t] > DOUBTFUL) & (current.rows[t] > 0)


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
    days = ((weight * ago[:, None]).sum(axis=0) + few * alike.rows[t] * alike.distance[t]) / np.maximum(rows, 1.0)
    return n + few * alike.n[t], rows, mean, days


def _variance(known: Variation, current: Blocks, n_alike: FloatArray, rows_alike: FloatArray) -> FloatArray:
    """Variance of a period's departure from the mean of its like, where nothing changed."""
    by_phase = (current.phases @ (1 / np.maximum(known.n_per_phase, 1.0)))[:, None]
    of_mean = known.persistence / np.maximum(n_alike, 1.0)
    sampling = 1 / np.maximum(current.rows, 1.0) + 1 / np.maximum(rows_alike, 1.0)
    variance: FloatArray = known.between * (1 + by_phase + of_mean) + sampling
    return variance


def _chance(shift: FloatArray, allowed: FloatArray | float, error: FloatArray, known: Variation) -> FloatArray:
    beyond = np.maximum(np.abs(shift) - allowed, 0.0)
    chance: FloatArray = 2 * stdtr(np.maximum(known.freedom, 1.0), -beyond / error)
    return chance


def _speed(known: Variation) -> FloatArray:
    """How fast each contrast may move by season; at least as fast as a season of half a standard deviation does."""
    speed: FloatArray = np.maximum(SEASON_SPEED, MOST_SEEN_SLOWNESS * known.speed)
    return speed


def _aside(days: FloatArray, others: FloatArray) -> FloatArray:
    """How far days lie after others in the year, from minus half a year to half; shape (n, n_others)."""
    half = YEAR_DAYS / 2
    aside: FloatArray = (days[:, None] - others[None] + half) % YEAR_DAYS - half
    return aside


def _part(blocks: Blocks, present: BoolArray, columns: IntArray) -> Blocks:
    some = np.ix_(present, columns)
    return Blocks(blocks.values[some], blocks.rows[some], blocks.days[present], blocks.phases[present])


def _columns(blocks: Blocks, columns: IntArray) -> Blocks:
    return replace(blocks, values=blocks.values[:, columns], rows=blocks.rows[:, columns])


def _one(blocks: Blocks, t: int) -> Blocks:
    one = slice(t, t + 1)
    return Blocks(blocks.values[one], blocks.rows[one], blocks.days[one], blocks.phases[one])


def _of_contrasts(known: Variation, columns: IntArray) -> Variation:
    return Variation(
        between=known.between[columns],
        persistence=known.persistence[columns],
        freedom=known.freedom[columns],
        speed=known.speed[columns],
        phase_effects=known.phase_effects[:, columns],
        n_per_phase=known.n_per_phase,
    )
