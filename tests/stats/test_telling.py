"""Cells cover every row, and a guess never learns from its own fold."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mainstay.stats.telling import cell_guesses, quantile_cells


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=60))
def test_cells_keep_the_order_and_know_what_is_missing(values: list[float]) -> None:
    numbers = np.array(values)
    cells = quantile_cells(numbers, n_cells=5)
    assert ((cells == 0) == ~np.isfinite(numbers)).all()
    known = np.isfinite(numbers)
    assert (np.diff(cells[known][np.argsort(numbers[known], kind="stable")]) >= 0).all()


@given(st.integers(0, 1000))
def test_a_guess_does_not_know_its_own_fold(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells, folds, outcomes = rng.integers(0, 4, 60), rng.integers(0, 3, 60), rng.random(60)
    before = cell_guesses(cells, folds, outcomes, prior=0.5)
    swapped, places = outcomes.copy(), np.flatnonzero((folds == 0) & (cells == 0))
    swapped[places] = outcomes[places[::-1]]
    assert np.allclose(before[places], cell_guesses(cells, folds, swapped, prior=0.5)[places])
