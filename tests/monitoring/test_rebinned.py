"""Counts in other bins are as near to a count anew as they say."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.domain.errors import Asked
from mainstay.domain.schema import Field, Kind
from mainstay.domain.signature import Bins
from mainstay.monitoring.bins import bins_of_field, place
from mainstay.monitoring.rebinned import rebinned

NUMBER = Field(name="x", kind=Kind.NUMBER)
VALUES = st.lists(st.none() | st.integers(-20, 20).map(float) | st.floats(-30, 30), min_size=1, max_size=60)


def counted(values: pl.Series, bins: Bins) -> np.ndarray:
    return np.bincount(place(values, bins), minlength=bins.n_bins).astype(np.float64)[None, :]


@settings(max_examples=150, deadline=None)
@given(VALUES, VALUES, VALUES)
def test_numbers_are_misplaced_no_more_than_said(
    one: list[float | None], other: list[float | None], rows: list[float | None]
) -> None:
    of, to = (bins_of_field(NUMBER, pl.Series(known, dtype=pl.Float64)) for known in (one, other))
    values = pl.Series(rows, dtype=pl.Float64)
    moved, anew = rebinned(counted(values, of), of, to), counted(values, to)
    assert moved.counts.sum() == pytest.approx(len(rows))
    assert np.abs(moved.counts - anew).sum() / 2 / len(rows) <= moved.misplaced[0] + 1e-9


def test_the_same_bins_change_nothing() -> None:
    values = pl.Series(np.random.default_rng(1).normal(size=5_000))
    bins = bins_of_field(NUMBER, values)
    moved = rebinned(counted(values, bins), bins, bins)
    assert np.allclose(moved.counts, counted(values, bins))
    assert moved.misplaced.tolist() == [0.0]


def test_editions_of_a_stream_are_near() -> None:
    rng = np.random.default_rng(2)
    of, to = (bins_of_field(NUMBER, pl.Series(rng.normal(shift, 1.0, 20_000))) for shift in (0.0, 0.1))
    rows = pl.Series(rng.normal(size=50_000))
    moved, anew = rebinned(counted(rows, of), of, to), counted(rows, to)
    assert np.abs(moved.counts - anew).sum() / 2 / rows.len() < 0.02
    assert moved.misplaced[0] < 0.9


@settings(max_examples=50, deadline=None)
@given(*[st.lists(st.sampled_from("abcdef"), max_size=20)] * 3)
def test_levels_keep_their_names(one: list[str], other: list[str], rows: list[str]) -> None:
    of, to = (Bins(subject="input:c", levels=tuple(sorted(set(known)))) for known in (one, other))
    values = pl.Series([*rows, None], dtype=pl.String)
    moved, anew = rebinned(counted(values, of), of, to), counted(values, to)
    assert np.abs(moved.counts - anew).sum() / 2 / values.len() <= moved.misplaced[0] + 1e-9
    if set(to.levels) <= set(of.levels):
        assert moved.counts.tolist() == anew.tolist()


def test_a_number_is_no_levels() -> None:
    with pytest.raises(Asked, match="a number in one signature and levels"):
        rebinned(np.zeros((1, 4)), Bins(subject="input:x", low=0.0, high=1.0), Bins(subject="input:x"))
