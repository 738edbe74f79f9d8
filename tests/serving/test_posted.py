"""Tables as requests: CSV and JSON lines give the rows that JSON would have given."""

from __future__ import annotations

import csv
import io
import json
import math
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.serving.made import ROW, SCHEMA, make

from mainstay.domain.limits import LIMITS, Limits
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.serving.admission import Admitted, admit, index_schema
from mainstay.serving.body import Unacceptable
from mainstay.serving.call import Call
from mainstay.serving.decide import decide
from mainstay.serving.posted import Form, Posted, read_posted
from mainstay.serving.repeats import Repeats
from mainstay.serving.row import read_row

INDEX = index_schema(SCHEMA)
CELLS = (
    st.none() | st.text(max_size=8) | st.integers().map(str) | st.floats().map(str) | st.sampled_from(["true", "NA"])
)


def rows(body: bytes, form: Form = Form.CSV, **wishes: str) -> list[object]:
    return [read_row(bytes(row))[0] for row in read_posted(Posted(body, form, wishes), INDEX).rows]


def refusal(body: bytes, form: Form = Form.CSV, limits: Limits = LIMITS, **wishes: str) -> Unacceptable:
    with pytest.raises(Unacceptable) as refused:
        read_posted(Posted(body, form, wishes), INDEX, limits)
    return refused.value


def test_a_cell_is_read_as_its_column_wants_it() -> None:
    body = b"age,region,member,joined,note\n30,1,True,2021-05-01,\n4.5e1,01,no, x,7\nold,,,,\n"
    assert rows(body) == [
        {"age": 30, "region": "1", "member": True, "joined": "2021-05-01", "note": None},
        {"age": 45.0, "region": "01", "member": "no", "joined": " x", "note": "7"},
        {"age": "old", "region": None, "member": None, "joined": None, "note": None},
    ]


def test_a_row_as_trained_is_clean_in_csv_too() -> None:
    header, cells = ",".join(ROW), ",".join("true" if value is True else str(value) for value in ROW.values())
    (row,) = rows(f"{header}\n{cells}\n".encode())
    admitted = admit(row, INDEX)
    assert isinstance(admitted, Admitted)
    assert admitted.warnings == ()
    assert admitted == admit(ROW, INDEX)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_seen_in_the_header(separator: str) -> None:
    assert rows(f"\ufeffage{separator}region\r\n1{separator}EU\r\n\r\n".encode()) == [{"age": 1, "region": "EU"}]


def test_quoted_breaks_and_commas_are_texts() -> None:
    assert rows(b'age,note\n1,"a, ""b""\nc"\n') == [{"age": 1, "note": 'a, "b"\nc'}]


def test_where_a_comma_stands_before_the_fraction_a_point_groups_thousands() -> None:
    german = index_schema(Schema(fields=(Field(name="pay", kind=Kind.NUMBER, decimal=","),), target="t"))
    body = read_posted(Posted(b"pay;x\n1.234;1\n12;2\n1,5;3\n", Form.CSV), german)
    read = [admit(read_row(bytes(row))[0], german) for row in body.rows]
    assert [each.used["pay"] for each in read if isinstance(each, Admitted)] == [1234.0, 12.0, 1.5]


def test_a_torn_record_takes_no_other_with_it(call: Call) -> None:
    posted = Posted(b"age,region\n1,EU,\n30,EU\n1\n", Form.CSV)
    first, second, third = decide(make(), read_posted(posted, INDEX), call, Repeats()).entries
    told = [msgspec.to_builtins(entry) for entry in (first, second, third)]
    assert [entry.get("error", {}).get("code") for entry in told] == ["not-a-row", None, "not-a-row"]
    assert told[0]["error"]["got"] == "a list of 3"


