"""Durations, moments and periods: always UTC inside, and every moment lies in its period, whatever the clocks do."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.errors import Asked
from mainstay.domain.moments import iso, parse_duration, parse_moment, period_end, period_start

aware = st.timedeltas(timedelta(0), timedelta(days=70 * 365)).map(
    lambda after: datetime(1990, 1, 1, tzinfo=UTC) + after
)
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
lengths = st.sampled_from(["15m", "30m", "45m", "75m", "1h", "5h", "6h", "1d", "2d", "7d", "28d"])


@given(aware, lengths, zones)
def test_every_moment_lies_in_its_period_and_the_next_begins_where_it_ends(
    moment: datetime, length: str, zone: str
) -> None:
    period = parse_duration(length)
    start = period_start(moment, period, time_zone=zone)
    end = period_end(start, period, time_zone=zone)
    assert start <= moment < end
    assert period_start(start, period, time_zone=zone) == start
    assert period_start(end, period, time_zone=zone) == end


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-06-01", 24), ("2026-10-25", 25)])
def test_a_day_is_a_local_day(day: str, hours: int) -> None:
    noon = parse_moment(f"{day}T12:00", time_zone="Europe/Berlin")
    start = period_start(noon, timedelta(days=1), time_zone="Europe/Berlin")
    assert period_end(start, timedelta(days=1), time_zone="Europe/Berlin") - start == timedelta(hours=hours)


def test_weeks_start_on_a_monday() -> None:
    assert period_start(parse_moment("2026-11-22"), timedelta(days=7)).strftime("%A") == "Monday"


@given(st.text(max_size=60))
def test_any_text_is_a_duration_or_asked_wrongly(text: str) -> None:
    with contextlib.suppress(Asked):
        assert parse_duration(text) >= timedelta(0)


@given(st.text(max_size=60) | st.datetimes().map(datetime.isoformat))
def test_any_text_is_a_moment_or_asked_wrongly(text: str) -> None:
    try:
        moment = parse_moment(text, time_zone="Asia/Tokyo")
    except Asked:
        return
    assert moment.tzinfo is UTC


@given(aware)
def test_what_is_written_is_read_back(moment: datetime) -> None:
    assert parse_moment(iso(moment)) == moment


@pytest.mark.parametrize("text", ["", "d", "-1d", "1 month", "1e3d", "9" * 30 + "w"])
def test_what_is_no_duration_says_how_to_write_one(text: str) -> None:
    with pytest.raises(Asked, match="duration"):
        parse_duration(text)
