"""The access log (`serve --access-log`): a line for each request, of what it was, never of what it held.

A path is told by its template, and only if we know it: what else a caller writes there could be anything.
"""

from __future__ import annotations

import logging

from mainstay.interfaces.http.documents import QUIET
from mainstay.interfaces.http.foreign_documents import QUIET as FOREIGN
from mainstay.interfaces.http.request import Head, Target
from mainstay.interfaces.logs import ACCESS

GONE = 499  # nobody was there to be answered (nginx's number)

log = logging.getLogger(ACCESS)


def route_of(path: str, target: Target | None) -> str:
    """Return the template of a path, `other` for one that we do not know.

    >>> route_of("/v1/models/credit", None), route_of("/anna@example.com", None)
    ('/v1/models/{name}', 'other')
    """
    parts = path.split("/")
    if len(parts) > 3 and parts[2] == "models":
        parts[3] = "{name}"
        if len(parts) > 5 and parts[4] == "versions":
            parts[5] = "{version}"
    route = "/".join(parts)
    return route if target is not None or route in QUIET or route in FOREIGN else "other"


def tell(head: Head, route: str, method: str, status: int, ms: float, key: str) -> None:
    """Write one line."""
    said = {"method": method[:20], "route": route, "status": status, "ms": round(ms, 2), "key": key}
    said |= head.ids
    text = f"{said['method']} {route} {status} {ms:.2f} ms, key {key or 'none'}, request {said['request']}"
    log.info("%s%s", text, f", trace {said['trace']}" if "trace" in said else "", extra={"said": said})
