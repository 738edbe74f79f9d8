"""Texts as people write them, folders of files, frames, and sources that change while they are read."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.errors import Asked, DataError, NotFound
from mainstay.store import encodings, sources
from mainstay.store.csv_source import read_csv
from mainstay.store.pieces import Narrow, narrowed
from mainstay.store.project import open_project
from mainstay.store.source import Encoded
from mainstay.store.sources import read_table

TEXT = "name;größe\nZoë;1,5\nÅsa;2,5\n"
ROWS = [("Zoë", "1,5"), ("Åsa", "2,5")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
def test_an_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "t.csv").write_bytes(TEXT.encode(encoding))
    table = read_table(tmp_path / "t.csv")
    assert table.columns == ["name", "größe"]
    assert table.rows() == ROWS


@pytest.mark.parametrize("encoding", ["cp1250", "shift_jis", "gb18030", "koi8-r", "utf-16", "utf-8-sig"])
def test_an_encoding_that_is_named_is_used(tmp_path: Path, encoding: str) -> None:
    word = {"cp1250": "Łódź", "shift_jis": "東京", "gb18030": "北京"}.get(encoding, "Привет")
    (tmp_path / "t.csv").write_bytes(f"a;b\n{word};1\n".encode(encoding))
    assert read_table(Encoded(tmp_path / "t.csv", encoding)).rows() == [(word, 1)]


def test_an_encoding_that_is_none_or_not_the_texts_is_said(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("a;b\nŁ;1\n".encode("cp1250"))
    with pytest.raises(Asked, match="'utf-9' is not an encoding"):
        read_table(Encoded(tmp_path / "t.csv", "utf-9"))
    with pytest.raises(DataError, match=r"not valid UTF-8: byte 4 \(line 2\) is 0xa3"):
        read_table(Encoded(tmp_path / "t.csv", "utf-8"))


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a few kilobytes have many blocks, which end within records, characters and quotes."""
    monkeypatch.setattr(encodings, "BLOCK_BYTES", 997)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("n", range(200, 300, 7))
def test_a_wrong_byte_far_into_a_file_is_named_by_its_line(n: int) -> None:
    data = b"a,b\n" + b"\xc3\xbc,1234567\n" * n + b"\xff,1\n"
    with pytest.raises(DataError, match=rf"byte {len(data) - 4} \(line {data.count(10)}\) is 0xff"):
        read_csv(data, name="t.csv")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "\x1f", "\x01", "^", "~", ":", " "])
def test_any_separator_is_found(separator: str) -> None:
    text = "".join(separator.join(cells) + "\n" for cells in (["a", "b", "c"], ["1", "x", "2.5"], ["2", "y", "3"]))
    assert read_csv(text.encode(), name="t.csv").rows() == [(1, "x", 2.5), (2, "y", 3.0)]


def test_quotes_of_every_kind() -> None:
    assert read_csv(b"a,b\n'x,y',1\n'z',2\n", name="t").rows() == [("x,y", 1), ("z", 2)]
    assert read_csv(b'a,b\n"x\\"y",1\n"z",2\n', name="t").rows() == [('x"y', 1), ("z", 2)]
    assert read_csv(b'"a","b"\n"x\r\ny","1"\n"z","2"\n', name="t").rows() == [("x\r\ny", 1), ("z", 2)]
    assert read_csv(b"a,b\nit's,1\nthey're,2\n", name="t").rows() == [("it's", 1), ("they're", 2)]


def test_comments_before_the_header_and_among_the_rows() -> None:
    assert read_csv(b"# from the till\n#\n\na,b\n1,2\n# closed\n3,4\n", name="t").rows() == [(1, 2), (3, 4)]
    assert read_csv(b"#CHROM\tPOS\n1\t20\n", name="t").columns == ["CHROM", "POS"]
    assert read_csv(b"a,b\n#1,2\n", name="t").rows() == [("#1", 2)], "a row where nothing before was a comment"
    with pytest.raises(DataError, match="line 5 has 1 fields"):
        read_csv(b"# one\na,b\n1,2\n# two\n3\n", name="t")


@pytest.mark.usefixtures("small_blocks")
def test_a_ragged_row_far_into_a_file_is_named_by_its_line() -> None:
    for quote in ("", '"'):
        lines = ["a,b", *[f"{quote}x{quote},1234567890"] * 12_000, f"{quote}x{quote}", "y,2", ""]
        with pytest.raises(DataError, match="line 12002 has 1 fields, the header has 2"):
            read_csv("\n".join(lines).encode(), name="t.csv")


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(("last", "dtype"), [("1.5", pl.Float64), ("word", pl.String), ("007", pl.String)])
def test_a_type_that_only_the_last_block_knows(last: str, dtype: type[pl.DataType]) -> None:
    rows = 2000
    table = read_csv(b"a,b\n" + b"1234,56\n" * rows + f"{last},1\n".encode(), name="t.csv")
    assert table.schema == {"a": dtype, "b": pl.Int64}
    assert table["a"][0] == ("1234" if dtype == pl.String else 1234.0)
    assert str(table["a"][-1]) == last


