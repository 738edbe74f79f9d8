"""The lift table adds up, keeps ties together and forgets monotone changes; the lift's interval covers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.stats.intervals import wilson
from mainstay.stats.lift import lift_at, lift_table

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 15)), min_size=1, max_size=80)


def columns(drawn: list[tuple[bool, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([happened for happened, _ in drawn]), np.array([score / 15 for _, score in drawn])


@given(rows, st.integers(1, 12))
def test_every_row_is_in_one_bucket_and_cumulative_columns_end_at_all(
    drawn: list[tuple[bool, int]], n_buckets: int
) -> None:
    outcomes, scores = columns(drawn)
    table = lift_table(outcomes, scores, n_buckets=n_buckets, values=scores * 10)
    assert table.n.sum() == scores.size
    assert table.n @ table.outcome_share == pytest.approx(outcomes.sum())
    assert table.mean_value == pytest.approx(table.mean_score * 10)
    assert table.row_share[-1] == 1.0
    assert np.all(table.score_low[:-1] > table.score_high[1:])
    assert np.all((table.outcome_share_low <= table.outcome_share) & (table.outcome_share <= table.outcome_share_high))
    if outcomes.any():
        assert table.gain[-1] == pytest.approx(1.0)
        assert table.cumulative_lift[-1] == pytest.approx(1.0)
        assert np.average(table.lift, weights=table.n) == pytest.approx(1.0)
    else:
        assert np.all(np.isnan(table.lift))


@given(rows, st.integers(1, 12))
def test_the_table_forgets_order_and_monotone_changes(drawn: list[tuple[bool, int]], n_buckets: int) -> None:
    outcomes, scores = columns(drawn)
    plain = lift_table(outcomes, scores, n_buckets=n_buckets)
    moved = lift_table(outcomes[::-1], np.exp(3 * scores[::-1]), n_buckets=n_buckets)
    assert plain.n.tolist() == moved.n.tolist()
    assert plain.outcome_share == pytest.approx(moved.outcome_share)


@given(rows)
def test_each_bucket_is_its_own_rows(drawn: list[tuple[bool, int]]) -> None:
    outcomes, scores = columns(drawn)
    table = lift_table(outcomes, scores, n_buckets=4)
    for i in range(table.n.size):
        inside = (scores >= table.score_low[i]) & (scores <= table.score_high[i])
        share = wilson(int(outcomes[inside].sum()), int(inside.sum()))
        assert (share.value, share.low, share.high) == pytest.approx(
            (table.outcome_share[i], table.outcome_share_low[i], table.outcome_share_high[i])
        )


@given(rows, st.floats(0.01, 1.0))
def test_lift_at_lies_within_what_is_possible(drawn: list[tuple[bool, int]], share: float) -> None:
    outcomes, scores = columns(drawn)
    lift = lift_at(outcomes, scores, share)
    if not outcomes.any():
        assert math.isnan(lift.value)
        return
    assert 0.0 <= lift.low <= lift.value + 1e-9
    assert lift.value <= lift.high + 1e-9 <= 1 / share + 2e-9
    assert lift_at(outcomes, np.zeros(scores.size), share).value == pytest.approx(1.0)
    assert lift_at(outcomes, scores, 1.0).value == pytest.approx(1.0)


def test_lift_at_agrees_with_the_table() -> None:
    random = np.random.default_rng(1)
    scores = random.random(1000)
    outcomes = random.random(1000) < scores
    table = lift_table(outcomes, scores)
    assert lift_at(outcomes, scores, 0.3).value == pytest.approx(table.cumulative_lift[2])


@pytest.mark.parametrize(("n", "base", "share"), [(300, 0.1, 0.1), (800, 0.4, 0.2)])
def test_the_interval_of_lift_covers(n: int, base: float, share: float) -> None:
    random = np.random.default_rng(2)

    def sample(n: int) -> tuple[np.ndarray, np.ndarray]:
        outcomes = random.random(n) < base
        return outcomes, random.normal(size=n) + 1.5 * outcomes

    truth = lift_at(*sample(400_000), share).value
    found = [lift_at(*sample(n), share) for _ in range(800)]
    assert 0.93 <= np.mean([interval.low <= truth <= interval.high for interval in found]) <= 0.975


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="wanted above 0 and at most 1"):
        lift_at([0, 1], [0.1, 0.2], 0.0)
    with pytest.raises(ValueError, match="scores 2, values 1"):
        lift_table([0, 1], [0.1, 0.2], values=[1.0])
    assert lift_table([], []).n.size == 0
