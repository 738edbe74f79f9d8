"""Rows in the words of other protocols: read as they write them, decided and journalled like any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mainstay.domain.errors import NotFound, did_you_mean
from mainstay.serving.body import WRONG_SHAPE, Unacceptable
from mainstay.serving.decide import Decided
from mainstay.serving.infer import inference_answer, metadata, nothing_inferred, read_inference
from mainstay.serving.invocations import read_invocations
from mainstay.serving.service import Service
from mainstay.serving.tensors import DATATYPES
from mainstay.workflows.serve import CountsUnread, Desk, Form, Posted, answer_posted, answer_rows, served

__all__ = ["DATATYPES", "Inferred", "infer", "invoke", "metadata", "nothing_inferred", "served_version", "the_only"]


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
    with CountsUnread(desk, service, key):
        inference = read_inference(body, json_length, service, desk.limits)
    decided = answer_rows(desk, service, inference.rows, key=key, started_us=started_us)
    document, behind = inference_answer(inference, service, decided)
    return Inferred(decided, document, behind)


def invoke(desk: Desk, service: Service, posted: Posted, *, key: str = "", started_us: int) -> Decided:
    """Answer a table as MLflow's clients write it, and journal it; raises `Unacceptable` or `StoreError`.

    Beside MLflow's JSON it may be CSV, or whatever else can be posted for decisions.
    """
    if posted.form is not Form.JSON:
        return answer_posted(desk, service.model, posted, key=key, started_us=started_us)
    with CountsUnread(desk, service, key):
        asked = read_invocations(posted.body, service.schema, desk.limits)
    return answer_rows(desk, service, asked, key=key, started_us=started_us)


def served_version(desk: Desk, model: str, version: str | None) -> Service:
    """Return what answers for a model, by the version that a caller names; raises `NotFound` or `NotServed`."""
    service = served(desk, model)
    if version is not None and version != str(service.version):
        what = f"{model}/{version[:20]} does not answer: {model}/{service.version} does"
        raise NotFound(what, remedy="Leave the version out, or name the one that is live.")
    return service


def the_only(desk: Desk) -> str:
    """Return the name of the only model here; raises `Unacceptable` where there are several, or none."""
    live = tuple(desk.routes.services) or tuple(desk.routes.models)
    if len(live) == 1:
        return live[0]
    what = f"which model is not said, and {len(live)} are here"
    remedy = f"Say it: /invocations?model={live[0]}. {did_you_mean('', live)}" if live else "Train and deploy one."
    raise Unacceptable(WRONG_SHAPE, what, remedy=remedy, status=400)
