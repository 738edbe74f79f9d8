"""Differences hold the truth as often as they promise, and are the plain difference of what they compare."""

from __future__ import annotations

import numpy as np
import pytest

from mainstay.stats.amounts import r2, rmse
from mainstay.stats.differences import difference_apart, r2_difference, rmse_difference, roc_auc_difference
from mainstay.stats.intervals import Interval, mean_interval, unknown
from mainstay.stats.ranking import roc_auc

N_WORLDS = 400
AGAINST = {"rmse": rmse_difference, "r2": r2_difference}


def two_scores(random: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An amount, and two scores that share part of their errors; the second errs less."""
    came, shared = random.normal(size=n), random.normal(size=n)
    return came, came + 0.6 * shared + 0.8 * random.normal(size=n), came + 0.6 * shared + 0.3 * random.normal(size=n)


@pytest.mark.parametrize("name", AGAINST)
def test_paired_amounts_are_covered(name: str) -> None:
    random = np.random.default_rng(1)
    errors = 1.0, 0.6**2 + 0.3**2
    truth = {"rmse": errors[1] ** 0.5 - errors[0] ** 0.5, "r2": errors[0] - errors[1]}[name]
    found = [AGAINST[name](*two_scores(random, 300)) for _ in range(N_WORLDS)]
    held = np.mean([each.low <= truth <= each.high for each in found])
    assert 0.92 <= held <= 0.98


def test_paired_areas_are_covered_and_plain() -> None:
    random = np.random.default_rng(2)

    def drawn(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        came = random.random(n) < 0.3
        shared = random.normal(size=n) + came
        return came, shared + random.normal(size=n), shared + 0.5 * random.normal(size=n)

    many = drawn(400_000)
    truth = roc_auc(many[0], many[2]) - roc_auc(many[0], many[1])
    found = [roc_auc_difference(*drawn(300)) for _ in range(N_WORLDS)]
    assert 0.92 <= np.mean([each.low <= truth <= each.high for each in found]) <= 0.985


def test_what_is_measured_apart_is_covered() -> None:
    random = np.random.default_rng(3)
    found = [
        difference_apart(mean_interval(random.exponential(1, 80)), mean_interval(random.exponential(2, 60)))
        for _ in range(N_WORLDS)
    ]
    assert 0.90 <= np.mean([each.low <= 1 <= each.high for each in found]) <= 0.985


def test_values_are_plain_differences() -> None:
    came, before, after = two_scores(np.random.default_rng(4), 50)
    assert rmse_difference(came, before, after).value == pytest.approx(rmse(came, after) - rmse(came, before))
    assert r2_difference(came, before, after).value == pytest.approx(r2(came, after) - r2(came, before))


def test_what_is_not_known_stays_so() -> None:
    assert not difference_apart(unknown(1.0), Interval(2.0, 1.0, 3.0)).known
    assert not roc_auc_difference([0, 0, 1], [0.1, 0.2, 0.3], [0.3, 0.2, 0.1]).known
    assert not rmse_difference([1.0, 2.0], [1.0, 2.0], [1.0, 3.0]).known
