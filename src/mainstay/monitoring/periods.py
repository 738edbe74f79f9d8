"""Periods of the watch: how long they are, and which one a moment falls into, in the model's time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from mainstay.domain.brief import Brief
from mainstay.domain.moments import ANCHOR, cut_zone, parse_duration, period_end, period_start
from mainstay.monitoring.bins import Floats, Ints

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
MICROS = 1_000_000

# Weeks and their multiples hold every weekday alike; shorter periods are compared with like ones.
LADDER_S = (HOUR_S, 6 * HOUR_S, DAY_S, 2 * DAY_S, 7 * DAY_S, 14 * DAY_S, 28 * DAY_S)
WANTED_ROWS = 200  # a period's rows: a shift by a third of a standard deviation is then five standard errors
FEW_PERIODS = 100_000  # so many between the first moment and the last are numbered one by one
WANTED_PERIODS = 8  # fewer do not tell how periods differ among themselves


def choose_period_s(moments: Floats | None, brief: Brief) -> float:
    """Return the length of a watched period in seconds: the brief's, else the shortest that holds 200 rows.

    `moments` are the reference rows' UTC seconds. If 200 rows would leave fewer than eight periods, shorter ones are
    taken, down to what leaves eight. Without moments it is a day.

    >>> from mainstay.domain.brief import parse_brief
    >>> brief = parse_brief('[model]\\nname = "m"\\n[data]\\ntarget = "t"')
    >>> choose_period_s(np.arange(0, 240 * 86400, 1800.0), brief) / 86400
    7.0
    """
    if brief.watch.period is not None:
        return parse_duration(brief.watch.period).total_seconds()
    if moments is None or moments.size < 2:
        return DAY_S
    span_s = float(np.ptp(moments))
    rows_a_second = moments.size / max(span_s, 1.0)
    full = next((length for length in LADDER_S if length * rows_a_second >= WANTED_ROWS), LADDER_S[-1])
    several = [length for length in LADDER_S if span_s / length >= WANTED_PERIODS]
    return min(full, several[-1] if several else LADDER_S[0])


def starts_of(moments_us: Ints, *, period_s: float, time_zone: str) -> Ints:
    """Return the start of the period of each moment, both in UTC microseconds since 1970.

    Agrees with `domain.moments.period_start`, which is asked once per period.

    >>> day_s = 86400
    >>> starts_of(np.array([5 * day_s + 7]) * 1_000_000, period_s=day_s, time_zone="UTC") // 1_000_000 // day_s
    array([5])
    """
    if not moments_us.size:
        return moments_us
    number = period_numbers(moments_us, period_s=period_s, time_zone=time_zone)
    period = timedelta(seconds=period_s)
    some, back = _one_of_each(number)
    starts = [to_us(period_start(to_moment(int(us)), period, time_zone=time_zone)) for us in moments_us[some]]
    return np.array(starts, dtype=np.int64)[back]


def _one_of_each(numbers: Ints) -> tuple[Ints, Ints]:
    """The place of one of each distinct number, and for every number which of those it is."""
    first, span = int(numbers.min()), int(numbers.max()) - int(numbers.min()) + 1
    if span > max(numbers.size, FEW_PERIODS):
        _, places, back = np.unique(numbers, return_index=True, return_inverse=True)
        return places, back
    counted = numbers - first
    place_of = np.full(span, -1, dtype=np.int64)
    place_of[counted] = np.arange(numbers.size)
    there = place_of >= 0
    return place_of[there], (np.cumsum(there) - 1)[counted]


def period_numbers(moments_us: Ints, *, period_s: float, time_zone: str) -> Ints:
    """Number the periods of moments by wall time, from a Monday in 2000 on."""
    zone, wall = cut_zone(timedelta(seconds=period_s), time_zone), moments_us
    if zone != "UTC":
        local = pl.Series(moments_us).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(zone)
        wall = local.dt.replace_time_zone(None).dt.timestamp("us").to_numpy()
    numbers: Ints = (wall - to_us(ANCHOR.replace(tzinfo=UTC))) // round(period_s * MICROS)
    return numbers


def next_start(start_us: int, *, period_s: float, time_zone: str) -> int:
    """Return the end of a period, which is the start of the next, in UTC microseconds since 1970."""
    return to_us(period_end(to_moment(start_us), timedelta(seconds=period_s), time_zone=time_zone))


def every_start(first_us: int, last_us: int, *, period_s: float, time_zone: str) -> Ints:
    """Return the starts of all periods from the one that starts at `first_us` to the one that holds `last_us`."""
    starts = [first_us]
    while (following := next_start(starts[-1], period_s=period_s, time_zone=time_zone)) <= last_us:
        starts.append(following)
    return np.array(starts, dtype=np.int64)


def to_us(moment: datetime) -> int:
    """Return a moment as UTC microseconds since 1970.

    >>> to_us(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (moment - EPOCH) // timedelta(microseconds=1)


def to_moment(us: int) -> datetime:
    """Return UTC microseconds since 1970 as a moment.

    >>> to_moment(1_000_000).isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    return EPOCH + timedelta(microseconds=us)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
