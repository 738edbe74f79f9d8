"""The quick search says what the plain one says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.stats.cut import FEW, cut, cuts_of

ANY = st.floats(-1.7e308, 1.7e308)
CUTS = st.lists(ANY, min_size=1, max_size=80).map(sorted)


def same(cuts: np.ndarray, numbers: np.ndarray) -> bool:
    return np.array_equal(cut(numbers, cuts_of(cuts)), np.searchsorted(cuts, numbers, side="right"))


@settings(max_examples=60, deadline=None)
@given(CUTS, st.lists(ANY | st.sampled_from([np.nan, np.inf, -np.inf]), max_size=40), st.integers(0, 1000))
def test_any_cuts_and_any_numbers(cuts: list[float], some: list[float], seed: int) -> None:
    at = np.array(cuts)
    near = np.concatenate([at, np.nextafter(at, np.inf), np.nextafter(at, -np.inf), some])
    drawn = np.random.default_rng(seed).choice(near, 2 * FEW)
    assert same(at, drawn)


@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e300])
def test_quantiles_with_far_tails(scale: float) -> None:
    drawn = np.random.default_rng(1).standard_t(2, 50_000) * scale
    cuts = np.quantile(drawn, np.linspace(0, 1, 66))
    assert cuts_of(cuts).table.size
    assert same(cuts, np.concatenate([drawn, cuts, [np.nan, np.inf, -np.inf, 0.0, -0.0]]))


@pytest.mark.parametrize("cuts", [[], [1.0], [2.0, 2.0], [-1e308, 1e308], [0.0, 5e-324], list(range(300))])
def test_cuts_that_no_table_serves(cuts: list[float]) -> None:
    at = np.array(cuts, dtype=np.float64)
    numbers = np.concatenate([at, [-np.inf, np.inf, np.nan, 0.0], np.linspace(-2, 400, 2 * FEW)])
    assert same(at, numbers)
