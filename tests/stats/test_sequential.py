"""Sequential evidence keeps its average run length and sees what creeps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtr

from mainstay.stats.sequential import e_detector, e_value, page_cusum

p_lists = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40)
N_STEPS = 4000


def mean_run_length(paths: list[np.ndarray], limit: float) -> float:
    """The mean first step at the limit; a path that never reaches it counts with all its steps."""
    return float(np.mean([np.argmax(path >= limit) + 1 if np.any(path >= limit) else path.size for path in paths]))


def test_the_e_value_of_a_uniform_p_value_is_one_in_the_mean() -> None:
    # On the scale of surprise -log p, whose density is exp(-s).
    mass, _ = quad(lambda surprise: e_value([np.exp(-surprise)])[0] * np.exp(-surprise), 1e-12, 650, limit=500)
    assert mass == pytest.approx(1.0, abs=0.005)
    assert mass <= 1.0


@given(st.floats(1e-200, 1.0), st.floats(1e-200, 1.0))
def test_smaller_p_values_are_more_evidence(first: float, second: float) -> None:
    low, high = sorted((first, second))
    evidence = e_value([low, high])
    assert evidence[0] >= evidence[1] - 1e-9
    assert evidence[1] >= 0.5


@given(p_lists)
def test_evidence_is_finite_looks_only_back_and_adding_all_starts_is_never_less(p_values: list[float]) -> None:
    for reset in (True, False):
        path = e_detector(p_values, reset=reset)
        assert np.all(np.isfinite(path))
        assert np.all(path >= 0)
        assert path[:-1].tolist() == e_detector(p_values[:-1], reset=reset).tolist()
    assert np.all(e_detector(p_values, reset=False) >= e_detector(p_values) * (1 - 1e-12))


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=40))
def test_page_cusum_looks_both_ways_alike_and_only_back(scores: list[float]) -> None:
    path = page_cusum(scores)
    assert page_cusum([-score for score in scores]) == pytest.approx(path)
    assert page_cusum(scores[:-1]).tolist() == path[:-1].tolist()


@pytest.mark.parametrize("reset", [True, False])
def test_the_mean_time_to_a_false_alarm_keeps_the_promise(reset: bool) -> None:
    random = np.random.default_rng(1)
    paths = [e_detector(random.random(N_STEPS), reset=reset) for _ in range(150)]
    for limit in (20.0, 100.0):
        assert mean_run_length(paths, limit) >= limit


def test_page_cusum_keeps_the_promise_too() -> None:
    random = np.random.default_rng(2)
    paths = [page_cusum(random.normal(size=N_STEPS)) for _ in range(40)]
    for limit in (20.0, 100.0):
        assert mean_run_length(paths, limit) >= limit


def test_a_creeping_change_too_weak_for_one_period_is_seen() -> None:
    random = np.random.default_rng(3)
    scores = random.normal(size=(40, 300))
    scores[:, 100:] += 1.0
    two_sided = 2 * ndtr(-np.abs(scores))
    one_sided = ndtr(-scores)
    assert np.mean([(page_cusum(row)[:150] >= 1000).any() for row in scores]) > 0.9
    assert np.mean([(e_detector(row)[:200] >= 1000).any() for row in one_sided]) > 0.9
    assert np.mean(two_sided[:, 100:] < 1e-3) < 0.05


def test_an_unknown_period_leaves_the_evidence_as_it_was() -> None:
    path = e_detector([0.01, np.nan, 0.01])
    assert path[1] == path[0]
    assert path[2] == e_detector([0.01, 0.01])[1]
    scores = page_cusum([2.0, np.nan, 2.0])
    assert scores[1] == scores[0]
    assert e_value([np.nan]).tolist() == [1.0]


def test_what_is_not_a_p_value_or_a_score_is_refused() -> None:
    with pytest.raises(ValueError, match="wanted numbers from 0 to 1"):
        e_detector([1.5])
    with pytest.raises(ValueError, match="wanted finite scores"):
        page_cusum([np.inf])
    with pytest.raises(ValueError, match="shifts above 0"):
        page_cusum([0.0], shifts=[0.0])
