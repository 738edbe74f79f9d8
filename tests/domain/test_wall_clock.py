"""Parts of dates are those of the calendar on the wall."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.domain.wall_clock import date_part, utc_offsets

OF = {"month": lambda m: m.month, "day": lambda m: m.day, "weekday": lambda m: m.weekday(), "hour": lambda m: m.hour}


@pytest.mark.parametrize("part", list(OF))
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York", "Africa/Monrovia"])
@given(seconds=st.lists(st.floats(-6e10, 2.5e11) | st.integers(-2, 9000).map(lambda s: 63593070.0 + s), min_size=1))
@settings(deadline=None, max_examples=25)
def test_parts_are_those_of_the_calendar(zone: str, part: str, seconds: list[float]) -> None:
    moments = [datetime.fromtimestamp(math.floor(s), UTC).astimezone(ZoneInfo(zone)) for s in seconds]
    assert date_part(np.array(seconds), part, zone).tolist() == [float(OF[part](moment)) for moment in moments]


def test_an_hour_that_happens_twice_is_read_twice() -> None:
    seconds = np.array([datetime(2026, 10, 25, hour, tzinfo=UTC).timestamp() for hour in range(3)])
    assert date_part(seconds, "hour", "Europe/Berlin").tolist() == [2.0, 2.0, 3.0]


def test_an_offset_that_changes_at_an_odd_second() -> None:
    change = datetime(1972, 1, 7, 0, 44, 30, tzinfo=UTC).timestamp()  # Liberia was the last to leave local mean time
    assert utc_offsets(np.array([change - 1, change]), "Africa/Monrovia").tolist() == [-2670.0, 0.0]


def test_what_is_no_moment_is_missing() -> None:
    for part in (*OF, "days"):
        assert np.isnan(date_part(np.array([np.nan, 1e300, -1e300, np.inf]), part, "Europe/Berlin")).all()
