"""Problems in the words that the clients of other protocols read: the same status, another shape."""

from __future__ import annotations

import msgspec

from mainstay.interfaces.http.reply import Reply, json_reply

OPEN_INFERENCE, MLFLOW, OWN = "open-inference", "mlflow", "own"
MLFLOW_PATHS = ("/invocations", "/ping", "/health", "/version")
MLFLOW_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    409: "RESOURCE_CONFLICT",
    422: "INVALID_PARAMETER_VALUE",
    429: "REQUEST_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
}


class _Problem(msgspec.Struct):
    what: str
    remedy: str = ""


class _Said(msgspec.Struct):
    error: _Problem


_said = msgspec.json.Decoder(_Said)


def dialect_of(path: str) -> str:
    """Return whose words are spoken under a path.

    >>> dialect_of("/v2/models/credit"), dialect_of("/ping"), dialect_of("/v1/models")
    ('open-inference', 'mlflow', 'own')
    """
    if path == "/v2" or path.startswith("/v2/"):
        return OPEN_INFERENCE
    return MLFLOW if path in MLFLOW_PATHS else OWN


def translated(reply: Reply, dialect: str) -> Reply:
    """Return the reply to a problem in the words of a protocol; what is no problem stays as it is.

    >>> from mainstay.interfaces.http.reply import problem
    >>> translated(problem(404, "unknown-model", "there is no model here", remedy="Train one."), "open-inference").body
    b'{"error":"there is no model here. Train one."}'
    """
    if reply.status < 400 or dialect == OWN:
        return reply
    problem = _said.decode(reply.body).error
    text = f"{problem.what}. {problem.remedy}".strip()
    if dialect == OPEN_INFERENCE:
        document = {"error": text}
    else:
        document = {"error_code": MLFLOW_CODES.get(reply.status, "BAD_REQUEST"), "message": text}
    return Reply(reply.status, json_reply(reply.status, document).body, reply.headers, drain=reply.drain)
