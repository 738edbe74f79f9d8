"""What of a table lies beyond its margins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mainstay.stats.relation import association, beyond_margins, joint_shares, raked, relation_patterns

TABLES = arrays(np.int64, (4, 3), elements=st.integers(0, 200))
SCALES = arrays(np.float64, (7,), elements=st.floats(0.2, 5.0))


def tabled(correlation: float, n: int, seed: int) -> np.ndarray:
    """Six by six counts of two normal numbers."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = correlation * x + np.sqrt(1 - correlation**2) * rng.normal(size=n)
    cuts = [-0.97, -0.43, 0.0, 0.43, 0.97]
    table = np.zeros((6, 6))
    np.add.at(table, (np.searchsorted(cuts, x), np.searchsorted(cuts, y)), 1)
    return table


@given(TABLES, SCALES)
def test_other_margins_with_the_same_odds_are_no_change(table: np.ndarray, scales: np.ndarray) -> None:
    joint = joint_shares(table + 1)
    scaled = joint * scales[:4, None] * scales[None, 4:]
    rows = 1000 * scaled / scaled.sum()
    assert np.abs(beyond_margins(rows[None], joint)).max() < 1.0


@given(TABLES, TABLES)
def test_what_lies_beyond_margins_adds_up_to_nothing(table: np.ndarray, now: np.ndarray) -> None:
    beyond = beyond_margins((now + 1.0)[None], joint_shares(table + 1))[0]
    slack = 0.01 * (now.sum() + now.size)
    assert np.abs(beyond.sum(axis=0)).max() < slack
    assert np.abs(beyond.sum(axis=1)).max() < slack


@given(TABLES)
def test_raked_tables_have_the_margins_asked_for(table: np.ndarray) -> None:
    joint = joint_shares(table + 1)
    rows, columns = np.array([[0.1, 0.2, 0.3, 0.4]]), np.array([[0.5, 0.3, 0.2]])
    made = raked(joint, rows, columns)[0]
    assert made.sum(axis=1) == pytest.approx(rows[0], abs=1e-3)
    assert made.sum(axis=0) == pytest.approx(columns[0], abs=1e-3)


@pytest.mark.parametrize("is_ordered", [(True, True), (True, False), (False, False)])
@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.95])
def test_a_mean_over_rows_scatters_by_no_more_than_one_over_their_root(
    correlation: float, is_ordered: tuple[bool, bool]
) -> None:
    joint = joint_shares(tabled(correlation, 200_000, 1))
    found = relation_patterns(joint, is_ordered=is_ordered)
    draws = np.random.default_rng(2).multinomial(300, joint.ravel(), size=400).reshape(-1, 6, 6).astype(float)
    values = np.einsum("nij,kij->nk", beyond_margins(draws, joint), found.weights) / 300
    assert values.std(axis=0).max() * np.sqrt(300) < 1.1
    assert np.abs(values.mean(axis=0)).max() < 0.02
    if correlation == 0.0:
        assert values.std(axis=0).min() * np.sqrt(300) > 0.9


def test_a_broken_relation_is_far_away_and_says_what_was_usual() -> None:
    joint = joint_shares(tabled(0.6, 200_000, 1))
    found = relation_patterns(joint, is_ordered=(True, True))
    broken = np.einsum("ij,kij->k", beyond_margins(tabled(0.0, 5000, 3)[None], joint)[0], found.weights) / 5000
    assert found.usual[0] == pytest.approx(0.56, abs=0.03)
    assert found.usual[0] + broken[0] * found.units[0] == pytest.approx(0.0, abs=0.05)
    assert abs(broken[0]) > 0.6


@given(TABLES)
def test_association_is_a_share_and_knows_no_order(table: np.ndarray) -> None:
    found = association(table)
    assert 0.0 <= found <= 1.0
    assert association(table[::-1]) == pytest.approx(found)
    assert association(table.T) == pytest.approx(found)


def test_association_of_what_does_not_go_together_is_nought_however_few_the_rows() -> None:
    assert np.mean([association(tabled(0.0, 100, seed)) for seed in range(50)]) < 0.02
    assert association(tabled(0.8, 5000, 1)) > 0.1
