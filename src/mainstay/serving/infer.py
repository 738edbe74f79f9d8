"""The Open Inference Protocol's inference: tensors in, one per column, become rows; entries become tensors out.

A row that was refused has no score (null, or NaN in bytes), an empty decision, and says why in `error`: the protocol
has no place for the fault of one row, and one bad row must not take others with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from mainstay.domain.errors import did_you_mean
from mainstay.domain.limits import LIMITS, Limits
from mainstay.domain.schema import Kind, Schema
from mainstay.serving.answer import Answer, Entry, Failed
from mainstay.serving.body import DecideBody, read_as
from mainstay.serving.columns import BESIDE, asked_with, misshapen, names_by_place, rows_of_columns
from mainstay.serving.decide import Decided
from mainstay.serving.service import Service
from mainstay.serving.tensors import BINARY_SIZE, BYTES, Tensor, float_bytes, read_values, split_body, text_bytes
from mainstay.serving.wording import short

SCORE, DECISION, ID, WARNINGS, ERROR, REASONS = "score", "decision", "decision_id", "warnings", "error", "reasons"
OUTPUTS = (SCORE, DECISION, ID, WARNINGS, ERROR)  # what comes unasked
KNOWN = (*OUTPUTS, REASONS)
EXAMPLE = '{"inputs": [{"name": "age", "datatype": "FP64", "shape": [1], "data": [42]}]}, one tensor for each column'
DATATYPES = {Kind.NUMBER: "FP64", Kind.BOOLEAN: "BOOL"}  # others are texts: BYTES


class Wanted(msgspec.Struct):
    """One output that a caller asks for."""

    name: str
    parameters: dict[str, Any] | None = None


class InferBody(msgspec.Struct):
    """The JSON of a request for inference."""

    inputs: list[Tensor]
    id: str | int | None = None
    outputs: list[Wanted] | None = None
    parameters: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Inference:
    """A request read: its rows, its id as it came, and the outputs to send, each with whether in bytes."""

    rows: DecideBody
    id: str | int | None
    outputs: tuple[tuple[str, bool], ...]


_bodies = msgspec.json.Decoder(InferBody)
_texts = msgspec.json.Encoder()


def read_inference(body: bytes, json_length: int | None, service: Service, limits: Limits = LIMITS) -> Inference:
    """Read a request for inference; `json_length` is where its JSON ends, None for all of it. Raises `Unacceptable`.

    Ids come in a tensor `decision_id`, else the request's own id names its only row, or with the row's place, from 0,
    each of several: `r-7/0`, `r-7/1`. Parameters that a request for decisions knows mean what they mean there.
    """
    text, behind = split_body(body, json_length)
    read = read_as(_bodies, text, wanted=EXAMPLE)
    outputs = tuple(_wanted(read))
    columns = _columns(read.inputs, behind, service.schema)
    ids = columns.pop(ID, None) if ID not in service.index.names else None
    rows = rows_of_columns(columns, limits)
    told = {name: value for name, value in (read.parameters or {}).items() if name in BESIDE}
    if any(name == REASONS for name, _ in outputs):
        told.setdefault("explain", True)
    beside = told | {"ids": _own_ids(read.id, len(rows)) if ids is None else ids}
    return Inference(asked_with(rows, beside, limits), read.id, outputs)


def inference_answer(inference: Inference, service: Service, decided: Decided) -> tuple[dict[str, Any], bytes | None]:
    """Return the JSON of an answer and the bytes that follow it, None where all is in the JSON."""
    outputs: list[dict[str, Any]] = []
    behind: list[bytes] = []
    for name, in_bytes in inference.outputs:
        output, values = _output(name, service, decided.entries)
        if in_bytes:
            behind.append(text_bytes(values) if output["datatype"] == BYTES else float_bytes(values))
            output["parameters"] = output.get("parameters", {}) | {BINARY_SIZE: len(behind[-1])}
        else:
            output["data"] = values
        outputs.append(output)
    document: dict[str, Any] = {"model_name": service.model, "model_version": str(decided.version), "outputs": outputs}
    if inference.id is not None:
        document["id"] = str(inference.id)
    if service.plan.threshold is not None:
        document["parameters"] = {"threshold": service.plan.threshold}
    return document, b"".join(behind) if behind else None


def nothing_inferred(decided: Decided) -> str:
    """Say why no row was answered: the first fault stands for all."""
    first = next(entry.error for entry in decided.entries if isinstance(entry, Failed))
    field = f"{first.field}: " if first.field else ""
    came = "" if first.got is None else f"{first.got!r} came, "
    said = f"row {first.row}: {field}{came}wanted is {first.wanted} ({first.code})"
    return f"none of {len(decided.entries)} rows could be answered; {said}"


def metadata(service: Service) -> dict[str, Any]:
    """Return what the protocol calls a model's metadata: its inputs and outputs."""
    inputs = [
        {"name": field.name, "datatype": DATATYPES.get(field.kind, BYTES), "shape": [-1]}
        for field in service.schema.admitted
    ]
    return {
        "name": service.model,
        "versions": [str(service.version)],
        "platform": "mainstay",
        "inputs": inputs,
        "outputs": [_shape_of(name, service, -1) for name in KNOWN],
    }


