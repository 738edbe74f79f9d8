"""A shift is told from rows that are like their neighbours, and chance values are as rare as they say."""

from __future__ import annotations

import numpy as np
import pytest

from mainstay.stats.block_shift import block_shift_p


@pytest.mark.parametrize("alike", [1, 5])
def test_where_nothing_moved_small_chances_are_rare(alike: int) -> None:
    rng, found = np.random.default_rng(6), []
    for _ in range(1000):
        rows = np.repeat(rng.normal(size=480 // alike), alike)
        found.append(block_shift_p(rows[:240], rows[240:]))
    assert np.mean(np.array(found) < 0.05) < 0.08
    assert np.mean(np.array(found) < 0.001) < 0.006


def test_a_shift_is_found_through_a_season_and_gaps() -> None:
    rng = np.random.default_rng(7)
    season = 3 * np.sin(np.linspace(0, 2 * np.pi, 300))
    first, second = (season + shift + rng.normal(size=300) for shift in (0.0, 1.0))
    first[::7] = np.nan
    assert block_shift_p(first, second) < 1e-5
    assert block_shift_p(np.full(100, np.nan), second) == 1.0
    assert block_shift_p(np.zeros(100), np.zeros(100)) == 1.0
