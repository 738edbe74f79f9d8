"""Outcomes flipped in one region are found by its column; chance, a shifted share and honest regions are not."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.planted import Columns, bad, clean, outcomes_of, people, version

from mainstay.checks.labels import LABELS, NOISE, confident_contradictions
from mainstay.domain.finding import Verdict
from mainstay.domain.task import Task
from mainstay.stats.arrays import BoolArray, FloatArray

N = 4000


def flipped(outcomes: FloatArray, where: BoolArray, share: float, seed: int = 1) -> FloatArray:
    rng = np.random.default_rng(seed)
    n_classes = int(outcomes.max()) + 1
    other = (outcomes + rng.integers(1, n_classes, outcomes.size)) % n_classes
    return np.where(where & (rng.random(outcomes.size) < share), other, outcomes)


def world(seed: int = 3) -> tuple[Columns, FloatArray]:
    columns, odds = people(N, seed)
    columns["branch"] = np.random.default_rng(seed + 50).choice(["a", "b", "c", "d"], N)
    return columns, odds


@pytest.mark.parametrize("task", [Task.BINARY, Task.MULTICLASS])
@pytest.mark.parametrize("seed", range(3))
def test_a_noisy_level_is_found(task: Task, seed: int) -> None:
    columns, odds = world(seed)
    outcomes = flipped(outcomes_of(1.3 * odds, seed, task), columns["branch"] == "b", 0.4)
    assert bad(version(columns, outcomes, task=task), LABELS) == {NOISE: ("c5",)}


def test_a_noisy_quarter_of_numbers_is_found() -> None:
    columns, odds = world()
    columns["size"] = np.random.default_rng(5).gamma(2, 3, N)
    outcomes = flipped(outcomes_of(1.3 * odds, 3), columns["size"] > np.quantile(columns["size"], 0.75), 0.3)
    assert bad(version(columns, outcomes), LABELS) == {NOISE: ("c6",)}


@pytest.mark.parametrize("task", [Task.BINARY, Task.MULTICLASS])
@pytest.mark.parametrize("name", ["people", "amounts", "days"])
def test_chance_is_no_noise(name: str, task: Task) -> None:
    assert bad(clean(name, N, 6, task), LABELS) == {}


def test_a_share_that_is_higher_in_a_region_or_noise_everywhere_is_none_of_a_region() -> None:
    columns, odds = world()
    assert bad(version(columns, outcomes_of(odds + 2.0 * (columns["branch"] == "b"), 3)), LABELS) == {}
    everywhere = flipped(outcomes_of(odds, 3), np.ones(N, dtype=bool), 0.15)
    (found,) = LABELS[0].look(version(columns, everywhere))
    assert found.verdict is Verdict.PASS
    assert found.measured is not None
    assert found.measured > 0.15


@pytest.mark.parametrize("seed", [1, 2])
def test_many_columns_and_few_rows_make_no_region_noisy(seed: int) -> None:
    """An additive model of sixty columns is too sure of itself on a thousand rows: everywhere, and of no fault."""
    random = np.random.default_rng(seed)
    columns = {f"c{place}": random.normal(size=1600) for place in range(60)}
    lean = sum(columns[f"c{place}"] for place in range(10)) / 3
    outcomes = (lean + random.normal(size=1600) > 0.5).astype(float)
    (found,) = LABELS[0].look(version(columns, outcomes))
    assert found.verdict is Verdict.PASS
    assert found.measured is not None
    assert found.measured > 0.2  # of all are contradicted, as the sentence says


def test_amounts_and_few_rows_are_unknown() -> None:
    for odd in (clean("people", N, 1, Task.REGRESSION), clean("people", 300, 1)):
        (found,) = LABELS[0].look(odd)
        assert found.verdict is Verdict.UNKNOWN
        assert found.applies == (odd.task is not Task.REGRESSION)


def test_a_contradiction_is_a_class_that_is_likelier_than_usual_and_than_all_others() -> None:
    chances = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.3, 0.7], [0.95, 0.05]])
    assert confident_contradictions(chances, np.array([0, 0, 1, 1, 1])).tolist() == [False, False, False, False, True]
