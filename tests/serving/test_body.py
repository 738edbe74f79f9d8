"""Bodies: JSON in, rows out; what is no JSON is told with its position."""

from __future__ import annotations

import json
import math
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.limits import LIMITS
from mainstay.serving.body import Unacceptable, quote_odd_numbers, read_actions, read_decide, read_outcomes
from mainstay.serving.row import read_row

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def refusal(body: bytes) -> Unacceptable:
    with pytest.raises(Unacceptable) as refused:
        read_decide(body)
    return refused.value


@pytest.mark.parametrize(
    ("body", "status", "what"),
    [
        (b"", 400, "the body is not JSON: it ends too early, after 0 bytes"),
        (b'{"rows": [{"a" 1}]}', 400, "the body is not JSON: expected ':' at line 1, column 16"),
        (b'{"rows": [\n{"a": 1}\n]]', 400, "the body is not JSON: expected ',' or '}' at line 3, column 2"),
        (b"{'rows': []}", 400, "the body is not JSON: object keys must be strings at line 1, column 2"),
        (b'{"rows": [{"a": "\xff"}]}', 400, "the body is not UTF-8: byte 18 cannot be read"),
        (b'{"rows": ' + b"[" * 100_000, 400, "the body is nested too deeply"),
        (b"[]", 422, "the body: expected object, got array"),
        (b"{}", 422, "the body: object missing required field rows"),
        (b'{"rows": {"a": 1}}', 422, "rows: expected array, got object"),
        (b'{"rows": []}', 422, "there are no rows"),
        (b'{"rows": [{}], "ids": [1, 2]}', 422, "2 ids for 1 rows"),
        (b'{"rows": [{}], "ids": "a"}', 422, "ids: expected array | null, got str"),
        (b'{"rows": [' + b",".join([b"{}"] * (LIMITS.rows + 1)) + b"]}", 413, "4,097 rows at once"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_is_wanted(body: bytes, status: int, what: str) -> None:
    refused = refusal(body)
    assert (refused.status, refused.what) == (status, what)
    assert refused.remedy


def test_numbers_that_json_has_no_word_for_are_quoted() -> None:
    (row,) = read_decide(b'{"rows": [{"a": NaN, "b": -Infinity, "c": "NaN", "d": 2}]}').rows
    assert read_row(bytes(row)) == (
        {"a": "NaN", "b": "-Infinity", "c": "NaN", "d": 2},
        b'{"a": "NaN", "b": "-Infinity", "c": "NaN", "d": 2}',
    )


@pytest.mark.parametrize("number", [b"1e400", b"-1e999", b"1" + b"0" * 5000])
def test_numbers_beyond_float64_are_quoted(number: bytes) -> None:
    row, received = read_row(b'{"a": ' + number + b', "b": 1}')
    assert row == {"a": number.decode(), "b": 1}
    assert received == b'{"a": "' + number + b'", "b": 1}'


@given(JSON)
def test_what_is_json_already_is_left_as_it_is(value: object) -> None:
    body = json.dumps(value).encode()
    assert quote_odd_numbers(body) == body or any(abs(n) == math.inf for n in _numbers(value))


def _numbers(value: object) -> list[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [n for each in value for n in _numbers(each)]
    return [float(value)] if isinstance(value, int | float) else []


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\ NaInfity019.eE-+rows', max_size=60).map(str.encode))
def test_any_bytes_are_rows_or_refused(body: bytes) -> None:
    for read in (read_decide, read_outcomes, read_actions):
        with suppress(Unacceptable):
            read(body)


@pytest.mark.parametrize(
    "hostile",
    [
        b'"' + b'\\"' * 500_000,
        b'"' * 1_000_000,
        b"\\" * 1_000_000,
        b'"\\' * 500_000,
        b"-" * 1_000_000,
        b"N" * 1_000_000,
    ],
)
def test_quoting_takes_time_in_the_length_alone(hostile: bytes) -> None:
    quote_odd_numbers(hostile)  # a backtracking pattern would take hours here


def test_a_row_too_large_or_too_deep_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"at most 262144 bytes; this one has .* \(1,000,000 characters\) in note"):
        read_row(msgspec.json.encode({"a": 1, "note": "x" * 1_000_000}))
    with pytest.raises(ValueError, match="plain values"):
        read_row(b'{"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}")
    row, _ = read_row(msgspec.json.encode({"note": "x" * (LIMITS.row_bytes - 20)}))
    assert isinstance(row, dict)
