"""The busy endpoints by name, and which path means which."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

from mainstay.interfaces.http.inference import MODEL, inference, invocations
from mainstay.interfaces.http.measures import Measures
from mainstay.interfaces.http.reply import Reply
from mainstay.interfaces.http.request import Sent, Target
from mainstay.interfaces.http.traffic import actions, decide, explained, outcomes
from mainstay.workflows.serve import Desk

Endpoint = Callable[[Desk, Measures, Sent], Reply]

# /v1/models/{name}/…
OWN: dict[str, Endpoint] = {"decide": decide, "explain": explained, "outcomes": outcomes, "actions": actions}
ENDPOINTS: dict[str, Endpoint] = OWN | {"infer": inference, "invocations": invocations}


def busy(path: str, query: bytes = b"") -> Target | None:
    """Return what a path asks for where that is a busy endpoint; a target without a model means the only one.

    >>> busy("/v1/models/credit/decide")
    Target(endpoint='decide', model='credit', version=None)
    >>> busy("/v2/models/credit/versions/3/infer")
    Target(endpoint='infer', model='credit', version='3')
    >>> busy("/invocations", b"model=credit")
    Target(endpoint='invocations', model='credit', version=None)
    """
    match path.split("/"):
        case ["", "v1", "models", model, endpoint] if endpoint in OWN:
            return Target(endpoint, model)
        case ["", "v2", "models", model, "infer"]:
            return Target("infer", model)
        case ["", "v2", "models", model, "versions", version, "infer"]:
            return Target("infer", model, version)
        case ["", "invocations"]:
            return Target("invocations", parse_qs(query.decode("latin-1")).get(MODEL, [""])[0])
    return None
