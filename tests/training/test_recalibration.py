"""The curve that makes scores into shares: mended where they are off, left alone where they are right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit, softmax

from mainstay.domain.plan import Beta, Calibration, Isotonic, Logistic, Temperature
from mainstay.domain.task import Task
from mainstay.training.candidate import recalibrated
from mainstay.training.loss import log_losses, losses_of
from mainstay.training.recalibration import after, chosen_form, mended, recalibration


def drawn(slope: float, *, n: int = 20_000, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Scores whose true logit is `slope` times their own."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=n)
    return expit(logits), (random.random(n) < expit(slope * logits)).astype(float)


def of_two(scores: np.ndarray, outcomes: np.ndarray) -> Calibration | None:
    return recalibration(scores, outcomes, task=Task.BINARY, seed=1)


@pytest.mark.parametrize("slope", [0.5, 2.0])
def test_scores_that_are_off_are_mended_by_the_simplest_curve(slope: float) -> None:
    found = of_two(*drawn(slope))
    assert isinstance(found, Logistic)
    assert found.slope == pytest.approx(slope, rel=0.1)
    assert found.intercept == pytest.approx(0.0, abs=0.1)


def test_scores_that_are_off_on_one_side_get_a_beta_curve() -> None:
    random = np.random.default_rng(2)
    scores = random.beta(1, 1, size=40_000)
    truth = expit(0.4 * np.log(scores) - 2.0 * np.log1p(-scores))
    assert isinstance(of_two(scores, (random.random(scores.size) < truth).astype(float)), Beta)


def test_scores_that_are_off_in_steps_get_an_isotonic_curve() -> None:
    random = np.random.default_rng(3)
    scores = random.random(40_000)
    truth = np.select([scores < 0.3, scores < 0.6], [0.1, 0.35], 0.8)
    assert isinstance(of_two(scores, (random.random(scores.size) < truth).astype(float)), Isotonic)


def test_scores_that_are_right_are_hardly_touched() -> None:
    costs = []
    for seed in range(30):
        scores, outcomes = drawn(1.0, n=500, seed=seed)
        fresh, happened = drawn(1.0, n=5000, seed=seed + 1000)
        moved = recalibrated(of_two(scores, outcomes), fresh)
        costs.append(log_losses(happened, moved).mean() - log_losses(happened, fresh).mean())
    assert np.mean(costs) < 0.0015  # a plain logistic fit costs 2 / (2 * 500) = 0.002 on average


def test_scores_that_point_the_wrong_way_are_left_for_the_finding() -> None:
    found = of_two(*drawn(-1.0, n=2000))
    assert not isinstance(found, Logistic)
    assert chosen_form(*drawn(-1.0, n=2000), seed=1) == "logistic"


def test_one_outcome_teaches_nothing() -> None:
    assert of_two(np.array([0.2, 0.4]), np.array([1.0, 1.0])) is None
    assert recalibration(np.full((3, 3), 1 / 3), np.ones(3), task=Task.MULTICLASS, seed=1) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=40))
def test_any_curve_keeps_the_order_and_the_bounds(rows: list[tuple[float, bool]]) -> None:
    scores, outcomes = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    moved = recalibrated(of_two(scores, outcomes), np.sort(scores))
    assert np.all(np.diff(moved) >= -1e-12)
    assert np.all((moved >= 0) & (moved <= 1))


@pytest.mark.parametrize("heat", [0.5, 1.0, 2.5])
def test_classes_get_a_temperature(heat: float) -> None:
    random = np.random.default_rng(4)
    raw = random.normal(size=(20_000, 4))
    outcomes = (
        (random.random(len(raw))[:, None] > softmax(raw, axis=1).cumsum(axis=1)[:, :-1]).sum(axis=1).astype(float)
    )
    said = softmax(heat * raw, axis=1)
    found = recalibration(said, outcomes, task=Task.MULTICLASS, seed=1)
    if heat == 1.0:
        assert found is None or found.temperature == pytest.approx(1.0, abs=0.05)
        return
    assert isinstance(found, Temperature)
    assert found.temperature == pytest.approx(heat, rel=0.05)
    moved = recalibrated(found, said)
    assert moved.sum(axis=1) == pytest.approx(1.0)
    assert losses_of(Task.MULTICLASS, outcomes, moved).mean() < losses_of(Task.MULTICLASS, outcomes, said).mean()


def test_the_same_rows_and_seed_choose_the_same_curve() -> None:
    scores, outcomes = drawn(0.7, n=800)
    assert of_two(scores, outcomes) == of_two(scores, outcomes)
    assert logit(recalibrated(of_two(scores, outcomes), np.array([0.5])))[0] == pytest.approx(0.0, abs=0.3)


@pytest.mark.parametrize(
    "curve",
    [
        None,
        Logistic(slope=0.7, intercept=0.2),
        Beta(a=0.5, b=1.5, c=-0.1),
        Isotonic(scores=(0.1, 0.4, 0.8), calibrated=(0.2, 0.3, 0.9)),
    ],
)
def test_a_curve_and_a_step_are_one_curve(curve: Calibration | None) -> None:
    step = Logistic(slope=1.3, intercept=-0.4)
    scores = np.array([0.1, 0.4, 0.8])
    assert recalibrated(after(curve, step), scores) == pytest.approx(recalibrated(step, recalibrated(curve, scores)))


def test_two_temperatures_are_one() -> None:
    assert after(Temperature(temperature=2.0), Temperature(temperature=1.5)) == Temperature(temperature=3.0)
    assert after(None, Temperature(temperature=1.5)) == Temperature(temperature=1.5)


def test_what_other_rows_do_not_deny_stays() -> None:
    scores, outcomes = drawn(0.5, n=4000)
    curve = of_two(scores, outcomes)
    assert mended(curve, np.array([0.5, 0.5]), np.ones(2), task=Task.BINARY) is curve
    found = mended(curve, *drawn(0.5, n=2000, seed=2), task=Task.BINARY)
    assert isinstance(found, Logistic)
    assert found.slope == pytest.approx(0.5, abs=0.07)
