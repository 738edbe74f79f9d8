"""Metrics of amounts agree with scikit-learn, and their intervals hold the truth, also where rows come in clusters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from mainstay.stats import amounts as under_test

number_rows = st.lists(
    st.tuples(st.integers(-50, 50).map(float), st.integers(-50, 50).map(float)), min_size=2, max_size=60
)


@given(number_rows)
def test_metrics_agree_with_scikit_learn(drawn: list[tuple[float, float]]) -> None:
    actual, predicted = (np.array(column) for column in zip(*drawn, strict=True))
    assert under_test.rmse(actual, predicted) == pytest.approx(metrics.root_mean_squared_error(actual, predicted))
    assert under_test.mae(actual, predicted) == pytest.approx(metrics.mean_absolute_error(actual, predicted))
    if np.ptp(actual) > 0:
        assert under_test.r2(actual, predicted) == pytest.approx(metrics.r2_score(actual, predicted))
    for name, interval in under_test.metrics_regression(actual, predicted).items():
        plain = getattr(under_test, name)(actual, predicted)
        assert interval.value == pytest.approx(plain, nan_ok=True, abs=1e-12)
        assert not interval.known or interval.low <= interval.value + 1e-9 <= interval.high + 2e-9


@given(number_rows)
def test_the_unit_of_amounts_does_not_matter(drawn: list[tuple[float, float]]) -> None:
    actual, predicted = (np.array(column) for column in zip(*drawn, strict=True))
    plain, moved = (under_test.metrics_regression(actual * k + k, predicted * k + k) for k in (1.0, 8.0))
    assert moved["r2"].value == pytest.approx(plain["r2"].value, nan_ok=True)
    assert moved["rmse"].value == pytest.approx(8 * plain["rmse"].value)
    assert moved["mae"].high == pytest.approx(8 * plain["mae"].high)


@pytest.mark.parametrize("clustered", [False, True])
def test_intervals_cover(clustered: bool) -> None:
    random = np.random.default_rng(3)
    truth = {"r2": 0.75, "rmse": 1.0, "mae": np.sqrt(2 / np.pi), "bias": 0.0}
    hits = dict.fromkeys(truth, 0)
    for _ in range(300):
        groups = np.repeat(np.arange(200), 3) if clustered else np.arange(400)
        shared = random.normal(size=groups.max() + 1)[groups]
        predicted = np.sqrt(3) * random.normal(size=groups.max() + 1)[groups]
        actual = predicted + shared
        asked = {"clusters": groups} if clustered else {}
        found = under_test.metrics_regression(actual, predicted, **asked)
        found["bias"] = under_test.mean_bias(actual, predicted, **asked)
        for name, value in truth.items():
            hits[name] += found[name].low <= value <= found[name].high
    assert all(0.905 <= n / 300 <= 0.985 for n in hits.values()), hits


def test_what_does_not_vary_has_no_r2() -> None:
    found = under_test.metrics_regression([2.0, 2.0, 2.0], [1.0, 2.0, 3.0])
    assert not found["r2"].known
    assert found["mae"].known
