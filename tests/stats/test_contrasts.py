"""Contrasts have one unit: the standard deviation of a row."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mainstay.stats.contrasts import mean_scores, share_angle, smooth_scores

SHARES = st.lists(st.integers(0, 1000), min_size=1, max_size=66)


@given(SHARES, st.integers(1, 5))
def test_scores_are_orthonormal_under_the_reference(counts: list[int], degree: int) -> None:
    weights = np.array(counts, dtype=np.float64)
    scores = smooth_scores(weights, degree=degree)
    n_used = int(np.count_nonzero(weights))
    assert scores.shape == (weights.size, max(min(degree, n_used - 1), 0))
    if scores.size:
        p = weights / weights.sum()
        assert np.allclose(p @ scores, 0, atol=1e-6)
        assert np.allclose(scores.T @ (p[:, None] * scores), np.eye(scores.shape[1]), atol=1e-5)


def test_location_rises_with_the_bins() -> None:
    location = smooth_scores(np.full(20, 5.0))[:, 0]
    assert (np.diff(location) > 0).all()


def test_a_shift_is_told_in_its_own_size() -> None:
    rng = np.random.default_rng(1)
    edges = np.quantile(rng.normal(size=100_000), np.arange(1, 58) / 58)
    known = np.bincount(np.searchsorted(edges, rng.normal(size=100_000)), minlength=58)
    moved = np.bincount(np.searchsorted(edges, rng.normal(0.3, 1, size=100_000)), minlength=58)
    values, rows = mean_scores(moved[None], smooth_scores(known))
    assert rows.tolist() == [100_000]
    assert abs(values[0, 0] - 0.29) < 0.02
    assert abs(values[0, 1]) < 0.1


def test_angles_scatter_alike_for_rare_and_common() -> None:
    rng = np.random.default_rng(1)
    for share in (0.03, 0.3, 0.9):
        angles = share_angle(rng.binomial(400, share, size=20_000), np.full(20_000, 400))
        assert abs(angles.var() * 400 - 1) < 0.1
