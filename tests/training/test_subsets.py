"""Fewer rows are of the same kind: by class, by amount, by whole entity, and each smaller set within the larger."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.training.made import prepared

from mainstay.domain.task import Task
from mainstay.training.subsets import fair_order, fewer_rows, piece, strata_of


@given(seed=st.integers(0, 50), share=st.floats(0.02, 0.5), n=st.integers(1, 400))
def test_every_beginning_holds_each_class_by_its_share(seed: int, share: float, n: int) -> None:
    outcomes = (np.random.default_rng(seed).random(400) < share).astype(np.int64)
    order = fair_order(outcomes, seed=seed)
    assert sorted(order.tolist()) == list(range(400))
    assert abs(outcomes[order[:n]].sum() - n * outcomes.mean()) <= 2


@given(seed=st.integers(0, 50), n=st.integers(1, 200), start=st.integers(0, 199))
def test_no_entity_is_cut(seed: int, n: int, start: int) -> None:
    clusters = np.random.default_rng(seed).integers(0, 30, 200)
    order = fair_order(np.zeros(200, dtype=np.int64), seed=seed, clusters=clusters)
    taken = piece(order, start, n, clusters=clusters)
    assert taken.size
    assert not set(clusters[taken]) & set(np.delete(clusters, taken))


def test_amounts_are_held_from_small_to_large() -> None:
    amounts = np.random.default_rng(1).lognormal(size=1000)
    order = fair_order(strata_of(amounts, Task.REGRESSION), seed=1)
    assert abs(np.median(amounts[order[:100]]) - np.median(amounts)) < 0.15


def test_fewer_rows_leave_the_parts_that_judge_as_they_are() -> None:
    whole = prepared(2000)
    few = fewer_rows(whole, 300, seed=1)
    assert few.training.size == 300
    assert set(few.training) <= set(whole.training)
    assert np.array_equal(few.holdout, whole.holdout)
    assert np.array_equal(
        fewer_rows(whole, 200, seed=1).training, np.intersect1d(fewer_rows(whole, 200, seed=1).training, few.training)
    )
    assert fewer_rows(whole, 10**6, seed=1) is whole
