"""Columns that are not what they were when the history began."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.checks.check import Check, Section
from mainstay.checks.coverage import column_gap
from mainstay.checks.draws import Draw
from mainstay.checks.examined import Examined
from mainstay.checks.sight import indicators, is_calendar, level_numbers, names_rows, numbers_of
from mainstay.checks.units import MOST_ROWS, in_order, jumps
from mainstay.domain.finding import Finding, Verdict
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.block_shift import block_shift_p
from mainstay.stats.intervals import Interval

DRIFT = "F10-drift-inside"
FLOOR = 0.2
SURE = 1e-3
MIN_ROWS = 240  # eighty in each third
MOST_LEVELS = 10
DAY_S = 86_400.0
YEAR_DAYS, SHORT_DAYS = 365.0, 60.0


@dataclass(frozen=True, slots=True)
class Parts:
    """Rows of the beginning and of the end, in the order of time; whether both have the same seasons."""

    first: IntArray
    last: IntArray
    days: float
    is_like: bool


def drift_inside(exam: Examined) -> Iterable[Finding]:
    """Whether a column, or the outcome, is spread otherwise at the end of the history than at its beginning."""
    parts = _parts(exam)
    if parts is None:
        because = "the rows have no moment (data.time), or there are too few: nobody can tell what moved"
        return [Finding(code=DRIFT, verdict=Verdict.UNKNOWN, because=because)]
    named = jumps(exam, in_order(exam))
    names = [
        name
        for name in exam.inputs
        if name not in named and not names_rows(exam.used[name]) and not is_calendar(exam, name)
    ]
    n_asked = max(len(names), 1) * (MOST_LEVELS + 3)
    found = [each for name in names if (each := _moved(exam, name, parts, SURE / n_asked)) is not None]
    outcome = _outcome_moved(exam, parts, SURE / n_asked)
    found += [] if outcome is None else [outcome]
    well = f"{len(names)} inputs and the outcome are spread at the end of the history as at its beginning"
    return found or [Finding(code=DRIFT, verdict=Verdict.PASS, because=well)]


def _parts(exam: Examined) -> Parts | None:
    """The first and the last year of two or more, of all rows; else the first and last third of training rows."""
    if exam.moments is None:
        return None
    rows = in_order(exam)
    moments = exam.moments[rows]
    days = float(np.ptp(moments)) / DAY_S if rows.size else 0.0
    if days >= 2 * YEAR_DAYS - 2:
        half = (moments[0] + moments[-1]) / 2
        end = min(moments[0] + YEAR_DAYS * DAY_S, half)
        first, last = rows[moments < end], rows[moments >= moments[-1] - (end - moments[0])]
        return Parts(first, last, days, True) if min(first.size, last.size) >= MIN_ROWS // 3 else None
    rows = rows[np.isin(rows, exam.training)]
    if rows.size < MIN_ROWS:
        return None
    third, days = rows.size // 3, float(np.ptp(exam.moments[rows])) / DAY_S
    return Parts(rows[:third], rows[-third:], days, days <= SHORT_DAYS)


def _moved(exam: Examined, name: str, parts: Parts, sure: float) -> Finding | None:
    column = exam.used[name]
    gap = column_gap(column[parts.first], column[parts.last], level=0.95)
    if not gap.value >= FLOOR:
        return None
    both = np.concatenate([parts.first, parts.last])
    p_value = min((_shift_p(each, parts.first.size) for each in _contrasts(column[both])), default=1.0)
    return _told(name, gap, parts) if p_value < sure else None


def _contrasts(column: pl.Series) -> Iterator[FloatArray]:
    """What may move: what is missing; of numbers rank and distance from the middle, of levels the share of each."""
    numbers, levels = numbers_of(column), level_numbers(column)
    yield (levels == 0).astype(np.float64)
    if numbers is None:
        counts = np.bincount(levels)
        for level in np.argsort(-counts, kind="stable")[:MOST_LEVELS]:
            yield (levels == level).astype(np.float64)
        return
    known = np.sort(numbers[~np.isnan(numbers)])
    ranks = (np.searchsorted(known, numbers, "left") + np.searchsorted(known, numbers, "right")) / max(
        2 * known.size, 1
    )
    ranks = np.where(np.isnan(numbers), np.nan, ranks)
    yield ranks
    yield np.square(ranks - 0.5)


def _shift_p(values: FloatArray, n_first: int) -> float:
    return block_shift_p(values[:n_first], values[n_first:])


def _outcome_moved(exam: Examined, parts: Parts, sure: float) -> Finding | None:
    outcomes = pl.Series(exam.outcomes)
    if exam.task.value != "regression":
        outcomes = outcomes.cast(pl.Int64).cast(pl.String)
    gap = column_gap(outcomes[parts.first], outcomes[parts.last], level=0.95)
    both = np.concatenate([parts.first, parts.last])
    if not gap.value >= FLOOR:
        return None
    p_value = min((_shift_p(each, parts.first.size) for each in indicators(exam, both).values()), default=1.0)
    return _told(exam.schema.target, gap, parts) if p_value < sure else None


def _told(name: str, gap: Interval, parts: Parts) -> Finding:
    spans = "the last year" if parts.is_like and parts.days > YEAR_DAYS else "the last third of the history"
    because = f"{gap.value:.0%} of the rows of {spans} would have to change {name} to be spread as in the first"
    if not parts.is_like:
        because += f"; in {parts.days:.0f} days, season and drift cannot be told apart"
    return Finding(
        code=DRIFT,
        verdict=Verdict.FAIL if parts.is_like else Verdict.WARN,
        because=because,
        subjects=(name,),
        measured=gap.value,
        limit=FLOOR,
        low=gap.low,
        high=gap.high,
    )


HISTORY: tuple[Check, ...] = (
    Check(
        code=DRIFT,
        section=Section.DATA,
        asks="Is the end of the history still like its beginning?",
        limit="A fifth of the rows would have to change a column, and blocks of neighbouring rows say so surely (one "
        "in a thousand over all columns). A year is compared with a year where there are two; less is a warning, "
        "because it may be the season. Columns that follow the calendar are left out.",
        remedy="Learn from newer rows only, or from what does not move; retrain often, and watch these columns.",
        source="Student 1908, on batch means; Kolmogorov and Smirnov",
        look=drift_inside,
        draws=Draw(every=MOST_ROWS),
    ),
)
