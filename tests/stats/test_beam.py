"""The beam finds conjunctions that lose, and says nothing of those that gain."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mainstay.stats.beam import losing, rows_of
from mainstay.stats.guarded import typical_gain


def drawn(seed: int, n: int = 800) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    columns = rng.integers(0, 3, (4, n))
    return rng.normal(0.3, 1, n), np.concatenate([columns == level for level in range(3)])


@given(seed=st.integers(0, 200))
def test_what_is_said_is_what_the_rows_say(seed: int) -> None:
    gains, held = drawn(seed)
    for found in losing(gains, held, [0, 1, 2, 3] * 3, most=3, width=10, least=20):
        rows = rows_of(found, held)
        assert found.n == rows.sum() >= 20
        guarded = np.append(gains[rows], [typical_gain(gains)] * 2)
        assert np.isclose(found.surety, -guarded.mean() / guarded.std() * np.sqrt(guarded.size), atol=1e-2)
        assert len({place % 4 for place in found.conditions}) == len(found.conditions)


def test_three_conditions_that_lose_together_come_first() -> None:
    gains, held = drawn(1, 4000)
    rows = held[0] & held[1] & held[2]
    found = losing(np.where(rows, -2.0, gains), held, [0, 1, 2, 3] * 3, most=3, width=20, least=20)
    assert found[0].conditions == (0, 1, 2)


def test_where_all_gain_nothing_is_found() -> None:
    _, held = drawn(1)
    assert losing(np.ones(held.shape[1]), held, [0, 1, 2, 3] * 3, most=3, width=10, least=20) == []