@given(
    st.lists(
        st.sampled_from(["1", "-2", "0", "00", "1.5", ".5", "1e3", "1e400", "nan", "NA", "inf", " 3", "x", "true"])
    )
)
def test_the_quick_look_at_numbers_says_what_the_long_one_says(texts: list[str]) -> None:
    quick, long = narrowed(pl.Series(texts, dtype=pl.String)), narrowed(pl.Series([*texts, " "], dtype=pl.String))
    assert quick.narrow == long.narrow or quick.narrow is Narrow.NOTHING
    if quick.values.dtype != pl.String:
        assert quick.values.equals(long.values.head(len(texts)))


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: pa.compress(data, codec="zstd", asbytes=True)])
def test_packed_files_are_unpacked_as_they_are_read(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    packed = pack("a;b\nü;1\n".encode())
    (tmp_path / "t.csv").write_bytes(packed)
    assert read_table(tmp_path / "t.csv").rows() == [("ü", 1)]
    (tmp_path / "t.json").write_bytes(pack(b'{"a": 1}\n{"a": 2.5}\n'))
    assert read_table(tmp_path / "t.json")["a"].to_list() == [1.0, 2.5]
    for place in range(4, len(packed)):
        (tmp_path / "torn.csv").write_bytes(packed[:place])
        with pytest.raises(DataError):
            read_table(tmp_path / "torn.csv")


CELLS = st.text(st.sampled_from("a\",\n\r\t;|ü東𐀀\x1e\\'#:"), max_size=5)


@given(st.lists(st.tuples(CELLS, st.integers(0, 9)), min_size=1, max_size=5), st.sampled_from(["utf-8", "utf-16"]))
@pytest.mark.parametrize("n_bytes", [7, 13, 31])
def test_blocks_end_anywhere(n_bytes: int, rows: list[tuple[str, int]], encoding: str) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([("a", "b"), *[("x" + text, f"c{n}") for text, n in rows]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encodings, "BLOCK_BYTES", n_bytes)
        table = read_csv(buffer.getvalue().encode(encoding), name="t.csv")
    assert table.rows() == [("x" + text, f"c{n}") for text, n in rows]


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def test_ndjson_is_read_row_by_row(tmp_path: Path) -> None:
    many = [{"n": 1, "late": None}] * 60_000
    (tmp_path / "t").write_bytes(lines(*many, {"n": 2.5, "late": "x", "new": {"k": [1]}}, {"n": None, "late": 7}))
    table = read_table(tmp_path / "t")
    assert table.schema == {"n": pl.Float64, "late": pl.String, "new": pl.String}
    assert table.tail(3).rows() == [(1.0, None, None), (2.5, "x", '{"k": [1]}'), (None, "7", None)]
    (tmp_path / "list").write_text(json.dumps([{"a": True}, {"a": None}]))
    assert read_table(tmp_path / "list")["a"].to_list() == [True, None]


@pytest.mark.parametrize(
    "data", [b'{"a": 1}\n{"a": \n', b'{"a": 1}\n[1]\n', b'{"a": 1}\n{"a": NaN}\n', b'{"a": 1}\nx\n']
)
def test_a_line_that_is_no_object_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "t.ndjson").write_bytes(data)
    with pytest.raises(DataError, match=r"t\.ndjson: line 2 is not a JSON object"):
        read_table(tmp_path / "t.ndjson")


@given(st.lists(st.dictionaries(st.text(max_size=3), st.none() | st.booleans() | st.integers() | st.text(max_size=3))))
def test_any_objects_are_a_table(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]) -> None:
    path = tmp_path_factory.mktemp("t") / "t"
    path.write_bytes(lines({"first": 1}, *rows))
    assert read_table(path).height == len(rows) + 1


def put(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_eq_", "=")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".csv").write_text(text)
    return folder


def test_a_folder_of_files_is_one_table(tmp_path: Path) -> None:
    put(tmp_path, b="y;x\nu;2\n", a="x,y\n1,t\n")
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".hidden").write_text("?")
    assert read_table(tmp_path).rows() == [(1, "t"), (2, "u")]
    put(tmp_path, c="x,y\n007,v\n")
    assert read_table(tmp_path)["x"].to_list() == ["1", "2", "007"], "as if it were one file"


@pytest.mark.parametrize("kind", ["parquet", "ndjson", "ipc"])
def test_a_folder_of_typed_files_is_one_table(tmp_path: Path, kind: str) -> None:
    for number, values in enumerate([[1, 2], [2.5, None]]):
        table = pl.DataFrame({"x": values, "y": ["a", "b"]})
        if number:
            table = table.select("y", "x")
        getattr(table, f"write_{kind}")(tmp_path / f"{number}")
    assert read_table(tmp_path).rows() == [(1.0, "a"), (2.0, "b"), (2.5, "a"), (None, "b")]


