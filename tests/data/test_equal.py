"""Copies stay together whatever share of the table they are, and coarse columns are not taken for copies."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.data.equal import are_coarse, equal_rows, input_columns, row_keys
from mainstay.domain.brief import Brief, parse_brief


def brief(more: str = "") -> Brief:
    return parse_brief(f'[model]\nname = "m"\n[data]\ntarget = "t"\n{more}')


def coin(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2, n).astype(float)


@pytest.mark.parametrize("n_times", [2, 3, 20])
@pytest.mark.parametrize("n", [30, 90, 1000])
def test_a_table_that_was_copied_keeps_its_copies_together_however_small(n: int, n_times: int) -> None:
    found = equal_rows(np.tile(np.arange(n), n_times), np.tile(coin(n), n_times))
    assert not found.apart.any()
    assert np.array_equal(found.together, np.tile(np.arange(n), n_times))


@pytest.mark.parametrize("outcome", ["mixed", "the same"])
def test_one_frequent_row_does_not_part_the_copies_of_others(outcome: str) -> None:
    blank = np.zeros(400, dtype=np.int64)
    inputs = np.concatenate([blank, np.tile(np.arange(1, 201), 3)])
    outcomes = np.concatenate([coin(400) if outcome == "mixed" else np.zeros(400), np.tile(coin(200, 1), 3)])
    found = equal_rows(inputs, outcomes)
    assert not found.apart[400:].any()
    assert found.apart[:400].all() == (outcome == "mixed")
    assert np.array_equal(found.together[400:600], found.together[600:800])


@given(st.integers(0, 1000), st.integers(1, 3), st.sampled_from([0.05, 0.3, 0.5]))
def test_rows_of_few_levels_are_cases_of_their_own(seed: int, n_columns: int, share: float) -> None:
    random = np.random.default_rng(seed)
    found = equal_rows(random.integers(0, 2**n_columns, 2000), (random.random(2000) < share).astype(float))
    assert found.apart.all()
    assert np.unique(found.together).size > 600


def test_few_levels_that_decide_the_outcome_are_coarse_where_they_combine_freely() -> None:
    bits = np.random.default_rng(0).integers(0, 2, (1000, 3))
    table = pl.DataFrame({**{f"b{i}": bits[:, i] for i in range(3)}, "t": bits.sum(axis=1) % 2})
    keys = row_keys(table, brief())
    assert are_coarse(table, brief(), keys)
    few = pl.DataFrame({"x": np.random.default_rng(1).normal(size=40), "z": bits[:40, 0], "t": coin(40)})
    copied = pl.concat([few] * 20)
    assert not are_coarse(copied, brief(), row_keys(copied, brief()))


def test_copies_of_coarse_rows_stay_together_by_their_number() -> None:
    inputs, outcomes = np.random.default_rng(0).integers(0, 8, 120), coin(120, 1)
    found = equal_rows(np.tile(inputs, 3), np.tile(outcomes, 3))
    assert (np.bincount(found.together) == 3).all()


def test_equal_inputs_are_equal_rows_whatever_their_number_or_outcome() -> None:
    table = pl.DataFrame(
        {
            "row": range(200),
            "code": [f"C-{i}" for i in range(1000, 1200)],
            "x": [1.5, 2.5] * 100,
            "l": [[1]] * 200,
            "t": [0, 1] * 100,
        }
    )
    assert input_columns(table, brief()) == ["x"]
    assert np.unique(row_keys(table, brief())).size == 2
    assert input_columns(table, brief('entity = "code"')) == ["code", "x"]
    assert input_columns(table, brief('exclude = ["x"]\n[fields.row]\nkind = "number"')) == ["row"]


def test_names_that_are_patterns_are_names() -> None:
    table = pl.DataFrame({"^x$": [1.0, 1.0, 2.0], "": [1, 1, 1], "*": ["a", "a", "a"], "t": [0, 1, 0]})
    assert np.unique(row_keys(table, brief()), return_counts=True)[1].tolist() in ([2, 1], [1, 2])
