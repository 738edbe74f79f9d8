"""Tensors become the rows that JSON would have brought, and entries become tensors that say the same."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.serving.made import PLAN, ROW, SCHEMA, make

from mainstay.domain.limits import LIMITS
from mainstay.domain.plan import Constant, Plan
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.serving.body import Unacceptable
from mainstay.serving.call import Call
from mainstay.serving.decide import Decided, decide
from mainstay.serving.infer import Inference, inference_answer, metadata, nothing_inferred, read_inference
from mainstay.serving.repeats import Repeats
from mainstay.serving.service import ModelWords, Service, Words, explained_by, make_service
from mainstay.serving.tensors import MAX_LENGTH, Tensor, read_values, text_bytes

NUMBERS = Schema(
    fields=(Field(name="age", kind=Kind.NUMBER), Field(name="income", kind=Kind.NUMBER)), target="y", positive="1"
)


def tensor(name: str, datatype: str, *data: object, shape: list[int] | None = None, **parameters: object) -> Any:
    return {"name": name, "datatype": datatype, "shape": shape or [len(data)], "data": data, "parameters": parameters}


def body(*inputs: object, **more: object) -> bytes:
    return json.dumps({"inputs": inputs} | more).encode()


def rows(inference: Inference) -> list[Any]:
    return [msgspec.json.decode(row) for row in inference.rows.rows]


def outputs(inference: Inference, service: Service, decided: Decided) -> dict[str, Any]:
    document, _ = inference_answer(inference, service, decided)
    return {output["name"]: output["data"] for output in document["outputs"]}


def test_one_tensor_a_column_is_the_same_as_rows(service: Service, call: Call) -> None:
    columns = {"age": "INT64", "income": "FP64", "region": "BYTES", "member": "BOOL", "joined": "BYTES", "late": "FP32"}
    inputs = [tensor(name, datatype, ROW[name], ROW[name], shape=[2, 1]) for name, datatype in columns.items()]
    inference = read_inference(body(*inputs, id="r"), None, service)
    assert rows(inference) == [ROW, ROW]
    assert inference.rows.ids == ["r/0", "r/1"]
    told = outputs(inference, service, decide(service, inference.rows, call, Repeats()))
    assert told["score"] == [pytest.approx(0.43782349911420193)] * 2
    assert told["decision"] == ["wait", "wait"]
    assert told["decision_id"] == ["r/0", "r/1"]
    assert told["warnings"] == told["error"] == ["", ""]


def test_a_missing_number_is_nan_or_null_and_an_infinity_is_told(service: Service) -> None:
    sent = body(tensor("income", "FP64", math.nan, None, math.inf, -1e400))
    assert [row["income"] for row in rows(read_inference(sent, None, service))] == [None, None, "Infinity", "-Infinity"]


def test_ids_come_in_a_tensor_or_from_the_request_of_one_row(service: Service) -> None:
    two = tensor("age", "FP64", 50, 51)
    read = read_inference(body(two, tensor("decision_id", "BYTES", "a", "b"), id="r"), None, service)
    assert read.rows.ids == ["a", "b"]
    assert rows(read) == [{"age": 50}, {"age": 51}]
    assert read_inference(body(tensor("age", "FP64", 50), id="r"), None, service).rows.ids == ["r"]
    assert read_inference(body(two), None, service).rows.ids is None


def test_a_refused_row_keeps_its_place_and_the_others_their_answers(service: Service, call: Call) -> None:
    read = read_inference(
        body(tensor("age", "BYTES", "abc", "50"), tensor("region", "BYTES", "EU", "x")), None, service
    )
    told = outputs(read, service, decide(service, read.rows, call, Repeats()))
    assert told["score"][0] is None
    assert told["decision"] == ["", "wait"]
    assert json.loads(told["error"][0])["code"] == "wrong-type"
    assert {warned["code"] for warned in json.loads(told["warnings"][1])} == {"converted", "unseen-level", "absent"}


def test_where_nothing_could_be_answered_the_first_fault_is_told(service: Service, call: Call) -> None:
    read = read_inference(body(tensor("age", "BYTES", "abc", "?!")), None, service)
    said = nothing_inferred(decide(service, read.rows, call, Repeats()))
    assert said.startswith("none of 2 rows could be answered; row 0: age: 'abc' came, wanted is a whole number")


def test_of_several_classes_each_has_a_score_in_their_order(call: Call) -> None:
    schema = Schema(fields=SCHEMA.fields, target="state", task="multiclass", classes=("fine", "worn", "broken"))
    models = (Constant(raw=1.0), Constant(raw=0.0), Constant(raw=-1.0))
    plan = Plan(task="multiclass", models=models, link="softmax", classes=schema.classes)
    several = make_service("parts", 1, schema=schema, plan=plan, words=Words(ModelWords("parts")))
    read = read_inference(body(tensor("age", "BYTES", "50", "abc")), None, several)
    document, behind = inference_answer(read, several, decide(several, read.rows, call, Repeats()))
    score = document["outputs"][0]
    assert (score["shape"], score["parameters"], behind) == ([2, 3], {"classes": ["fine", "worn", "broken"]}, None)
    assert score["data"][:3] == sorted(score["data"][:3], reverse=True)
    assert sum(score["data"][:3]) == pytest.approx(1)
    assert score["data"][3:] == [None] * 3
    assert document["outputs"][1]["data"] == ["fine", ""]
    assert "parameters" not in document
    assert metadata(several)["outputs"][0]["shape"] == [-1, 3]


def test_a_table_of_numbers_is_taken_where_the_model_reads_numbers_alone() -> None:
    plan = msgspec.structs.replace(PLAN, models=(Constant(raw=0.0),))
    numbers = make_service("n", 1, schema=NUMBERS, plan=plan, words=Words(ModelWords("parts")))
    table = tensor("anything", "FP64", [1, 2], [3, 4], shape=[2, 2])
    with_ids = read_inference(body(table, tensor("decision_id", "BYTES", "a", "b")), None, numbers)
    assert (with_ids.rows.ids, len(rows(with_ids))) == (["a", "b"], 2)
    assert rows(read_inference(body(table), None, numbers)) == [{"age": 1, "income": 2}, {"age": 3, "income": 4}]
    with pytest.raises(Unacceptable, match="2 columns without names"):
        read_inference(body(table), None, make())


def test_values_in_bytes_behind_the_json_are_those_of_the_json(service: Service, call: Call) -> None:
    ages, regions = np.array([50.0, math.nan]).tobytes(), text_bytes(["EU", "é"])
    inputs = [
        {"name": "age", "datatype": "FP64", "shape": [2], "parameters": {"binary_data_size": len(ages)}},
        {"name": "region", "datatype": "BYTES", "shape": [2], "parameters": {"binary_data_size": len(regions)}},
    ]
    sent = body(*inputs, parameters={"binary_data_output": True})
    read = read_inference(sent + ages + regions, len(sent), service)
    assert rows(read) == [{"age": 50, "region": "EU"}, {"age": None, "region": "é"}]
    document, behind = inference_answer(read, service, decide(service, read.rows, call, Repeats()))
    assert behind is not None
    score, decision = document["outputs"][:2]
    sizes = [output["parameters"]["binary_data_size"] for output in document["outputs"]]
    assert len(behind) == sum(sizes)
    (shown,) = np.frombuffer(behind[:8])
    assert 0 < shown < 1
    assert behind[sizes[0] : sizes[0] + sizes[1]] == text_bytes(["wait", "wait"])
    assert "data" not in score
    assert "data" not in decision


def test_outputs_can_be_chosen_and_unknown_ones_are_named(service: Service, call: Call) -> None:
    wanted = [{"name": "decision"}, {"name": "score", "parameters": {"binary_data": True}}]
    read = read_inference(body(tensor("age", "FP64", 50), outputs=wanted), None, service)
    document, behind = inference_answer(read, service, decide(service, read.rows, call, Repeats()))
    assert [output["name"] for output in document["outputs"]] == ["decision", "score"]
    assert document["outputs"][0]["data"] == ["wait"]
    assert behind is not None
    with pytest.raises(Unacceptable, match="no output 'scores'") as refused:
        read_inference(body(tensor("age", "FP64", 50), outputs=[{"name": "scores"}]), None, service)
    assert refused.value.remedy == "Did you mean 'score'?"


@pytest.mark.parametrize("more", [{"outputs": [{"name": "reasons"}]}, {"parameters": {"explain": True}}])
def test_reasons_come_where_they_are_asked_for(more: dict[str, Any], call: Call) -> None:
    service = explained_by(make(), None)
    read = read_inference(body(tensor("age", "FP64", 50), tensor("region", "BYTES", "EU"), **more), None, service)
    assert read.rows.explain is True
    told = outputs(read, service, decide(service, read.rows, call, Repeats()))
    assert json.loads(told["reasons"][0])


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ([tensor("age", "FLOAT", 50)], "datatype 'FLOAT'"),
        ([tensor("age", "FP64", 50, shape=[2])], "wants 2"),
        ([tensor("age", "FP64", 50, shape=[-1])], "no table has"),
        ([tensor("age", "FP64", 50, shape=[MAX_LENGTH + 1])], "no table has"),
        ([tensor("age", "FP64", 50, shape=[1] * 9)], "no table has"),
        ([tensor("age", "FP64", 50), tensor("age", "FP64", 50)], "'age' came twice"),
        ([tensor("age", "FP64", 50), tensor("late", "FP64", 1, 2)], "differ in their number of rows: age 1, late 2"),
        ([tensor("age", "FP64", binary_data_size=9)], "binary_data_size 9"),
        ([tensor("region", "BYTES", "{", content_type="pd_json")], "values that are not pd_json"),
        ([tensor("age", "FP64", *range(LIMITS.rows + 1))], "rows at once"),
        ([], "there are no rows"),
    ],
)
def test_tensors_that_make_no_rows_are_refused_with_what_to_do(inputs: list[Any], said: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        read_inference(body(*inputs), None, make())
    assert said in f"{refused.value.what} {refused.value.remedy}"
    assert refused.value.remedy
    assert refused.value.status in {400, 413, 422}


@pytest.mark.parametrize("length", [-1, 10**9])
def test_a_length_that_does_not_fit_is_refused(length: int) -> None:
    with pytest.raises(Unacceptable, match="inference-header-content-length"):
        read_inference(body(tensor("age", "FP64", 50)), length, make())


def test_mixed_columns_as_mlserver_writes_them() -> None:
    mixed = tensor("age", "BYTES", "50", "null", '"abc"', content_type="pd_json")
    plain = tensor("region", "BYTES", "RVU=", "RVU=", "RVU=", content_type="base64")
    assert rows(read_inference(body(mixed, plain), None, make())) == [
        {"age": 50, "region": "EU"},
        {"age": None, "region": "EU"},
        {"age": "abc", "region": "EU"},
    ]


@given(st.binary(max_size=60), st.sampled_from(["BYTES", "BOOL", "FP16", "INT64"]), st.integers(0, 20))
def test_whatever_bytes_come_they_are_read_or_refused(raw: bytes, datatype: str, n: int) -> None:
    came = Tensor("age", datatype, [n], None, {"binary_data_size": len(raw)})
    try:
        values, end = read_values(came, raw, 0)
    except Unacceptable:
        return
    assert (len(values), end) == (n, len(raw))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=8))
def test_texts_come_back_from_their_bytes(texts: list[str]) -> None:
    raw = text_bytes(texts)
    came = Tensor("region", "BYTES", [len(texts)], None, {"binary_data_size": len(raw)})
    assert read_values(came, raw, 0) == (texts, len(raw))
