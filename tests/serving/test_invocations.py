"""Every way in which MLflow's clients write a table is the same rows."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec
import pytest
from tests.serving.made import ROW, SCHEMA

from mainstay.domain.limits import LIMITS
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.serving.body import Unacceptable
from mainstay.serving.invocations import read_invocations

NUMBERS = Schema(fields=(Field(name="age", kind=Kind.NUMBER), Field(name="income", kind=Kind.NUMBER)), target="y")
TWO = [ROW, ROW | {"age": 51}]
COLUMNS = {name: [row[name] for row in TWO] for name in ROW}


def read(document: object, schema: Schema = SCHEMA) -> list[Any]:
    return [msgspec.json.decode(row) for row in read_invocations(json.dumps(document).encode(), schema).rows]


@pytest.mark.parametrize(
    "document",
    [
        {"dataframe_records": TWO},
        {"dataframe_split": {"index": [7, 8], "columns": list(ROW), "data": [list(row.values()) for row in TWO]}},
        {"inputs": TWO},
        {"inputs": COLUMNS},
        {"instances": TWO},
        {"instances": COLUMNS},
        {"inputs": {name: [[value] for value in values] for name, values in COLUMNS.items()}},
    ],
    ids=lambda document: json.dumps(document)[:40],
)
def test_all_forms_are_the_same_rows(document: object) -> None:
    assert read(document) == TWO


def test_lone_values_are_one_row_and_a_list_of_lists_is_read_where_all_are_numbers() -> None:
    assert read({"inputs": ROW}) == [ROW]
    assert read({"instances": [[1, 2.5], [3, None]]}, NUMBERS) == [
        {"age": 1, "income": 2.5},
        {"age": 3, "income": None},
    ]
    with pytest.raises(Unacceptable, match="columns without names"):
        read({"instances": [[1, 2]]})


def test_params_hold_what_stands_beside_rows() -> None:
    body = {"dataframe_records": [ROW], "params": {"ids": ["a"], "dry_run": True}}
    asked = read_invocations(json.dumps(body).encode(), SCHEMA)
    assert (asked.ids, asked.dry_run) == (["a"], True)


def test_nan_is_read_though_it_is_no_json() -> None:
    assert read({"dataframe_split": {"columns": ["age"], "data": [[math.nan]]}}) == [{"age": "NaN"}]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({}, "no table"),
        ({"dataframe_records": TWO, "inputs": TWO}, "dataframe_records and inputs"),
        ({"inputs": 5}, "a table of type int"),
        ({"inputs": []}, "there are no rows"),
        ({"inputs": {"age": [1], "late": [1, 2]}}, "differ in their number of rows"),
        ({"dataframe_split": {"columns": ["age"], "data": [[1, 2]]}}, "row 0 has 2 values for 1 columns"),
        ({"dataframe_split": {"columns": ["age", "age"], "data": [[1, 2]]}}, "a column came twice"),
        ({"dataframe_split": {"columns": ["age"], "data": [[1]] * (LIMITS.rows + 1)}}, "rows at once"),
        ({"dataframe_records": [ROW], "params": {"id": "a"}}, "Did you mean 'ids'?"),
        ({"dataframe_records": [ROW], "params": {"ids": "a"}}, "expected array"),
        ({"dataframe_records": [ROW], "params": {"ids": ["a", "b"]}}, "2 ids for 1 rows"),
        ([], "expected object"),
    ],
)
def test_what_makes_no_rows_is_refused_with_what_to_do(document: object, said: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        read(document)
    assert said.lower() in f"{refused.value.what} {refused.value.remedy}".lower()
    assert refused.value.remedy
