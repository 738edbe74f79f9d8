"""The shapes of requests and answers that are the same for every model, as JSON Schemas."""

from __future__ import annotations

from typing import Any, TypeAlias

from mainstay.domain.limits import LIMITS
from mainstay.interfaces.http.codes import FAULTS, IDS, PROBLEMS, TOLD_WARNINGS, WARNINGS, explained

Json: TypeAlias = dict[str, Any]

SCALAR = {"type": ["string", "number", "boolean", "null"]}
TEXT = {"type": "string"}
INTEGER = {"type": "integer"}
MAYBE_TEXT = {"type": ["string", "null"]}
OWN_ID = {"type": ["string", "integer"], "description": "The id of the decision."}
MOMENT = {
    "type": "string",
    "format": "date-time",
    "description": "ISO time, or a date alone; without an offset in the model's time zone. Left out: now.",
    "examples": ["2026-03-31T14:05:00Z"],
}
HEADERS: Json = {"x-request-id": {"description": "The caller's own, or one made here.", "schema": {"type": "string"}}}
CHALLENGE: Json = {"WWW-Authenticate": {"description": "Where a key is missing or does not hold.", "schema": TEXT}}
RETRY_AFTER: Json = {"Retry-After": {"description": "Seconds; not sent with `model-failed`.", "schema": INTEGER}}


def _object(required: tuple[str, ...] = (), **properties: Json) -> Json:
    return {"type": "object", "required": list(required), "properties": properties}


def _list(item: Json) -> Json:
    return {"type": "array", "items": item}


def _items(item: Json) -> Json:
    return _list(item) | {"minItems": 1, "maxItems": LIMITS.items}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


FAULT: dict[str, Json] = {
    "row": {"type": "integer", "description": "The place in the request, from 0."},
    "field": MAYBE_TEXT,
    "code": explained(FAULTS),
    "got": SCALAR,
    "wanted": TEXT,
    "example": SCALAR,
    "id": MAYBE_TEXT,
}
CARD_NEEDED = ("name", "version", "live_since", "task", "classes", "decisions", "when_high", "when_low", "threshold")
CARD: dict[str, Json] = {
    "name": TEXT,
    "version": INTEGER,
    "live_since": MAYBE_TEXT | {"format": "date-time"},
    "purpose": TEXT,
    "owner": TEXT,
    "task": {
        "type": "string",
        "enum": ["binary", "multiclass", "regression"],
        "description": "Two outcomes (a probability), several classes (a probability each), or an amount.",
    },
    "classes": _list(TEXT) | {"description": "The outcomes there can be; none where an amount is foretold."},
    "decisions": _list(TEXT) | {"description": "What can be decided; none where the amount is all that is said."},
    "when_high": MAYBE_TEXT | {"description": "The decision at or above the threshold, where there is one."},
    "when_low": MAYBE_TEXT | {"description": "The decision below the threshold, where there is one."},
    "threshold": {"type": ["number", "null"]},
    "problem": MAYBE_TEXT,
}
COMPONENTS: dict[str, Json] = {
    "warning": _object(("field", "code"), field=TEXT, code=explained(WARNINGS), got=SCALAR, used=SCALAR, nearest=TEXT),
    "told_warning": _object(
        ("row", "field", "code", "got"), row=INTEGER, field=TEXT, code=explained(TOLD_WARNINGS), got=SCALAR
    ),
    "further_fault": _object(("row", "code", "wanted"), **FAULT),
    "fault": _object(
        ("row", "code", "wanted"),
        **FAULT,
        also=_list(_ref("further_fault")) | {"description": "Further faults of the same row."},
    ),
    "decision": _object(
        ("id", "score", "threshold", "decision", "arm", "warnings"),
        id=MAYBE_TEXT | {"description": "The caller's, or one made; null in a dry run where the caller sent none."},
        score={
            "type": ["number", "object", "null"],
            "additionalProperties": {"type": "number"},
            "description": "A probability, `{class: probability}`, or an amount, by the model's task.",
        },
        threshold={"type": ["number", "null"]},
        decision={"type": ["string", "null"]},
        arm={"type": "string", "enum": ["champion", "control", "fallback"]},
        warnings=_list(_ref("warning")),
        version={"type": "integer", "description": "There where another version than the answer's gave it."},
        reasons=_ref("reasons") | {"description": "There where it was asked for, or the brief says so."},
        instead=_ref("instead") | {"description": "There where it was asked for."},
        repeated={"type": "boolean", "description": "True where the same id and row had been answered: " + IDS},
    ),
    "reason": _object(
        ("fields", "meaning", "values", "contribution", "direction"),
        fields=_list(TEXT) | {"description": "The field, or two that act together."},
        meaning=TEXT | {"description": "The fields in the brief's words."},
        values=_list(SCALAR) | {"description": "What the model saw in each field."},
        contribution={"type": "number", "description": "What it added to the raw score, beside what is usual."},
        direction={"type": "string", "enum": ["raises", "lowers", "moves nothing"]},
    ),
    "reasons": _object(
        unit=TEXT | {"description": "What raw scores are counted in."},
        usual={"type": "number", "description": "The raw score of a row of which nothing is known."},
        top=_list(_ref("reason")) | {"description": "Those that moved it most, the first the most."},
        others={"type": "number", "description": "What all other fields added. usual + top + others = raw."},
        raw={"type": "number", "description": "What the model says before link and calibration."},
        usual_score={"type": "number", "description": "The score that the usual raw score gives."},
        follows=TEXT | {"description": "How the score follows from raw."},
        of=TEXT | {"description": "The class that is explained, where there are several."},
        none_because=TEXT | {"description": "Why there are no reasons; then nothing else is here."},
    ),
    "changed": _object(("field", "meaning", "was", "to"), field=TEXT, meaning=TEXT, was=SCALAR, to=SCALAR),
    "instead": _object(
        changes=_list(_ref("changed")) | {"description": "What would have to change, all together."},
        decision=TEXT | {"description": "What is decided then."},
        score={"type": ["number", "object"], "additionalProperties": {"type": "number"}},
        none_because=TEXT | {"description": "Why there are no changes. None found is no proof that there are none."},
        tried=INTEGER | {"description": "How many rows were scored in search of it."},
    ),
    "not_decided": _object(("id", "error"), id={"type": ["string", "null"]}, error=_ref("fault")),
    "decisions": _object(
        ("model", "version", "decisions"),
        model=TEXT,
        version={"type": "integer"},
        decisions=_list({"anyOf": [_ref("decision"), _ref("not_decided")]}),
        dry_run={"type": "boolean", "description": "True where nothing of it was kept."},
        error=_ref("problem"),
    ),
    "outcomes": _object(
        ("outcomes",),
        outcomes=_items(
            _object(
                ("id", "outcome"),
                id=OWN_ID,
                outcome={"type": ["string", "number", "boolean"]},
                happened_at=MOMENT,
            )
        ),
    ),
    "actions": _object(
        ("actions",),
        actions=_items(_object(("id", "action"), id=OWN_ID, action=TEXT, by=MAYBE_TEXT, at=MOMENT)),
    ),
    "told": _object(
        ("model", "accepted", "refused", "errors", "warnings"),
        model=TEXT,
        accepted={"type": "integer"},
        refused={"type": "integer"},
        errors=_list(_ref("fault")),
        warnings=_list(_ref("told_warning")),
        error=_ref("problem"),
    ),
    "problem": _object(("code", "what"), code=explained(PROBLEMS), what=TEXT, remedy=TEXT),
    "refusal": _object(
        ("error",),
        version={"type": "integer", "description": "With `other-version`: the number of the version that is live."},
        error=_ref("problem"),
    ),
    "alive": _object(("alive",), alive={"type": "boolean"}),
    "readiness": _object(
        ("ready", "live", "problems"),
        ready={"type": "boolean"},
        live={"type": "object", "additionalProperties": INTEGER, "description": "Versions that answer, by model."},
        problems=_list(TEXT),
    ),
    "card": _object(CARD_NEEDED, **CARD),
    "models": _object(("models",), models=_list(_ref("card"))),
    "model": _object(
        (*CARD_NEEDED, "fields", "example"),
        **CARD,
        fields={"type": "object", "description": "The JSON Schema of each column, by name."},
        example={"type": "object", "description": "A body for /decide that can be sent as it is."},
    ),
}


