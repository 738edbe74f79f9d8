"""Copies across the split are found in many distinct rows; rows that repeat because values are few are not copies."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.planted import bad, clean, outcomes_of, people, version

from mainstay.checks.copies import COPIES, COPY_CHECKS
from mainstay.domain.finding import Verdict
from mainstay.domain.task import Task


def few_values(n_rows: int, seed: int):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    columns = {"a": rng.integers(0, 4, n_rows) * 1.0, "b": rng.choice(["x", "y", "z"], n_rows, p=[0.7, 0.2, 0.1])}
    columns["c"] = np.where(rng.random(n_rows) < 0.9, columns["a"] // 2, rng.integers(0, 2, n_rows)).astype(float)
    columns |= {"d": rng.poisson(1.0, n_rows) * 1.0, "e": rng.integers(0, 12, n_rows) * 1.0}
    return columns, (rng.random(n_rows) < 0.2 + 0.1 * columns["a"]).astype(float)


@pytest.mark.parametrize("share", [0.05, 0.3])
@pytest.mark.parametrize("task", list(Task))
def test_copies_are_found(share: float, task: Task) -> None:
    columns, odds = people(3000, 4)
    outcomes, again = outcomes_of(odds, 4, task), np.arange(int(3000 * share))
    rows = np.concatenate([np.arange(3000), again])
    made = version({name: values[rows] for name, values in columns.items()}, outcomes[rows], task=task)
    assert bad(made, COPY_CHECKS) == {COPIES: ()}


def test_positives_drawn_again_before_the_split_are_found() -> None:
    columns, odds = people(2000, 4)
    outcomes = outcomes_of(odds - 2, 4)
    rows = np.concatenate([np.arange(2000), np.random.default_rng(1).choice(np.flatnonzero(outcomes == 1), 1500)])
    assert bad(version({name: each[rows] for name, each in columns.items()}, outcomes[rows]), COPY_CHECKS)


@pytest.mark.parametrize("n_rows", [600, 3000])
def test_few_distinct_values_are_no_copies(n_rows: int) -> None:
    for seed in range(5):
        assert bad(version(*few_values(n_rows, seed), seed=seed), COPY_CHECKS) == {}


def test_clean_tables_pass_and_few_rows_are_unknown() -> None:
    assert bad(clean("amounts", 2000, 2), COPY_CHECKS) == {}
    (found,) = COPY_CHECKS[0].look(clean("people", 100, 2))
    assert found.verdict is Verdict.UNKNOWN
