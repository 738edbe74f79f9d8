"""Whatever comes in other protocols: an answer, or a message in the protocol's own words. Never a failure of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.interfaces.http.homes import new_home
from tests.interfaces.http.inside import Inside, running
from tests.interfaces.http.test_anything import ROWS, SCALARS, STATUSES, VALUES
from tests.serving.made import SCHEMA

NAMES = st.sampled_from([*SCHEMA.names, "late", "decision_id"]) | st.text(max_size=8)
TYPES = st.sampled_from(["BOOL", "INT8", "UINT64", "FP16", "FP64", "BYTES"]) | st.text(max_size=5)
SHAPES = st.lists(st.integers(-1, 4) | st.integers(), max_size=3) | st.just([1]) | st.just([2])
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "binary_data_size": st.integers(-1, 12) | SCALARS,
        "content_type": st.sampled_from(["pd_json", "base64", "str"]),
        "binary_data_output": SCALARS,
        "explain": SCALARS,
        "dry_run": SCALARS,
    },
)
TENSORS = st.fixed_dictionaries(
    {"name": NAMES, "datatype": TYPES, "shape": SHAPES},
    optional={"data": st.lists(SCALARS, min_size=1, max_size=2) | VALUES, "parameters": PARAMETERS},
)
INFER = st.fixed_dictionaries(
    {"inputs": st.lists(TENSORS, max_size=4) | VALUES},
    optional={
        "id": SCALARS,
        "parameters": PARAMETERS,
        "outputs": st.lists(
            st.fixed_dictionaries({"name": st.sampled_from(["score", "decision", "reasons"]) | st.text(max_size=4)}),
            max_size=3,
        ),
    },
)
TABLES = st.fixed_dictionaries(
    {},
    optional={
        "dataframe_records": st.lists(ROWS | VALUES, max_size=3) | VALUES,
        "dataframe_split": st.fixed_dictionaries(
            {"data": st.lists(st.lists(SCALARS, max_size=3), max_size=3)},
            optional={"columns": st.lists(NAMES | SCALARS, max_size=3)},
        ),
        "inputs": st.dictionaries(NAMES, st.lists(SCALARS, max_size=2) | VALUES, max_size=3) | VALUES,
        "params": st.dictionaries(st.sampled_from(["ids", "dry_run", "expected_version", "strict"]), VALUES) | VALUES,
    },
)


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    folder = tmp_path_factory.mktemp("home")
    new_home(folder)
    with running(folder) as app:
        yield app


def sent(document: Any) -> bytes:
    return json.dumps(document).encode("utf-8", "surrogatepass")


@settings(max_examples=150)
@given(document=INFER, behind=st.binary(max_size=24), length=st.none() | st.integers(-5, 200))
def test_any_tensors_are_answered_or_refused_in_words(
    inside: Inside, document: Any, behind: bytes, length: int | None
) -> None:
    text = sent(document)
    told = {} if not behind else {"inference-header-content-length": str(len(text) if length is None else length)}
    got = inside.ask("POST", "/v2/models/credit/infer", [text + behind], told)
    assert got.status in STATUSES
    end = int(got.headers.get("inference-header-content-length", len(got.body)))
    said = json.loads(got.body[:end])
    if got.status != 200:
        assert said["error"]
        return
    sizes = [output.get("parameters", {}).get("binary_data_size", 0) for output in said["outputs"]]
    assert end + sum(sizes) == len(got.body)


@settings(max_examples=100)
@given(document=TABLES)
def test_any_table_is_answered_or_refused_in_words(inside: Inside, document: Any) -> None:
    got = inside.ask("POST", "/invocations", [sent(document)])
    assert got.status in STATUSES
    assert "predictions" in got.json() if got.status == 200 else got.json()["message"]
