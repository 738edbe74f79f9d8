"""Curves from scores to shares agree with what scikit-learn and scipy find, and never fall."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import expit, softmax
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from mainstay.stats.calibrators import apply_beta, apply_temperature, fit_beta, fit_isotonic, fit_temperature

rows = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=40)


def columns(drawn: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    scores, outcomes = zip(*drawn, strict=True)
    return np.array(scores), np.array(outcomes)


def test_a_beta_curve_is_logistic_regression_on_two_logs() -> None:
    random = np.random.default_rng(1)
    scores = random.beta(2, 3, size=5000)
    outcomes = random.random(5000) < expit(0.6 * np.log(scores) - 1.5 * np.log1p(-scores) + 0.3)
    logs = np.column_stack([np.log(scores), -np.log1p(-scores)])
    oracle = LogisticRegression(C=np.inf, tol=1e-10).fit(logs, outcomes)
    assert fit_beta(scores, outcomes) == pytest.approx((*oracle.coef_[0], oracle.intercept_[0]), abs=1e-3)


@given(rows)
def test_a_beta_curve_is_finite_and_never_falls(drawn: list[tuple[float, bool]]) -> None:
    found = fit_beta(*columns(drawn))
    assert all(math.isfinite(number) for number in found)
    assert min(found[:2]) >= 0
    moved = apply_beta(np.linspace(0, 1, 50), *found)
    assert np.all(np.diff(moved) >= -1e-12)


def test_a_temperature_is_where_log_loss_is_least() -> None:
    random = np.random.default_rng(2)
    raw = random.normal(size=(2000, 3))
    outcomes = (random.random(2000)[:, None] > softmax(raw, axis=1).cumsum(axis=1)[:, :-1]).sum(axis=1)
    said = softmax(1.7 * raw, axis=1)
    oracle = minimize_scalar(
        lambda t: log_loss(outcomes, apply_temperature(said, t)),
        bounds=(0.1, 10),
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert fit_temperature(said, outcomes) == pytest.approx(oracle.x, abs=1e-3)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=20), st.floats(0.1, 5))
def test_a_temperature_keeps_the_order_of_classes(outcomes: list[int], heat: float) -> None:
    scores = softmax(heat * np.random.default_rng(3).normal(size=(len(outcomes), 3)), axis=1)
    found = fit_temperature(scores, np.array(outcomes))
    moved = apply_temperature(scores, found)
    assert moved.sum(axis=1) == pytest.approx(1.0)
    assert np.all(np.take_along_axis(moved, scores.argsort(axis=1), axis=1)[:, 1:] >= 0)
    assert np.all(np.diff(np.take_along_axis(moved, scores.argsort(axis=1), axis=1), axis=1) >= -1e-12)


@given(rows)
def test_isotonic_knots_ascend_and_lie_inside(drawn: list[tuple[float, bool]]) -> None:
    scores, outcomes = columns(drawn)
    knots, shares = fit_isotonic(scores, outcomes)
    assert np.all(np.diff(knots) > 0)
    assert np.all(np.diff(shares) >= 0)
    assert np.all((shares >= 0) & (shares <= 1))
    if outcomes.any() and not outcomes.all():
        assert shares.min() > 0
        assert shares.max() < 1


def test_isotonic_shares_are_near_those_of_scikit_learn() -> None:
    random = np.random.default_rng(4)
    scores = random.random(20_000)
    outcomes = random.random(scores.size) < scores**2
    knots, shares = fit_isotonic(scores, outcomes)
    oracle = IsotonicRegression(out_of_bounds="clip").fit(scores, outcomes)
    grid = np.linspace(0.05, 0.95, 50)
    assert np.interp(grid, knots, shares) == pytest.approx(oracle.predict(grid), abs=0.05)
    assert np.interp(grid, knots, shares) == pytest.approx(grid**2, abs=0.05)
