"""The contract in OpenAPI 3.1, with the live models' own fields and examples."""

from __future__ import annotations

from typing import Any, TypeAlias

from mainstay.domain.limits import LIMITS, Limits
from mainstay.domain.schema import Field, Kind, Policy
from mainstay.interfaces.http.callers import OPEN
from mainstay.interfaces.http.codes import IDS, MOST_EXPLAINED, MOST_SEARCHED, STRICT, WISHES, about
from mainstay.interfaces.http.foreign_documents import SHAPES, foreign_paths
from mainstay.interfaces.http.shapes import ANSWERS, COMPONENTS, HEADERS, answer_of, error_answers, key_answers
from mainstay.workflows.serve import BY_RULE, Routes, Service, outcomes_wanted

Json: TypeAlias = dict[str, Any]

TYPES: dict[Kind, list[str]] = {
    Kind.NUMBER: ["number"],
    Kind.CATEGORY: ["string"],
    Kind.BOOLEAN: ["boolean"],
    Kind.DATETIME: ["string"],
    Kind.TEXT: ["string"],
}
QUIET = {  # in the order of the functions in `pages.make_pages`
    "/healthz": "Whether the process is alive.",
    "/readyz": "Whether a version is deployed and what is answered can be kept; 503 and why if not.",
    "/metrics": "Counters for Prometheus, summed over the workers.",
    "/openapi.json": "This contract.",
    "/docs": "A page for people.",
    "/v1/models": "The models that answer.",
    "/v1/models/{name}": "One model: its version, its decisions and its fields.",
}
OPERATIONS = {
    "/healthz": "healthz",
    "/readyz": "readyz",
    "/metrics": "metrics",
    "/openapi.json": "contract",
    "/docs": "docs",
    "/v1/models": "list_models",
    "/v1/models/{name}": "show_model",
}
QUIET_ANSWERS: dict[str, dict[str, Json]] = {
    "/healthz": {"200": answer_of("Alive.", "alive")},
    "/readyz": {"200": answer_of("Ready.", "readiness"), "503": answer_of("Not ready; problems say why.", "readiness")},
    "/metrics": {
        "200": {"description": "Prometheus's text format.", "headers": HEADERS, "content": {"text/plain": {}}}
    },
    "/openapi.json": {"200": {"description": "OpenAPI 3.1.", "headers": HEADERS, "content": {"application/json": {}}}},
    "/docs": {"200": {"description": "HTML.", "headers": HEADERS, "content": {"text/html": {}}}},
    "/v1/models": {"200": answer_of("One card for each model that answers.", "models")},
    "/v1/models/{name}": {
        "200": answer_of("The card of the model, with its fields.", "model"),
        "404": answer_of("There is no such model.", "refusal"),
        "503": answer_of("The model is known, and no version of it answers.", "refusal"),
    },
}
EXPECTED: Json = {
    "type": ["integer", "string", "null"],
    "description": "3 or `name/3`: if another version is live nothing is decided (409, `other-version`).",
}
SECURITY: Json = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key of this service: mainstay keys add."},
    "key": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "The same key in another header."},
}
EXPLAIN: Json = {
    "type": ["boolean", "object", "null"],
    "properties": {
        "top": {"type": "integer", "minimum": 1, "maximum": 100, "default": 5, "description": "How many reasons."},
        "instead": {"type": "boolean", "description": "Also search what would have to change for another decision."},
    },
    "description": f"Give reasons: of at most {MOST_EXPLAINED} rows at once, {MOST_SEARCHED} with `instead`.",
}
TABLES = ("application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.file", "application/vnd.apache.parquet")
NAME: Json = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}


def document(routes: Routes, *, keys: bool = False, limits: Limits = LIMITS) -> Json:
    """Return the OpenAPI document of the models that answer now; `keys` says whether callers need one."""
    own = {key: shape for service in routes.services.values() for key, shape in _own_shapes(service).items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Mainstay decisions",
            "version": "1",
            "description": about(limits),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"key": []}, *([] if keys else [{}])],
        "paths": paths_of(routes, limits),
        "components": {"schemas": COMPONENTS | SHAPES | _told_shapes(limits) | own, "securitySchemes": SECURITY},
    }


