"""Picks are unsure, unlike each other, or both; what they save is simulated on known outcomes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.training.made import prepared

from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.task import Task
from mainstay.training.active import Way, picks, spread, uncertainty_of
from mainstay.training.active_simulation import most_labels, simulate
from mainstay.training.active_space import space_of
from mainstay.training.learners import LOGISTIC


@given(seed=st.integers(0, 30), n=st.integers(1, 40), way=st.sampled_from(list(Way)), n_rows=st.integers(0, 30))
def test_picks_are_distinct_rows_as_many_as_asked_or_there(seed: int, n: int, way: Way, n_rows: int) -> None:
    random = np.random.default_rng(seed)
    unsure, space = random.random(n_rows), random.normal(size=(n_rows, 3))
    found = picks(unsure, space, n, way, seed=seed)
    assert len(set(found.tolist())) == found.size == min(n, n_rows)
    assert np.array_equal(found, picks(unsure, space, n, way, seed=seed))


def test_mixed_picks_are_unsure_and_not_copies_of_one_row() -> None:
    space = np.repeat(np.arange(20.0)[:, None], 50, axis=0)  # 20 places of 50 equal rows
    unsure = np.where(np.arange(1000) < 500, 0.6, 0.01)
    found = picks(unsure, space, 10, Way.MIXED, seed=1)
    assert np.all(found < 500)
    assert np.unique(space[found]).size == 10
    assert np.unique(space[picks(unsure, space, 10, Way.UNCERTAIN, seed=1)]).size < 10


def test_equal_and_certain_rows_are_picked_without_end() -> None:
    assert sorted(spread(np.zeros((5, 2)), np.zeros(5), 4, seed=1).tolist()) != []
    assert spread(np.zeros((0, 2)), np.zeros(0), 4, seed=1).size == 0


def test_uncertainty_is_the_entropy_of_what_is_left_open() -> None:
    several = np.array([[1 / 3, 1 / 3, 1 / 3], [1.0, 0.0, 0.0]])
    assert uncertainty_of(Task.MULTICLASS, several).tolist() == pytest.approx([math.log(3), 0.0], abs=1e-9)
    assert uncertainty_of(Task.REGRESSION, np.array([3.0, 4.0])).tolist() == [1.0, 1.0]
    assert uncertainty_of(Task.BINARY, np.array([np.nan]))[0] == pytest.approx(math.log(2))


def test_rows_alike_lie_near_whatever_they_hold() -> None:
    fields = (
        Field(name="n", kind=Kind.NUMBER),
        Field(name="c", kind=Kind.CATEGORY, levels=("a", "b")),
        Field(name="t", kind=Kind.TEXT),
    )
    used = pl.DataFrame(
        {
            "n": [1.0, 1.1, 1e9, None],
            "c": ["a", "a", "b", "never seen"],
            "t": ["win a prize now", "Win a PRIZE", "see you at home", None],
        }
    )
    space = space_of(used, Schema(fields=fields, target="y"))
    assert np.all(np.isfinite(space))
    far = np.linalg.norm(space[0] - space, axis=1)
    assert far[1] < far[2]
    assert far.max() < 3
    assert space_of(used, Schema(fields=(), target="y")).shape == (4, 1)


def test_a_simulation_compares_ways_on_the_same_rows() -> None:
    rows = prepared(1500, curved=False)
    assert most_labels(rows) == 175
    found = simulate(rows, LOGISTIC, {}, n_labels=150, seeds=range(3))
    by_way = {one.way: one for one in found.picked}
    assert set(by_way) == set(Way)
    assert found.counts[0] == 50
    assert found.counts[-1] == 270
    firsts = {tuple(one.losses[:, 0]) for one in found.picked}
    assert len(firsts) == 1  # all begin with the same rows
    assert by_way[Way.RANDOM].needed.value <= 150 * (1 + 1e-6)
    assert found.reached.value == pytest.approx(by_way[Way.RANDOM].losses[:, found.counts.index(150)].mean())
    again = simulate(rows, LOGISTIC, {}, n_labels=150, seeds=range(3))
    assert [one.losses.tolist() for one in again.picked] == [one.losses.tolist() for one in found.picked]


def test_entities_are_never_both_picked_from_and_judged_on() -> None:
    rows = replace(prepared(1500, curved=False), clusters=np.arange(1500) // 5)
    assert simulate(rows, LOGISTIC, {}, n_labels=100, seeds=range(2)).counts[-1] == 180
