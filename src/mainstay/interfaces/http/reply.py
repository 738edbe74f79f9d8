"""Replies: JSON with the headers that every reply carries, and one shape for everything that went wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

# Answers are for their caller: never cached, framed, guessed at or allowed to load anything.
SAFE: Headers = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
CLOSE: Headers = ((b"connection", b"close"),)

_json = msgspec.json.Encoder()


class _Coded(msgspec.Struct):
    code: str = ""


class _Problem(msgspec.Struct):
    error: _Coded = msgspec.field(default_factory=_Coded)


_problem = msgspec.json.Decoder(_Problem)


class Reply(msgspec.Struct, frozen=True):
    """A reply before it is sent. With `drain` what the caller is still sending is read, within bounds, and dropped."""

    status: int
    body: bytes
    headers: Headers = ()
    drain: bool = False
    kind: bytes = b"application/json"


def json_reply(status: int, document: object, *, headers: Headers = ()) -> Reply:
    """Return a JSON reply."""
    return Reply(status, _json.encode(document), headers)


def problem(status: int, code: str, what: str, *, remedy: str = "", headers: Headers = ()) -> Reply:
    """Return a reply that says what was wrong and what to do next.

    >>> problem(404, "unknown-model", "there is no model here", remedy="Train one.").body
    b'{"error":{"code":"unknown-model","what":"there is no model here","remedy":"Train one."}}'
    """
    return json_reply(status, {"error": {"code": code, "what": what, "remedy": remedy}}, headers=headers)


def code_of(reply: Reply) -> str:
    """Return the code of a problem; "" for what is none.

    >>> code_of(problem(404, "unknown-model", "there is no model here")), code_of(json_reply(200, {}))
    ('unknown-model', '')
    """
    return _problem.decode(reply.body).error.code


def headers_of(reply: Reply, carried: Headers) -> list[tuple[bytes, bytes]]:
    """Return all headers of a reply, with those that it carries."""
    length = str(len(reply.body)).encode()
    return [(b"content-type", reply.kind), *SAFE, (b"content-length", length), *carried, *reply.headers]


async def send_reply(send: Send, reply: Reply, carried: Headers, *, finish: bool = True) -> None:
    """Send a reply, with headers that it carries; without `finish` the connection stays open until `send_end`."""
    await send({"type": "http.response.start", "status": reply.status, "headers": headers_of(reply, carried)})
    await send({"type": "http.response.body", "body": reply.body, "more_body": not finish})


async def send_end(send: Send) -> None:
    """End a reply that was sent without `finish`."""
    await send({"type": "http.response.body", "body": b"", "more_body": False})
