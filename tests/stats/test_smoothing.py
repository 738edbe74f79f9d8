"""The spline is straight on straight data, follows what bends, and beats the raw points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.interpolate import make_smoothing_spline

from mainstay.stats.smoothing import smoothing_spline

points = hnp.arrays(np.float64, st.integers(1, 30), elements=st.integers(-1000, 1000).map(float), unique=True)


@given(points, st.floats(-5, 5), st.floats(-5, 5))
def test_a_straight_line_stays_straight(x: np.ndarray, slope: float, level: float) -> None:
    ordered = np.sort(x)
    line = level + slope * ordered
    assert smoothing_spline(ordered, line, np.ones(x.size)) == pytest.approx(line, abs=1e-3)


@given(points, st.integers(0, 99))
def test_adding_a_line_adds_it_to_the_answer(x: np.ndarray, seed: int) -> None:
    ordered = np.sort(x)
    noise = np.random.default_rng(seed).normal(size=x.size)
    plain, moved = (smoothing_spline(ordered, noise + line, np.ones(x.size)) for line in (0.0, 3 + ordered / 10))
    assert moved == pytest.approx(plain + 3 + ordered / 10, abs=1e-3)


def test_it_is_a_natural_smoothing_spline() -> None:
    random = np.random.default_rng(1)
    x, weights = np.sort(random.random(40)), random.uniform(1, 100, size=40)
    y = np.sin(6 * x) + random.normal(size=40) / np.sqrt(weights)
    found = smoothing_spline(x, y, weights)
    oracles = [make_smoothing_spline(x, y, w=weights, lam=lam)(x) for lam in np.geomspace(1e-8, 1e2, 400)]
    assert min(np.max(np.abs(found - oracle)) for oracle in oracles) < 0.01


def test_it_comes_nearer_the_truth_than_the_points_do() -> None:
    random = np.random.default_rng(2)
    x = np.linspace(0, 1, 60)
    for truth in (np.sin(6 * x), 2 * x, np.zeros(60)):
        y = truth + 0.3 * random.normal(size=60)
        error = np.mean((smoothing_spline(x, y, np.full(60, 1 / 0.09)) - truth) ** 2)
        assert error < 0.35 * np.mean((y - truth) ** 2)


def test_points_that_meet_are_one_point() -> None:
    x = np.array([0.0, 0.0, 1.0, 2.0, 3.0, 3.0, 4.0])
    found = smoothing_spline(x, np.array([1.0, 3.0, 2.0, 2.0, 5.0, -1.0, 2.0]), np.ones(7))
    assert found == pytest.approx(2.0)
