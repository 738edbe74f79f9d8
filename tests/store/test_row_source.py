"""Rows of a file piece by piece: any row can be the first, and what cannot be read keeps its place."""

from __future__ import annotations

import gzip
from itertools import chain
from pathlib import Path

import msgspec
import polars as pl
import pytest

from mainstay.domain.errors import DataError, NotFound
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.store import row_source
from mainstay.store.row_source import open_rows, pieces

SCHEMA = Schema(
    fields=(Field(name="n", kind=Kind.NUMBER, example=1.0), Field(name="t", kind=Kind.TEXT, example="a")), target="y"
)
FRAME = pl.DataFrame({"n": range(1, 8), "t": ["a", "b", None, "d", "e", "f", "g"]})


def rows(path: Path, first: int = 0) -> list[bytes]:
    return list(chain.from_iterable(pieces(open_rows(path), SCHEMA, first=first)))


def written(folder: Path, ending: str) -> Path:
    path = folder / f"rows{ending}"
    if ending == ".csv":
        FRAME.write_csv(path)
    elif ending == ".csv.gz":
        path.write_bytes(gzip.compress(FRAME.write_csv().encode()))
    elif ending == ".tsv":
        path.write_bytes(FRAME.write_csv(separator="\t").encode("utf-16"))
    elif ending == ".ndjson":
        FRAME.write_ndjson(path)
    elif ending == ".json":
        path.write_text("[" + ",".join(FRAME.write_ndjson().splitlines()) + "]")
    elif ending == ".parquet":
        FRAME.write_parquet(path)
    else:
        FRAME.write_ipc(path) if ending == ".arrow" else FRAME.write_ipc_stream(path)
    return path


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".tsv", ".ndjson", ".json", ".parquet", ".arrow", ".stream"])
def test_every_form_gives_the_same_rows_from_any_row_on(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_source, "PIECE_ROWS", 3)
    monkeypatch.setattr(row_source, "TEXT_ROWS", 2)
    path = written(tmp_path, ending)
    found = rows(path)
    assert list(map(msgspec.json.decode, found)) == FRAME.to_dicts()
    for first in range(9):
        assert rows(path, first) == found[first:]


def test_about_how_many_rows_there_are_is_told_where_it_can_be(tmp_path: Path) -> None:
    about = {ending: open_rows(written(tmp_path, ending)).about_rows for ending in (".csv", ".ndjson", ".parquet")}
    assert about == {".csv": 8, ".ndjson": 7, ".parquet": 7}


@pytest.mark.parametrize("before", ["", 'x,"a\nb"\n' * 3])
def test_a_ragged_line_keeps_its_place_and_says_why(before: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("n,t\n" + before + "1,a\n2\n3,c,d\n4,d\n")
    first = 3 if before else 0
    line = 2 * first
    assert list(map(msgspec.json.decode, rows(path)))[first:] == [
        {"n": 1, "t": "a"},
        f"line {line + 3} has 1 fields, the header has 2",
        f"line {line + 4} has 3 fields, the header has 2",
        {"n": 4, "t": "d"},
    ]
    assert rows(path, first + 2) == rows(path)[first + 2 :]


def test_lines_that_are_no_json_are_left_to_admission(tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson"
    path.write_bytes(b'\xef\xbb\xbf{"n": 1}\n\n{"n": NaN}\r\n{"n":\n')
    assert rows(path) == [b'{"n": 1}', b'{"n": NaN}', b'{"n":']


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, ".csv")
    opened = open_rows(path)
    reading = pieces(opened, SCHEMA)
    next(reading)
    path.write_text(path.read_text() + "8,h\n")
    with pytest.raises(DataError, match="changed while it was read"):
        list(reading)


def test_what_is_no_file_of_rows_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder"):
        open_rows(tmp_path)
    written(tmp_path, ".csv")
    with pytest.raises(NotFound, match=r"Did you mean 'rows\.csv'"):
        open_rows(tmp_path / "row.csv")
    torn = tmp_path / "torn.parquet"
    torn.write_bytes(written(tmp_path, ".parquet").read_bytes()[:200])
    with pytest.raises(DataError, match="not a whole Parquet file"):
        open_rows(torn)
