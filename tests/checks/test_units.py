"""A unit that changes in a stretch of rows is found with its column and factor; growth, seasons and noise are not."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.planted import amounts, bad, days, moments_of, outcomes_of, version

from mainstay.checks.units import UNIT, UNIT_CHECKS
from mainstay.domain.finding import Verdict
from mainstay.domain.task import Task

N = 2000


@pytest.mark.parametrize("factor", [10.0, 0.001, 2.54, 100.0, 60.0])
@pytest.mark.parametrize("stretch", [(0.6, 1.0), (0.0, 0.3), (0.45, 0.7)])
def test_a_unit_change_is_found(factor: float, stretch: tuple[float, float]) -> None:
    columns, odds = days(N, 3)
    first, last = (int(each * N) for each in stretch)
    columns["load"][first:last] *= factor
    made = version(columns, outcomes_of(odds, 3), moments=moments_of("days", N))
    (found,) = UNIT_CHECKS[0].look(made)
    assert (found.code, found.verdict, found.subjects) == (UNIT, Verdict.FAIL, ("c1",))
    assert found.measured == pytest.approx(factor, rel=0.2) or found.measured == pytest.approx(1 / factor, rel=0.2)


@pytest.mark.parametrize("task", list(Task))
def test_the_order_of_the_table_is_enough_and_any_task_will_do(task: Task) -> None:
    columns, odds = amounts(N, 3)
    columns["x6"][1200:] *= 1000
    assert bad(version(columns, outcomes_of(odds, 3, task), task=task), UNIT_CHECKS) == {UNIT: ("c7",)}


def test_a_factor_that_no_unit_has_is_a_warning() -> None:
    columns, odds = days(N, 3)
    columns["load"][1200:] *= 300.0
    (found,) = UNIT_CHECKS[0].look(version(columns, outcomes_of(odds, 3), moments=moments_of("days", N)))
    assert found.verdict is Verdict.WARN


def test_growth_seasons_and_levels_are_no_change_of_unit() -> None:
    columns, odds = days(N, 3)
    rng, along = np.random.default_rng(1), np.linspace(0, 1, N)
    columns["grows"] = np.exp(3 * along + rng.normal(0, 0.3, N))
    columns["season"] = 20 + 15 * np.sin(4 * np.pi * along) + rng.normal(0, 2, N)
    columns["wanders"] = np.exp(np.cumsum(rng.normal(0, 0.05, N)))
    columns["code"] = np.where(along > 0.5, rng.integers(10, 15, N), rng.integers(1, 5, N)) * 1.0
    columns["zeros"] = np.where(rng.random(N) < 0.9, 0.0, rng.lognormal(0, 2, N))
    assert bad(version(columns, outcomes_of(odds, 3), moments=moments_of("days", N)), UNIT_CHECKS) == {}
