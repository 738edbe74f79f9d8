"""What drifts inside the history is found with its column; seasons, clocks, changed units and noise are not drift."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.planted import DAY_S, START_S, Columns, bad, clean, days, moments_of, outcomes_of, version

from mainstay.checks.examined import Examined
from mainstay.checks.history import DRIFT, HISTORY
from mainstay.checks.units import UNIT, UNIT_CHECKS
from mainstay.domain.finding import Verdict
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray

N = 2000
ALONG = np.linspace(0, 1, N)


def history(columns: Columns, odds: FloatArray, *, task: Task = Task.BINARY, n_days: float = 730) -> Examined:
    moments = START_S + ALONG * n_days * DAY_S
    return version(columns, outcomes_of(odds, 3, task), task=task, moments=moments)


@pytest.mark.parametrize("task", list(Task))
def test_numbers_levels_gaps_and_spread_that_drift_are_found(task: Task) -> None:
    columns, odds = days(N, 3)
    rng, late = np.random.default_rng(1), ALONG > 0.5
    columns["level"] = np.where(rng.random(N) < 0.5 * ALONG, "new", "old")
    columns["gap"] = np.where(rng.random(N) < np.where(late, 0.4, 0.0), np.nan, rng.normal(size=N))
    columns["spread"] = rng.normal(size=N) + np.where(late, rng.choice([-3, 3], N), 0)
    columns["temp"] = columns["temp"] + 6 * ALONG
    found = list(HISTORY[0].look(history(columns, odds, task=task)))
    assert [each.subjects for each in found] == [("c2",), ("c4",), ("c5",), ("c6",)]
    assert {each.verdict for each in found} == {Verdict.FAIL}


@pytest.mark.parametrize("task", list(Task))
def test_an_outcome_that_drifts_is_found(task: Task) -> None:
    columns, odds = days(N, 3)
    assert bad(history(columns, odds + 4 * (ALONG - 0.5), task=task), HISTORY) == {DRIFT: ("defaulted",)}


def test_seasons_of_two_years_and_the_calendar_are_no_drift() -> None:
    columns, odds = days(N, 3)
    month = np.floor(ALONG * 24) % 12
    columns["temp"] = columns["temp"] + 12 * np.sin(4 * np.pi * ALONG)
    columns |= {"month": month, "year": np.floor(ALONG * 1.999), "day": np.floor(ALONG * 730)}
    assert bad(history(columns, odds), HISTORY) == {}


def test_in_less_than_two_years_it_may_be_the_season() -> None:
    columns, odds = days(N, 3)
    columns["temp"] = columns["temp"] + 10 * ALONG
    (found,) = HISTORY[0].look(history(columns, odds, n_days=300))
    assert found.verdict is Verdict.WARN
    (found,) = HISTORY[0].look(history(columns, odds, n_days=40))
    assert found.verdict is Verdict.FAIL


def test_a_changed_unit_is_told_once() -> None:
    columns, odds = days(N, 3)
    columns["load"] = columns["load"] * np.where(ALONG > 0.6, 1000, 1)
    assert bad(history(columns, odds), (*HISTORY, *UNIT_CHECKS)) == {UNIT: ("c1",)}


def test_rows_that_are_like_their_neighbours_do_not_drift_for_that() -> None:
    columns, odds = days(N, 3)
    for seed in range(10):
        rng = np.random.default_rng(seed)
        columns["weather"] = np.repeat(rng.normal(size=N // 10), 10) + 0.1 * rng.normal(size=N)
        assert bad(history(columns, odds), HISTORY) == {}


def test_clean_histories_pass_and_no_time_is_unknown() -> None:
    assert bad(clean("days", N, 8), HISTORY) == {}
    for odd in (clean("people", N, 1), clean("days", 200, 1)):
        (found,) = HISTORY[0].look(odd)
        assert found.verdict is (Verdict.UNKNOWN if odd.moments is None else Verdict.PASS)
    assert moments_of("people", 10) is None
