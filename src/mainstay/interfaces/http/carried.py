"""What a reply carries beside its answer: the request's id, its trace, the leave for a page of another origin.

Pages of other origins may call only where an origin was allowed by name (`serve --allow-origin`); browsers ask first.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mainstay.interfaces.http.reply import Headers, Reply, Scope
from mainstay.interfaces.http.request import Head
from mainstay.interfaces.http.settings import Settings

HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")  # a year: browsers then never ask in the clear
ASKS_FIRST = b"access-control-request-method"
VARY = (b"vary", b"origin")
EXPOSED = (b"access-control-expose-headers", b"x-request-id, traceparent, retry-after")
LEAVE: Headers = (
    (b"access-control-allow-methods", b"GET, POST"),
    (
        b"access-control-allow-headers",
        b"authorization, content-encoding, content-type, traceparent, x-api-key, x-request-id",
    ),
    (b"access-control-max-age", b"600"),
)


@dataclass(frozen=True, slots=True)
class Edge:
    """How the service meets the world: the origins whose pages may call it, and what every reply carries."""

    origins: frozenset[bytes] = frozenset()
    always: Headers = field(default=())


def edge_of(settings: Settings) -> Edge:
    """Return the edge that these settings ask for."""
    origins = frozenset(origin.encode() for origin in settings.front.origins)
    return Edge(origins, (HTTPS_ONLY,) if settings.front.tls_cert else ())


def carried(edge: Edge, head: Head) -> Headers:
    """Return the headers of every reply to a request."""
    headers = (*edge.always, (b"x-request-id", head.request_id))
    if head.traceparent:
        headers += ((b"traceparent", head.traceparent),)
    if head.origin and head.origin in edge.origins:
        headers += ((b"access-control-allow-origin", head.origin), VARY, EXPOSED)
    return headers


def preflight(edge: Edge, scope: Scope, head: Head) -> Reply | None:
    """Return the answer to a browser that asks whether a page of an allowed origin may call; None for all else."""
    if scope["method"] != "OPTIONS" or head.origin not in edge.origins:
        return None
    asks = any(name == ASKS_FIRST for name, _ in scope["headers"])
    return Reply(200, b"", LEAVE) if asks else None
