"""How the service runs: volume with its week, latency, restarts, room, and how fresh outcomes and dates are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from tests.monitoring.worlds import brief

from mainstay.domain.brief import Brief
from mainstay.domain.brief.parts import TargetsPart
from mainstay.domain.signature import OUTCOME, SCORE, Bins, ReferenceSignature
from mainstay.monitoring.cells import CELL_SCHEMA, MOMENT, no_cells
from mainstay.monitoring.ended import Ended, ended
from mainstay.monitoring.freshness import STALE_INPUT, STALE_OUTCOMES, age_bins, age_subject
from mainstay.monitoring.latency import LATENCY, SLOW, latency_bins
from mainstay.monitoring.running import DISK, RESTARTS, Machine, judge_running
from mainstay.monitoring.volume import VOLUME
from mainstay.monitoring.yardstick import learn

DAY = timedelta(days=1)
START = datetime(2024, 1, 1, tzinfo=UTC)  # a Monday
WEEK = np.array([1.2, 1.1, 1.0, 1.1, 1.3, 0.4, 0.3])
BINS = Bins(subject=SCORE, edges=(0.5,), low=0.0, high=1.0)
REFERENCE = ReferenceSignature(
    period_s=86_400.0,
    time_zone="UTC",
    timed=True,
    periods=tuple(f"{START - (28 - i) * DAY:%Y-%m-%dT%H:%M:%SZ}" for i in range(28)),
    bins=(BINS,),
    counts={SCORE: tuple((0, 0, round(50 * WEEK[i % 7]), round(50 * WEEK[i % 7]), 0) for i in range(28))},
)
MEASURE = learn(REFERENCE, brief())


def table(subject: str, days: np.ndarray, n: np.ndarray, **more: object) -> pl.DataFrame:
    """Cells of one subject on some days; `bin` and the days `learned` may be said."""
    sums = {name: 0.0 for name in CELL_SCHEMA if name.startswith("sum_")}
    rest = {"version": 1, "arm": "champion", "segment": "", "subject": subject, "fold": -1, "outcome": -1, "bin": 2}
    rows = pl.DataFrame({"decided": moments(days), "n": n}).with_columns(
        learned=pl.lit(None), **{name: pl.lit(value) for name, value in (rest | sums).items()}
    )
    held = {name: moments(value) if name == "learned" else value for name, value in more.items()}
    return rows.with_columns(**held).select(list(CELL_SCHEMA)).cast(CELL_SCHEMA)  # type: ignore[arg-type]


def cells(subject: str, day: int, n: int, *, bin_: int = 2, learned: int | None = None) -> pl.DataFrame:
    """Cells of one subject on a day, learned on another."""
    later = {} if learned is None else {"learned": np.array([learned])}
    return table(subject, np.array([day]), np.array([n]), bin=pl.lit(bin_), **later)


def moments(days: object) -> pl.Series:
    """The midnights that begin some days."""
    start_us = int(START.timestamp() * 1e6)
    return pl.Series(start_us + np.asarray(days) * 86_400_000_000, dtype=pl.Int64).cast(MOMENT)


def of(rows: np.ndarray, *more: pl.DataFrame) -> Ended:
    """Days with so many decisions, and other cells."""
    days = np.flatnonzero(rows)
    return ended(REFERENCE, pl.concat([table(SCORE, days, rows[days]), *more]), at=START + rows.size * DAY)


def busy(n_days: int, seed: int = 0, rows: float = 300.0) -> np.ndarray:
    """Decisions by day over weeks, with luck and a rhythm of their own."""
    random = np.random.default_rng(seed)
    return random.poisson(rows * np.resize(WEEK, n_days) * np.exp(random.normal(0, 0.1, n_days)))


def said(known: Ended, told: Brief | None = None, **more: object) -> list[tuple[str, str, int]]:
    """Code, verdict and day of all findings."""
    at = START + known.n * DAY
    found = judge_running(MEASURE, known, brief=told or brief(), at=at, **more).judged  # type: ignore[arg-type]
    return [(e.finding.code, e.finding.verdict.value, (datetime.fromisoformat(e.start) - START).days) for e in found]


def test_weeks_as_ever_are_left_in_peace() -> None:
    alarms = [found for seed in range(20) for found in said(of(busy(90, seed)))]
    # Two in a hundred of one false alarm a month: 60 months let about one through.
    assert len(alarms) <= 3


@pytest.mark.parametrize(("times", "verdict"), [(0.4, "warn"), (0.05, "fail"), (4.0, "warn"), (15.0, "fail")])
def test_a_day_of_half_or_threefold_is_told_on_that_day(times: float, verdict: str) -> None:
    rows = busy(60)
    rows[50] = round(rows[50] * times)
    assert (VOLUME, verdict, 50) in said(of(rows))


def test_the_weekend_is_not_a_fall_though_it_is_a_third() -> None:
    rows = busy(60)
    assert rows[48] < 0.5 * rows[44]  # a Sunday after a Wednesday
    assert said(of(rows)) == []


def test_single_rows_that_take_too_long_are_told() -> None:
    told = brief().model_copy(update={"targets": TargetsPart(p50_latency_ms=5, p99_latency_ms=20)})
    usual = [cells(LATENCY, day, 200, bin_=int(latency_bins(pl.Series([3000]))[0])) for day in range(20)]
    slow = cells(LATENCY, 15, 190, bin_=int(latency_bins(pl.Series([8000]))[0]))
    tail = cells(LATENCY, 18, 30, bin_=int(latency_bins(pl.Series([90_000]))[0]))
    rows = busy(20)
    assert [found for found in said(of(rows, *usual), told) if found[0] == SLOW] == []
    found = [found for found in said(of(rows, *usual[:15], slow, *usual[16:], tail), told) if found[0] == SLOW]
    assert found == [(SLOW, "warn", 15), (SLOW, "fail", 18)]
    assert said(of(rows, slow)) == []  # without a target nothing is slow


def test_workers_that_start_again_and_again_are_told() -> None:
    day_us = 86_400_000_000
    first = int(START.timestamp() * 1e6) + 3 * day_us
    calm = [(first, 7), (first + 1000, 7), (first + 2 * day_us, 7)]
    crashing = [*calm, *((first + 4 * day_us + i * 600_000_000, 7) for i in range(1, 5))]
    other = [*calm, *((first + 4 * day_us + i * 600_000_000, 8 + i) for i in range(1, 4))]
    rows = busy(12)
    assert said(of(rows), machine=Machine(calm)) == []
    assert said(of(rows), machine=Machine(crashing)) == [(RESTARTS, "warn", 7)]
    assert said(of(rows), machine=Machine(other)) == [(RESTARTS, "warn", 7)]


def test_a_disk_that_fills_up_is_told_of_now_alone() -> None:
    rows = busy(12)
    assert said(of(rows), machine=Machine((), 5_000_000_000, 1e9)) == []
    assert said(of(rows), machine=Machine((), None, 1e9)) == []
    assert said(of(rows), machine=Machine((), 900_000_000, 1e9)) == [(DISK, "warn", 11)]
    assert said(of(rows), machine=Machine((), 90_000_000, 1e9)) == [(DISK, "fail", 11)]


def test_outcomes_that_stop_are_told_before_their_absence_is_ripe() -> None:
    rows, often = busy(40), [cells(OUTCOME, day, 50, learned=day + 2) for day in range(28)]
    assert said(of(rows, *often)) == [(STALE_OUTCOMES, "warn", 29)]
    assert said(of(rows[:31], *often)) == []
    weekly = [cells(OUTCOME, day, 50, learned=day + 2) for day in range(0, 35, 7)]
    assert said(of(rows, *weekly)) == []  # a week is how it was before, too


def test_a_date_that_is_no_longer_filled_is_told() -> None:
    def aged(day: int, days: float) -> pl.DataFrame:
        bin_ = age_bins(np.array([0]), pl.Series([-days * 86_400]))[0]
        return cells(age_subject("balance_at"), day, 100, bin_=int(bin_))

    fresh = [aged(day, 1.0 + 0.3 * (day % 2)) for day in range(30)]
    stuck = [aged(day, 1.0 + max(day - 20, 0)) for day in range(30)]
    rows = busy(30)
    assert said(of(rows, *fresh), dated=["balance_at"]) == []
    found = said(of(rows, *stuck), dated=["balance_at"])
    assert {code for code, _, _ in found} == {STALE_INPUT}
    assert min(day for _, _, day in found) in range(22, 25)


def test_nothing_decided_says_nothing() -> None:
    nothing = ended(REFERENCE, no_cells(), at=START + 10 * DAY)
    assert nothing.n == 0
    assert judge_running(MEASURE, nothing, brief=brief(), at=START + 10 * DAY, machine=Machine()).judged == ()
