"""Bounds of gaps hold as often as they promise, for equal samples and for different ones."""

from __future__ import annotations

import numpy as np
import pytest

from mainstay.stats.gaps import ordered_gap, share_gap


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_the_true_gap_of_numbers_is_within_the_bounds(shift: float) -> None:
    rng, truth = np.random.default_rng(1), 0.0 if shift == 0 else 0.19741
    found = [ordered_gap(rng.normal(size=200), rng.normal(shift, 1, 300)) for _ in range(300)]
    assert np.mean([each.low <= truth <= each.high for each in found]) >= 0.95


@pytest.mark.parametrize("n_levels", [2, 10, 100])
def test_levels_that_are_alike_have_a_lower_bound_of_nought(n_levels: int) -> None:
    rng, shares = np.random.default_rng(2), np.full(n_levels, 1 / n_levels)
    lows = [share_gap(rng.multinomial(200, shares) * 1.0, rng.multinomial(300, shares) * 1.0).low for _ in range(300)]
    assert np.mean(np.array(lows) == 0) >= 0.95


def test_an_empty_sample_is_unknown() -> None:
    assert not ordered_gap(np.empty(0), np.ones(3)).known
    assert not share_gap(np.zeros(2), np.ones(2)).known
