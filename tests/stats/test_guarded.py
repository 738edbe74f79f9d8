"""Intervals of few rows whose rare kind has not come hold their promise."""

import numpy as np
import pytest

from mainstay.stats.guarded import guarded_mean, typical_gain


@pytest.mark.parametrize(("chance", "n"), [(1 / 6, 30), (1 / 6, 200), (1 / 50, 40), (1 / 50, 400), (1 / 2, 30)])
def test_a_mean_of_nothing_is_seldom_told_as_a_loss(chance: float, n: int) -> None:
    """Decisions worth nothing on average: a loss of 1 mostly, a gain that pays for it now and then."""
    rng, gain = np.random.default_rng(1), (1 - chance) / chance
    lost = [guarded_mean(np.where(rng.random(n) < chance, gain, -1.0), unseen=gain, level=0.99).high < 0
            for _ in range(2000)]  # fmt: skip
    assert np.mean(lost) <= 0.015  # promised 0.005; Student's alone tells 0.5 of them so for rare gains


def test_the_value_is_the_plain_mean_and_lies_inside() -> None:
    found = guarded_mean([1.0, 2.0, 3.0], unseen=100.0)
    assert found.value == 2.0
    assert found.low <= 2.0 <= found.high


def test_rows_of_one_cluster_count_as_one() -> None:
    values, clusters = np.repeat(np.arange(10.0), 20), np.repeat(np.arange(10), 20)
    apart, together = guarded_mean(values, unseen=0.0), guarded_mean(values, unseen=0.0, clusters=clusters)
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_nothing_gained_is_typically_nothing() -> None:
    assert typical_gain([-1.0, 0.0]) == 0.0
