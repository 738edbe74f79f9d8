"""Intervals hold what they promise: bounds, symmetry, and coverage by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mainstay.stats.intervals import (
    Interval,
    bootstrap,
    mean_interval,
    paired_difference,
    ratio_interval,
    t_interval,
    unknown,
    wilson,
    wilson_bounds,
)

numbers = hnp.arrays(np.float64, st.integers(2, 40), elements=st.floats(-1e6, 1e6).map(lambda x: round(x, 3)))


def covered(interval: Interval, truth: float) -> bool:
    return interval.low <= truth <= interval.high


@given(st.integers(0, 500), st.integers(1, 500), st.floats(0.5, 0.999))
def test_wilson_stays_between_zero_and_one_around_the_share(k: int, extra: int, level: float) -> None:
    interval = wilson(k, k + extra, level=level)
    assert 0.0 <= interval.low <= interval.value <= interval.high <= 1.0
    mirrored = wilson(extra, k + extra, level=level)
    assert mirrored.low == pytest.approx(1 - interval.high, abs=1e-12)
    assert mirrored.high == pytest.approx(1 - interval.low, abs=1e-12)


def test_wilson_agrees_with_a_published_example() -> None:
    # Newcombe (1998), table I: 81 of 263.
    interval = wilson(81, 263)
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.2553, 0.3662)


def test_wilson_of_no_rows_is_unknown_and_impossible_counts_are_refused() -> None:
    assert not wilson(0, 0).known
    assert math.isnan(wilson(0, 0).value)
    with pytest.raises(ValueError, match="positives"):
        wilson(3, 2)
    low, high = wilson_bounds([0, 5], [0, 5])
    assert np.isnan(low[0])
    assert high[1] == 1.0


def test_wilson_covers_ninety_five_times_in_a_hundred() -> None:
    random = np.random.default_rng(1)
    for n, share in ((60, 0.3), (200, 0.05), (2000, 0.5)):
        low, high = wilson_bounds(random.binomial(n, share, 20_000), np.full(20_000, n))
        assert 0.93 <= np.mean((low <= share) & (share <= high)) <= 0.975


@given(numbers)
def test_mean_interval_is_the_t_interval(values: np.ndarray) -> None:
    n = values.size
    expected = t_interval(values.mean(), values.std(ddof=1) / math.sqrt(n), n)
    found = mean_interval(values)
    scale = np.abs(values).max() + 1
    assert found.value == pytest.approx(expected.value, abs=1e-9 * scale)
    assert found.low == pytest.approx(expected.low, abs=1e-7 * scale)
    assert found.low <= found.value <= found.high


@given(numbers, st.floats(-1000, 1000), st.floats(0.1, 10), st.randoms(use_true_random=False))
def test_mean_interval_moves_with_the_values_and_forgets_their_order(
    values: np.ndarray, shift: float, factor: float, random: object
) -> None:
    plain, moved = mean_interval(values), mean_interval(values[::-1] * factor + shift)
    scale = np.abs(values).max() * 10 + 1001
    assert moved.value == pytest.approx(plain.value * factor + shift, abs=1e-7 * scale)
    assert moved.high == pytest.approx(plain.high * factor + shift, abs=1e-6 * scale)


@given(numbers, st.integers(2, 5))
def test_copies_of_a_row_in_one_cluster_add_no_evidence(values: np.ndarray, copies: int) -> None:
    single = mean_interval(values)
    repeated = mean_interval(np.repeat(values, copies), clusters=np.repeat(np.arange(values.size), copies))
    assert repeated.low == pytest.approx(single.low, rel=1e-6, abs=1e-6)
    assert repeated.high == pytest.approx(single.high, rel=1e-6, abs=1e-6)


@given(numbers)
def test_ratio_interval_is_the_jackknife(values: np.ndarray) -> None:
    weights = np.abs(values) + 1
    without = np.array([np.delete(values, i).sum() / np.delete(weights, i).sum() for i in range(values.size)])
    ratio = values.sum() / weights.sum()
    n = values.size
    error = math.sqrt((n - 1) / n * np.sum((without - ratio) ** 2))
    assert ratio_interval(values, weights).high == pytest.approx(t_interval(ratio, error, n).high, rel=1e-6, abs=1e-6)


def test_too_few_groups_or_no_denominator_is_unknown() -> None:
    assert not mean_interval([]).known
    assert mean_interval([3.0]) == Interval(
        3.0, pytest.approx(math.nan, nan_ok=True), pytest.approx(math.nan, nan_ok=True)
    )
    assert not mean_interval([1.0, 2.0, 3.0], clusters=["a", "a", "a"]).known
    assert not ratio_interval([1.0, 2.0], [0.0, 0.0]).known
    assert not ratio_interval([1.0, 2.0], [5.0, 0.0]).known
    assert unknown(2.0).value == 2.0


@given(numbers)
def test_paired_difference_is_antisymmetric(values: np.ndarray) -> None:
    other = np.roll(values, 1) * 0.5
    forth, back = paired_difference(values, other), paired_difference(other, values)
    assert forth.value == pytest.approx(-back.value)
    assert forth.low == pytest.approx(-back.high)


def test_cluster_robust_means_cover_when_clusters_share_luck_and_differ_in_size() -> None:
    random = np.random.default_rng(2)
    sizes = np.tile([1, 2, 5, 12], 10)
    clusters = np.repeat(np.arange(sizes.size), sizes)
    hits, naive = 0, 0
    for _ in range(1500):
        values = random.normal(size=sizes.size)[clusters] + random.normal(size=clusters.size)
        hits += covered(mean_interval(values, clusters=clusters), 0.0)
        naive += covered(mean_interval(values), 0.0)
    assert 0.93 <= hits / 1500 <= 0.975
    assert naive / 1500 < 0.8


def test_ratio_interval_covers() -> None:
    random = np.random.default_rng(3)
    hits = 0
    for _ in range(2000):
        bottom = random.gamma(4.0, size=120)
        hits += covered(ratio_interval(bottom * 0.3 + random.normal(size=120), bottom), 0.3)
    assert 0.93 <= hits / 2000 <= 0.97


def test_bootstrap_covers_a_skewed_statistic() -> None:
    random = np.random.default_rng(4)
    truth = math.log(2.0)  # the median of a standard exponential
    hits = sum(
        covered(bootstrap(np.median, (random.exponential(size=60),), n=300, seed=seed), truth) for seed in range(250)
    )
    assert 0.91 <= hits / 250 <= 0.985


def test_bootstrap_resamples_whole_clusters() -> None:
    random = np.random.default_rng(5)
    values = np.repeat(random.normal(size=40), 25)
    clusters = np.repeat(np.arange(40), 25)
    clustered = bootstrap(np.mean, (values,), clusters=clusters, n=400, seed=1)
    exact = mean_interval(values, clusters=clusters)
    assert clustered.high - clustered.low == pytest.approx(exact.high - exact.low, rel=0.2)
    rows = bootstrap(np.mean, (values,), n=400, seed=1)
    assert rows.high - rows.low < 0.4 * (clustered.high - clustered.low)


def test_bootstrap_repeats_itself_for_a_seed_and_holds_its_value() -> None:
    values = np.random.default_rng(6).lognormal(size=80)
    first = bootstrap(np.mean, (values,), n=200, seed=9)
    assert first == bootstrap(np.mean, (values,), n=200, seed=9)
    assert first.low < first.value < first.high
    assert bootstrap(np.mean, (np.full(9, 2.0),), n=50, seed=1) == Interval(2.0, 2.0, 2.0)


def test_bootstrap_says_unknown_when_it_cannot_tell_and_refuses_ragged_columns() -> None:
    assert not bootstrap(lambda _: math.nan, (np.arange(5.0),), n=50, seed=1).known
    assert not bootstrap(np.mean, (np.arange(5.0),), clusters=np.zeros(5), n=50, seed=1).known
    with pytest.raises(ValueError, match="wanted one length"):
        bootstrap(np.mean, (np.arange(5.0), np.arange(4.0)), n=50, seed=1)


@settings(max_examples=30)
@given(numbers, st.floats(-100, 100), st.integers(0, 9))
def test_bootstrap_holds_its_value_and_moves_with_the_values(values: np.ndarray, shift: float, seed: int) -> None:
    plain, moved = (bootstrap(np.mean, (column,), n=60, seed=seed) for column in (values, values + shift))
    assert plain.low <= plain.value <= plain.high
    assert moved.value == pytest.approx(plain.value + shift, abs=1e-6)
    assert values.min() - 1e-6 <= plain.low
    assert plain.high <= values.max() + 1e-6
