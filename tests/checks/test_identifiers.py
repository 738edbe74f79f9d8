"""An identifier or a row's place that tells the outcome is found; one that only counts days, or nothing, is not."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.planted import bad, days, moments_of, outcomes_of, people, version

from mainstay.checks.identifiers import IDENTIFIER_CHECKS, TELLS
from mainstay.checks.leaks import LEAKS
from mainstay.domain.finding import Verdict
from mainstay.domain.task import Task

N = 2000


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("written", ["number", "text"])
def test_an_identifier_that_tells_is_found_and_by_no_other(task: Task, written: str) -> None:
    columns, odds = people(N, 3)
    outcomes = outcomes_of(odds, 3, task)
    noise = np.random.default_rng(1).normal(0, 0.4, N)
    rank = np.argsort(np.argsort(outcomes / outcomes.std() + noise))
    texts = np.array([f"K{each:06d}" for each in rank])
    columns["key"] = texts if written == "text" else rank + 100.0
    assert bad(version(columns, outcomes, task=task), (*IDENTIFIER_CHECKS, *LEAKS)) == {TELLS: ("c5",)}


def test_a_table_put_together_outcome_by_outcome_is_a_warning() -> None:
    columns, odds = people(N, 3)
    outcomes = outcomes_of(odds, 3)
    order = np.argsort(outcomes, kind="stable")
    made = version({name: each[order] for name, each in columns.items()}, outcomes[order])
    (found,) = IDENTIFIER_CHECKS[0].look(made)
    assert (found.verdict, found.subjects) == (Verdict.WARN, ())


def test_a_numbering_that_tells_nothing_or_only_the_time_passes() -> None:
    columns, odds = people(N, 3)
    columns["key"] = np.random.default_rng(1).permutation(N) * 1.0
    assert bad(version(columns, outcomes_of(odds, 3)), IDENTIFIER_CHECKS) == {}
    columns, odds = days(N, 3)
    columns["key"] = np.arange(N) * 1.0
    rising = outcomes_of(odds + np.linspace(-3, 3, N), 3)
    assert bad(version(columns, rising, moments=moments_of("days", N)), IDENTIFIER_CHECKS) == {}


def test_a_steady_measure_is_no_identifier() -> None:
    columns, odds = people(N, 3)
    columns["measure"] = odds + np.random.default_rng(1).normal(size=N)
    assert bad(version(columns, outcomes_of(odds, 3)), IDENTIFIER_CHECKS) == {}
