"""Periods are judged by how periods differ: alarms stay within their promise, and real changes are seen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaincinv, ndtr

from mainstay.stats.blocks import block_p_value, expected_noise, leave_one_out, unusual
from mainstay.stats.distance import jensen_shannon

distances = st.lists(st.floats(0.001, 10.0), min_size=3, max_size=20)


def autocorrelated(random: np.random.Generator, n: int, lag: float) -> np.ndarray:
    steps = random.normal(size=n)
    for i in range(1, n):
        steps[i] = lag * steps[i - 1] + math.sqrt(1 - lag**2) * steps[i]
    return steps


def shaped(shape: str, normal: np.ndarray) -> np.ndarray:
    if shape == "lognormal":
        return np.exp(0.5 * normal)
    return gammaincinv({"gamma": 2.0, "chi2": 15.0}[shape], ndtr(normal))


@given(distances, st.floats(0.0, 20.0), st.floats(0.01, 100))
def test_unusual_is_a_probability_without_a_unit_that_falls_with_the_distance(
    reference: list[float], current: float, unit: float
) -> None:
    found = unusual(current, reference)
    assert 0.0 <= found <= 1.0
    assert unusual(current * unit, np.array(reference) * unit) == pytest.approx(found, abs=1e-6)
    assert unusual(current * 1.5 + 0.1, reference) <= found + 1e-9


@pytest.mark.parametrize("shape", ["lognormal", "gamma", "chi2"])
@pytest.mark.parametrize(("n_blocks", "lag"), [(8, 0.0), (8, 0.6), (20, 0.0), (20, 0.6)])
def test_false_alarms_stay_within_the_promise(shape: str, n_blocks: int, lag: float) -> None:
    random = np.random.default_rng(1)
    found = np.array(
        [
            unusual(shaped(shape, random.normal(size=1))[0], shaped(shape, autocorrelated(random, n_blocks, lag)))
            for _ in range(4000)
        ]
    )
    # Bounds are the promise (nominal times 1.5) plus three standard errors of 4,000 tries.
    assert np.mean(found < 0.01) <= 0.015 + 3 * math.sqrt(0.015 / 4000)
    assert np.mean(found < 0.001) <= 0.0015 + 3 * math.sqrt(0.0015 / 4000)


def test_with_many_blocks_the_tail_is_used_well() -> None:
    random = np.random.default_rng(2)
    reference = np.exp(0.5 * random.normal(size=60))
    assert unusual(math.exp(0.5 * 6), reference) < 1e-4
    assert unusual(math.exp(0.5 * 2), reference) > 0.01


def test_blocks_that_do_not_vary_speak_by_their_number_alone() -> None:
    assert unusual(0.0, [0.0] * 9) == 1.0
    assert unusual(0.3, [0.0] * 9) == 0.1
    assert math.isnan(unusual(0.3, [0.1, 0.2]))
    assert math.isnan(unusual(math.nan, [0.1, 0.2, 0.3]))
    with pytest.raises(ValueError, match="distance below 0"):
        unusual(0.1, [-0.1, 0.2, 0.3])


@pytest.mark.parametrize(("n_bins", "n"), [(2, 100), (20, 200), (64, 300), (64, 20_000)])
def test_expected_noise_is_what_sampling_shows(n_bins: int, n: int) -> None:
    random = np.random.default_rng(3)
    reference = np.round(random.dirichlet(np.full(n_bins, 0.5)) * 1e6)
    drawn = random.multinomial(n, reference / reference.sum(), size=800)
    found = math.sqrt(np.mean([jensen_shannon(reference, counts) ** 2 for counts in drawn]))
    assert expected_noise(reference, n) == pytest.approx(found, rel=0.08)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8).filter(any), st.integers(1, 10_000))
def test_expected_noise_falls_with_rows_and_forgets_bin_order(counts: list[int], n: int) -> None:
    assert expected_noise(counts, 2 * n) <= expected_noise(counts, n) + 1e-12
    assert expected_noise(counts[::-1], n) == pytest.approx(expected_noise(counts, n), abs=1e-9)
    assert math.isnan(expected_noise(counts, 0))


@given(st.lists(st.lists(st.integers(0, 20), min_size=3, max_size=3), min_size=2, max_size=8))
def test_leave_one_out_is_each_against_the_sum_of_the_others(blocks: list[list[int]]) -> None:
    table = np.array(blocks)
    expected = [jensen_shannon(table.sum(axis=0) - row, row) for row in table]
    assert leave_one_out(table) == pytest.approx(expected, abs=1e-6, nan_ok=True)


def drawn(
    random: np.random.Generator, n_blocks: int, n: int, n_current: int, *, spread: float = 0.1, shift: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Counts in twelve bins of reference periods that vary by themselves, and of one more, shifted or not."""
    base = random.dirichlet(np.full(12, 2.0))
    shares = base * np.exp(spread * random.normal(size=(n_blocks + 1, 12)))
    shares[-1] *= np.exp(shift * np.linspace(-1, 1, 12))
    shares /= shares.sum(axis=1, keepdims=True)
    return random.multinomial(n_current, shares[-1]), np.array([random.multinomial(n, share) for share in shares[:-1]])


