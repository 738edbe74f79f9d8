"""Recalibration finds the truth, the error covers it, and the test's p-values are uniform under perfect calibration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import kstest
from sklearn.linear_model import LogisticRegression

from mainstay.stats.calibration import (
    apply_logistic,
    calibration_error,
    calibration_test,
    fit_logistic,
    reliability,
)

probabilities = st.lists(st.floats(0.01, 0.99), min_size=2, max_size=50)


def drawn(random: np.random.Generator, n: int, slope: float = 1.0, intercept: float = 0.0) -> tuple[np.ndarray, ...]:
    """Scores, and outcomes whose true chance is the score moved on the logit scale."""
    scores = random.beta(1, 6, size=n)
    return random.random(n) < expit(intercept + slope * logit(scores)), scores


def test_fit_logistic_is_unpenalised_logistic_regression_on_the_logit() -> None:
    outcomes, scores = drawn(np.random.default_rng(1), 2000, 0.6, 0.5)
    oracle = LogisticRegression(C=np.inf, tol=1e-10).fit(logit(scores)[:, None], outcomes)
    assert fit_logistic(scores, outcomes) == pytest.approx((oracle.coef_[0, 0], oracle.intercept_[0]), abs=1e-4)


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.sampled_from([0.0, 1e-9, 0.3, 1.0]))
def test_fit_logistic_always_ends_in_finite_numbers(outcomes: list[bool], score: float) -> None:
    scores = np.where(outcomes, 1.0 - score / 2, score / 2)
    slope, intercept = fit_logistic(scores, outcomes)
    assert math.isfinite(slope)
    assert math.isfinite(intercept)


@given(probabilities, st.floats(0.2, 3), st.floats(-2, 2))
def test_apply_logistic_keeps_order_and_can_be_undone(scores: list[float], slope: float, intercept: float) -> None:
    ordered = np.sort(scores)
    moved = apply_logistic(ordered, slope, intercept)
    assert np.all(np.diff(moved) >= 0)
    assert np.all((moved >= 0) & (moved <= 1))
    assert apply_logistic(moved, 1 / slope, -intercept / slope) == pytest.approx(ordered, abs=1e-6)


def test_recalibrated_scores_pass_the_test_that_they_failed() -> None:
    random = np.random.default_rng(2)
    outcomes, scores = drawn(random, 5000, 0.6, 0.5)
    before = calibration_test(outcomes, scores)
    assert before.p_value < 1e-6
    assert before.slope.low <= 0.6 <= before.slope.high
    assert before.intercept.low <= 0.5 <= before.intercept.high
    after = calibration_test(outcomes, apply_logistic(scores, *fit_logistic(scores, outcomes)))
    assert after.p_value > 0.2


@pytest.mark.parametrize("n", [150, 2000])
def test_p_values_are_uniform_under_perfect_calibration(n: int) -> None:
    random = np.random.default_rng(3)
    found = np.array([calibration_test(*drawn(random, n)).p_value for _ in range(1000)])
    assert 0.03 <= np.mean(found < 0.05) <= 0.07
    assert kstest(found, "uniform").pvalue > 0.001


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (1.0, 0.4), (0.6, 0.0)])
def test_calibration_error_covers_the_true_error(slope: float, intercept: float) -> None:
    random = np.random.default_rng(4)
    scores = random.beta(1, 6, size=400_000)
    truth = math.sqrt(np.mean((expit(intercept + slope * logit(scores)) - scores) ** 2))
    found = [calibration_error(*drawn(random, 1500, slope, intercept)) for _ in range(300)]
    assert 0.92 <= np.mean([interval.low <= truth + 1e-12 and truth <= interval.high for interval in found]) <= 0.99
    if truth > 1e-9:
        assert np.mean([interval.value for interval in found]) == pytest.approx(truth, rel=0.15)
    else:
        assert np.mean([interval.low == 0.0 for interval in found]) >= 0.92


def test_rare_positives_do_not_look_miscalibrated() -> None:
    random = np.random.default_rng(5)
    scores = random.beta(0.5, 50, size=20_000)
    found = calibration_error(random.random(scores.size) < scores, scores)
    assert found.low == 0.0
    assert found.high < 0.01


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=50, max_size=90))
def test_calibration_error_is_between_zero_and_about_one(rows: list[tuple[bool, float]]) -> None:
    outcomes, scores = (np.array(column) for column in zip(*rows, strict=True))
    found = calibration_error(outcomes, scores)
    assert 0.0 <= found.low <= found.value <= found.high
    assert found.value <= 1.0
    mirrored = calibration_error(outcomes[::-1], scores[::-1])
    assert mirrored.value == pytest.approx(found.value, abs=1e-9)


def test_too_little_to_tell_is_unknown() -> None:
    assert not calibration_error([0, 1], [0.1, 0.9]).known
    assert math.isnan(calibration_test([0, 0, 1], [0.1, 0.2, 0.3]).p_value)
    constant = calibration_test([0, 0, 1, 1] * 20, [0.5] * 80)
    assert constant.p_value > 0.5
    assert not constant.slope.known
    assert calibration_test([0] * 70 + [1] * 10, [0.5] * 80).p_value < 1e-6
    with pytest.raises(ValueError, match="wanted probabilities"):
        calibration_error([0, 1], [0.5, 2.0])


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=90), st.integers(1, 12))
def test_reliability_counts_every_row_once(rows: list[tuple[bool, float]], n_bins: int) -> None:
    outcomes, scores = (np.array(column) for column in zip(*rows, strict=True))
    found = reliability(outcomes, scores, n_bins=n_bins)
    assert found.n.sum() == scores.size
    assert found.n @ found.outcome_share == pytest.approx(outcomes.sum())
    assert found.n @ found.mean_score == pytest.approx(scores.sum())
    assert np.all(found.score_high[:-1] < found.score_low[1:])
    assert np.all((found.outcome_share_low <= found.outcome_share) & (found.outcome_share <= found.outcome_share_high))


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=4, max_size=60))
def test_the_calibration_test_does_not_care_which_outcome_is_called_positive(rows: list[tuple[bool, float]]) -> None:
    outcomes, scores = (np.array(column) for column in zip(*rows, strict=True))
    plain, mirrored = calibration_test(outcomes, scores), calibration_test(~outcomes, 1 - scores)
    assert math.isnan(plain.p_value) or 0.0 <= plain.p_value <= 1.0
    assert mirrored.p_value == pytest.approx(plain.p_value, abs=1e-3, nan_ok=True)
    assert mirrored.spiegelhalter_z == pytest.approx(plain.spiegelhalter_z, rel=1e-3, abs=1e-3, nan_ok=True)