def answer_of(description: str, *names: str, headers: Json | None = None) -> Json:
    """Return a JSON answer in one of the named shapes; every answer carries a request id."""
    shapes = [_ref(name) for name in names]
    schema = shapes[0] if len(shapes) == 1 else {"anyOf": shapes}
    content = {"application/json": {"schema": schema}}
    return {"description": description, "headers": HEADERS | (headers or {}), "content": content}


NOT_NOW = "Nothing is deployed, or what would be answered cannot be kept; retry."
ANSWERS: dict[str, Json] = {
    "decide": {
        "200": answer_of("One entry per row, in order.", "decisions"),
        "409": answer_of("Every id was used for another row; or another version is live.", "decisions", "refusal"),
        "422": answer_of("No row could be answered; each entry says why.", "decisions", "refusal"),
        "503": answer_of(NOT_NOW, "refusal", "decisions", headers=RETRY_AFTER),
    },
    "told": {
        "200": answer_of("What was taken. Ids are not looked up: the decision may still be on its way.", "told"),
        "422": answer_of("Nothing could be taken.", "told", "refusal"),
        "503": answer_of(NOT_NOW, "refusal", headers=RETRY_AFTER),
    },
}
ERRORS = {
    "400": "The body is not JSON; the message says where.",
    "401": "Without a key, or with one that does not hold.",
    "403": "A key that does not open this; or a browser's page of another origin.",
    "404": "There is no such model.",
    "405": "Another method.",
    "408": "The body did not arrive in time.",
    "413": "More than 10 MB, or more rows than one request may hold.",
    "415": "Another format than JSON.",
    "429": "Too much at once, or more often than the key may; retry as Retry-After says.",
    "500": "A fault of the service itself; report the x-request-id.",
}


MORE_HEADERS = {"401": CHALLENGE, "403": CHALLENGE, "429": RETRY_AFTER}


def error_answers() -> Json:
    """Return the answers that every busy endpoint shares."""
    return {code: answer_of(said, "refusal", headers=MORE_HEADERS.get(code)) for code, said in ERRORS.items()}


def key_answers() -> Json:
    """Return the answers of whatever needs a key, where the key does not open it."""
    return {code: answer for code, answer in error_answers().items() if code in MORE_HEADERS}
