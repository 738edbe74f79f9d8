"""CSV: types are decided on every row, and what is wrong is named by its line."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.errors import DataError
from mainstay.store.csv_blocks import plain_columns
from mainstay.store.csv_source import read_csv

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x1e\x00"), max_size=8)
TABLES = st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=6))


def read(text: str) -> pl.DataFrame:
    return read_csv(text.encode(), name="t.csv")


@given(TABLES, st.sampled_from([",", ";", "\t", "|"]))
def test_what_a_csv_writer_wrote_comes_back(rows: list[list[str]], separator: str) -> None:
    width = len(rows[0])
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerows([[f"c{i}" for i in range(width)], *[["x" + cell for cell in row] for row in rows]])
    if width == 1:
        separator = ","
    assert read(buffer.getvalue()).rows() == [tuple("x" + cell for cell in row) for row in rows]


def careful(text: str) -> pl.DataFrame:
    """What the library's own reader of records makes of it."""
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    return pl.DataFrame([[cell or None for cell in row] for row in rows], schema=["a", "b"], orient="row")


@given(st.lists(st.lists(st.sampled_from(["", "a", "1", " ", "ü", "#", "'"]), max_size=4), min_size=1, max_size=8))
def test_the_fast_way_and_the_careful_way_agree(rows: list[list[str]]) -> None:
    text = "".join(",".join(row) + "\n" for row in rows)
    fast = plain_columns(text.encode(), ",", 2)
    if fast is not None:
        expected = careful(text)
        assert [c.to_list() for c in fast] == [expected["a"].to_list(), expected["b"].to_list()]
    elif all(len(row) in (0, 2) for row in rows) and any(len(row) == 2 for row in rows):
        assert any(len(row) == 0 for row in rows)


@given(st.text(st.sampled_from('a",\n '), max_size=24))
def test_quotes_mean_the_same_both_ways(text: str) -> None:
    fast = plain_columns((text + "\n").encode(), ",", 2)
    if fast is not None:
        expected = careful(text + "\n")
        assert [c.to_list() for c in fast] == [expected["a"].to_list(), expected["b"].to_list()]


def test_a_float_at_the_end_of_a_column_of_integers_is_seen() -> None:
    table = read("n\n" + "7\n" * 20_000 + "1.00E+05\n")
    assert table["n"].dtype == pl.Float64
    assert table["n"][-1] == 100_000.0


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "-2", "+3", " 4 ", "NA", "?"], pl.Int64),
        (["1", "2.5", ".5", "1e3", "nan"], pl.Float64),
        (["007", "123"], pl.String),
        (["true", "False", "n/a"], pl.Boolean),
        (["1", "two"], pl.String),
        (["1,5", "2,5"], pl.String),
        (["1_000"], pl.String),
        (["0x10"], pl.String),
        (["inf", "1"], pl.String),
        (["123456789012345678901234567890"], pl.String),
        (["9223372036854775807", "-9223372036854775808"], pl.Int64),
        (["0", "0.5", "-0.25"], pl.Float64),
        (["2026-03-01"], pl.String),
        (["", "NA"], pl.String),
    ],
)
def test_a_type_holds_for_every_text(texts: list[str], kind: type[pl.DataType]) -> None:
    table = read("a;n\n" + "".join(f"x;{text}\n" for text in texts))
    assert table["n"].dtype == kind


def test_words_that_mean_missing_are_missing_among_numbers_and_stay_among_texts() -> None:
    assert read("a;n\nx;1\nx;NA\nx;?\n")["n"].to_list() == [1, None, None]
    assert read("a;n\nx;one\nx;NA\nx;\n")["n"].to_list() == ["one", "NA", None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_that_say_what_they_are_are_read(encoding: str, end: str) -> None:
    data = end.join(["name;größe", "Zoë;1", "Łukasz;2", ""]).encode(encoding)
    assert read_csv(data, name="t.csv").rows() == [("Zoë", 1), ("Łukasz", 2)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "t.csv is empty"),
        (b"\n\n  \n", "t.csv is empty"),
        (b"a,b\n", "t.csv has a header but no rows"),
        (b"a,b,a\n1,2,3\n", "t.csv has two columns of one name: 'a'"),
        (b"a,b\n1,2\n3\n", "t.csv: line 3 has 1 fields, the header has 2"),
        (b"a,b\n1,2\n3,4,5\n", "t.csv: line 3 has 3 fields, the header has 2"),
        (b'a,b\n"x\ny",2\n3,4,5\n', "t.csv: line 4 has 3 fields, the header has 2"),
        (b'a,b\n1,2\n"x,2\n3,4\n', "t.csv: a quote that opens in line 3 is never closed"),
        (b'"a,b\n', "t.csv: a quote that opens in line 1 is never closed"),
        ("ü,b\n1,2\n".encode() + b"\xe9,4\n", "t.csv is not valid UTF-8: byte 9 (line 3) is 0xe9"),
        (b"a,b\n1,2\n\x81,4\n", "t.csv is not valid Windows-1252: byte 8 (line 3) is 0x81"),
        (b"a,b\n1,\x00\x00\x00\n\x00,2\n", "t.csv is not a text: it holds zero bytes"),
    ],
)
def test_what_is_wrong_is_said(data: bytes, message: str) -> None:
    with pytest.raises(DataError) as refused:
        read_csv(data, name="t.csv")
    assert refused.value.what == message
    assert refused.value.remedy


def test_a_long_text_is_read() -> None:
    assert read('a,b\n"' + "x" * 1_000_000 + '",2\n')["a"].str.len_chars().to_list() == [1_000_000]


def test_columns_without_a_name_get_one_if_they_hold_anything() -> None:
    assert read(",a,\n0,1,\n1,2,\n").columns == ["column_1", "a"]


def test_quotes_within_quotes_and_empty_lines() -> None:
    assert read('a,b\n"say ""hi""",1\n\nx"y,2\n').rows() == [('say "hi"', 1), ('x"y', 2)]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_refused_in_words(data: bytes) -> None:
    with suppress(DataError):
        assert read_csv(data, name="t.csv").height > 0


@pytest.mark.parametrize("name", ["^x$", "^.*$", "*", "^x"])
def test_a_name_that_reads_like_a_pattern_is_a_name(name: str) -> None:
    table = read(f"{name};b;c\n1;true;x\n2;false;y\n")
    assert table.schema == {name: pl.Int64, "b": pl.Boolean, "c": pl.String}
    assert table.rows() == [(1, True, "x"), (2, False, "y")]
    assert read(f"b;{name}\n1;true\n2;\n").rows() == [(1, True), (2, None)]
