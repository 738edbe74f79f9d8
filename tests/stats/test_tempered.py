"""The best temperature is found, and what is compared at it forgives sureness and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit, softmax

from mainstay.stats.calibrators import apply_temperature, fit_temperature
from mainstay.stats.tempered import HOTTEST, sharpness, tempered

seeds = st.integers(0, 10_000)


@given(seeds, st.floats(0.2, 5.0))
def test_sureness_is_taken_back(seed: int, sure: float) -> None:
    random = np.random.default_rng(seed)
    truth = random.uniform(0.02, 0.98, 400)
    outcomes = (random.random(400) < truth).astype(float)
    honest = sharpness(outcomes, truth)
    found = sharpness(outcomes, expit(sure * logit(truth)))
    assert found * sure == pytest.approx(honest, rel=1e-4)
    assert tempered(expit(sure * logit(truth)), found) == pytest.approx(tempered(truth, honest), abs=1e-4)


@given(seeds, st.integers(2, 5))
def test_several_classes_have_the_temperature_of_greatest_likelihood(seed: int, n_classes: int) -> None:
    random = np.random.default_rng(seed)
    scores = softmax(random.normal(size=(200, n_classes)), axis=1)
    outcomes = random.integers(0, n_classes, 200).astype(float)
    wanted = 1 / fit_temperature(scores, outcomes.astype(np.int64))
    found = sharpness(outcomes, scores)
    assert found == pytest.approx(wanted, rel=1e-3, abs=1e-4)
    assert tempered(scores, found) == pytest.approx(apply_temperature(scores, 1 / found))


@given(seeds, st.floats(0.1, 10.0))
def test_where_steps_start_changes_nothing(seed: int, start: float) -> None:
    random = np.random.default_rng(seed)
    scores = random.uniform(0.01, 0.99, 100)
    outcomes = (random.random(100) < scores).astype(float)
    assert sharpness(outcomes, scores, start=start) == pytest.approx(sharpness(outcomes, scores), rel=1e-4)


def test_odd_scores_end_somewhere() -> None:
    outcomes = np.array([0.0, 1.0])
    assert sharpness(outcomes, np.array([0.5, 0.5])) == 1.0
    assert 1.0 <= sharpness(outcomes, np.array([0.0, 1.0])) <= HOTTEST
    assert sharpness(outcomes, np.array([0.9, 0.1])) == pytest.approx(1 / HOTTEST)