def _columns(tensors: Sequence[Tensor], behind: bytes, schema: Schema) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {}
    start = 0
    for tensor in tensors:
        values, start = read_values(tensor, behind, start)
        width = math.prod(tensor.shape[1:])
        names = names_by_place(schema, width) if width > 1 else (tensor.name,)
        if (twice := next((name for name in names if name in columns), None)) is not None:
            raise misshapen(f"column {short(twice)!r} came twice", "Send one tensor for each column.")
        columns |= {name: values[i :: len(names)] for i, name in enumerate(names)}
    return columns


def _own_ids(own_id: str | int | None, n: int) -> list[Any] | None:
    if own_id is None or own_id == "":
        return None
    return [own_id] if n == 1 else [f"{own_id}/{row}" for row in range(n)]


def _wanted(read: InferBody) -> list[tuple[str, bool]]:
    in_bytes = (read.parameters or {}).get("binary_data_output") is True
    unasked = KNOWN if (read.parameters or {}).get("explain") else OUTPUTS
    asked = read.outputs or [Wanted(name) for name in unasked]
    for each in asked:
        if each.name not in KNOWN:
            raise misshapen(f"there is no output {short(each.name)!r}", did_you_mean(each.name[:100], KNOWN))
    return [(each.name, (each.parameters or {}).get("binary_data", in_bytes) is True) for each in asked]


def _output(name: str, service: Service, entries: Sequence[Entry]) -> tuple[dict[str, Any], list[Any]]:
    values = VALUES[name]
    if name == SCORE and service.several:
        classes = service.plan.classes
        return _shape_of(name, service, len(entries)), [each for entry in entries for each in _chances(entry, classes)]
    return _shape_of(name, service, len(entries)), [values(entry) for entry in entries]


def _shape_of(name: str, service: Service, n: int) -> dict[str, Any]:
    if name != SCORE:
        return {"name": name, "datatype": BYTES, "shape": [n], "parameters": {"content_type": "str"}}
    if service.several:
        classes = list(service.plan.classes)
        return {"name": name, "datatype": "FP64", "shape": [n, len(classes)], "parameters": {"classes": classes}}
    return {"name": name, "datatype": "FP64", "shape": [n]}


def _chances(entry: Entry, classes: Sequence[str]) -> list[float | None]:
    scores: Mapping[str, float] = entry.score if isinstance(entry, Answer) and isinstance(entry.score, dict) else {}
    return [scores.get(each) for each in classes]


def _score(entry: Entry) -> float | None:
    return entry.score if isinstance(entry, Answer) and isinstance(entry.score, float) else None


def _decision(entry: Entry) -> str:
    return entry.decision or "" if isinstance(entry, Answer) else ""


def _id(entry: Entry) -> str:
    return entry.id or ""


def _warnings(entry: Entry) -> str:
    return _texts.encode(entry.warnings).decode() if isinstance(entry, Answer) and entry.warnings else ""


def _error(entry: Entry) -> str:
    return _texts.encode(entry.error).decode() if isinstance(entry, Failed) else ""


def _reasons(entry: Entry) -> str:
    return _texts.encode(entry.reasons).decode() if isinstance(entry, Answer) and entry.reasons is not None else ""


VALUES: dict[str, Callable[[Entry], Any]] = {
    SCORE: _score,
    DECISION: _decision,
    ID: _id,
    WARNINGS: _warnings,
    ERROR: _error,
    REASONS: _reasons,
}
