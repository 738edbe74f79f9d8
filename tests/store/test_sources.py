"""Tables that people bring: told apart by content, refused in words."""

from __future__ import annotations

import io
import os
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.errors import DataError, MainstayError, NotFound, StoreError
from mainstay.store.sources import read_table

TABLE = pl.DataFrame({"n": [1.5, None, 3.0], "c": ["a", "ü", None]})


def parquet() -> bytes:
    buffer = io.BytesIO()
    TABLE.write_parquet(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["t.parquet", "t.csv", "t"])
def test_a_file_is_what_it_holds_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    TABLE.write_parquet(tmp_path / name)
    assert read_table(tmp_path / name).equals(TABLE)
    TABLE.write_ipc(tmp_path / name)
    assert read_table(tmp_path / name).equals(TABLE)
    TABLE.write_ipc_stream(tmp_path / name)
    assert read_table(tmp_path / name).equals(TABLE)
    TABLE.write_csv(tmp_path / name, separator=";")
    assert read_table(tmp_path / name).equals(TABLE)


@pytest.mark.parametrize("name", ["t", "my tables"])
def test_a_delta_table_is_read(tmp_path: Path, name: str) -> None:
    for _ in range(2):
        TABLE.write_delta(str(tmp_path / name), mode="append")
    table = read_table(tmp_path / name)
    assert table.schema == TABLE.schema
    assert table.height == 6


def test_a_delta_table_in_a_folder_that_delta_would_mistake_is_said(tmp_path: Path) -> None:
    TABLE.write_delta(str(tmp_path / "t"))
    (tmp_path / "t").rename(tmp_path / "[t]")
    with pytest.raises(StoreError, match="its path holds"):
        read_table(tmp_path / "[t]")


def test_what_is_not_there_is_said_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "credit.csv").write_text("a\n1\n")
    with pytest.raises(NotFound, match=r"Did you mean 'credit\.csv'"):
        read_table(tmp_path / "credti.csv")
    with pytest.raises(NotFound, match="no folder"):
        read_table(tmp_path / "nowhere" / "credit.csv")


def test_a_delta_table_that_is_not_whole_is_said(tmp_path: Path) -> None:
    (tmp_path / "credit.csv").write_text("a\n1\n")
    (tmp_path / "_delta_log").mkdir()
    with pytest.raises(DataError, match="not a whole Delta table"):
        read_table(tmp_path)


def test_a_table_without_rows_is_said(tmp_path: Path) -> None:
    TABLE.clear().write_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match="holds no rows"):
        read_table(tmp_path / "t.parquet")


@pytest.mark.parametrize(
    "magic", [b"PK\x03\x04rest", b"\x1f\x8brest", b"\x28\xb5\x2f\xfdrest", b"SQLite format 3\x00", b"FEA1"]
)
def test_files_of_another_kind_get_a_next_step(tmp_path: Path, magic: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(magic)
    with pytest.raises(DataError) as refused:
        read_table(tmp_path / "t.csv")
    assert refused.value.remedy


@given(st.integers(0, len(parquet()) - 1), st.integers(1, 255), st.booleans())
def test_a_torn_or_altered_parquet_file_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, place: int, change: int, torn: bool
) -> None:
    data = parquet()
    altered = data[:place] if torn else data[:place] + bytes([data[place] ^ change]) + data[place + 1 :]
    path = tmp_path_factory.mktemp("t") / "t.parquet"
    path.write_bytes(altered)
    with suppress(MainstayError):
        assert read_table(path).width > 0


def test_the_real_tables_are_read(shared_data: Path) -> None:
    credit = read_table(shared_data / "credit_card_default.csv")
    assert credit.shape == (30_000, 25)
    assert all(dtype.is_numeric() for dtype in credit.dtypes)
    assert read_table(shared_data / "sms_spam.csv").shape == (5_574, 2)


def test_a_pipe_or_a_device_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(DataError, match="neither a file nor a folder"):
            read_table(path)


def test_a_column_without_a_name_gets_its_place(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1], "": [2], "column_2": [3]}).write_parquet(tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet").columns == ["a", "column_2_", "column_2"]
