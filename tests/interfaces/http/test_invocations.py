"""MLflow's endpoints: its answer, its errors, and which model is meant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from tests.interfaces.http.homes import BRIEF, ROW, add, deploy, new_home
from tests.interfaces.http.inside import Got, Inside, running
from tests.interfaces.http.spools import lines

SPLIT = {"dataframe_split": {"columns": list(ROW), "data": [list(ROW.values())]}}


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    new_home(tmp_path)
    with running(tmp_path) as app:
        yield app


def invoke(inside: Inside, document: object, query: str = "", **headers: str) -> Got:
    return inside.ask("POST", f"/invocations{query}", [json.dumps(document).encode()], headers)


def test_predictions_are_entries_and_journalled(inside: Inside, tmp_path: Path) -> None:
    got = invoke(inside, SPLIT | {"params": {"ids": ["m-1"]}})
    assert got.json() == {
        "predictions": [
            {
                "id": "m-1",
                "score": pytest.approx(0.43782349911420193),
                "threshold": 0.5,
                "decision": "wait",
                "arm": "champion",
                "warnings": [],
            }
        ]
    }
    assert [line["id"] for line in lines(tmp_path)] == ["m-1"]
    first, second = invoke(inside, {"inputs": [ROW, 5]}).json()["predictions"]
    assert first["decision"] == "wait"
    assert second["error"]["code"] == "not-a-row"


@pytest.mark.parametrize(
    ("document", "headers", "expected", "said"),
    [
        ({"rows": [ROW]}, {}, (400, "BAD_REQUEST"), "the body holds no table"),
        ({"inputs": [{"age": "abc"}]}, {}, (422, "INVALID_PARAMETER_VALUE"), "none of 1 rows could be answered"),
        (SPLIT, {"content-type": "multipart/mixed"}, (415, "BAD_REQUEST"), "multipart/mixed"),
        (SPLIT, {"content-length": "99999999"}, (413, "BAD_REQUEST"), "a body of more than"),
    ],
)
def test_errors_are_said_as_mlflow_says_them(
    inside: Inside, document: object, headers: dict[str, str], expected: tuple[int, str], said: str
) -> None:
    got = invoke(inside, document, **headers)
    assert (got.status, got.json()["error_code"]) == expected
    assert said in got.json()["message"]


def test_a_table_may_come_as_csv_with_ids_and_the_model_in_the_address(inside: Inside, tmp_path: Path) -> None:
    table = b"id,age,region\nv-1,50,EU\nv-2,abc,EU\n"
    got = inside.ask("POST", "/invocations?model=credit&ids=id", [table], {"content-type": "text/csv"})
    first, second = got.json()["predictions"]
    assert (got.status, first["id"], second["id"]) == (200, "v-1", "v-2")
    assert second["error"]["code"] == "wrong-type"
    assert [line["id"] for line in lines(tmp_path)] == ["v-1"]


def test_what_cannot_be_read_is_an_input_fault(tmp_path: Path) -> None:
    new_home(tmp_path)
    with running(tmp_path) as inside:
        invoke(inside, {})
        inside.ask("POST", "/v2/models/credit/infer", [b'{"inputs": []}'])
    (fault,) = lines(tmp_path, "faults")  # written when the service stopped
    assert (fault["code"], fault["field"], fault["n"], fault["refused"]) == ("wrong-shape", "", 2, True)


def test_health_and_version(inside: Inside) -> None:
    assert [(inside.ask("GET", path, [b""]).status) for path in ("/ping", "/health")] == [200, 200]
    assert inside.ask("GET", "/version", [b""]).body.decode() == version("mainstay")
    assert inside.ask("GET", "/invocations", [b""]).json()["error_code"] == "BAD_REQUEST"


def test_of_several_models_one_must_be_named(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    deploy(home, add(home, brief=BRIEF.replace("credit", "churn"), model="churn"), "churn")
    with running(tmp_path) as inside:
        for model in ("churn", "credit"):
            got = invoke(inside, SPLIT | {"params": {"ids": [f"of-{model}"]}}, f"?model={model}")
            assert (got.status, len(got.json()["predictions"])) == (200, 1)
        unnamed, unknown = invoke(inside, SPLIT), invoke(inside, SPLIT, "?model=credti")
    assert unnamed.status == 400
    assert "which model is not said" in unnamed.json()["message"]
    assert "/invocations?model=" in unnamed.json()["message"]
    assert (unknown.status, unknown.json()["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert [line["id"] for line in lines(tmp_path)] == ["of-credit"]


def test_ping_is_not_200_while_nothing_answers(tmp_path: Path) -> None:
    new_home(tmp_path, live=False)
    with running(tmp_path) as inside:
        assert inside.ask("GET", "/ping", [b""]).status == 503
        assert inside.ask("GET", "/v2/health/ready", [b""]).json() == {"ready": False}
        assert invoke(inside, SPLIT).json()["error_code"] == "TEMPORARILY_UNAVAILABLE"
