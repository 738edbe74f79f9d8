"""The curve of arrival: what has come where all can be seen, and what the old tell of the young."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.stats.arrival import arrival_curve


@given(st.lists(st.integers(0, 20), min_size=2, max_size=8), st.integers(1, 30))
def test_with_nothing_hidden_it_is_the_share_that_came(came: list[int], late: int) -> None:
    n = sum(came) + late
    share = arrival_curve([n], [came], [len(came)])
    assert share == pytest.approx(np.cumsum(came) / n)


def test_what_the_young_do_not_show_the_old_tell() -> None:
    rng = np.random.default_rng(3)
    law = np.array([0.2, 0.3, 0.1, 0.2])
    n, ages = np.full(400, 500), rng.integers(1, 5, 400)
    came = np.stack([rng.multinomial(500, [*law, 1 - law.sum()])[:4] for _ in n]) * (np.arange(4) < ages[:, None])
    assert arrival_curve(n, came, ages) == pytest.approx(np.cumsum(law), abs=0.01)


def test_an_age_that_none_has_reached_is_not_told() -> None:
    share = arrival_curve([10, 10], [[5, 0, 0], [4, 2, 0]], [1, 2])
    assert np.isfinite(share).tolist() == [True, True, False]
    assert np.all(np.diff(share[:2]) >= 0)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="wanted"):
        arrival_curve([1, 2], [[1]], [1])
