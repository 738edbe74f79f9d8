"""Inference in the words of another protocol: read as it writes rows, decided and journalled like any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mainstay.domain.errors import NotFound
from mainstay.serving.decide import Decided
from mainstay.serving.infer import inference_answer, metadata, nothing_inferred, read_inference
from mainstay.serving.service import Service
from mainstay.serving.tensors import DATATYPES
from mainstay.workflows.serve import Desk, answer_rows, served

__all__ = ["DATATYPES", "Inferred", "infer", "metadata", "nothing_inferred", "served_version"]


@dataclass(frozen=True, slots=True)
class Inferred:
    """What was decided, and how the Open Inference Protocol says it: JSON, and the bytes behind it, if any."""

    decided: Decided
    document: dict[str, Any]
    behind: bytes | None


def infer(
    desk: Desk, service: Service, body: bytes, *, json_length: int | None, key: str = "", started_us: int
) -> Inferred:
    """Answer a request for inference and journal what was decided; raises `Unacceptable` or `StoreError`.

    `json_length` is where the JSON of the body ends and its bytes begin, None where all is JSON.
    """
    inference = read_inference(body, json_length, service)
    decided = answer_rows(desk, service, inference.rows, key=key, started_us=started_us)
    document, behind = inference_answer(inference, service, decided)
    return Inferred(decided, document, behind)


def served_version(desk: Desk, model: str, version: str | None) -> Service:
    """Return what answers for a model, by the version that a caller names; raises `NotFound` or `NotServed`."""
    service = served(desk, model)
    if version is not None and version != str(service.version):
        what = f"{model}/{version[:20]} does not answer: {model}/{service.version} does"
        raise NotFound(what, remedy="Leave the version out, or name the one that is live.")
    return service
