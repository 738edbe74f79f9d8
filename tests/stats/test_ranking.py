"""Ranking metrics agree with brute force and scikit-learn; their intervals cover."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn import metrics

from mainstay.stats.intervals import Interval
from mainstay.stats.ranking import (
    average_precision,
    average_precision_interval,
    logit_interval,
    roc_auc,
    roc_auc_interval,
)

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=4, max_size=60).filter(
    lambda drawn: len({happened for happened, _ in drawn}) == 2
)


def columns(drawn: list[tuple[bool, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([happened for happened, _ in drawn]), np.array([score / 10 for _, score in drawn])


@given(rows)
def test_roc_auc_counts_pairs_won(drawn: list[tuple[bool, int]]) -> None:
    outcomes, scores = columns(drawn)
    gaps = scores[outcomes][:, None] - scores[~outcomes][None, :]
    area = roc_auc(outcomes, scores)
    assert area == pytest.approx(np.mean((gaps > 0) + 0.5 * (gaps == 0)))
    assert roc_auc(outcomes, np.exp(5 * scores)) == pytest.approx(area)
    assert roc_auc(outcomes, -scores) == pytest.approx(1 - area)
    assert roc_auc(outcomes[::-1], scores[::-1]) == pytest.approx(area)


@given(rows)
def test_ranking_metrics_agree_with_scikit_learn(drawn: list[tuple[bool, int]]) -> None:
    outcomes, scores = columns(drawn)
    weights = np.arange(scores.size) % 3 + 1.0
    assert roc_auc(outcomes, scores) == pytest.approx(metrics.roc_auc_score(outcomes, scores))
    assert roc_auc(outcomes, scores, weights=weights) == pytest.approx(
        metrics.roc_auc_score(outcomes, scores, sample_weight=weights)
    )
    assert average_precision(outcomes, scores) == pytest.approx(metrics.average_precision_score(outcomes, scores))


@given(rows)
def test_a_weight_is_a_number_of_copies(drawn: list[tuple[bool, int]]) -> None:
    outcomes, scores = columns(drawn)
    copies = np.arange(scores.size) % 3 + 1
    repeated = roc_auc(np.repeat(outcomes, copies), np.repeat(scores, copies))
    assert roc_auc(outcomes, scores, weights=copies) == pytest.approx(repeated)


@given(rows, st.integers(0, 5))
def test_intervals_hold_their_value_within_zero_and_one(drawn: list[tuple[bool, int]], seed: int) -> None:
    outcomes, scores = columns(drawn)
    for interval in (roc_auc_interval(outcomes, scores), average_precision_interval(outcomes, scores, seed=seed, n=50)):
        assert 0.0 <= interval.value <= 1.0
        if interval.known:
            assert 0.0 <= interval.low <= interval.value + 1e-12
            assert interval.value - 1e-12 <= interval.high <= 1.0


def test_delong_is_the_jackknife_in_the_middle() -> None:
    random = np.random.default_rng(1)
    outcomes = random.random(400) < 0.4
    scores = random.normal(size=400) + outcomes
    area = roc_auc(outcomes, scores)
    without = np.array([roc_auc(np.delete(outcomes, i), np.delete(scores, i)) for i in range(400)])
    error = math.sqrt(399 * np.var(without))
    expected = logit_interval(area, error, int(outcomes.sum()))
    found = roc_auc_interval(outcomes, scores)
    assert found.low == pytest.approx(expected.low, abs=2e-3)
    assert found.high == pytest.approx(expected.high, abs=2e-3)


def test_few_of_a_class_is_unknown_and_perfect_separation_is_not_certainty() -> None:
    assert not roc_auc_interval([1, 0, 0], [0.9, 0.1, 0.2]).known
    assert math.isnan(roc_auc([0, 0], [0.1, 0.2]))
    assert math.isnan(average_precision([0, 0], [0.1, 0.2]))
    assert not average_precision_interval([1, 0, 0], [0.9, 0.1, 0.2], seed=1).known
    perfect = roc_auc_interval([0] * 12 + [1] * 12, np.arange(24))
    assert perfect.value == perfect.high == 1.0
    assert 0.7 < perfect.low < 0.8


def test_bad_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="wanted 2 numbers of 0 or more"):
        roc_auc([0, 1], [0.1, 0.2], weights=[1, -1])


@pytest.mark.parametrize(("n", "share", "distance"), [(200, 0.1, 1.0), (600, 0.3, 2.0)])
def test_ranking_intervals_cover(n: int, share: float, distance: float) -> None:
    random = np.random.default_rng(2)

    def sample(n: int) -> tuple[np.ndarray, np.ndarray]:
        outcomes = random.random(n) < share
        return outcomes, random.normal(size=n) + distance * outcomes

    truth = sample(400_000)
    area, precision = roc_auc(*truth), average_precision(*truth)
    hits = np.zeros(2)
    for seed in range(300):
        drawn = sample(n)
        by_area, by_precision = roc_auc_interval(*drawn), average_precision_interval(*drawn, seed=seed, n=150)
        hits += (by_area.low <= area <= by_area.high, by_precision.low <= precision <= by_precision.high)
    assert np.all((hits / 300 >= 0.92) & (hits / 300 <= 0.985))


def test_cells_of_ranks_resample_as_rows_do() -> None:
    random = np.random.default_rng(3)
    outcomes = random.random(6000) < 0.05
    scores = random.normal(size=6000) + 1.5 * outcomes
    found = average_precision_interval(outcomes, scores, seed=1)
    drawn = [random.integers(6000, size=6000) for _ in range(200)]
    spread = np.std([average_precision(outcomes[rows], scores[rows]) for rows in drawn])
    assert (found.high - found.low) / 3.92 == pytest.approx(spread, rel=0.2)


@pytest.mark.parametrize(
    "measure", [roc_auc_interval, lambda *rows, **how: average_precision_interval(*rows, seed=1, **how)]
)
def test_copies_of_rows_say_nothing_new(measure: Callable[..., Interval]) -> None:
    random = np.random.default_rng(8)
    scores = random.beta(1, 3, size=400)
    outcomes = random.random(400) < scores
    alone = measure(outcomes, scores)
    copies = np.repeat(np.arange(400), 4)
    together = measure(outcomes[copies], scores[copies], clusters=copies)
    assert together.value == pytest.approx(alone.value)
    assert (together.low, together.high) == pytest.approx((alone.low, alone.high), abs=0.02)


def test_intervals_of_entities_cover() -> None:
    random = np.random.default_rng(9)
    big = random.normal(size=(2, 200_000))
    big_outcomes = random.random(200_000) < expit(big[0] - 1)
    truth = metrics.roc_auc_score(big_outcomes, big[0])
    hits = []
    for _ in range(300):
        leaning = random.normal(size=150)
        n_rows = random.integers(1, 8, size=150)
        groups = np.repeat(np.arange(150), n_rows)
        happened = (random.random(150) < expit(leaning - 1))[groups]  # an entity's rows all turn out alike
        found = roc_auc_interval(happened, leaning[groups], clusters=groups)
        hits.append(found.low <= truth <= found.high)
    assert 0.9 <= np.mean(hits) <= 0.985


def test_one_entity_with_positives_tells_nothing() -> None:
    happened, groups = np.array([True, True, False, False, False]), np.array([0, 0, 1, 2, 3])
    scores = np.array([0.9, 0.8, 0.1, 0.2, 0.85])
    assert not roc_auc_interval(happened, scores, clusters=groups).known
    assert not average_precision_interval(happened, scores, seed=1, clusters=groups).known


@pytest.mark.parametrize(("share", "apart", "truth"), [(0.3, 3.5, 0.986), (0.1, 5.0, 0.9985), (0.3, 1.0, 0.583)])
def test_average_precision_lies_in_its_interval_as_often_as_promised_near_one_too(
    share: float, apart: float, truth: float
) -> None:
    found = []
    for seed in range(120):
        random = np.random.default_rng(seed)
        outcomes = (random.random(200) < share).astype(float)
        found.append(average_precision_interval(outcomes, random.normal(size=200) + apart * outcomes, seed=seed))
    assert np.mean([each.low <= truth <= each.high for each in found]) > 0.9
    assert min(each.low for each in found) > truth - 0.4
