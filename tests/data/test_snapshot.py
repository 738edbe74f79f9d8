"""A table's digest is of its values alone, tells nothing without the salts, and survives forgetting a row."""

from __future__ import annotations

import hashlib
import tracemalloc
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.data.snapshot import EMPTY, NODE, SLICE_ROWS, cells, leaves, merkle_root, with_tombstones
from mainstay.domain.errors import DataError

TABLE = pl.DataFrame(
    {
        "n": [1, None, 3],
        "x": [0.5, float("nan"), None],
        "c": ["a", "", None],
        "b": [True, False, None],
        "at": [datetime.fromisoformat("2026-03-31T12:00:00.25"), None, None],
    }
)
SALTS = b"".join(bytes([n]) * 16 for n in range(3))


def root(table: pl.DataFrame, salts: bytes | None = None) -> str:
    return merkle_root(leaves(table, salts or SALTS[: 16 * table.height]))


def test_the_digest_is_what_it_was_on_the_day_it_was_defined() -> None:
    assert root(TABLE) == "sha256:14946026d0db81f310ead3be08b7c3fbf3e7a6dd7414cc2719db3d5b6e8b626a"


def test_every_cell_name_order_and_salt_counts() -> None:
    changed = [
        TABLE.with_columns(n=pl.Series([1, None, 4])),
        TABLE.with_columns(n=pl.Series([1, 0, 3])),
        TABLE.with_columns(c=pl.Series(["a", None, None])),
        TABLE.with_columns(b=pl.Series([True, None, None])),
        TABLE.with_columns(x=pl.Series([0.5, None, None])),
        TABLE.with_columns(at=pl.col("at").dt.offset_by("1us")),
        TABLE.with_columns(at=pl.col("at").dt.replace_time_zone("UTC")),
        TABLE.rename({"n": "m"}),
        TABLE.select(reversed(TABLE.columns)),
        TABLE.reverse(),
        TABLE[:2],
    ]
    roots = {root(TABLE), root(TABLE, SALTS[16:] + SALTS[:16]), *(root(table) for table in changed)}
    assert len(roots) == len(changed) + 2


def test_how_a_value_is_stored_does_not_count() -> None:
    same = TABLE.with_columns(
        pl.col("n").cast(pl.Int8), pl.col("c").cast(pl.Categorical), pl.col("at").cast(pl.Datetime("ms"))
    )
    assert root(same) == root(TABLE)
    assert root(pl.DataFrame({"x": [0.0, 0.5]}, schema={"x": pl.Float32})) == root(pl.DataFrame({"x": [-0.0, 0.5]}))


@pytest.mark.parametrize(
    "values",
    [[[1, 2], None], [{"a": 1}, None], [b"x", b"y"], [Decimal("1.5"), None], [time(1), None], [timedelta(1), None]],
)
def test_columns_of_any_kind_are_digested(values: list[Any]) -> None:
    table = pl.DataFrame({"x": values})
    assert root(table) == root(table.clone()) != root(table.reverse())


def test_numbers_beyond_eight_signed_bytes_are_told_apart() -> None:
    roots = [root(pl.DataFrame({"x": [n]}, schema={"x": pl.UInt64})) for n in (2**64 - 1, 2**64 - 2)]
    assert roots[0] != roots[1]


def test_python_objects_are_refused_by_name() -> None:
    with pytest.raises(DataError, match="column 'x' holds Python objects"):
        root(pl.DataFrame({"x": pl.Series([object()], dtype=pl.Object)}))


def test_a_row_can_be_forgotten_and_the_root_still_verifies() -> None:
    before = list(leaves(TABLE, SALTS))
    rest = list(leaves(TABLE[[0, 2]], SALTS[:16] + SALTS[32:]))
    assert merkle_root(with_tombstones(rest, 2, {1: before[1]})) == merkle_root(before)
    with pytest.raises(ValueError, match="outside the 3 rows"):
        list(with_tombstones(rest, 2, {3: before[1]}))


@given(
    st.lists(st.binary(min_size=1, max_size=3), max_size=20), st.lists(st.binary(min_size=1, max_size=3), max_size=20)
)
def test_different_leaves_have_different_roots(first: list[bytes], second: list[bytes]) -> None:
    assert (merkle_root(first) == merkle_root(second)) == (first == second)


def test_slices_do_not_show() -> None:
    n = SLICE_ROWS + 5
    table = pl.DataFrame({"x": pl.Series(range(n))})
    salts = b"".join(number.to_bytes(16) for number in range(n))
    assert list(leaves(table, salts))[-5:] == list(leaves(table[-5:], salts[-80:]))


def test_salts_must_be_whole() -> None:
    for salts in (SALTS[:32], SALTS[:-1]):
        with pytest.raises(ValueError, match="wanted 16 for each row"):
            list(leaves(TABLE, salts))


@given(st.integers(0, 70))
def test_the_root_is_that_of_a_tree_built_level_by_level(n: int) -> None:
    level = [bytes([number]) * 32 for number in range(n)]
    rooted = merkle_root(iter(level))
    while len(level) > 1:
        pairs = [hashlib.sha256(NODE + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(pairs) * 2 :]
    top = level[0] if level else b""
    assert rooted == "sha256:" + hashlib.sha256(EMPTY + n.to_bytes(8) + top).hexdigest()


def test_rows_are_digested_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mainstay.data.snapshot.SLICE_ROWS", 200)
    table, salts = pl.DataFrame({"x": pl.Series(range(10_000)), "y": pl.Series(range(10_000)) / 3}), bytes(160_000)
    tracemalloc.start()
    merkle_root(leaves(table, salts))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000  # all leaves at once are some 600,000 bytes


def test_an_empty_table_has_a_digest() -> None:
    assert root(TABLE[:0]) == merkle_root([])


def test_a_column_named_as_a_pattern_has_the_cells_of_its_values() -> None:
    for values in ([1.5, None], [1, 2], ["a", None], [True, None], [date(2024, 1, 1), None]):
        named, plain = cells(pl.Series("^x$", values)), cells(pl.Series("x", values))
        assert (named.name, named.bytes.tolist()) == ("^x$", plain.bytes.tolist())