def paths_of(routes: Routes, limits: Limits = LIMITS) -> dict[str, Json]:
    """Return the paths that can be called, each with its verbs."""
    paths: dict[str, Json] = {}
    for name, service in routes.services.items():
        paths[f"/v1/models/{name}/decide"] = {"post": _decide(name, service, limits)}
        paths[f"/v1/models/{name}/explain"] = {"post": _explain(name, service, limits)}
        paths[f"/v1/models/{name}/outcomes"] = {"post": _told(service, "outcomes", "Say what really happened.")}
        paths[f"/v1/models/{name}/actions"] = {"post": _told(service, "actions", "Say what was then done.")}
    for path, summary in QUIET.items():
        parameters = {"parameters": [NAME]} if "{name}" in path else {}
        named = {"summary": summary, "operationId": OPERATIONS[path]}
        opens: Json = {"security": []} if path in OPEN else {}
        answers = QUIET_ANSWERS[path] | ({} if opens else key_answers())
        paths[path] = {"get": named | parameters | opens | {"responses": answers}}
    return paths | foreign_paths(routes.services)


def model_card(service: Service, routes: Routes, *, fields: bool = False) -> Json:
    """Return what a caller may know of a model; with `fields` also every column that it reads."""
    card: Json = {
        "name": service.model,
        "version": service.version,
        "live_since": routes.live_since.get(service.model),
        "purpose": service.words.model.purpose,
        "owner": service.words.model.owner,
        "task": service.plan.task,
        "classes": list(service.schema.labels),
        "decisions": list(service.decides),
        "when_high": service.when_high if by_threshold(service) else None,
        "when_low": service.when_low if by_threshold(service) else None,
        "threshold": service.plan.threshold,
        "problem": routes.problems.get(service.model),
    }
    if fields:
        card |= {"fields": row_schema(service)["properties"], "example": {"rows": [example_row(service)]}}
    return card


def by_threshold(service: Service) -> bool:
    """Say whether a model decides between two words."""
    return not service.several and bool(service.decides)


def example_row(service: Service) -> Json:
    """Return a row that can be sent as it is."""
    return {field.name: _example(field) for field in service.schema.fields}


def row_schema(service: Service) -> Json:
    """Return the JSON Schema of a model's row; only what would be refused is ruled out."""
    admitted = service.schema.admitted
    required = [field.name for field in service.schema.fields if field.on_missing is Policy.REFUSE]
    schema: Json = {
        "type": "object",
        "properties": {field.name: field_schema(field) for field in admitted},
        "additionalProperties": True,
        "examples": [example_row(service)],
    }
    return schema | ({"required": required} if required else {})


def field_schema(field: Field) -> Json:
    """Return the JSON Schema of one field."""
    types = TYPES[field.kind] + ([] if field.on_missing is Policy.REFUSE else ["null"])
    schema: Json = {"type": types, "description": _description(field)}
    if field.example is not None:
        schema["examples"] = [_example(field)]
    if field.kind is Kind.CATEGORY and field.on_unseen is Policy.REFUSE:
        schema["enum"] = [*field.levels, *([None] if "null" in types else [])]
    if field.kind is Kind.NUMBER and field.on_out_of_range is Policy.REFUSE:
        bounds = (("minimum", field.low), ("maximum", field.high))
        schema |= {name: bound for name, bound in bounds if bound is not None}
    return schema


def _example(field: Field) -> float | str | bool | None:
    is_whole = field.whole and isinstance(field.example, float)
    return int(field.example) if is_whole and field.example is not None else field.example


def _description(field: Field) -> str:
    said = [field.meaning, f"Unit: {field.unit}." if field.unit else "", _seen(field)]
    return " ".join(part for part in said if part)


def _seen(field: Field) -> str:
    if field.kind is Kind.CATEGORY and field.levels:
        more = ", …" if len(field.levels) > 20 else ""
        return f"Training saw {', '.join(field.levels[:20])}{more}."
    if field.kind is Kind.NUMBER and field.low is not None and field.high is not None:
        return f"Training saw {field.low:g} to {field.high:g}."
    return "An ISO date or time." if field.kind is Kind.DATETIME else ""


def told_examples(service: Service) -> dict[str, list[Json]]:
    """Return bodies for outcomes and actions that can be sent as they are."""
    at = "2026-03-31T14:05:00Z"
    told = (12.5,) if service.foretells_amounts else service.schema.labels[:2]
    happened = [{"id": f"a-{n}", "outcome": outcome, "happened_at": at} for n, outcome in enumerate(told, start=1)]
    done = [{"id": "a-1", "action": next(iter(service.decides), "done"), "by": "team 3", "at": at}]
    return {"outcomes": [{"outcomes": happened}], "actions": [{"actions": done}]}


