"""How values are cut and placed."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.schema import Field, Kind
from mainstay.domain.signature import MISSING_BIN, UNSEEN_BIN
from mainstay.monitoring.bins import MAX_BINS, bins_of_field, bins_of_scores, place

NUMBERS = st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=300)
NUMBER = Field(name="x", kind=Kind.NUMBER)


@given(NUMBERS, NUMBERS)
def test_every_number_falls_where_the_edges_say(known: list[float | None], later: list[float | None]) -> None:
    bins = bins_of_field(NUMBER, pl.Series(known, dtype=pl.Float64))
    assert list(bins.edges) == sorted(set(bins.edges))
    assert len(bins.edges) < MAX_BINS
    assert bins.low is not None
    assert bins.high is not None
    for value, placed in zip(later, place(pl.Series(later, dtype=pl.Float64), bins), strict=True):
        if value is None:
            assert placed == MISSING_BIN
        elif value < bins.low:
            assert placed == UNSEEN_BIN
        elif value > bins.high:
            assert placed == bins.n_bins - 1
        else:
            assert placed == 2 + sum(edge <= value for edge in bins.edges)


@given(NUMBERS)
def test_the_reference_is_inside_its_own_range(known: list[float | None]) -> None:
    values = pl.Series(known, dtype=pl.Float64)
    bins = bins_of_field(NUMBER, values)
    placed = place(values, bins)
    assert not np.isin(placed, [UNSEEN_BIN, bins.n_bins - 1]).any()


def test_few_values_get_a_bin_each() -> None:
    values = pl.Series([float(x % 12) for x in range(1000)])
    bins = bins_of_field(NUMBER, values)
    assert np.bincount(place(values, bins)).tolist()[2:] == [84] * 4 + [83] * 8


def test_a_common_value_among_many_gets_its_own_bin() -> None:
    rest = np.random.default_rng(1).normal(size=3000)
    values = pl.Series(np.concatenate([rest, np.full(1000, 0.25)]))
    counts = np.bincount(place(values, bins_of_field(NUMBER, values)))
    assert counts.max() == 1000


def test_tails_have_small_bins() -> None:
    values = pl.Series(np.arange(100_000.0))
    counts = np.bincount(place(values, bins_of_field(NUMBER, values)))[2:]
    assert counts.size == MAX_BINS
    assert counts[0] == 20
    assert counts[-1] == 20


def test_a_constant_sees_any_other_value() -> None:
    bins = bins_of_field(NUMBER, pl.Series([0.5, 0.5]))
    assert place(pl.Series([0.5, 0.4, 0.6, None]), bins).tolist() == [2, 1, 3, 0]


def test_levels_unseen_and_missing() -> None:
    field = Field(name="c", kind=Kind.CATEGORY, levels=("a", "b"))
    bins = bins_of_field(field, pl.Series(["a"]))
    assert place(pl.Series(["b", "a", "festival", None]), bins).tolist() == [3, 2, 1, 0]


def test_a_column_never_filled() -> None:
    empty = pl.Series([None, None], dtype=pl.Float64)
    assert place(empty, bins_of_field(NUMBER, empty)).tolist() == [0, 0]
    texts = pl.Series([None, None], dtype=pl.String)
    assert place(texts, bins_of_field(Field(name="c", kind=Kind.CATEGORY), texts)).tolist() == [0, 0]


def test_texts_are_cut_by_length() -> None:
    field = Field(name="t", kind=Kind.TEXT)
    values = pl.Series(["a", "bb", None])
    assert place(values, bins_of_field(field, values)).tolist() == [2, 3, 0]


@given(st.lists(st.floats(0, 1), max_size=200), st.floats(0, 1))
def test_every_score_is_in_range(known: list[float], later: float) -> None:
    bins = bins_of_scores(np.array([*known, np.nan]))
    placed = place(pl.Series([later]), bins)[0]
    assert UNSEEN_BIN < placed < bins.n_bins - 1
