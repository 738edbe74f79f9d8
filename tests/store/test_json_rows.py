"""Rows as callers send them: what a cell is read as depends on its field and on nothing around it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.schema import Field, Kind, Schema
from mainstay.store.json_rows import frame_rows, text_rows, unread_row, value_rows

SCHEMA = Schema(
    fields=(
        Field(name="n", kind=Kind.NUMBER, example=1.0, aliases=("amount",)),
        Field(name="comma", kind=Kind.NUMBER, example=1.0, decimal=","),
        Field(name="code", kind=Kind.CATEGORY, levels=("1", "2"), example="1"),
        Field(name="count", kind=Kind.CATEGORY, levels=("1", "2"), example=1.0),
        Field(name="on", kind=Kind.BOOLEAN, levels=("false", "true"), example=True),
    ),
    target="y",
)
TEXTS = ["12", "1.5", "+3", "1e5", " 7 ", "007", "", "abc", "9999999999999999999", "1e400", "True", "NA", "nan", "5-"]


def read(title: str, *texts: str | None) -> list[object]:
    rows = text_rows([title], [pl.Series(texts, dtype=pl.String)], SCHEMA)
    return [msgspec.json.decode(row)[title] for row in rows]


@pytest.mark.parametrize(
    ("title", "texts", "cells"),
    [
        ("n", TEXTS[:6], [12, 1.5, 3, 100000.0, 7, "007"]),
        ("n", TEXTS[7:], ["abc", 1e19, "1e400", "True", "NA", "nan", "5-"]),
        ("amount", ["1"], [1]),
        ("comma", ["1.234", "1,5"], ["1.234", "1,5"]),
        ("code", ["1", "x"], ["1", "x"]),
        ("count", ["1.0", "x", None], [1.0, "x", None]),
        ("on", ["True", " false", "1"], [True, False, "1"]),
        ("unknown", ["1", "x", "007", "1.0", "+5", "1e5"], [1, "x", "007", "1.0", "+5", "1e5"]),
        ("Amount ", ["1.5"], [1.5]),
        ("^n$", ["1"], [1]),
    ],
)
def test_a_text_is_read_as_its_field_wants_it(title: str, texts: list[str], cells: list[object]) -> None:
    found = read(title, *texts)
    assert found == cells
    assert list(map(type, found)) == list(map(type, cells))


@given(st.lists(st.one_of(st.none(), st.sampled_from(TEXTS), st.text(max_size=6)), min_size=1, max_size=8))
def test_a_cell_is_read_alike_whatever_stands_around_it(texts: list[str | None]) -> None:
    for title in ("n", "count", "on", "unknown"):
        together = read(title, *texts)
        assert [(type(each), each) for each in together] == [
            (type(alone), alone) for text in texts for alone in read(title, text)
        ]


def test_a_column_without_a_title_has_its_place_for_a_name_and_may_be_empty() -> None:
    rows = text_rows(["", "n"], [pl.Series(["7", None]), pl.Series(["1", "2"])], SCHEMA)
    assert rows == [b'{"column_1":7,"n":1}', b'{"n":2}']


def test_values_of_frames_and_databases_become_what_json_can_say() -> None:
    moment = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
    columns = {"x": [float("nan"), float("-inf"), 1.5], "at": [moment] * 3, "d": [dt.date(2026, 3, 1)] * 3}
    frame = pl.DataFrame(columns | {"m": [Decimal("1.50")] * 3, "l": [[1, 2]] * 3})
    first, second, third = map(msgspec.json.decode, frame_rows(frame))
    assert (first["x"], second["x"], third["x"]) == ("NaN", "-Infinity", 1.5)
    assert third == {"x": 1.5, "at": "2026-03-01T09:00:00Z", "d": "2026-03-01", "m": 1.5, "l": [1, 2]}
    (row,) = value_rows(["x", "m", "at"], [(float("inf"), Decimal("2.5"), moment)])
    assert msgspec.json.decode(row) == {"x": "Infinity", "m": 2.5, "at": "2026-03-01T09:00:00Z"}
    assert msgspec.json.decode(unread_row("torn")) == "torn"
