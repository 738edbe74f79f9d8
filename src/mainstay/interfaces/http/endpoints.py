"""The busy endpoints by name, and which path means which."""

from __future__ import annotations

from collections.abc import Callable

from mainstay.interfaces.http.inference import inference
from mainstay.interfaces.http.measures import Measures
from mainstay.interfaces.http.reply import Reply
from mainstay.interfaces.http.request import Sent, Target
from mainstay.interfaces.http.traffic import actions, decide, explained, outcomes
from mainstay.workflows.serve import Desk

Endpoint = Callable[[Desk, Measures, Sent], Reply]

# /v1/models/{name}/…
OWN: dict[str, Endpoint] = {"decide": decide, "explain": explained, "outcomes": outcomes, "actions": actions}
ENDPOINTS: dict[str, Endpoint] = OWN | {"infer": inference}


def busy(path: str) -> Target | None:
    """Return what a path asks for where that is a busy endpoint.

    >>> busy("/v1/models/credit/decide")
    Target(endpoint='decide', model='credit', version=None)
    >>> busy("/v2/models/credit/versions/3/infer")
    Target(endpoint='infer', model='credit', version='3')
    """
    match path.split("/"):
        case ["", "v1", "models", model, endpoint] if endpoint in OWN:
            return Target(endpoint, model)
        case ["", "v2", "models", model, "infer"]:
            return Target("infer", model)
        case ["", "v2", "models", model, "versions", version, "infer"]:
            return Target("infer", model, version)
    return None
