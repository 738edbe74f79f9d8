"""The chosen threshold lies between scores, forgets units, and loses no more out of sample than the raw best does."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.stats.threshold import best_threshold, step_ends, threshold_interval
from mainstay.stats.value import value_curve

rows = st.lists(
    st.tuples(st.integers(0, 12), st.integers(-20, 20).map(float), st.integers(-20, 20).map(float)),
    min_size=1,
    max_size=60,
)
Sample = tuple[np.ndarray, np.ndarray, np.ndarray]
World = Callable[[np.random.Generator, int], Sample]


def columns(drawn: list[tuple[int, float, float]]) -> Sample:
    scores, high, low = (np.array(column, dtype=float) for column in zip(*drawn, strict=True))
    return scores / 12, high, low


def card_applications(random: np.random.Generator, n: int) -> Sample:
    scores = random.beta(1.2, 4, size=n)
    limit = random.lognormal(0, 0.8, size=n)
    return scores, np.zeros(n), np.where(random.random(n) < scores, -0.20, 0.06) * limit


def rare_fraud(random: np.random.Generator, n: int) -> Sample:
    scores = random.beta(0.3, 20, size=n)
    return scores, np.where(random.random(n) < scores, 100.0, -5.0), np.zeros(n)


def worth_it_for_all(random: np.random.Generator, n: int) -> Sample:
    scores = random.beta(2, 5, size=n)
    return scores, np.where(random.random(n) < scores, 10.0, -0.1), np.zeros(n)


def worth_it_for_none(random: np.random.Generator, n: int) -> Sample:
    scores = random.beta(1, 20, size=n)
    return scores, np.where(random.random(n) < scores, 1.0, -2.0), np.zeros(n)


@given(rows)
def test_the_threshold_lies_strictly_between_scores(drawn: list[tuple[int, float, float]]) -> None:
    scores, high, low = columns(drawn)
    best = best_threshold(scores, high, low)
    assert best.threshold in (0.0, math.inf) or scores.min() < best.threshold < scores.max()
    if best.threshold > 0:
        assert not np.any(np.isclose(scores, best.threshold, rtol=1e-13, atol=0))
    assert best.per_decision == pytest.approx(np.where(scores >= best.threshold, high, low).mean())


@given(rows, st.floats(0.1, 50), st.floats(-10, 10))
def test_the_currency_does_not_matter_nor_money_that_both_decisions_bring(
    drawn: list[tuple[int, float, float]], rate: float, both: float
) -> None:
    scores, high, low = columns(drawn)
    plain = value_of(best_threshold(scores, high, low).threshold, scores, high, low)
    moved = value_of(best_threshold(scores, rate * high + both, rate * low + both).threshold, scores, high, low)
    assert moved == pytest.approx(plain, abs=1e-6)


def value_of(threshold: float, scores: np.ndarray, high: np.ndarray, low: np.ndarray) -> float:
    return float(np.where(scores >= threshold, high, low).mean())


@given(rows)
def test_the_choice_is_within_noise_of_the_best_of_the_sample(drawn: list[tuple[int, float, float]]) -> None:
    scores, high, low = columns(drawn)
    best = best_threshold(scores, high, low)
    curve = value_curve(scores, high, low)
    noise = np.std(high - low) + 1e-9
    assert best.per_decision <= curve.per_decision.max() + 1e-9
    assert best.per_decision >= curve.per_decision.max() - 2 * (noise + np.abs(high - low).max()) / math.sqrt(
        scores.size
    )


def test_scores_that_differ_by_rounding_are_never_parted() -> None:
    assert step_ends(np.array([0.5, 0.3, 0.1 + 0.2 - 1e-16, 0.3 * (1 - 1e-14)])).tolist() == [1, 4]
    best = best_threshold([0.3, 0.3 * (1 - 1e-15)], [5, -5], [0, 0])
    assert best.threshold in (0.0, math.inf)


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="wanted one or more"):
        best_threshold([], [], [])


def curve_of(world: World, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    truth = value_curve(*world(random, 400_000))
    return truth.thresholds, truth.per_decision


def money_at(curve: tuple[np.ndarray, np.ndarray], threshold: float) -> float:
    return float(curve[1][min(np.searchsorted(curve[0], threshold), curve[0].size - 1)])


@pytest.mark.parametrize("world", [card_applications, rare_fraud, worth_it_for_all, worth_it_for_none])
def test_out_of_sample_it_loses_no_more_than_the_highest_point_of_the_raw_curve(world: World) -> None:
    random = np.random.default_rng(1)
    truth = curve_of(world, random)
    lost = np.zeros(2)
    for _ in range(60):
        scores, high, low = world(random, 3000)
        raw = value_curve(scores, high, low)
        chosen = best_threshold(scores, high, low).threshold
        lost += truth[1].max() - [money_at(truth, chosen), money_at(truth, raw.thresholds[np.argmax(raw.per_decision)])]
    assert lost[0] <= lost[1]


@pytest.mark.parametrize("world", [card_applications, rare_fraud, worth_it_for_all])
def test_the_interval_holds_the_truly_best_threshold(world: World) -> None:
    random = np.random.default_rng(2)
    truth = curve_of(world, random)
    best = truth[0][np.argmax(truth[1])]
    found = [threshold_interval(*world(random, 2000), seed=1) for _ in range(100)]
    assert np.mean([interval.low <= best <= interval.high for interval in found]) >= 0.92
    assert all(interval.low <= interval.value <= interval.high for interval in found)


def test_clusters_that_share_their_luck_widen_the_interval() -> None:
    random = np.random.default_rng(3)
    scores, high, low = card_applications(random, 300)
    copies = (np.repeat(column, 20) for column in (scores + random.random(300) * 1e-6, high, low))
    scores, high, low = copies
    scores = scores + random.random(scores.size) * 1e-9
    blind = threshold_interval(scores, high, low, seed=1)
    aware = threshold_interval(scores, high, low, clusters=np.repeat(np.arange(300), 20), seed=1)
    assert aware.high - aware.low > 1.5 * (blind.high - blind.low)
    assert aware == threshold_interval(scores, high, low, clusters=np.repeat(np.arange(300), 20), seed=1)


@given(rows)
def test_the_interval_holds_the_choice_and_every_threshold_as_good(drawn: list[tuple[int, float, float]]) -> None:
    scores, high, low = columns(drawn)
    interval = threshold_interval(scores, high, low, seed=1)
    curve = value_curve(scores, high, low)
    assert interval.value == best_threshold(scores, high, low).threshold
    assert interval.low <= interval.value <= interval.high
    assert interval.low <= curve.thresholds[np.argmax(curve.per_decision)] <= interval.high