@pytest.mark.parametrize("n_blocks", [1, 2, 4, 8, 30])
@pytest.mark.parametrize(("n", "n_current", "spread"), [(1000, 1000, 0.0), (800, 200, 0.1), (300, 3000, 0.1)])
def test_undrifted_periods_of_any_size_stay_within_the_promise(
    n_blocks: int, n: int, n_current: int, spread: float
) -> None:
    random = np.random.default_rng(4)
    spread = spread if n_blocks > 1 else 0.0
    found = np.array([block_p_value(*drawn(random, n_blocks, n, n_current, spread=spread)) for _ in range(400)])
    assert np.mean(found < 0.05) <= 0.05 + 3 * math.sqrt(0.05 / 400)
    assert np.mean(found < 0.001) <= 0.01


def test_a_changed_period_is_seen_with_few_and_with_many_blocks() -> None:
    random = np.random.default_rng(5)
    for n_blocks, least in ((1, 0.01), (8, 0.05), (30, 1e-4)):
        found = [block_p_value(*drawn(random, n_blocks, 2000, 2000, spread=0.02, shift=1.0)) for _ in range(20)]
        assert np.median(found) < least


@given(st.permutations(range(12)), st.integers(1, 9))
def test_the_order_of_bins_does_not_matter(order: list[int], n_blocks: int) -> None:
    current, blocks = drawn(np.random.default_rng(6), n_blocks, 300, 300)
    moved = block_p_value(current[order], blocks[:, order])
    assert moved == pytest.approx(block_p_value(current, blocks), rel=1e-6)


def test_a_constant_reference_is_judged_exactly() -> None:
    constant = [[1000, 0, 0]] * 6
    assert block_p_value([100, 0, 0], constant) == 1.0
    assert block_p_value([50, 30, 20], constant) < 1e-12
    # Of 6,000 rows none was elsewhere: one of 100 happens with about 0.5 * 100 / 6000, hence no alarm.
    assert 0.005 < block_p_value([99, 1, 0], constant) < 0.01
    assert block_p_value([99, 1, 0], [[1, 0, 0]] * 6) > 0.2


def test_what_cannot_be_told_is_unknown_and_what_cannot_be_is_refused() -> None:
    assert math.isnan(block_p_value([20, 20], [[100, 100]] * 6))
    assert math.isnan(block_p_value([200, 200], [[0, 0]] * 6))
    assert math.isnan(block_p_value([200, 200], np.zeros((0, 2))))
    assert block_p_value([0, 0, 500], [[100, 100, 0]] * 3) < 1e-9
    with pytest.raises(ValueError, match="wanted the same bins"):
        block_p_value([200, 200], [[1, 2, 3]])
    with pytest.raises(ValueError, match="wanted two dimensions"):
        leave_one_out([1, 2, 3])
    with pytest.raises(ValueError, match="below 0"):
        leave_one_out([[1, -2]])
