"""The Open Inference Protocol as its own clients speak it: Triton's, which sends and reads bytes unless told not to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.interfaces.http.homes import ROW
from tests.interfaces.http.services import Running, serving
from tests.interfaces.http.spools import lines
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

SCORE = 0.43782349911420193
DATATYPES = {"age": "FP64", "income": "FP64", "region": "BYTES", "member": "BOOL", "joined": "BYTES", "late": "INT64"}


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[tuple[Running, Path]]:
    with serving(folder) as running:
        yield running, folder


@pytest.fixture
def client(service: tuple[Running, Path]) -> Iterator[Any]:
    connected = InferenceServerClient(f"127.0.0.1:{service[0].port}", network_timeout=30, connection_timeout=30)
    yield connected
    connected.close()


def tensors(*rows: dict[str, Any], in_bytes: bool = True) -> list[Any]:
    made = []
    for name, datatype in DATATYPES.items():
        kind = {"BYTES": np.object_, "BOOL": np.bool_, "INT64": np.int64}.get(datatype, np.float64)
        tensor = InferInput(name, [len(rows), 1], datatype)
        tensor.set_data_from_numpy(np.array([[row[name]] for row in rows], dtype=kind), binary_data=in_bytes)
        made.append(tensor)
    return made


def test_health_and_metadata(client: Any) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("credit", "1")
    assert not client.is_model_ready("credit", "2")
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    inputs = client.get_model_metadata("credit")["inputs"]
    assert {each["name"]: each["datatype"] for each in inputs} == DATATYPES | {"late": "FP64"}


@pytest.mark.parametrize("in_bytes", [True, False])
def test_tensors_are_decided_and_journalled_like_rows(
    client: Any, service: tuple[Running, Path], in_bytes: bool
) -> None:
    odd = ROW | {"income": np.nan, "region": "festival"}
    outputs = None if in_bytes else [InferRequestedOutput(n, binary_data=False) for n in ("score", "decision")]
    sent = tensors(ROW, odd, in_bytes=in_bytes)
    got = client.infer("credit", sent, request_id=f"t-{in_bytes}", outputs=outputs)
    assert got.get_response()["parameters"] == {"threshold": 0.5}
    assert got.as_numpy("score")[0] == pytest.approx(SCORE)
    assert [word.decode() if in_bytes else word for word in got.as_numpy("decision")] == ["wait", "wait"]
    kept = {line["id"]: line for line in lines(service[1])}
    first, second = kept[f"t-{in_bytes}/0"], kept[f"t-{in_bytes}/1"]
    assert first["score"] == got.as_numpy("score")[0]
    assert [(warned["field"], warned["code"]) for warned in second["warnings"]] == [("region", "unseen-level")]
    assert second["used"]["income"] is None


def test_a_repeated_request_is_one_decision(client: Any, service: tuple[Running, Path]) -> None:
    for _ in range(2):
        assert client.infer("credit", tensors(ROW), request_id="once").as_numpy("decision_id")[0] == b"once"
    assert len([line for line in lines(service[1]) if line["id"] == "once"]) == 1
    with pytest.raises(InferenceServerException, match="id-conflict") as refused:
        client.infer("credit", tensors(ROW | {"age": 20}), request_id="once")
    assert refused.value.status() == "409"


def test_errors_are_said_as_the_protocol_says_them(client: Any) -> None:
    with pytest.raises(InferenceServerException, match="no model 'credti' here"):
        client.infer("credti", tensors(ROW))
    with pytest.raises(InferenceServerException, match="credit/2 does not answer: credit/1 does"):
        client.infer("credit", tensors(ROW), model_version="2")
    with pytest.raises(InferenceServerException, match="there is no model 'credti'"):
        client.get_model_metadata("credti")
    with pytest.raises(InferenceServerException, match="there is no /v2/models/credit/stats"):
        client.get_inference_statistics("credit")
