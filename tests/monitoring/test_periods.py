"""Periods are those of the domain, cut faster."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.monitoring.worlds import brief

from mainstay.domain.moments import period_start
from mainstay.monitoring.periods import DAY_S, choose_period_s, every_start, starts_of, to_us

MOMENTS = st.datetimes(datetime(1995, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001


@given(st.lists(MOMENTS, min_size=1, max_size=20), st.sampled_from([3600, 21600, 86400, 604800]))
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_agrees_with_the_domain(zone: str, naive: list[datetime], period_s: int) -> None:
    moments = [moment.replace(tzinfo=UTC) for moment in naive]
    us = np.array([to_us(moment) for moment in moments])
    wanted = [to_us(period_start(m, timedelta(seconds=period_s), time_zone=zone)) for m in moments]
    assert starts_of(us, period_s=period_s, time_zone=zone).tolist() == wanted


@pytest.mark.parametrize(
    ("rows_a_day", "days", "period_days"),
    [(10_000, 60, 1 / 24), (1000, 60, 0.25), (250, 60, 1), (100, 400, 2), (48, 240, 7), (48, 30, 2), (3, 700, 28)],
)
def test_length_holds_two_hundred_rows_if_eight_periods_remain(rows_a_day: int, days: int, period_days: float) -> None:
    moments = np.arange(0, days * DAY_S, DAY_S / rows_a_day)
    assert choose_period_s(moments, brief()) == period_days * DAY_S


def test_the_brief_decides() -> None:
    assert choose_period_s(None, brief(watch='period = "12h"')) == DAY_S / 2


def test_every_start_follows_the_clock_change() -> None:
    first = to_us(period_start(datetime(2026, 3, 28, 12, tzinfo=UTC), timedelta(days=1), time_zone="Europe/Berlin"))
    last = to_us(datetime(2026, 3, 31, tzinfo=UTC))
    starts = every_start(first, last, period_s=DAY_S, time_zone="Europe/Berlin")
    assert (np.diff(starts) / 3.6e9).tolist() == [24, 23, 24]
