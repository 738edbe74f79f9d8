"""Rows that do not stand for the population, and seasons nobody has seen, are named; honest ones pass."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from tests.checks.made import changed
from tests.checks.planted import DAY_S, START_S, WORLDS, bad, clean, outcomes_of, people, version

from mainstay.checks.coverage import COVERAGE, SEASONS, column_gap
from mainstay.checks.examined import Examined
from mainstay.domain.finding import Verdict

POPULATION, CALENDAR = COVERAGE[:1], COVERAGE[1:]
N = 3000


def of_days(start_s: float, n_days: float, *, n_rows: int = N, hours: tuple[float, ...] = (0.0,)) -> Examined:
    rng = np.random.default_rng(1)
    days = np.sort(np.floor(rng.uniform(0, n_days, n_rows)))
    moments = start_s + days * DAY_S + rng.choice(hours, n_rows) * 3600
    columns, odds = people(n_rows, 1)
    return version(columns, outcomes_of(odds, 1), moments=moments)


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_a_fair_sample_passes(name: str) -> None:
    population = clean(name, 1500, 99).table.drop("defaulted")
    assert bad(changed(clean(name, N, 1), population=population), POPULATION) == {}


@pytest.mark.parametrize("column", ["income", "region", "late", "gaps"])
def test_a_sample_of_some_people_only_is_found_by_its_column(column: str) -> None:
    everybody = clean("people", 2000, 99).table
    columns, odds = people(3 * N, 1)
    if column == "gaps":
        gaps = np.random.default_rng(1).random(odds.size) < 0.3
        columns["income"], kept = np.where(gaps, np.nan, columns["income"]), np.ones(odds.size, dtype=bool)
    else:
        chances = {
            "income": columns["income"] < 3000,
            "region": columns["region"] != "west",
            "late": columns["late"] < 7,
        }
        kept = chances[column]
    made = version({name: each[kept] for name, each in columns.items()}, outcomes_of(odds, 1)[kept])
    place = list(columns).index("income" if column == "gaps" else column) + 1
    found = {each.subject for each in POPULATION[0].look(changed(made, population=everybody)) if each.verdict == "fail"}
    assert f"c{place}" in found
    assert found <= {f"c{place}", "defaulted"}


def test_sampling_weights_make_a_sample_fair() -> None:
    columns, odds = people(2 * N, 1)
    kept = np.random.default_rng(1).random(2 * N) < np.where(columns["region"] == "west", 0.2, 0.8)
    columns["weight"] = np.where(columns["region"] == "west", 4.0, 1.0)
    some = {name: each[kept] for name, each in columns.items()}
    everybody = clean("people", 2000, 99).table.drop("defaulted")
    outcomes = outcomes_of(odds, 1)[kept]
    assert bad(changed(version(some, outcomes), population=everybody), POPULATION)
    weighed = version(some, outcomes, data='weight = "c5"')
    assert bad(changed(weighed, population=everybody), POPULATION) == {}


def test_lengths_of_time_are_compared_with_texts() -> None:
    lengths = pl.Series([timedelta(days=1)] * 200)
    assert column_gap(lengths, pl.Series(["a"] * 200), level=0.95).value == 1.0


def test_without_a_sample_or_with_too_few_rows_nobody_knows() -> None:
    made = clean("people", N, 1)
    population = made.table.head(2000).with_columns(pl.col("c1").cast(pl.Int64).cast(pl.String))
    assert bad(changed(made, population=population), POPULATION) == {}
    for odd in (None, made.table.head(50), made.table.select("c1").head(0)):
        (found,) = POPULATION[0].look(changed(made, population=odd))
        assert found.verdict is Verdict.UNKNOWN
    (found,) = POPULATION[0].look(changed(made, no_population="it is gone"))
    assert found.because == "it is gone: nobody can tell whether these rows stand for it"
    (found,) = POPULATION[0].look(changed(made, population=population.select(other="c1")))
    assert found.verdict is Verdict.UNKNOWN
    found = [each.verdict for each in POPULATION[0].look(changed(made, population=population.drop("c2")))]
    assert found == [Verdict.PASS, Verdict.UNKNOWN]


def test_two_years_cover_the_calendar() -> None:
    assert bad(of_days(START_S, 730), CALENDAR) == {}


def test_months_that_training_never_saw_are_named() -> None:
    (found, *_) = CALENDAR[0].look(of_days(START_S, 400))  # training: the first 240 days
    assert (found.code, found.verdict) == (f"{SEASONS}-month", Verdict.FAIL)
    assert found.subjects == ("month=9", "month=10", "month=11", "month=12")


def test_a_weekday_or_an_hour_of_later_rows_that_training_lacks_is_found() -> None:
    made = of_days(START_S, 900, hours=(9.0, 10.0, 15.0))
    assert made.moments is not None
    assert bad(made, CALENDAR) == {}
    moved = made.moments.copy()
    moved[made.holdout[:50]] += 10 * 3600.0
    assert set(bad(changed(made, moments=moved), CALENDAR)) == {f"{SEASONS}-hour"}
    weekday = (made.moments // DAY_S).astype(int) % 7
    kept = np.setdiff1d(made.training, np.flatnonzero(weekday == 2))
    assert set(bad(changed(made, training=kept), CALENDAR)) == {f"{SEASONS}-weekday"}


def test_the_wall_clock_is_that_of_the_zone() -> None:
    made = of_days(START_S + 23.5 * 3600, 900)
    assert bad(made, CALENDAR) == {}
    (found,) = CALENDAR[0].look(clean("people", 300, 1))
    assert found.verdict is Verdict.UNKNOWN
