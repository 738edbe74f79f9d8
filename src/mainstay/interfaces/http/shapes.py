"""The shapes of requests and answers that are the same for every model, as JSON Schemas."""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

SCALAR = {"type": ["string", "number", "boolean", "null"]}
TEXT = {"type": "string"}
MOMENT = {"type": "string", "description": "ISO date or time; without an offset in the model's time zone."}


def _object(required: tuple[str, ...] = (), **properties: Json) -> Json:
    return {"type": "object", "required": list(required), "properties": properties}


def _list(item: Json) -> Json:
    return {"type": "array", "items": item}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


COMPONENTS: dict[str, Json] = {
    "warning": _object(("field", "code"), field=TEXT, code=TEXT, got=SCALAR, used=SCALAR),
    "fault": _object(
        ("row", "code", "wanted"),
        row={"type": "integer"},
        field={"type": ["string", "null"]},
        code=TEXT,
        got=SCALAR,
        wanted=TEXT,
        example=SCALAR,
        id={"type": ["string", "null"]},
        also={"type": "array", "items": {"type": "object"}, "description": "Further faults of the same row."},
    ),
    "decision": _object(
        ("id", "score", "threshold", "decision", "arm", "warnings"),
        id=TEXT,
        score={"type": ["number", "null"]},
        threshold={"type": ["number", "null"]},
        decision={"type": ["string", "null"]},
        arm={"type": "string", "enum": ["champion", "control", "fallback"]},
        warnings=_list(_ref("warning")),
        version={"type": "integer", "description": "There where another version than the answer's gave it."},
        repeated={"type": "boolean"},
    ),
    "not_decided": _object(("id", "error"), id={"type": ["string", "null"]}, error=_ref("fault")),
    "decisions": _object(
        ("model", "version", "decisions"),
        model=TEXT,
        version={"type": "integer"},
        decisions=_list({"anyOf": [_ref("decision"), _ref("not_decided")]}),
        error=_ref("problem"),
    ),
    "outcomes": _object(
        ("outcomes",),
        outcomes=_list(
            _object(
                ("id", "outcome"),
                id={"type": ["string", "integer"]},
                outcome={"type": ["string", "number", "boolean"]},
                happened_at=MOMENT,
            )
        ),
    ),
    "actions": _object(
        ("actions",),
        actions=_list(_object(("id", "action"), id={"type": ["string", "integer"]}, action=TEXT, by=TEXT, at=MOMENT)),
    ),
    "told": _object(
        ("model", "accepted", "refused", "errors", "warnings"),
        model=TEXT,
        accepted={"type": "integer"},
        refused={"type": "integer"},
        errors=_list(_ref("fault")),
        warnings=_list({"type": "object"}),
        error=_ref("problem"),
    ),
    "problem": _object(("code", "what"), code=TEXT, what=TEXT, remedy=TEXT),
    "refusal": _object(("error",), error=_ref("problem")),
}


def _answer(description: str, *names: str) -> Json:
    shapes = [_ref(name) for name in names]
    schema = shapes[0] if len(shapes) == 1 else {"anyOf": shapes}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


NOT_NOW = "Nothing is deployed, or what would be answered cannot be kept; retry."
ANSWERS: dict[str, Json] = {
    "decide": {
        "200": _answer("One entry per row, in order.", "decisions"),
        "409": _answer("The id was used for another row.", "decisions"),
        "422": _answer("No row could be answered; each entry says why.", "decisions", "refusal"),
        "503": _answer(NOT_NOW, "refusal", "decisions"),
    },
    "told": {
        "200": _answer("What was taken. Ids are not looked up: the decision may still be on its way.", "told"),
        "422": _answer("Nothing could be taken.", "told", "refusal"),
        "503": _answer(NOT_NOW, "refusal"),
    },
}
ERRORS = {
    "400": "The body is not JSON; the message says where.",
    "403": "A browser's page of another origin.",
    "404": "There is no such model.",
    "405": "Another method.",
    "408": "The body did not arrive in time.",
    "413": "More than 10 MB, or more rows than one request may hold.",
    "415": "Another format than JSON.",
    "429": "Too much at once; retry after a second.",
}


def error_answers() -> Json:
    """Return the answers that every busy endpoint shares."""
    return {status: _answer(description, "refusal") for status, description in ERRORS.items()}
