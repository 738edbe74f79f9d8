"""Gaps filled with the mean of each class, and gaps that tell the outcome, are found; honest gaps are not."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.planted import amounts, bad, clean, outcomes_of, people, version

from mainstay.checks.fills import FILL_CHECKS, FILLED, GAPS
from mainstay.checks.leaks import LEAKS
from mainstay.domain.finding import Verdict
from mainstay.domain.task import Task

N = 2000


@pytest.mark.parametrize("centre", [np.mean, np.median])
@pytest.mark.parametrize("task", [Task.BINARY, Task.MULTICLASS])
def test_gaps_filled_by_class_are_found(centre, task: Task) -> None:  # type: ignore[no-untyped-def]
    columns, odds = amounts(N, 3)
    outcomes = outcomes_of(odds, 3, task)
    gaps = np.random.default_rng(1).random(N) < 0.1
    filled = columns["x0"].astype(float).copy()
    for one in np.unique(outcomes):
        filled[gaps & (outcomes == one)] = centre(columns["x0"][~gaps & (outcomes == one)])
    made = version(columns | {"x0": filled}, outcomes, task=task)
    assert bad(made, (*FILL_CHECKS, *LEAKS)) == {FILLED: ("c1",)}


def test_gaps_filled_by_the_mean_of_all_or_at_the_end_of_a_scale_are_no_leak() -> None:
    columns, odds = amounts(N, 3)
    outcomes = outcomes_of(odds, 3)
    gaps = np.random.default_rng(1).random(N) < 0.1
    columns["x0"] = np.where(gaps, columns["x0"].mean(), columns["x0"])
    columns["x6"] = np.minimum(columns["x6"], np.quantile(columns["x6"], 0.95))
    assert bad(version(columns, outcomes), FILL_CHECKS) == {}


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("column", ["income", "region"])
def test_gaps_that_tell_are_found(task: Task, column: str) -> None:
    columns, odds = people(N, 3)
    outcomes = outcomes_of(odds, 3, task)
    chance = np.where(outcomes > np.median(outcomes) if task is Task.REGRESSION else outcomes == 1, 0.3, 0.02)
    gaps = np.random.default_rng(1).random(N) < chance
    known = columns[column]
    columns[column] = (
        np.where(gaps, None, known.astype(object)) if column == "region" else np.where(gaps, np.nan, known)
    )
    made = version(columns, outcomes, task=task)
    assert bad(made, (*FILL_CHECKS, *LEAKS)) == {GAPS: (f"c{list(columns).index(column) + 1}",)}


@pytest.mark.parametrize("task", list(Task))
def test_honest_gaps_pass(task: Task) -> None:
    assert bad(clean("amounts", N, 2, task), FILL_CHECKS) == {}


def test_a_mild_pattern_in_what_is_missing_is_no_leak() -> None:
    columns, odds = people(N, 3)
    columns["income"] = np.where(np.random.default_rng(1).random(N) < 0.02 * columns["late"], np.nan, columns["income"])
    assert bad(version(columns, outcomes_of(odds, 3)), FILL_CHECKS) == {}


def test_amounts_have_no_classes_and_one_outcome_tells_nothing() -> None:
    (found,) = FILL_CHECKS[0].look(clean("people", 300, 1, Task.REGRESSION))
    assert not found.applies
    assert found.verdict is Verdict.UNKNOWN
    columns, _ = people(300, 1)
    (found,) = FILL_CHECKS[0].look(version(columns, np.zeros(300)))
    assert found.verdict is Verdict.UNKNOWN
