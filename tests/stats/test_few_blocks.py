"""With little to compare with, the exact chance and the honest guess."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom

from mainstay.stats.few_blocks import overdispersed, rows_elsewhere


@given(st.integers(1, 400), st.integers(0, 400), st.integers(0, 5000), st.sampled_from([0.5, 3.0]))
def test_rows_elsewhere_is_the_beta_binomial_tail(n: int, k: int, n_reference: int, prior: float) -> None:
    k = min(k, n)
    expected = (
        betabinom(n, prior, 0.5 + n_reference).pmf(np.arange(k, n + 1)).sum()
    )  # its sf is 1 - cdf: no digits left
    assert rows_elsewhere(n, k, n_reference, prior=prior) == pytest.approx(expected, rel=1e-6)


@given(
    st.integers(1, 4).flatmap(
        lambda n: st.lists(
            st.lists(st.integers(0, 60), min_size=4, max_size=4).filter(any), min_size=n + 1, max_size=n + 1
        )
    )
)
def test_overdispersed_is_a_probability_that_forgets_the_order_of_blocks(rows: list[list[int]]) -> None:
    current, blocks = np.array(rows[0], dtype=float), np.array(rows[1:], dtype=float)
    found = overdispersed(current, blocks)
    assert 0.0 <= found <= 1.0
    assert overdispersed(current, blocks[::-1]) == pytest.approx(found)


def test_blocks_that_differ_excuse_a_period_that_differs() -> None:
    current = np.array([300.0, 700.0])
    alike = np.array([[500.0, 500.0], [510.0, 490.0], [495.0, 505.0]])
    unlike = np.array([[350.0, 650.0], [640.0, 360.0], [500.0, 500.0]])
    assert overdispersed(current, alike) < 1e-6
    assert overdispersed(current, unlike) > 0.1