@pytest.mark.parametrize("form", [Form.CSV, Form.LINES])
def test_ids_come_from_a_column_which_is_no_input_then(form: Form) -> None:
    body = (
        b"nr,age,customer\na-1,30,17\n,31,18\n"
        if form is Form.CSV
        else (
            b'{"nr": "a-1", "age": 30, "customer": 17}\n\n{"nr": null, "age": NaN, "customer": 18}\n{"age": 3}\nno JSON'
        )
    )
    read = read_posted(Posted(body, form, {"ids": "nr"}), INDEX)
    assert read.ids is not None
    assert read.ids[:2] == ["a-1", None]
    assert all(b"nr" not in bytes(row) for row in read.rows)
    kept = read_posted(Posted(body, form, {"ids": "customer"}), INDEX)  # it says who a row is about
    assert json.loads(bytes(kept.rows[0]))["customer"] in ("17", 17)


def test_wishes_stand_beside_a_table() -> None:
    wishes = {"strict": "true", "dry_run": "1", "expected_version": "credit/3"}
    read = read_posted(Posted(b"age\n1\n", Form.CSV, wishes), INDEX)
    assert (read.strict, read.dry_run, read.expected_version, read.ids) == (True, True, "credit/3", None)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "there is no header"),
        (b"\n\n", "there is no header"),
        (b"age,region\n", "there are no rows"),
        (b"age,age\n1,2\n", "the column 'age' stands twice in the header"),
        (b'age\n"1\n', "the body is not CSV: unexpected end of data at line 2"),
        (b'age\n"1"2\n', "the body is not CSV: ',' expected after '\"' at line 2"),
        (b"age\n\xff\n", "the body is not UTF-8: byte 5 cannot be read"),
        (b"age\n" + b"1\n" * 4097, "4,097 rows at once"),
        (b"x," * 10_050 + b"y\n", "10,051 columns"),
    ],
)
def test_what_is_no_table_is_said(body: bytes, what: str) -> None:
    refused = refusal(body)
    assert refused.what == what
    assert refused.remedy


def test_what_cannot_be_wished_for_is_said() -> None:
    assert "Did you mean 'strict'?" in refusal(b"age\n1\n", strcit="true").remedy
    assert "strict" in refusal(b"age\n1\n", strict="perhaps").what
    assert "Did you mean 'age'?" in refusal(b"age\n1\n", ids="aeg").remedy
    assert refusal(b'{"age": 1}\n' * 3, Form.LINES, Limits(rows=2)).status == 413
    assert refusal(b"age,note\n1,2\n3,4\n", limits=Limits(cells=3)).what == "more than 3 cells at once"


def test_a_line_that_is_no_json_is_a_bad_row_alone(call: Call) -> None:
    posted = Posted(b'{"age": 30}\r\n{"age": \n{"age": 40}', Form.LINES)
    entries = decide(make(), read_posted(posted, INDEX), call, Repeats()).entries
    told = [msgspec.to_builtins(entry) for entry in entries]
    assert [entry.get("error", {}).get("code") for entry in told] == [None, "bad-row", None]


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5))
def test_whatever_a_spreadsheet_writes_is_read_as_its_texts(records: list[tuple[str | None, ...]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([("age", "region", "note"), *records])
    read = rows(out.getvalue().encode("utf-8", "replace"))
    for row, record in zip(read, records, strict=True):
        assert isinstance(row, dict)
        for name, text in zip(("region", "note"), record[1:], strict=True):
            assert row[name] == ((text or "").encode("utf-8", "replace").decode() or None)
        if isinstance(row["age"], int | float) and not isinstance(row["age"], bool):
            assert math.isclose(row["age"], float(str(record[0])))


@given(
    st.binary(max_size=100) | st.text(alphabet='age,;\n"1 {}:\ufeffNa', max_size=60).map(str.encode),
    st.sampled_from([Form.CSV, Form.LINES]),
    st.dictionaries(st.sampled_from(["ids", "strict", "dry_run", "x"]), st.sampled_from(["age", "true", ""])),
)
def test_any_bytes_are_rows_or_refused(body: bytes, form: Form, wishes: dict[str, str]) -> None:
    with suppress(Unacceptable):
        read = read_posted(Posted(body, form, wishes), INDEX)
        assert read.ids is None or len(read.ids) == len(read.rows)
