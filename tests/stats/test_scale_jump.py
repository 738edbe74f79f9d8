"""A jump of scale is found where it is, and neither in noise, seasons, growth nor wandering."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from mainstay.stats.scale_jump import scale_jump


def test_a_jump_is_found_where_it_is() -> None:
    n_missed = 0
    for seed, factor, at in product(range(34), (0.01, 10.0, 1000.0), (0.3, 0.5, 0.8)):
        numbers = np.random.default_rng(seed).lognormal(0, 0.5, 800)
        numbers[int(800 * at) :] *= factor
        jump = scale_jump(numbers)
        n_missed += jump is None
        if jump is not None:
            assert max(jump.factor, 1 / jump.factor) == pytest.approx(max(factor, 1 / factor), rel=0.2)
    assert n_missed <= 1  # of 306; of 13,500 it was 5


def test_honest_columns_hardly_ever_jump() -> None:
    n_found = 0
    for seed in range(60):
        rng, n = np.random.default_rng(seed), (300, 1000, 4000)[seed % 3]
        along = np.linspace(0, 1, n)
        season = np.sin(2 * np.pi * along * (1 + seed % 3) + seed)
        columns = [rng.lognormal(0, 2, n), np.exp(season + rng.normal(0, 0.2, n)), np.exp(3 * along)]
        columns += [np.exp(np.cumsum(rng.normal(0, 0.05, n)))]
        n_found += sum(scale_jump(each) is not None for each in columns)
    assert n_found <= 1


def test_few_rows_and_nothing_known_have_no_jump() -> None:
    assert scale_jump(np.full(100, np.nan)) is None
    assert scale_jump(np.arange(20.0)) is None
