"""Rows taken apart without being read: what a reader of JSON would find, wherever one would find anything."""

from __future__ import annotations

import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.serving import split
from mainstay.serving.body import read_decide
from mainstay.serving.row import read_row
from mainstay.serving.split import take_apart

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(alphabet='ab"\\[]{},:é\n', max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(
    rows=st.lists(JSON, max_size=6),
    others=st.dictionaries(st.text(max_size=5).filter(lambda name: name != "rows"), JSON, max_size=3),
    indent=st.sampled_from([None, 1]),
    block=st.integers(1, 50),
)
def test_the_pieces_are_the_rows(rows: list[object], others: dict[str, object], indent: int | None, block: int) -> None:
    body = json.dumps(others | {"rows": rows}, indent=indent).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(split, "BLOCK", block)
        apart = take_apart(body, "rows", most=100)
    assert apart is not None
    left, pieces = apart
    assert json.loads(left) == others | {"rows": []}
    assert [json.loads(piece) for piece in pieces] == rows


@given(st.binary(max_size=80) | st.text(alphabet='{}[]",:\\ rows1', max_size=60).map(str.encode))
def test_any_bytes_are_taken_apart_or_not(body: bytes) -> None:
    take_apart(b'{"rows":' + body, "rows", most=10)
    take_apart(body, "rows", most=10)


def test_no_more_are_taken_than_could_be_answered() -> None:
    apart = take_apart(b'{"rows": [' + b"1," * 1000 + b"1]}", "rows", most=10)
    assert apart is not None
    assert len(apart[1]) == 11
    assert take_apart(b"{" + b'"a":1,' * 1000 + b'"rows":[]}', "rows", most=10) is None


DEEP = b"[" * 5000 + b"]" * 5000


@pytest.mark.parametrize(
    "bad", [rb'{"a":"\ud800"}', rb'{"a":"\udfff\ud800"}', rb'{"\ud800":1}', b'{"a":' + DEEP + b"}"]
)
def test_a_row_that_cannot_be_read_takes_no_other_with_it(bad: bytes) -> None:
    body = read_decide(b'{"ids": [1, null, 3], "strict": true, "rows": [{"a": 1}, ' + bad + b', {"a": NaN}]}')
    assert (body.ids, body.strict) == ([1, None, 3], True)
    assert [bytes(row) for row in body.rows] == [b'{"a": 1}', bad, b'{"a": NaN}']
    with pytest.raises(ValueError, match=r"surrogate|lists within lists"):
        read_row(bad)
    assert read_row(bytes(body.rows[2])) == ({"a": "NaN"}, b'{"a": "NaN"}')


def test_rows_are_as_deep_as_the_limit_allows_and_no_deeper() -> None:
    deep: object = 1
    for _ in range(31):
        deep = [deep]
    row, _ = read_row(msgspec.json.encode({"a": deep}))
    assert row == {"a": deep}
    with pytest.raises(ValueError, match="at most 32 deep"):
        read_row(msgspec.json.encode({"a": [deep]}))
    wide = {"a": [[] for _ in range(100)]}
    assert read_row(msgspec.json.encode(wide))[0] == wide


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_row_is_read_or_refused_in_words(received: bytes) -> None:
    with suppress(ValueError):
        row, text = read_row(received)
        assert msgspec.json.decode(text) == row
