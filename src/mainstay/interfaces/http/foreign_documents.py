"""Other protocols in the contract: their paths, shapes and examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from mainstay.domain.limits import LIMITS
from mainstay.interfaces.http.callers import OPEN
from mainstay.interfaces.http.shapes import HEADERS, RETRY_AFTER, answer_of
from mainstay.workflows.infer import DATATYPES, metadata
from mainstay.workflows.serve import Service

Json: TypeAlias = dict[str, Any]

TEXT: Json = {"type": "string"}
PARAMETERS: Json = {"type": "object", "additionalProperties": True}
TENSOR: Json = {
    "name": TEXT,
    "shape": {"type": "array", "items": {"type": "integer"}},
    "datatype": {"type": "string", "enum": [*DATATYPES]},
    "parameters": PARAMETERS,
}
DATA: Json = {"type": "array", "description": "Row after row, flat or nested; null is missing."}
VERSION: Json = {"name": "version", "in": "path", "required": True, "schema": TEXT}
NAME: Json = {"name": "name", "in": "path", "required": True, "schema": TEXT}
INFERRED = (
    "Tensors, one for each column, of shape [n] or [n, 1]; one table of numbers where the model reads nothing else. "
    "Ids come in a tensor `decision_id`, else the request's `id` names its only row, or with its place, `ID/0`, each. "
    "Bytes may follow the JSON (binary tensor data extension). Decided and journalled as by /decide. A row that was "
    "refused has a null score, an empty decision, and its reason, JSON, in `error`."
)


def _object(required: tuple[str, ...], **properties: Json) -> Json:
    return {"type": "object", "required": list(required), "properties": properties}


def _rows(item: Json) -> Json:
    return {"type": "array", "minItems": 1, "maxItems": LIMITS.rows, "items": item}


SHAPES: dict[str, Json] = {
    "infer_input": _object(("name", "shape", "datatype"), **TENSOR, data=DATA),
    "infer_output": _object(("name", "shape", "datatype"), **TENSOR, data=DATA),
    "infer_request": _object(
        ("inputs",),
        id=TEXT,
        parameters=PARAMETERS,
        inputs={"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/infer_input"}},
        outputs={"type": "array", "items": _object(("name",), name=TEXT, parameters=PARAMETERS)},
    ),
    "infer_answer": _object(
        ("model_name", "model_version", "outputs"),
        model_name=TEXT,
        model_version=TEXT,
        id=TEXT,
        parameters=PARAMETERS,
        outputs={"type": "array", "items": {"$ref": "#/components/schemas/infer_output"}},
    ),
    "invocations_split": _object(
        ("data",), columns={"type": "array", "items": TEXT}, index={"type": "array"}, data=_rows({"type": "array"})
    ),
    "invocations_error": _object(("error_code", "message"), error_code=TEXT, message=TEXT),
    "infer_error": _object(("error",), error=TEXT),
    "server_metadata": _object(
        ("name", "version", "extensions"), name=TEXT, version=TEXT, extensions={"type": "array", "items": TEXT}
    ),
    "live": _object(("live",), live={"type": "boolean"}),
    "ready": _object(("ready",), name=TEXT, ready={"type": "boolean"}),
    "model_metadata": _object(
        ("name", "versions", "platform", "inputs", "outputs"),
        name=TEXT,
        versions={"type": "array", "items": TEXT},
        platform=TEXT,
        inputs={"type": "array", "items": _object(("name", "shape", "datatype"), **TENSOR)},
        outputs={"type": "array", "items": _object(("name", "shape", "datatype"), **TENSOR)},
    ),
}
UNKNOWN: dict[str, Json] = {
    "404": answer_of("No such model, or not this version of it.", "infer_error"),
    "503": answer_of("The model is known, and no version of it answers.", "infer_error"),
}
ERRORS = {
    "400": "No JSON, or what makes no rows.",
    "401": "Without a key, or with one that does not hold.",
    "403": "A key that does not open this; or a browser's page of another origin.",
    "404": "No such model, or not this version of it.",
    "405": "Another method.",
    "408": "The body did not arrive in time.",
    "409": "Every id was used for another row.",
    "413": "More than 10 MB, or more rows than one request may hold.",
    "415": "A compressed body, or another format.",
    "422": "No row could be answered.",
    "429": "Too much at once, or more often than the key may; retry as Retry-After says.",
    "500": "A fault of the service itself; report the x-request-id.",
    "503": "Nothing is deployed, or what would be answered cannot be kept; retry.",
}


def foreign_paths(services: Mapping[str, Service]) -> dict[str, Json]:
    """Return the paths of other protocols."""
    paths: dict[str, Json] = {}
    for name, service in services.items():
        paths[f"/v2/models/{name}/infer"] = {"post": _infer(service, f"infer_{name}")}
        of_version = _infer(service, f"infer_{name}_version") | {"parameters": [VERSION]}
        paths[f"/v2/models/{name}/versions/{{version}}/infer"] = {"post": of_version}
    if services:
        paths["/invocations"] = {"post": _invocations(services)}
    for path, (summary, operation, responses) in QUIET.items():
        named = [each for each in (NAME, VERSION) if f"{{{each['name']}}}" in path]
        parameters = {"parameters": named} if named else {}
        answers: Json = {"security": []} if path in OPEN else {}
        answers["responses"] = responses | ({} if path in OPEN else _denied())
        paths[path] = {"get": {"summary": summary, "operationId": operation} | parameters | answers}
    return paths


def _denied() -> dict[str, Json]:
    """Return the answers to a key that does not open a page."""
    return {code: {"description": ERRORS[code], "headers": HEADERS} for code in ("401", "403", "429")}


def _plain(*statuses: str) -> dict[str, Json]:
    content = {"text/plain": {"schema": TEXT}}
    return {status: {"description": "As text.", "headers": HEADERS, "content": content} for status in statuses}


_METADATA = {"200": answer_of("Inputs and outputs.", "model_metadata")} | UNKNOWN
_READY = {"200": answer_of("Ready.", "ready")}
QUIET: dict[str, tuple[str, str, dict[str, Json]]] = {
    "/v2": ("Open Inference Protocol: this server.", "v2_server", {"200": answer_of("Its name.", "server_metadata")}),
    "/v2/health/live": ("Open Inference Protocol: alive.", "v2_live", {"200": answer_of("Alive.", "live")}),
    "/v2/health/ready": (
        "Open Inference Protocol: ready.",
        "v2_ready",
        _READY | {"503": answer_of("Not ready; /readyz says why.", "ready")},
    ),
    "/v2/models/{name}": ("Open Inference Protocol: what a model reads and says.", "v2_model", _METADATA),
    "/v2/models/{name}/ready": ("Open Inference Protocol: a model answers.", "v2_model_ready", _READY | UNKNOWN),
    "/v2/models/{name}/versions/{version}": ("The same of a version.", "v2_version", _METADATA),
    "/v2/models/{name}/versions/{version}/ready": ("The same of a version.", "v2_version_ready", _READY | UNKNOWN),
    "/ping": ("MLflow: whether it can answer.", "mlflow_ping", _plain("200", "503")),
    "/health": ("MLflow: the same.", "mlflow_health", _plain("200", "503")),
    "/version": ("MLflow asks for its version here; this is Mainstay's.", "mlflow_version", _plain("200")),
}


def _infer(service: Service, operation: str) -> Json:
    content = {"schema": {"$ref": "#/components/schemas/infer_request"}, "example": infer_example(service)}
    bytes_too = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    given = answer_of("One element for each row, in order.", "infer_answer")
    return {
        "summary": f"Open Inference Protocol: decide rows with {service.model}.",
        "description": INFERRED,
        "operationId": operation,
        "requestBody": {"required": True, "content": {"application/json": content} | bytes_too},
        "responses": {"200": given | {"content": given["content"] | bytes_too}} | _errors("infer_error"),
    }


def _invocations(services: Mapping[str, Service]) -> Json:
    record: Json = {"anyOf": [{"$ref": f"#/components/schemas/{name}.row"} for name in services]}
    forms = {
        "dataframe_split": {"$ref": "#/components/schemas/invocations_split"},
        "dataframe_records": _rows(record),
        "inputs": {"type": ["array", "object"], "description": "Rows, or columns by name."},
        "instances": {"type": ["array", "object"], "description": "The same."},
    }
    params = {"type": "object", "description": "What may stand beside `rows` in a body of /decide, such as `ids`."}
    schema = {
        "type": "object",
        "oneOf": [{"required": [form]} for form in forms],
        "properties": forms | {"params": params},
    }
    first = next(iter(services.values()))
    entries = [{"$ref": f"#/components/schemas/{name}.decision"} for name in services]
    predictions = {"type": "array", "items": {"anyOf": [*entries, {"$ref": "#/components/schemas/not_decided"}]}}
    content = {"schema": {"type": "object", "required": ["predictions"], "properties": {"predictions": predictions}}}
    given = {"description": "One entry for each row.", "headers": HEADERS, "content": {"application/json": content}}
    model: Json = {
        "name": "model",
        "in": "query",
        "required": len(services) > 1,
        "description": "Which model, where there are several.",
        "schema": {"type": "string", "enum": list(services)},
    }
    return {
        "summary": "MLflow: decide rows.",
        "description": "Decided and journalled as by /decide; each prediction is the whole entry of its row.",
        "operationId": "mlflow_invocations",
        "parameters": [model],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": schema, "example": invocations_example(first)},
                "text/csv": {"schema": TEXT},
            },
        },
        "responses": {"200": given} | _errors("invocations_error"),
    }


def _errors(shape: str) -> Json:
    retry = dict.fromkeys(("429", "503"), RETRY_AFTER)
    return {status: answer_of(said, shape, headers=retry.get(status)) for status, said in ERRORS.items()}


def invocations_example(service: Service) -> Json:
    """Return a body for MLflow's invocations that can be sent as it is."""
    return {"dataframe_records": [{field.name: field.example for field in service.schema.fields}]}


def infer_example(service: Service) -> Json:
    """Return a body for inference that can be sent as it is."""
    fields = {field.name: field for field in service.schema.admitted}
    inputs = [each | {"shape": [1], "data": [fields[each["name"]].example]} for each in metadata(service)["inputs"]]
    return {"id": "r-1", "inputs": inputs}