@pytest.mark.parametrize("written_as", ["parquet", "csv"])
def test_folders_named_column_equals_value_give_a_column(tmp_path: Path, written_as: str) -> None:
    for year, code in (("2025", "007"), ("2026", "__HIVE_DEFAULT_PARTITION__")):
        folder = tmp_path / f"year={year}" / f"code={code}"
        folder.mkdir(parents=True)
        getattr(pl.DataFrame({"x": [1, 2]}), f"write_{written_as}")(folder / "part")
    table = read_table(tmp_path)
    assert table.rows() == [(1, 2025, "007"), (2, 2025, "007"), (1, 2026, None), (2, 2026, None)]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a": "x,y\n1,2\n", "b": "x,z\n1,2\n"}, "b.csv has other columns than a.csv: it has 'z'; it lacks 'y'"),
        ({"a": "x,y\n1,2\n", "b": "x,y\n1\n"}, "b.csv: line 2 has 1 fields"),
        ({"a": "x,y\n1,2\n", "b": ""}, "b.csv is empty"),
        ({"a": "x,y\n1,2\n", "b": '{"x": 1, "y": 2}\n'}, "b.csv differs: it holds NDJSON where a.csv holds CSV"),
        ({"k_eq_1__a": "x\n1\n", "b": "x\n1\n"}, "differs: it lies in"),
        ({"x_eq_1__a": "x\n1\n"}, "in its files and in the names of its folders"),
        ({"inner__a": "x\n1\n"}, "holds a folder inner"),
        ({}, "without a file in it"),
    ],
)
def test_what_keeps_a_folder_from_being_a_table_is_named(tmp_path: Path, files: dict[str, str], said: str) -> None:
    with pytest.raises(DataError) as refused:
        read_table(put(tmp_path, **files))
    assert said in refused.value.what
    assert refused.value.remedy


def test_a_file_whose_column_has_another_type_is_named(tmp_path: Path) -> None:
    pl.DataFrame({"x": [1]}).write_parquet(tmp_path / "a")
    pl.DataFrame({"x": ["1"]}).write_parquet(tmp_path / "b")
    with pytest.raises(DataError, match="b differs: column 'x' holds texts, and numbers in a"):
        read_table(tmp_path)


FRAME = {"n": [1.5, None], "c": ["a", "ü"], "when": pd.to_datetime(["2026-01-01", "2026-01-02"])}


@pytest.mark.parametrize(
    "make", [pl.DataFrame, pd.DataFrame, lambda d: pl.DataFrame(d).lazy(), lambda d: pl.DataFrame(d).to_arrow()]
)
def test_frames_are_tables(make: Callable[[dict[str, object]], object]) -> None:
    table = read_table(make(FRAME))
    assert table["n"].to_list() == [1.5, None]
    assert table["c"].to_list() == ["a", "ü"]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ([1, 2], "a list is not a table"),
        (pd.DataFrame({"a": [1, "x"]}), "the frame cannot be read"),
        (pd.DataFrame({"a": []}), "the frame holds no rows"),
    ],
)
def test_what_is_no_table_is_said(frame: object, said: str) -> None:
    with pytest.raises(Asked, match=said):
        read_table(frame)


def test_a_project_reads_the_frame_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "mainstay.toml").write_text('[model]\nname = "m"\n[data]\ntarget = "c"\n')
    project = open_project(tmp_path, frame=pd.DataFrame({"c": [1, 0]}))
    assert read_table(project.source)["c"].to_list() == [1, 0]
    with pytest.raises(NotFound, match=r"no data\.source"):
        open_project(tmp_path).source  # noqa: B018


def changing(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Let something happen to a source just after it was read."""
    read = sources._read_path

    def read_and_change(path: Path, encoding: str | None) -> pl.DataFrame:
        try:
            return read(path, encoding)
        finally:
            change()

    monkeypatch.setattr(sources, "_read_path", read_and_change)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda path: path.write_text("a,b\n1,2\n3,4\n"), "had 8 bytes, and then 12"),
        (lambda path: path.unlink(), "t.csv went"),
        (lambda path: (path.with_name("new").write_text("a,b\n5,6\n"), path.with_name("new").replace(path)), "again"),
    ],
)
def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object], said: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n")
    changing(monkeypatch, lambda: change(path))
    with pytest.raises(DataError, match=r"t\.csv changed while it was read") as refused:
        read_table(path)
    assert said in refused.value.what
    assert refused.value.exit_code == 2


def test_a_folder_to_which_a_file_comes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, a="x\n1\n")
    changing(monkeypatch, lambda: put(tmp_path, b="x\n2\n"))
    with pytest.raises(DataError, match=r"changed while it was read: b\.csv came"):
        read_table(tmp_path)


def test_what_looks_torn_because_it_is_half_written_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = io.BytesIO()
    pl.DataFrame({"a": [1]}).write_parquet(whole)
    (tmp_path / "t").write_bytes(whole.getvalue()[:40])
    changing(monkeypatch, lambda: (tmp_path / "t").write_bytes(whole.getvalue()))
    with pytest.raises(DataError, match="t changed while it was read"):
        read_table(tmp_path / "t")


def test_a_delta_table_that_grows_is_read_as_one_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pl.DataFrame({"a": [1]})
    table.write_delta(str(tmp_path / "t"))
    changing(monkeypatch, lambda: table.write_delta(str(tmp_path / "t"), mode="append"))
    assert read_table(tmp_path / "t").height == 1
