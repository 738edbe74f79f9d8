"""The floor: what the HTTP server alone costs. A bare ASGI application that gives back what it was sent."""

from __future__ import annotations

from typing import Any

HEAD = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Echo the body of a request."""
    if scope["type"] != "http":
        return
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    body = b"".join(parts)
    await send({**HEAD, "headers": [*HEAD["headers"], (b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})
