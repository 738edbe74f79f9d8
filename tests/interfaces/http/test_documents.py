"""The contract says what the service does: every shape that is sent validates against what is promised."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.interfaces.http.homes import ROW, new_home
from tests.interfaces.http.inside import Inside, running

from mainstay.domain import reading as domain
from mainstay.domain.schema import Field, Kind, Policy
from mainstay.interfaces.http import codes, foreign_documents
from mainstay.interfaces.http.documents import QUIET, field_schema
from mainstay.interfaces.http.endpoints import OWN
from mainstay.serving import admission, answer
from mainstay.serving.assignment import FALLBACK
from mainstay.serving.explain import MOST_EXPLAINED, MOST_SEARCHED
from mainstay.serving.identity import MAX_ID
from mainstay.serving.intake import IN_FUTURE
from mainstay.serving.telling import MORE


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    folder = tmp_path_factory.mktemp("home")
    new_home(folder)
    with running(folder) as app:
        yield app


@pytest.fixture(scope="module")
def contract(inside: Inside) -> dict[str, Any]:
    document: dict[str, Any] = inside.ask("GET", "/openapi.json", [b""]).json()
    return document


def validator(contract: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(schema | {"components": contract["components"]})


def refs(node: Any) -> Iterator[str]:
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from refs(value)
    if isinstance(node, dict) and "$ref" in node:
        yield node["$ref"]


def test_every_reference_leads_somewhere(contract: dict[str, Any]) -> None:
    assert {ref.removeprefix("#/components/schemas/") for ref in refs(contract)} <= set(
        contract["components"]["schemas"]
    )
    for schema in contract["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_endpoint_is_in_it_and_nothing_else(contract: dict[str, Any]) -> None:
    busy = {f"/v1/models/credit/{endpoint}" for endpoint in OWN}
    foreign = {"/v2/models/credit/infer", "/v2/models/credit/versions/{version}/infer", "/invocations"}
    assert set(contract["paths"]) == busy | foreign | set(QUIET) | set(foreign_documents.QUIET)


def test_it_is_openapi(contract: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(contract).validate()


@pytest.mark.parametrize("endpoint", sorted(OWN))
@pytest.mark.parametrize(
    "body",
    [
        {"rows": [ROW, ROW | {"age": "abc", "member": [1]}, ROW | {"region": "x"}, 5], "ids": ["a", "b", 3, None]},
        {"rows": [ROW, ROW], "ids": ["a", "a"]},
        {"rows": [ROW | {"age": "abc"}]},
        {"rows": [ROW], "dry_run": True, "expected_version": "credit/1"},
        {"rows": [ROW], "expected_version": 7},
        {"rows": [ROW], "explain": {"top": 1, "instead": True}},
        {"rows": [ROW], "explain": {"top": 0}},
        {"rows": []},
        {"outcomes": [{"id": "a", "outcome": 1}, {"id": "b", "outcome": "?", "happened_at": "no"}]},
        {"outcomes": [{"id": "a", "outcome": 1, "happened_at": "2999-01-01"}]},
        {"actions": [{"id": "a", "action": "call"}, {}]},
        {"actions": [{}]},
        "nonsense",
    ],
    ids=lambda body: json.dumps(body)[:30],
)
def test_what_is_answered_is_what_was_promised(
    inside: Inside, contract: dict[str, Any], endpoint: str, body: object
) -> None:
    got = inside.ask("POST", f"/v1/models/credit/{endpoint}", [json.dumps(body).encode()])
    promised = contract["paths"][f"/v1/models/credit/{endpoint}"]["post"]["responses"][str(got.status)]
    validator(contract, promised["content"]["application/json"]["schema"]).validate(got.json())


def test_the_example_can_be_sent_as_it_is(inside: Inside, contract: dict[str, Any]) -> None:
    asked = contract["paths"]["/v1/models/credit/decide"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    (example,) = asked["examples"]
    validator(contract, asked).validate(example)
    assert inside.ask("POST", "/v1/models/credit/decide", [json.dumps(example).encode()]).status == 200


@pytest.mark.parametrize(
    ("field", "refused", "accepted"),
    [
        (Field(name="a", kind=Kind.CATEGORY, levels=("x", "y"), on_unseen=Policy.REFUSE), "z", "x"),
        (Field(name="a", kind=Kind.NUMBER, low=1, high=2, on_out_of_range=Policy.REFUSE), 3, 1.5),
        (Field(name="a", kind=Kind.NUMBER, on_missing=Policy.REFUSE), None, 1),
        (Field(name="a", kind=Kind.BOOLEAN, on_missing=Policy.REFUSE), None, True),
    ],
)
def test_what_a_person_refuses_the_contract_rules_out(field: Field, refused: object, accepted: object) -> None:
    schema = Draft202012Validator(field_schema(field))
    assert not schema.is_valid(refused)
    assert schema.is_valid(accepted)
    lenient = msgspec.structs.replace(
        field, on_unseen=Policy.REPAIR, on_missing=Policy.WARN, on_out_of_range=Policy.WARN
    )
    assert Draft202012Validator(field_schema(lenient)).is_valid(refused)


def test_the_two_words_of_a_model_and_every_operation_are_named(contract: dict[str, Any]) -> None:
    words = contract["components"]["schemas"]["credit.decision"]["allOf"][1]["properties"]["decision"]["enum"]
    assert len(words) == 3
    assert None in words
    named = [verb["operationId"] for verbs in contract["paths"].values() for verb in verbs.values()]
    assert len(named) == len(set(named))
    assert contract["servers"] == [{"url": "/"}]


@pytest.mark.parametrize(
    "path",
    ["/healthz", "/readyz", "/v1/models", "/v1/models/{name}", *(p for p in foreign_documents.QUIET if "/v2" in p)],
)
def test_quiet_answers_have_the_shape_that_is_promised(inside: Inside, contract: dict[str, Any], path: str) -> None:
    promised = contract["paths"][path]["get"]["responses"]
    for name, version in (("credit", "1"), ("nobody", "2")):
        got = inside.ask("GET", path.replace("{name}", name).replace("{version}", version), [b""])
        assert got.status == (200 if name == "credit" or "{" not in path else 404)
        validator(contract, promised[str(got.status)]["content"]["application/json"]["schema"]).validate(got.json())
        assert got.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/v2/models/credit/infer", "/invocations"])
@pytest.mark.parametrize(
    "body",
    [
        {"inputs": [{"name": "age", "datatype": "BYTES", "shape": [2], "data": ["abc", "50"]}], "id": "a"},
        {"inputs": [{"name": "age", "datatype": "BYTES", "shape": [1], "data": ["abc"]}]},
        {"dataframe_records": [ROW, {"age": "abc"}]},
        {"dataframe_records": [{"age": "abc"}]},
        {"inputs": []},
        "nonsense",
    ],
    ids=lambda body: json.dumps(body)[:60],
)
def test_other_protocols_are_answered_as_was_promised(
    inside: Inside, contract: dict[str, Any], path: str, body: object
) -> None:
    promised = contract["paths"][path]["post"]
    (example, asked) = (promised["requestBody"]["content"]["application/json"][key] for key in ("example", "schema"))
    validator(contract, asked).validate(example)
    for sent in (example, body):
        got = inside.ask("POST", path, [json.dumps(sent).encode()])
        assert sent is body or got.status == 200
        schema = promised["responses"][str(got.status)]["content"]["application/json"]["schema"]
        validator(contract, schema).validate(got.json())


@pytest.mark.parametrize("endpoint", ["outcomes", "actions"])
def test_examples_of_what_is_told_can_be_sent(inside: Inside, contract: dict[str, Any], endpoint: str) -> None:
    asked = contract["paths"][f"/v1/models/credit/{endpoint}"]["post"]["requestBody"]["content"]["application/json"]
    validator(contract, asked["schema"]).validate(asked["example"])
    got = inside.ask("POST", f"/v1/models/credit/{endpoint}", [json.dumps(asked["example"]).encode()])
    assert (got.status, got.json()["refused"]) == (200, 0)


def test_every_code_and_limit_is_the_one_that_is_used() -> None:
    reading = {domain.MISSING, domain.NOT_FINITE, domain.CONVERTED, domain.UNSEEN, domain.OUT_OF_RANGE}
    repaired = {domain.MATCHED, domain.TRUNCATED, admission.RENAMED}
    assert codes.ROW_CODES.keys() == reading | repaired | {admission.ABSENT, admission.WRONG_TYPE, MORE}
    assert codes.WARNINGS.keys() - codes.ROW_CODES.keys() == {admission.EXTRA, FALLBACK}
    whole = {admission.NOT_A_ROW, admission.NOTHING_KNOWN, answer.BAD_ID, answer.BAD_ROW}
    whole |= {admission.TOO_LONG, admission.TOO_MANY_COLUMNS}
    assert codes.FAULTS.keys() - codes.ROW_CODES.keys() == whole | {answer.ID_CONFLICT, answer.NO_ANSWER}
    assert codes.TOLD_WARNINGS.keys() == {IN_FUTURE}
    assert codes.MAX_ID == MAX_ID
    assert (codes.MOST_EXPLAINED, codes.MOST_SEARCHED) == (MOST_EXPLAINED, MOST_SEARCHED)


def test_the_page_for_people_shows_answers_faults_codes_and_fields(inside: Inside) -> None:
    page = inside.ask("GET", "/docs", [b""]).body.decode()
    assert not [
        code for code in (*codes.WARNINGS, *codes.FAULTS, *codes.PROBLEMS) if f"<code>{code}</code>" not in page
    ]
    assert not [name for name in ROW if f"<code>{name}</code>" not in page]
    assert "&quot;decision&quot;" in page
    assert "&quot;wrong-type&quot;" in page
    assert "<script" not in page
