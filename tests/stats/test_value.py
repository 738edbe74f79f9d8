"""Money by threshold agrees with counting row by row; tails are shown for what they are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats.mstats import winsorize
from sklearn import metrics

from mainstay.stats.intervals import mean_interval
from mainstay.stats.value import (
    decided_values,
    top_share,
    value_at,
    value_curve,
    value_table,
    winsorised_mean,
)

rows = st.lists(
    st.tuples(st.integers(0, 12), st.integers(-20, 20).map(float), st.integers(-20, 20).map(float), st.booleans()),
    min_size=1,
    max_size=60,
)
amounts = st.lists(st.integers(-1000, 1000).map(float), min_size=1, max_size=80)
Columns = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def columns(drawn: list[tuple[int, float, float, bool]]) -> Columns:
    scores, high, low, outcomes = (np.array(column, dtype=float) for column in zip(*drawn, strict=True))
    return scores / 12, high, low, outcomes


@given(rows)
def test_the_curve_counts_row_by_row_and_has_both_ends(drawn: list[tuple[int, float, float, bool]]) -> None:
    scores, high, low, _ = columns(drawn)
    curve = value_curve(scores, high, low)
    assert curve.thresholds.size == np.unique(scores).size + 1
    assert np.all(np.diff(curve.thresholds) > 0)
    assert (curve.thresholds[0], curve.thresholds[-1]) == (0.0, math.inf)
    assert curve.per_decision[0] == pytest.approx(high.mean())
    assert curve.per_decision[-1] == pytest.approx(low.mean())
    for i, threshold in enumerate(curve.thresholds):
        money = mean_interval(np.where(scores >= threshold, high, low))
        assert curve.per_decision[i] == pytest.approx(money.value, abs=1e-9)
        assert curve.per_decision_low[i] == pytest.approx(money.low, abs=1e-5, nan_ok=True)
        assert curve.per_decision_high[i] == pytest.approx(money.high, abs=1e-5, nan_ok=True)
        assert curve.share_high[i] == pytest.approx(np.mean(scores >= threshold))


@given(rows, st.lists(st.floats(-0.5, 1.5), min_size=1, max_size=8))
def test_asked_for_thresholds_give_the_same_everywhere(
    drawn: list[tuple[int, float, float, bool]], thresholds: list[float]
) -> None:
    scores, high, low, outcomes = columns(drawn)
    asked = [*thresholds, 0.5, math.inf]
    curve = value_curve(scores, high, low, thresholds=asked)
    table = value_table(scores, outcomes, high, low, asked)
    single = [value_at(scores, high, low, threshold).value for threshold in asked]
    assert curve.per_decision == pytest.approx(single, abs=1e-9)
    assert table.per_decision == pytest.approx(single, abs=1e-9)
    assert table.share_high == pytest.approx(curve.share_high)


@given(rows, st.floats(0, 1))
def test_the_table_counts_as_scikit_learn_does(drawn: list[tuple[int, float, float, bool]], threshold: float) -> None:
    scores, high, low, outcomes = columns(drawn)
    decided = scores >= threshold
    table = value_table(scores, outcomes, high, low, [threshold])
    (n_tn, n_fp), (n_fn, n_tp) = metrics.confusion_matrix(outcomes, decided, labels=[0, 1])
    counts = (table.n_true_positive, table.n_false_positive, table.n_true_negative, table.n_false_negative)
    assert [int(count[0]) for count in counts] == [n_tp, n_fp, n_tn, n_fn]
    assert table.precision[0] == pytest.approx(
        metrics.precision_score(outcomes, decided, zero_division=np.nan), nan_ok=True
    )
    assert table.recall[0] == pytest.approx(metrics.recall_score(outcomes, decided, zero_division=np.nan), nan_ok=True)


def test_rows_of_one_cluster_widen_the_money() -> None:
    random = np.random.default_rng(1)
    scores, money = np.repeat(random.random(50), 10), np.repeat(random.normal(size=50), 10)
    clusters = np.repeat(np.arange(50), 10)
    blind = value_at(scores, money, np.zeros(500), 0.5)
    aware = value_at(scores, money, np.zeros(500), 0.5, clusters=clusters)
    table = value_table(scores, money > 0, money, np.zeros(500), [0.5], clusters=clusters)
    assert aware.high - aware.low > 2.5 * (blind.high - blind.low)
    assert table.per_decision_low[0] == aware.low


def test_money_per_decision_covers_heavy_tails() -> None:
    random = np.random.default_rng(2)
    truth = math.exp(0.5 * 0.8**2) * (0.06 * 0.8 - 0.2 * 0.2)
    found = []
    for _ in range(1000):
        lost = random.random(1500) < 0.2
        found.append(value_at(lost, lost, np.where(lost, -0.2, 0.06) * random.lognormal(0, 0.8, size=1500), 2.0))
    assert 0.93 <= np.mean([interval.low <= truth <= interval.high for interval in found]) <= 0.97


@given(amounts, st.floats(0.01, 1.0))
def test_the_top_share_lies_between_its_share_and_one(values: list[float], share: float) -> None:
    found = top_share(values, share)
    if not any(values):
        assert math.isnan(found)
        return
    assert min(share, 1.0) - 1e-9 <= found <= 1.0 + 1e-9
    assert found == pytest.approx(top_share([-3 * value for value in values[::-1]], share))
    assert top_share(values, 1.0) == pytest.approx(1.0)


@given(amounts, st.sampled_from([0.0, 0.01, 0.05, 0.2]))
def test_the_winsorised_mean_agrees_with_scipy(values: list[float], share: float) -> None:
    n_out = math.ceil(share * len(values)) if len(values) > 2 else 0
    expected = winsorize(np.array(values), limits=(n_out / len(values) + 1e-12,) * 2).mean()
    assert winsorised_mean(values, share) == pytest.approx(expected, abs=1e-9)


def test_nothing_gives_nothing_and_impossible_shares_are_refused() -> None:
    assert math.isnan(winsorised_mean([]))
    assert math.isnan(value_at([], [], [], 0.5).value)
    assert np.isnan(value_curve([], [], []).per_decision).all()
    assert decided_values([0.5], [1], [2], 0.5).tolist() == [1.0]
    with pytest.raises(ValueError, match="below one half"):
        winsorised_mean([1.0], 0.5)
    with pytest.raises(ValueError, match="wanted one length"):
        value_at([0.5], [1, 2], [3], 0.5)
