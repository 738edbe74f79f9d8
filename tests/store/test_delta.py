"""One Delta table: marks that only one of two commits can set, statistics of bookkeeping columns and no others."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable
from tests.store.traffic import AT

from mainstay.domain.errors import StoreError
from mainstay.store.delta import BATCH, SMALL_FILES, Delta
from mainstay.store.tables import FAULTS, MOMENT


def rows(field: str, *, batch: int = 1, month: str = "2026-03") -> pl.DataFrame:
    values = {
        "batch": batch, "place": 0, "at": AT, "version": 1, "month": month, "key": "", "field": field, "code": "c",
        "n": 1, "refused": False,
    }  # fmt: skip
    return pl.DataFrame([values], schema=FAULTS.columns)


@pytest.fixture
def table(tmp_path: Path) -> Delta:
    return Delta(tmp_path / "faults", FAULTS)


def test_a_table_that_is_not_there_is_empty(table: Delta) -> None:
    assert not table.refresh()
    assert (table.batch, table.mark("slot")) == (0, None)
    assert table.scan().collect().columns == [name for name in FAULTS.columns if name != "month"]


def test_rows_and_marks_come_together(table: Delta) -> None:
    assert table.append(rows("a"), {BATCH: 1, "slot": 7 << 40}, at=AT)
    assert (table.batch, table.mark("slot")) == (1, 7 << 40)
    other = Delta(table.path, FAULTS)
    assert other.refresh()
    assert (other.batch, other.mark("slot")) == (1, 7 << 40)
    assert other.scan().collect()["field"].to_list() == ["a"]
    assert other.scan().collect().schema["at"] == MOMENT


def test_of_two_commits_from_one_state_one_fails_and_writes_nothing(table: Delta) -> None:
    table.append(rows("a"), {BATCH: 1}, at=AT)
    rival = Delta(table.path, FAULTS)
    rival.refresh()
    assert rival.append(rows("b"), {BATCH: 2, "slot b": 1}, at=AT)
    assert not table.append(rows("c"), {BATCH: 2, "slot c": 1}, at=AT)
    assert (table.batch, table.mark("slot c")) == (2, None)
    assert table.append(rows("c"), {BATCH: 3, "slot c": 1}, at=AT)
    assert sorted(table.scan().collect()["field"].to_list()) == ["a", "b", "c"]


def test_a_table_that_others_made_meanwhile_is_looked_at_again(tmp_path: Path) -> None:
    first, second = Delta(tmp_path / "t", FAULTS), Delta(tmp_path / "t", FAULTS)
    first.refresh()
    second.refresh()
    assert first.append(rows("a"), {BATCH: 1}, at=AT)
    assert not second.append(rows("b"), {BATCH: 1}, at=AT)
    second.refresh()
    assert second.batch == 1


def test_marks_can_be_set_without_rows(table: Delta) -> None:
    table.append(rows("a"), {BATCH: 1}, at=AT)
    assert table.append(rows("b").clear(), {BATCH: 2, "slot": 5}, at=AT)
    table.refresh()
    assert (table.batch, table.mark("slot")) == (2, 5)
    assert table.scan().collect().height == 1


def test_columns_may_join_and_may_be_left_out(table: Delta) -> None:
    table.append(rows("a").with_columns(n_x=pl.lit(1.5)), {BATCH: 1}, at=AT)
    table.append(rows("b"), {BATCH: 2}, at=AT)
    table.append(rows("c").with_columns(s_x=pl.lit("one")), {BATCH: 3}, at=AT)
    kept = table.scan().sort("field").collect()
    assert kept["n_x"].to_list() == [1.5, None, None]
    assert kept["s_x"].to_list() == [None, None, "one"]


def test_leaving_columns_out_does_not_rewrite_the_table(table: Delta) -> None:
    table.append(rows("a").with_columns(n_x=pl.lit(1.5)), {BATCH: 1}, at=AT)
    table.append(rows("b"), {BATCH: 2}, at=AT)
    (newest,) = table.path.glob("_delta_log/*00002.json")
    assert "metaData" not in newest.read_text()


def footer(path: Path) -> bytes:
    data = path.read_bytes()
    return data[-8 - int.from_bytes(data[-8:-4], "little") :]


def everything_but_data(table: Delta) -> bytes:
    log = b"".join(path.read_bytes() for path in table.path.glob("_delta_log/*") if path.is_file())
    footers = b"".join(footer(path) for path in table.path.glob("**/*.parquet") if "_delta_log" not in path.parts)
    return log + footers


def test_no_statistics_are_kept_of_what_may_be_personal(table: Delta) -> None:
    for batch in range(1, SMALL_FILES + 2):
        table.append(rows("Zoë Personal", batch=batch).with_columns(s_name=pl.lit("Zoë")), {BATCH: batch}, at=AT)
    told = everything_but_data(table)
    assert "Zoë".encode() not in told
    assert b'\\"batch\\":' in told
    assert table.tidy()
    DeltaTable(table.path).create_checkpoint()
    told = everything_but_data(table)
    assert "Zoë".encode() not in told
    assert b'\\"batch\\":' in told


def test_tidying_joins_files_and_keeps_marks_and_rows(table: Delta) -> None:
    for batch in range(1, SMALL_FILES + 1):
        assert not table.tidy()
        table.append(rows(f"f{batch}", batch=batch), {BATCH: batch, f"slot {batch % 3}": batch}, at=AT)
    stale = Delta(table.path, FAULTS)
    stale.refresh()
    assert table.tidy()
    assert table.n_small_files() == 1
    assert stale.append(rows("after", batch=99), {BATCH: 99}, at=AT)
    fresh = Delta(table.path, FAULTS)
    fresh.refresh()
    assert [fresh.mark(f"slot {i}") for i in range(3)] == [30, 31, 32]
    assert fresh.batch == 99
    assert fresh.scan().collect().height == SMALL_FILES + 1
    assert table.refresh()
    assert table.scan().collect().height == SMALL_FILES + 1


def test_parts_with_few_files_each_are_left_alone(table: Delta) -> None:
    for batch in range(1, SMALL_FILES + 2):
        table.append(rows("a", batch=batch, month=f"2026-{batch % 12 + 1:02d}"), {BATCH: batch}, at=AT)
    assert not table.tidy()


@pytest.mark.parametrize("name", ["My Project", "Größe", "a#1", "100%", "what?", "a=b", "a*b", "x'y"])
def test_a_folder_may_be_called_what_people_call_folders(tmp_path: Path, name: str) -> None:
    table = Delta(tmp_path / name / "faults", FAULTS)
    table.append(rows("a"), {BATCH: 1}, at=AT)
    table.append(rows("b", month="2026-04"), {BATCH: 2}, at=AT)
    other = Delta(tmp_path / name / "faults", FAULTS)
    other.refresh()
    assert sorted(other.scan().collect()["field"]) == ["a", "b"]
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["[x]", "a|b", "a^b", "100%20", "back\\slash", "new\nline"])
def test_a_folder_that_delta_would_mistake_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="its path holds"):
        Delta(tmp_path / name / "faults", FAULTS)


def test_files_are_chosen_by_part_and_batch(table: Delta) -> None:
    for batch, month in ((1, "2026-03"), (2, "2026-04"), (3, "2026-04")):
        table.append(rows(f"f{batch}", batch=batch, month=month), {BATCH: batch}, at=AT)
    assert sorted(table.scan(parts={"month": "2026-04"}).collect()["field"]) == ["f2", "f3"]
    assert sorted(table.scan(after=2).collect()["field"]) == ["f3"]
    assert table.scan(parts={"month": "2026-05"}).collect().height == 0


def test_a_broken_table_is_said_in_words(table: Delta) -> None:
    table.append(rows("a"), {BATCH: 1}, at=AT)
    for path in table.path.glob("_delta_log/*.json"):
        path.write_text("{not json")
    with pytest.raises(StoreError, match="reading faults of the journal"):
        Delta(table.path, FAULTS).refresh()


def test_of_two_who_add_a_column_at_once_one_looks_again(table: Delta) -> None:
    table.append(rows("a"), {BATCH: 1}, at=AT)
    rival = Delta(table.path, FAULTS)
    rival.refresh()
    assert rival.append(rows("b").with_columns(n_x=pl.lit(1.5)), {BATCH: 2}, at=AT)
    assert not table.append(rows("c").with_columns(s_y=pl.lit("y")), {BATCH: 2}, at=AT)
    assert table.append(rows("c").with_columns(s_y=pl.lit("y")), {BATCH: 3}, at=AT)
    assert table.scan().sort("field").select("n_x", "s_y").collect().rows() == [(None, None), (1.5, None), (None, "y")]


def test_a_column_added_while_others_tidy_is_kept(table: Delta) -> None:
    for batch in range(1, SMALL_FILES + 1):
        table.append(rows(f"f{batch}", batch=batch), {BATCH: batch}, at=AT)
    tidier = Delta(table.path, FAULTS)
    tidier.refresh()
    while not table.append(rows("new", batch=99).with_columns(n_x=pl.lit(1.5)), {BATCH: 99}, at=AT):
        pass
    tidier.tidy()
    fresh = Delta(table.path, FAULTS)
    fresh.refresh()
    assert fresh.scan().collect()["n_x"].drop_nulls().to_list() == [1.5]
    assert fresh.scan().collect().height == SMALL_FILES + 1
