"""Moments, durations and periods: always aware, always UTC inside; days and weeks are cut in a stated time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from mainstay.domain.errors import Asked

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
MAX_SHOWN = 40  # characters of a wrong text that an error repeats
DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
ANCHOR = datetime.fromisoformat("2000-01-03")  # wall time, a Monday in any zone: weeks start there


def parse_duration(text: str) -> timedelta:
    """Read a duration such as `90d`, `12h`, `5m` or `2w`.

    >>> parse_duration("90d").days
    90
    """
    match, shown = DURATION.fullmatch(text.strip()), repr(text[:MAX_SHOWN])
    if match is None:
        raise Asked(f"{shown} is not a duration", remedy="Write a number and a unit, such as 90d, 12h, 5m or 2w.")
    try:
        return timedelta(seconds=float(match[1]) * UNITS[match[2]])
    except OverflowError as error:
        raise Asked(f"{shown} is too long a duration", remedy="Use at most a few thousand years.") from error


def parse_moment(text: str, *, time_zone: str = "UTC") -> datetime:
    """Read an ISO date or time as an aware UTC moment; what carries no offset is in `time_zone`.

    >>> parse_moment("1997-01-01").isoformat()
    '1997-01-01T00:00:00+00:00'
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(time_zone))).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        wanted = "Write an ISO date or time, such as 2026-03-31 or 2026-03-31T14:05:00+02:00."
        raise Asked(f"{text[:MAX_SHOWN]!r} is not a date", remedy=wanted) from error


def iso(moment: datetime) -> str:
    """Write a moment as ISO in UTC with a `Z`, microseconds only where there are any.

    >>> iso(datetime(2026, 3, 1, tzinfo=UTC))
    '2026-03-01T00:00:00Z'
    """
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def span(length: timedelta) -> str:
    """Write a length of time for people, in the largest unit of which it holds at least two.

    >>> span(timedelta(days=14)), span(timedelta(hours=1)), span(timedelta(seconds=90))
    ('14 days', '60 minutes', '90 s')
    """
    for words, unit in (("days", timedelta(days=1)), ("hours", timedelta(hours=1)), ("minutes", timedelta(minutes=1))):
        if length >= 2 * unit:
            return f"{length / unit:,.0f} {words}"
    return f"{length.total_seconds():,.0f} s"


def period_start(moment: datetime, period: timedelta, *, time_zone: str = "UTC") -> datetime:
    """Return the UTC start of the period that holds `moment`.

    Periods are cut in local wall time, so that a day is a local day of 23, 24 or 25 hours; see `cut_zone`.

    >>> period_start(datetime(2026, 3, 5, 14, tzinfo=UTC), timedelta(days=7)).isoformat()
    '2026-03-02T00:00:00+00:00'
    """
    zone = ZoneInfo(cut_zone(period, time_zone))
    wall = moment.astimezone(zone).replace(tzinfo=None)
    start = ANCHOR + ((wall - ANCHOR) // period) * period
    return start.replace(tzinfo=zone).astimezone(UTC)


def period_end(start: datetime, period: timedelta, *, time_zone: str = "UTC") -> datetime:
    """Return the UTC end of the period that starts at `start`, itself a period's start."""
    zone = ZoneInfo(cut_zone(period, time_zone))
    wall = start.astimezone(zone).replace(tzinfo=None)
    return (wall + period).replace(tzinfo=zone).astimezone(UTC)


def cut_zone(period: timedelta, time_zone: str) -> str:
    """Return the zone in which periods of this length are cut: UTC where they are not whole hours.

    Clocks are set by the hour: a shorter period would fall into the hour that is skipped, or twice into the one that
    is repeated.

    >>> cut_zone(timedelta(days=1), "Europe/Berlin"), cut_zone(timedelta(minutes=45), "Europe/Berlin")
    ('Europe/Berlin', 'UTC')
    """
    return "UTC" if period % timedelta(hours=1) else time_zone
