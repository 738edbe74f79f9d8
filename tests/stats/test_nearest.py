"""The nearest rows are those that a plain search finds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mainstay.stats.nearest import nearest, standardised


@given(seed=st.integers(0, 100), n=st.integers(1, 12))
def test_as_a_plain_search_finds(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    known, asked = rng.normal(size=(50, 3)), rng.normal(size=(7, 3))
    away = ((known[None] - asked[:, None]) ** 2).sum(axis=2)
    assert np.array_equal(nearest(known, asked, n=n), np.argsort(away, axis=1, kind="stable")[:, :n])


def test_fewer_known_than_wanted() -> None:
    assert nearest(np.zeros((2, 1)), np.zeros((3, 1)), n=10).shape == (3, 2)


def test_a_constant_has_no_spread() -> None:
    assert np.isfinite(standardised(np.ones(3), middle=1.0, spread=0.0)).all()
