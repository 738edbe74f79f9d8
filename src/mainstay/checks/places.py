"""Judging places: where a version is surely worse than the baseline, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.checks.gains import LEAST_ROWS, Gains
from mainstay.domain.finding import Finding, Verdict
from mainstay.stats.arrays import BoolArray
from mainstay.stats.intervals import Interval

CHANCE = 0.005  # that any of the places looked at fails though it is no worse: one exam in two hundred
LEAST_SHARE = 0.01  # of all that version and baseline differ by: a smaller loss is not worth a rule of its own
NOTHING = 0.001  # of what the baseline loses: where scores say what it says, nobody is worse off
MAX_NAMED = 5
LIMIT = (
    "Surely worse than the baseline (1 in 200, over all places looked at), by at least 1% of all that the two differ "
    "by: less is not worth a rule of its own. Unknown below 30 rows."
)


@dataclass(frozen=True, slots=True)
class Place:
    """Some rows: what they are called, which of the rows of `Gains` they are, and the expression that is true there.

    `where` is empty for places that no expression tells, such as months.
    """

    subjects: tuple[str, ...]
    members: BoolArray
    where: str = ""

    @property
    def n(self) -> int:
        """How many rows."""
        return int(np.count_nonzero(self.members))


def judged(code: str, gains: Gains, places: Sequence[Place], what: str) -> Iterator[Finding]:
    """Yield a finding for every place that is surely worse than the baseline, and one for all the others.

    `what` names the places in the plural, such as `segments`. Places of fewer than 30 rows are unknown, and said.
    """
    large = [place for place in places if place.n >= LEAST_ROWS]
    level = 1 - 2 * CHANCE / max(len(large), 1)
    told = [(place, gain) for place in large if (gain := gains.among(place.members, level=level)).known]
    worse = list(_apart(gains, [(place, gain) for place, gain in told if is_worse(gains, gain, place.n)], level))
    yield from (bad(code, gains, place, gain) for place, gain in worse[:MAX_NAMED])
    if told and not worse:
        yield _none_worse(code, gains, told, what)
    known = {place.subjects for place, _ in told}
    if len(told) < len(places):
        yield _small(code, [place for place in places if place.subjects not in known], what)


def _apart(gains: Gains, worse: Sequence[tuple[Place, Interval]], level: float) -> Iterator[tuple[Place, Interval]]:
    """The costliest first; others only where they lose on rows outside of those told: one cause is told once."""
    left = np.ones(gains.rows.size, dtype=np.bool_)
    for place, gain in sorted(worse, key=_cost):
        rest = place.members & left
        n = int(np.count_nonzero(rest))
        if n >= LEAST_ROWS and is_worse(gains, gains.among(rest, level=level), n):
            yield place, gain
            left &= ~place.members


def is_worse(gains: Gains, gain: Interval, n: int) -> bool:
    """Whether n rows surely lose by more than is worth finding."""
    worth_finding = max(LEAST_SHARE * gains.at_stake, NOTHING * gains.whole * gains.stands_for)
    return gain.high < 0 and -gain.value * n * gains.stands_for >= worth_finding


def bad(code: str, gains: Gains, place: Place, gain: Interval) -> Finding:
    """Return the failing finding of a place; numbers are the gain of a decision."""
    return Finding(
        code=code,
        verdict=Verdict.FAIL,
        subjects=place.subjects,
        measured=gain.value,
        limit=0.0,
        low=gain.low,
        high=gain.high,
        because=f"where {' and '.join(place.subjects)} ({place.n:,} rows) the version is worse than {gains.over}: "
        f"{gains.said(gain.value)} a decision, {gains.total(gain.value, place.n)} over the holdout",
    )


def _cost(told: tuple[Place, Interval]) -> float:
    place, gain = told
    return gain.value * place.n


def _none_worse(code: str, gains: Gains, told: Sequence[tuple[Place, Interval]], what: str) -> Finding:
    place, gain = min(told, key=lambda each: each[1].value)
    return Finding(
        code=code,
        verdict=Verdict.PASS,
        subjects=place.subjects,
        measured=gain.value,
        limit=0.0,
        low=gain.low,
        high=gain.high,
        because=f"in none of {len(told)} {what} is the version surely worse than {gains.over} by what is worth finding;"
        f" it gains least where {' and '.join(place.subjects)}: {gains.said(gain.value)} a decision",
    )


def _small(code: str, places: Sequence[Place], what: str) -> Finding:
    n = len(places)
    return Finding(
        code=code,
        verdict=Verdict.UNKNOWN,
        subjects=tuple(name for place in places[:MAX_NAMED] for name in place.subjects),
        measured=float(max(place.n for place in places)),
        limit=float(LEAST_ROWS),
        because=f"{n} of the {what} {'has' if n == 1 else 'have'} fewer than {LEAST_ROWS} rows in the holdout, "
        "or rows of one entity or day: too few to tell",
        remedy="Bring more rows, or judge them together under a coarser column.",
    )


def unknown_places(code: str, because: str, remedy: str = "") -> Finding:
    """Return a finding that nothing could be told.

    >>> unknown_places("F08-periods", "there is no time").verdict.value
    'unknown'
    """
    return Finding(code=code, verdict=Verdict.UNKNOWN, because=because, remedy=remedy)
