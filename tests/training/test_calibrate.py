"""Calibration rows make scores into shares, where they show that it is needed, and choose the threshold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.training.made import brief, prepared, without_money

from mainstay.domain.plan import Isotonic, Logistic
from mainstay.training.calibrate import chosen_threshold, recalibration, rule_curve
from mainstay.training.candidate import NOBODY, recalibrated
from mainstay.training.crossfit import log_losses


def drawn(slope: float, *, n: int = 20_000, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Scores whose true logit is `slope` times their own."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=n)
    return 1 / (1 + np.exp(-logits)), (random.random(n) < 1 / (1 + np.exp(-slope * logits))).astype(float)


@pytest.mark.parametrize("slope", [0.5, 2.0])
def test_scores_that_are_off_are_mended(slope: float) -> None:
    found = recalibration(*drawn(slope))
    assert found is not None
    assert found.slope == pytest.approx(slope, rel=0.1)
    assert found.intercept == pytest.approx(0.0, abs=0.1)


def test_scores_that_are_right_are_hardly_touched() -> None:
    losses = []
    for seed in range(30):
        scores, outcomes = drawn(1.0, n=500, seed=seed)
        fresh, happened = drawn(1.0, n=5000, seed=seed + 1000)
        moved = recalibrated(recalibration(scores, outcomes), fresh)
        losses.append(log_losses(happened, moved).mean() - log_losses(happened, fresh).mean())
    assert np.mean(losses) < 0.001  # a plain fit costs 2 / (2 * 500) = 0.002 on average


def test_scores_that_point_the_wrong_way_are_left_for_the_finding() -> None:
    assert recalibration(*drawn(-1.0)) is None


def test_one_outcome_teaches_no_calibration() -> None:
    assert recalibration(np.array([0.2, 0.4]), np.array([1.0, 1.0])) is None


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1))
def test_a_rule_gives_the_shares_on_its_two_sides(rows: list[tuple[bool, bool]]) -> None:
    decided, outcomes = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    curve = rule_curve(decided, outcomes)
    if curve is not None:
        below, above = curve.calibrated
        assert below == outcomes[decided == 0].mean() < above == outcomes[decided == 1].mean()
        assert (recalibrated(curve, decided) >= (below + above) / 2).tolist() == (decided == 1).tolist()


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_recalibrating_keeps_the_order_and_the_bounds(scores: list[float]) -> None:
    given_scores = np.sort(np.array(scores))
    for calibration in (None, Logistic(slope=0.3, intercept=-2.0), Isotonic(scores=(0.0, 1.0), calibrated=(0.1, 0.9))):
        moved = recalibrated(calibration, given_scores)
        assert np.all(np.diff(moved) >= 0)
        assert np.all((moved >= 0) & (moved <= 1))


def test_thresholds() -> None:
    made = prepared(200)
    scores, high, low = np.array([0.1, 0.2, 0.8]), np.zeros(3), np.array([1.0, 1.0, -9.0])
    assert chosen_threshold(scores, high, low, made) == 0.5
    assert chosen_threshold(scores, high, np.ones(3), made) == NOBODY
    assert chosen_threshold(scores, high, -np.ones(3), made) == 0.0
    assert chosen_threshold(scores, high, low, without_money(made)) == 0.5
    assert chosen_threshold(scores, high, low, replace(made, brief=brief(decision="threshold = 0.9"))) == 0.9
