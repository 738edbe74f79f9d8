"""Snapshots: the very rows that were trained on, found again by whoever trains on them again."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.store.traffic import AT

from mainstay.domain.errors import Asked, NotFound, StoreError
from mainstay.store.home import open_home
from mainstay.store.snapshots import Snapshots

TABLE = pl.DataFrame(
    {
        "n": [1, 2, None],
        "x": [0.5, float("nan"), None],
        "s": ["a", "ü", None],
        "b": [True, None, False],
        "d": [date(2026, 3, 1), None, date(2026, 3, 2)],
        "t": [datetime(2026, 3, 1, tzinfo=UTC), None, None],
        "l": [[1, 2], None, []],
    }
).with_columns(c=pl.Series(["u", "v", None], dtype=pl.Categorical))
ROOT = "sha256:" + "ab" * 32
SALTS = secrets.token_bytes(16 * 3)


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    return Snapshots(open_home(tmp_path))


def test_rows_and_salts_come_back_as_they_were(snapshots: Snapshots) -> None:
    kept = snapshots.put(TABLE, root=ROOT, salts=SALTS, source="credit.csv", at=AT)
    assert (kept.id, kept.root, kept.n_rows, kept.source) == ("ab" * 8, ROOT, 3, "credit.csv")
    assert kept.columns["s"] == "String"
    assert_frame_equal(snapshots.rows(kept.id), TABLE)
    assert snapshots.salts(kept.id) == SALTS
    assert snapshots.all() == (kept,)


def test_the_same_rows_are_found_again(snapshots: Snapshots) -> None:
    assert snapshots.find(snapshots.fingerprint(TABLE)) is None
    kept = snapshots.put(TABLE, root=ROOT, salts=SALTS, source="credit.csv", at=AT)
    assert snapshots.find(snapshots.fingerprint(TABLE.clone())) == kept
    for other in (
        TABLE.reverse(),
        TABLE.rename({"n": "m"}),
        TABLE.head(2),
        TABLE.with_columns(pl.col("n").cast(float)),
    ):
        assert snapshots.find(snapshots.fingerprint(other)) is None


@given(st.lists(st.text() | st.none(), min_size=1), st.lists(st.text() | st.none(), min_size=1))
def test_other_texts_have_another_fingerprint(
    tmp_path_factory: pytest.TempPathFactory, one: list[str | None], other: list[str | None]
) -> None:
    snapshots = Snapshots(open_home(tmp_path_factory.getbasetemp() / "shared"))
    frames = [pl.DataFrame({"s": pl.Series(texts, dtype=pl.String)}) for texts in (one, other)]
    assert (snapshots.fingerprint(frames[0]) == snapshots.fingerprint(frames[1])) == (one == other)


def test_a_fingerprint_means_nothing_without_the_secret(snapshots: Snapshots, tmp_path: Path) -> None:
    elsewhere = Snapshots(open_home(tmp_path / "elsewhere"))
    assert snapshots.fingerprint(TABLE) != elsewhere.fingerprint(TABLE)


def test_taking_it_twice_at_once_keeps_the_first(snapshots: Snapshots) -> None:
    first = snapshots.put(TABLE, root=ROOT, salts=SALTS, source="one", at=AT)
    assert snapshots.put(TABLE, root=ROOT, salts=SALTS, source="two", at=AT) == first


def test_what_is_not_there_or_damaged_is_said(snapshots: Snapshots) -> None:
    with pytest.raises(NotFound, match="no snapshot 0000000000000000"):
        snapshots.get("0" * 16)
    with pytest.raises(Asked, match="not a snapshot's id"):
        snapshots.rows("../../secret")
    with pytest.raises(ValueError, match="32 bytes of salts for 3 rows"):
        snapshots.put(TABLE, root=ROOT, salts=SALTS[:32], source="x", at=AT)
    kept = snapshots.put(TABLE, root=ROOT, salts=SALTS, source="credit.csv", at=AT)
    (snapshots.home.snapshots_root / kept.id / "snapshot.json").write_text("{")
    with pytest.raises(StoreError, match="is damaged"):
        snapshots.get(kept.id)


@pytest.mark.parametrize("cut", [0, 10, 600])
def test_damaged_rows_are_said(cut: int, snapshots: Snapshots) -> None:
    kept = snapshots.put(TABLE, root=ROOT, salts=SALTS, source="credit.csv", at=AT)
    place = snapshots.home.snapshots_root / kept.id / "rows.parquet"
    place.write_bytes(place.read_bytes()[:cut])
    with pytest.raises(StoreError, match=f"the rows of snapshot {kept.id} are damaged"):
        snapshots.rows(kept.id)
    place.unlink()
    with pytest.raises(StoreError, match="reading snapshot"):
        snapshots.rows(kept.id)


def test_a_full_disk_leaves_no_half_snapshot(small_disk: Path) -> None:
    snapshots = Snapshots(open_home(small_disk))
    big = pl.DataFrame({"s": [secrets.token_hex(100) for _ in range(20_000)]})
    salts = secrets.token_bytes(16 * 20_000)
    with pytest.raises(StoreError, match="the disk is full"):
        snapshots.put(big, root=ROOT, salts=salts, source="x", at=AT)
    assert snapshots.all() == ()
    assert list(snapshots.home.snapshots_root.iterdir()) == []


def test_a_column_named_as_a_pattern_is_a_column(snapshots: Snapshots) -> None:
    table = pl.DataFrame({"^x$": [1.0, None], "*": ["a", None], "^y.*$": [True, False]})
    plain = table.rename({"^x$": "x", "*": "s", "^y.*$": "y"})
    assert snapshots.fingerprint(table) == snapshots.fingerprint(table)
    assert snapshots.fingerprint(table) != snapshots.fingerprint(plain)
