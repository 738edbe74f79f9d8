"""Whether the version is worse than the baseline in any segment that the brief names, or in any stretch of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import MOST_ROWS, Draw
from mainstay.checks.examined import Examined
from mainstay.checks.gains import LEAST_ROWS, Gains, gains_of
from mainstay.checks.parted import parted
from mainstay.checks.places import LIMIT, Place, judged, unknown_places
from mainstay.domain.finding import Finding
from mainstay.stats.arrays import FloatArray

SEGMENTS, PERIODS = "F08-segments", "F08-periods"
MONTHS, STRETCHES = (3, 36), (2, 12)  # fewer tell nothing of time; more, and each holds too few rows
ROWS_A_STRETCH = 100
LEAST_DAYS = 10  # in a stretch: below, days as clusters would leave no degrees of freedom


def segments(exam: Examined) -> Iterable[Finding]:
    """Where, of the brief's segments, the version is worse than the best baseline, and what it costs."""
    named = exam.brief.data.segments
    if not named:
        yield unknown_places(SEGMENTS, "the brief names no segments", "Name columns in [data] segments.")
        return
    gains = gains_of(exam)
    places = [place for column in named for place in places_by(exam, gains, column)]
    if not places:
        yield unknown_places(SEGMENTS, "no segment of the brief can be read, or has 30 rows, in the holdout")
        return
    yield from judged(SEGMENTS, gains, places, "segments")


def places_by(exam: Examined, gains: Gains, column: str) -> Iterator[Place]:
    """Yield the place of every level of a column (quarters, where it is of numbers); none where all are too small."""
    parts = parted(exam, column, gains.rows)
    if parts is not None and not parts.is_one_pool:
        yield from (Place((name,), parts.numbers == place) for place, name in enumerate(parts.names))


def periods(exam: Examined) -> Iterable[Finding]:
    """Where in time the version is worse than the best baseline, and what it costs."""
    if exam.moments is None:
        because = "the rows have no moment (data.time): nobody can tell one stretch of time from another"
        yield unknown_places(PERIODS, because, "Name the moment of the decision in [data] time.")
        return
    gains = gains_of(exam)
    by_day, places = stretches(exam, gains)
    if not places:
        n_known = int(np.isfinite(exam.moments[gains.rows]).sum())
        yield unknown_places(PERIODS, f"{n_known} dated rows in the holdout are too few to part by time")
        return
    yield from judged(PERIODS, by_day, places, "stretches of time")


def stretches(exam: Examined, gains: Gains) -> tuple[Gains, list[Place]]:
    """Return the months, or stretches, of the holdout in order, with the gains as they are judged there.

    There are none without time, and where dated rows are too few to part.
    """
    if exam.moments is None:
        return gains, []
    moments = exam.moments[gains.rows]
    places = _periods(np.where(np.isfinite(moments), moments, np.nan))
    return (_by_day(exam, gains, len(places)), places) if len(places) >= STRETCHES[0] else (gains, [])


def _periods(moments: FloatArray) -> list[Place]:
    months = np.where(np.isfinite(moments), moments, 0).astype("datetime64[s]").astype("datetime64[M]")
    names = np.where(np.isfinite(moments), months.astype(str), "")
    told, sizes = np.unique(names[names != ""], return_counts=True)
    if MONTHS[0] <= told.size <= MONTHS[1] and np.median(sizes) >= LEAST_ROWS:
        return [Place((str(month),), names == month) for month in told]
    return _stretches(moments)


def _stretches(moments: FloatArray) -> list[Place]:
    """Stretches of equal length; rows of one moment are never parted."""
    known = moments[np.isfinite(moments)]
    n = int(min(STRETCHES[1], known.size // ROWS_A_STRETCH))
    if n < STRETCHES[0] or known.max() == known.min():
        return []
    ends = np.linspace(known.min(), known.max(), n + 1)
    at = np.searchsorted(ends[1:-1], moments, side="right")
    days = ends.astype("datetime64[s]").astype("datetime64[m]").astype(str)
    places = (Place((f"{days[k]} to {days[k + 1]}",), np.isfinite(moments) & (at == k)) for k in range(n))
    return [place for place in places if place.n]


def _by_day(exam: Examined, gains: Gains, n_places: int) -> Gains:
    """Days as clusters only where every stretch holds enough of them."""
    if exam.clusters is not None or gains.clusters is None:
        return gains
    return gains if np.unique(gains.clusters).size >= LEAST_DAYS * n_places else replace(gains, clusters=None)


SEGMENT_CHECKS: tuple[Check, ...] = (
    Check(
        code=SEGMENTS,
        section=Section.LOCALITY,
        asks="Is there a segment of the brief where it is worse than what is done without it?",
        limit=LIMIT,
        remedy="Keep today's way there until more or better rows are brought; then train again.",
        look=segments,
        draws=Draw(holdout=MOST_ROWS),
        source="paired difference over rows, Bonferroni over segments; Agresti & Coull 1998",
    ),
    Check(
        code=PERIODS,
        section=Section.LOCALITY,
        asks="Is there a stretch of time where it is worse than what is done without it?",
        limit=f"{LIMIT} Months, or stretches of equal length.",
        remedy="Find what was different then, in the rows or in the world, and whether it will come again.",
        look=periods,
        draws=Draw(holdout=MOST_ROWS),
        source="paired difference over rows or days, Bonferroni over stretches",
    ),
)
