"""Reading a request: its headers, and its body within limits of size, time and memory."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from mainstay.interfaces.http.reply import CLOSE, Message, Receive, Reply, Scope, problem
from mainstay.interfaces.http.settings import is_loopback
from mainstay.interfaces.http.trace import TRACE, continued

MAX_BODY = 10_000_000  # bytes: 4,096 rows of 2.4 kB
MAX_HELD = (
    64_000_000  # bytes of unfinished bodies in one worker: six of the largest; beyond it callers are asked to wait
)
BODY_S = 30.0  # seconds for a body to arrive: 10 MB over a poor line (3 Mbit/s)
MAX_DRAINED = 64_000_000  # bytes of a body too large that are read and dropped, so that its sender hears why
DRAIN_S = 5.0
RETRY = ((b"retry-after", b"1"),)

REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,100}")
OTHER_FORMATS = (
    b"text/csv",
    b"multipart/",
    b"application/xml",
    b"text/xml",
    b"application/vnd.apache",
    b"application/x-ndjson",
)


class Head(msgspec.Struct, frozen=True, gc=False):
    """The headers that matter. Lengths are None where the caller does not say, -1 where they are no numbers.

    `json_length` is where the JSON of a body ends, of those that go on in bytes. `key` is what a caller presents as
    one, b"" for none; `traceparent` tells of our part of a caller's trace, if any.
    """

    length: int | None
    json_length: int | None
    encoding: bytes
    kind: bytes
    origin: bytes
    host: bytes
    request_id: bytes
    has_body: bool
    key: bytes
    traceparent: bytes

    def __repr__(self) -> str:
        return f"Head(request_id={self.request_id!r})"  # never the key

    @property
    def ids(self) -> dict[str, str]:
        """By which ids the request can be found again, here and at its caller's."""
        ids = {"request": self.request_id.decode("latin-1")}
        return ids | ({"trace": self.traceparent[TRACE].decode()} if self.traceparent else {})


class Target(msgspec.Struct, frozen=True, gc=False):
    """What a path asks for: a busy endpoint, of which model, and by which version where the path names one."""

    endpoint: str
    model: str
    version: str | None = None


class Sent(msgspec.Struct, frozen=True, gc=False):
    """What a caller sent, whole. `started_us` is when its first byte was seen, by the clock of `ticks_us`."""

    target: Target
    head: Head
    body: bytes
    started_us: int
    key: str  # the caller's name, "" without keys


@dataclass(slots=True)
class Held:
    """How many bytes of unfinished bodies this worker holds."""

    n_bytes: int = 0


def read_head(scope: Scope) -> Head:
    """Read the headers that matter; a request without a usable id gets one."""
    headers = dict(scope["headers"])
    request_id, length = headers.get(b"x-request-id", b""), _length(headers.get(b"content-length"))
    return Head(
        length=length,
        json_length=_length(headers.get(b"inference-header-content-length")),
        encoding=headers.get(b"content-encoding", b"").strip().lower(),
        kind=headers.get(b"content-type", b"").strip().lower(),
        origin=headers.get(b"origin", b""),
        host=headers.get(b"host", b""),
        request_id=request_id if REQUEST_ID.fullmatch(request_id) else os.urandom(8).hex().encode(),
        has_body=length is not None or b"transfer-encoding" in headers,
        key=_presented(headers),
        traceparent=continued(trace) if (trace := headers.get(b"traceparent")) else b"",
    )


def _length(text: bytes | None) -> int | None:
    return None if text is None else int(text) if text.isdigit() and len(text) < 20 else -1


def _presented(headers: Mapping[bytes, bytes]) -> bytes:
    scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
    return key.strip() if scheme.lower() == b"bearer" else headers.get(b"x-api-key", b"").strip()


def refused_head(head: Head, *, loopback: bool, origins: frozenset[bytes] = frozenset()) -> Reply | None:
    """Return why a request is refused by its headers alone, or None."""
    if head.origin and head.origin not in origins and not same_origin(head, loopback=loopback):
        what = "this page may not call the service: it comes from another origin"
        remedy = "Call it from a program, or let the service allow the origin: mainstay serve --allow-origin ORIGIN."
        return problem(403, "cross-origin", what, remedy=remedy, headers=CLOSE)
    if head.length is not None and not 0 <= head.length <= MAX_BODY:
        return too_large()
    if head.encoding not in (b"", b"identity"):
        what = f"a body with content-encoding {head.encoding[:50].decode('latin-1')!r}"
        return problem(415, "encoding", what, remedy="Send plain JSON, not compressed.", headers=CLOSE)
    if head.kind.startswith(OTHER_FORMATS):
        what = f"a body of type {head.kind[:50].decode('latin-1')!r}"
        return problem(415, "content-type", what, remedy="Send JSON: content-type application/json.", headers=CLOSE)
    return None


def same_origin(head: Head, *, loopback: bool) -> bool:
    """Say whether a browser's page may call us: only one that we served, and on loopback only under a loopback name.

    Without this any page that a user opens could post to the service on that user's machine.
    """
    try:
        origin = urlsplit(head.origin.decode("latin-1"))
        host = origin.hostname or ""
    except ValueError:
        return False
    return origin.netloc.encode("latin-1") == head.host and (not loopback or is_loopback(host))


def too_large() -> Reply:
    """Return the reply to a body beyond the limit."""
    what = f"a body of more than {MAX_BODY:,} bytes"
    reply = problem(413, "body-too-large", what, remedy="Send fewer rows at once, in several requests.", headers=CLOSE)
    return Reply(reply.status, reply.body, reply.headers, drain=True)


async def read_body(receive: Receive, held: Held) -> bytes | Reply | None:
    """Read a body; returns a reply where it cannot be had, and None where the caller has gone."""
    message = await _first(receive)
    if isinstance(message, Reply) or message["type"] == "http.disconnect":
        return message if isinstance(message, Reply) else None
    if not message.get("more_body", False):
        body: bytes = message["body"]
        return body if len(body) <= MAX_BODY else too_large()
    return await _read_on(message["body"], receive, held)


async def drain(receive: Receive) -> None:
    """Read and drop what a caller is still sending, within bounds."""
    left = MAX_DRAINED
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return


async def _first(receive: Receive) -> Message | Reply:
    try:
        async with asyncio.timeout(BODY_S):
            return await receive()
    except TimeoutError:
        return _too_slow()


async def _read_on(first: bytes, receive: Receive, held: Held) -> bytes | Reply | None:
    """Read the rest of a body that comes in pieces."""
    body = bytearray(first)
    held.n_bytes += len(first)
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                piece = message.get("body", b"")
                body += piece
                held.n_bytes += len(piece)
                if len(body) > MAX_BODY:
                    return too_large()
                if held.n_bytes > MAX_HELD:
                    return _too_busy()
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        return _too_slow()
    finally:
        held.n_bytes -= len(body)


def _too_slow() -> Reply:
    what = f"the body did not arrive within {BODY_S:g} seconds"
    return problem(408, "too-slow", what, remedy="Send it again, or in smaller parts.", headers=CLOSE)


def _too_busy() -> Reply:
    what = "too many large requests at once"
    reply = problem(429, "too-busy", what, remedy="Try again in a second.", headers=(*RETRY, *CLOSE))
    return Reply(reply.status, reply.body, reply.headers, drain=True)
