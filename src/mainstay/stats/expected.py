"""What a further period may show, judged by periods that are known: like is compared with like.

Periods of the same weekday and hour and of the same time of the year are alike. Where the reference has never seen the
time of the year, a period is compared with the last ones that looked right, and as much movement is allowed for as a
season can bring in the time between: a jump stands out, a slow move does not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtr

from mainstay.stats.arrays import BoolArray, FloatArray
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
    allowed for; `strange` the same by the reference alone, as if a season could not move anything; `seen` whether the
    reference covers the time of the year, shape (n,); `n_alike` how many periods of the reference each was compared
    with.
    """

    shift: FloatArray
    chance: FloatArray
    strange: FloatArray
    seen: BoolArray
    n_alike: FloatArray


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
    apart = _apart(current.days, reference.days)
    nearest = apart.min(axis=1)
    alike = _Alike.of(reference, apart, nearest)
    shift = current.values - alike.mean
    strange = _chance(shift, 0.0, _variance(known, current, alike.n, alike.rows), known)
    seen = nearest <= covered_days
    chance = strange.copy()
    _follow(_Walk(current, known, alike, seen), shift, chance)
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
    seen: BoolArray


def _follow(walk: _Walk, shift: FloatArray, chance: FloatArray) -> None:
    """Walk through periods of unseen seasons, each compared with the latest that looked right; fills in place."""
    current, known = walk.current, walk.known
    speed = np.maximum(SEASON_SPEED, MOST_SEEN_SLOWNESS * known.speed)
    most = np.where(MOST_SEEN_SLOWNESS * known.speed > SEASON_SPEED, np.inf, 2 * SEASON_SIZE)
    usual = float(np.median(np.diff(current.days))) if current.days.size > 1 else 0.0
    lately = max(LATELY_DAYS, LATELY_BLOCKS * usual)
    accepted = np.where(walk.seen[:, None], chance > DOUBTFUL, False)
    for t in np.flatnonzero(~walk.seen):
        first = int(np.searchsorted(current.days, current.days[t] - lately))
        n, rows, mean, days = _latest(walk, accepted, first, int(t))
        shift[t] = current.values[t] - mean
        one = Blocks(
            current.values[t : t + 1], current.rows[t : t + 1], current.days[t : t + 1], current.phases[t : t + 1]
        )
        chance[t] = _chance(shift[t], np.minimum(speed * days, most), _variance(known, one, n, rows)[0], known)
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


def _apart(days: FloatArray, others: FloatArray) -> FloatArray:
    """How far days lie apart in the year, at most half of one; shape (n, n_others)."""
    apart = np.abs(days[:, None] - others[None]) % YEAR_DAYS
    nearest: FloatArray = np.minimum(apart, YEAR_DAYS - apart)
    return nearest
