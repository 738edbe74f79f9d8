"""The smooth calibration error is about nothing under perfect calibration, and covers the true error elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from mainstay.stats.smooth_calibration import smooth_calibration_error, smoothed

Shape = Callable[[np.ndarray], np.ndarray]
SHAPES: dict[str, Shape] = {
    "shifted": lambda scores: expit(logit(scores) + 0.4),
    "too sure": lambda scores: expit(0.6 * logit(scores)),
    "waves": lambda scores: np.clip(scores + 0.05 * np.sin(12 * scores), 0, 1),
}


def drawn(random: np.random.Generator, n: int, shape: Shape = lambda scores: scores) -> tuple[np.ndarray, np.ndarray]:
    scores = np.clip(random.beta(1, 6, size=n), 1e-9, 1 - 1e-9)
    return random.random(n) < shape(scores), scores


def slowly(gaps: np.ndarray, scores: np.ndarray, bandwidth: float) -> float:
    """The definition itself: a reflected Gaussian around every score, row by row."""
    grid = (np.arange(400) + 0.5) / 400
    images = [scores, -scores, 2 - scores]
    kernel = sum(np.exp(-((grid[:, None] - image) ** 2) / (2 * bandwidth**2)) for image in images)
    return float(np.abs((kernel / kernel.sum(axis=0)) @ gaps).sum() / gaps.size)


def true_error(shape: Shape) -> float:
    """The fixed point of the definition, on many rows without noise."""
    scores = np.clip(np.random.default_rng(0).beta(1, 6, size=5000), 1e-9, 1 - 1e-9)
    gaps = shape(scores) - scores
    low, high = 1e-3, 1.0
    for _ in range(25):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if slowly(gaps, scores, middle) > middle else (low, middle)
    return low


@pytest.mark.parametrize("n", [300, 3000])
def test_perfect_calibration_shows_about_nothing(n: int) -> None:
    random = np.random.default_rng(1)
    found = [smooth_calibration_error(*drawn(random, n), seed=seed) for seed in range(120)]
    assert np.mean([each.low == 0.0 for each in found]) >= 0.89  # of 120 samples at 95%
    assert np.mean([each.value for each in found]) < 0.3 * np.mean([each.high for each in found])


@pytest.mark.parametrize("name", SHAPES)
def test_the_true_error_is_covered(name: str) -> None:
    random, truth = np.random.default_rng(2), true_error(SHAPES[name])
    found = [smooth_calibration_error(*drawn(random, 2000, SHAPES[name]), seed=seed) for seed in range(120)]
    assert np.mean([each.value for each in found]) == pytest.approx(truth, rel=0.1)
    assert np.mean([each.low <= truth <= each.high for each in found]) >= 0.89


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=30), st.floats(1, 20))
def test_smoothing_keeps_the_sum_and_makes_nothing_steeper(numbers: list[float], n_cells_wide: float) -> None:
    cells = np.array(numbers)
    bandwidth = n_cells_wide / cells.size
    found = smoothed(cells, bandwidth)
    assert found.sum() == pytest.approx(cells.sum(), abs=1e-9)
    assert np.abs(found).sum() <= 1.01 * np.abs(cells).sum() + 1e-9
    assert smoothed(cells[::-1], bandwidth) == pytest.approx(found[::-1], abs=1e-9)


def test_seeds_hardly_matter_and_few_rows_are_unknown() -> None:
    outcomes, scores = drawn(np.random.default_rng(3), 2000, SHAPES["shifted"])
    one, other = (smooth_calibration_error(outcomes, scores, seed=seed) for seed in (1, 2))
    assert one.value == pytest.approx(other.value, abs=0.002)
    assert one == smooth_calibration_error(outcomes, scores, seed=1)
    assert not smooth_calibration_error([0, 1], [0.2, 0.8], seed=1).known