def _own_shapes(service: Service) -> dict[str, Json]:
    """Return the shapes of one model: its rows, and its decisions with their score and words."""
    name = service.model
    words = {"type": ["string", "null"], "enum": [*dict.fromkeys(service.decides), None]}
    fallback = service.words.decision.fallback
    if fallback is not None and fallback not in (BY_RULE, *service.decides):
        words["enum"] = [*service.decides, fallback, None]
    either = [{"$ref": f"#/components/schemas/{name}.decision"}, {"$ref": "#/components/schemas/not_decided"}]
    decision = {"properties": {"score": _score(service), "decision": words | {"description": _decided(service)}}}
    answers = {"properties": {"decisions": {"type": "array", "items": {"anyOf": either}}}}
    return {
        f"{name}.row": row_schema(service),
        f"{name}.decision": {"allOf": [{"$ref": "#/components/schemas/decision"}, decision]},
        f"{name}.decisions": {"allOf": [{"$ref": "#/components/schemas/decisions"}, answers]},
    }


def _score(service: Service) -> Json:
    if service.several:
        chances: Json = {name: {"type": "number", "minimum": 0, "maximum": 1} for name in service.plan.classes}
        said = "How likely each is; null where the model could not score the row."
        return {"type": ["object", "null"], "properties": chances, "description": said}
    if service.foretells_amounts:
        said = f"The amount of {service.schema.target} foretold; in the arm `control` what today's rule says."
        return {"type": ["number", "null"], "description": said}
    return {"type": ["number", "null"], "minimum": 0, "maximum": 1, "description": "How likely the outcome is."}


def _decided(service: Service) -> str:
    if service.several:
        return "Worth most under the scores." if service.plan.payoffs else "The likeliest."
    if not service.decides:
        return "Null: the score is all that is said."
    return f"{service.when_high} from the threshold on, else {service.when_low}; null where there is no threshold."


def _decide(name: str, service: Service, limits: Limits) -> Json:
    row = {"$ref": f"#/components/schemas/{name}.row"}
    ids = {"type": "array", "items": {"type": ["string", "integer", "null"]}, "description": f"One per row. {IDS}"}
    body = {
        "type": "object",
        "required": ["rows"],
        "properties": {
            "rows": {"type": "array", "minItems": 1, "maxItems": limits.rows, "items": row},
            "ids": ids,
            "expected_version": EXPECTED,
            "dry_run": {"type": "boolean", "description": "Answer, and keep nothing: no id is taken."},
            "strict": {"type": "boolean", "description": STRICT},
            "explain": EXPLAIN,
        },
        "examples": [{"rows": [example_row(service)], "ids": ["a-1"]}],
    }
    given = answer_of("One entry per row, in order; a row that was refused has an error.", f"{name}.decisions")
    return {
        "summary": service.words.model.purpose or f"Decide rows with {name}.",
        "description": IDS,
        "operationId": f"decide_{name}",
        "parameters": [_wish(name, said) for name, said in WISHES.items()],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}} | _tables()},
        "responses": ANSWERS["decide"] | {"200": given} | error_answers(),
    }


def _explain(name: str, service: Service, limits: Limits) -> Json:
    decide = _decide(name, service, limits)
    said = f"As /decide, with reasons and what would have to change, and nothing is kept. {EXPLAIN['description']}"
    named = {"summary": "Say why, and what would change it.", "operationId": f"explain_{name}"}
    return decide | named | {"description": said}


def _tables() -> Json:
    """The formats of tables, which say of themselves what their columns are."""
    text: Json = {"schema": {"type": "string", "description": "The first line names the columns."}}
    lines: Json = {"schema": {"type": "string", "description": "A JSON object on each line, one for each row."}}
    return {"text/csv": text, "application/x-ndjson": lines} | {kind: {} for kind in TABLES}


def _wish(name: str, said: str) -> Json:
    kind = "boolean" if name in ("strict", "dry_run", "explain") else "string"
    return {"name": name, "in": "query", "required": False, "schema": {"type": kind}, "description": said}


def _told_shapes(limits: Limits) -> Json:
    """The bodies that bring outcomes and actions, with as many as they may bring."""
    return {
        what: COMPONENTS[what]
        | {"properties": {what: COMPONENTS[what]["properties"][what] | {"maxItems": limits.items}}}
        for what in ("outcomes", "actions")
    }


def _told(service: Service, what: str, summary: str) -> Json:
    told = "number" if service.foretells_amounts else "text, number or truth"
    accepted = {
        "outcomes": f"Accepted: {outcomes_wanted(service)}, by {told}. The same again changes nothing; another "
        "outcome of the same id corrects the first.",
        "actions": f"Accepted: {', '.join((*service.decides, 'or any other text of what was done'))}.",
    }
    content = {"schema": {"$ref": f"#/components/schemas/{what}"}, "example": told_examples(service)[what][0]}
    return {
        "summary": summary,
        "description": accepted[what],
        "operationId": f"{what}_{service.model}",
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": ANSWERS["told"] | error_answers(),
    }
