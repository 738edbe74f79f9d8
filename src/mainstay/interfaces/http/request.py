"""Reading a request: its headers, and its body within limits of size, time and memory."""

from __future__ import annotations

import asyncio
import os
import re
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

import msgspec

from mainstay.domain.limits import LIMITS, Limits
from mainstay.interfaces.http.reply import CLOSE, Message, Receive, Reply, Scope, problem
from mainstay.interfaces.http.settings import is_loopback
from mainstay.interfaces.http.trace import TRACE, continued
from mainstay.workflows.serve import Form

MAX_DRAINED = 64_000_000  # bytes of a body too large that are read and dropped, so that its sender hears why
DRAIN_S = 5.0
MAX_MEMBERS = 100  # parts of a body that is packed in several
GZIP_BITS = 31  # gzip's own head and checksum, no other
RETRY = ((b"retry-after", b"1"),)

REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,100}")
GZIP, PLAIN = b"gzip", (b"", b"identity")
FORMS = {  # what is no table here is JSON, whatever it is called: many clients send none or the wrong type
    b"text/csv": Form.CSV,
    b"application/csv": Form.CSV,
    b"application/x-ndjson": Form.LINES,
    b"application/ndjson": Form.LINES,
    b"application/jsonl": Form.LINES,
    b"application/jsonlines": Form.LINES,
    b"application/vnd.apache.arrow.stream": Form.ARROW,
    b"application/vnd.apache.arrow.file": Form.ARROW,
    b"application/vnd.apache.parquet": Form.PARQUET,
    b"application/parquet": Form.PARQUET,
    b"application/x-parquet": Form.PARQUET,
}
OTHER_FORMATS = (b"multipart/", b"application/xml", b"text/xml", b"application/vnd.apache")
TAKE_TABLES = frozenset({"decide", "explain", "invocations"})


class Head(msgspec.Struct, frozen=True, gc=False):
    """The headers that matter. Lengths are None where the caller does not say, -1 where they are no numbers.

    `json_length` is where the JSON of a body ends, of those that go on in bytes. `key` is what a caller presents as
    one, b"" for none; `traceparent` tells of our part of a caller's trace, if any, and `traced_from` is its own.
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
    traced_from: bytes

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
    form: Form = Form.JSON
    wishes: Mapping[str, str] = msgspec.field(default_factory=dict)


@dataclass(slots=True)
class Held:
    """How many requests are under way in this worker and how many bytes of unfinished bodies it holds."""

    limits: Limits = LIMITS
    n_bytes: int = 0
    n_requests: int = 0


def read_head(given: Iterable[tuple[bytes, bytes]]) -> Head:
    """Read the headers that matter; a request without a usable id gets one."""
    headers = dict(given)
    traced_from = headers.get(b"traceparent", b"")
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
        traceparent=continued(traced_from) if traced_from else b"",
        traced_from=traced_from,
    )


def _length(text: bytes | None) -> int | None:
    return None if text is None else int(text) if text.isdigit() and len(text) < 20 else -1


def _presented(headers: Mapping[bytes, bytes]) -> bytes:
    scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
    return key.strip() if scheme.lower() == b"bearer" else headers.get(b"x-api-key", b"").strip()


def wishes_of(scope: Scope) -> dict[str, str]:
    """Return what stands in the address behind the path, for bodies that have no room for wishes.

    >>> wishes_of({"query_string": b"ids=order+no&strict=true"})
    {'ids': 'order no', 'strict': 'true'}
    """
    return dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))


def form_of(head: Head) -> Form:
    """Return the format that a body is said to have."""
    return _form_of(head.kind)


@lru_cache(maxsize=1000)
def _form_of(kind: bytes) -> Form:
    return FORMS.get(kind.partition(b";")[0].strip(), Form.JSON)


def refused_head(
    head: Head, endpoint: str, *, loopback: bool, origins: frozenset[bytes] = frozenset(), limits: Limits = LIMITS
) -> Reply | None:
    """Return why a request is refused by its headers alone, or None."""
    if head.origin and head.origin not in origins and not same_origin(head, loopback=loopback):
        what = "this page may not call the service: it comes from another origin"
        remedy = "Call it from a program, or let the service allow the origin: mainstay serve --allow-origin ORIGIN."
        return problem(403, "cross-origin", what, remedy=remedy, headers=CLOSE)
    if head.length is not None and not 0 <= head.length <= limits.body_bytes:
        return too_large(limits)
    if head.encoding not in (*PLAIN, GZIP):
        what = f"a body with content-encoding {head.encoding[:50].decode('latin-1')!r}"
        return problem(415, "encoding", what, remedy="Send it plain, or with gzip.", headers=CLOSE)
    return _refused_form(head, endpoint)


def _refused_form(head: Head, endpoint: str) -> Reply | None:
    form = form_of(head)
    if form is not Form.JSON and endpoint in TAKE_TABLES:
        return None
    if form is Form.JSON and not head.kind.startswith(OTHER_FORMATS):
        return None
    what = f"a body of type {head.kind[:50].decode('latin-1')!r}"
    tables = " Decisions are also asked for with CSV, JSON lines, Arrow and Parquet." if form is Form.JSON else ""
    remedy = f"Send JSON: content-type application/json.{tables}"
    return problem(415, "content-type", what, remedy=remedy, headers=CLOSE)


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


def too_large(limits: Limits) -> Reply:
    """Return the reply to a body beyond the limit."""
    what = f"a body of more than {limits.body_bytes:,} bytes"
    reply = problem(413, "body-too-large", what, remedy="Send fewer rows at once, in several requests.", headers=CLOSE)
    return Reply(reply.status, reply.body, reply.headers, drain=True)


async def read_body(receive: Receive, held: Held, encoding: bytes = b"") -> bytes | Reply | None:
    """Read a body; returns a reply where it cannot be had, and None where the caller has gone."""
    message = await _first(receive, held.limits)
    if isinstance(message, Reply) or message["type"] == "http.disconnect":
        return message if isinstance(message, Reply) else None
    body: bytes | Reply | None = message["body"]
    if message.get("more_body", False):
        body = await _read_on(message["body"], receive, held)
    if not isinstance(body, bytes):
        return body
    if len(body) > held.limits.body_bytes:
        return too_large(held.limits)
    return unpacked(body, held.limits) if encoding == GZIP else body


def unpacked(packed: bytes, limits: Limits) -> bytes | Reply:
    """Return what gzip packed; stops at the limit of a body, whatever it would become.

    >>> import gzip
    >>> unpacked(gzip.compress(b"{}"), LIMITS)
    b'{}'
    """
    body = bytearray()
    left = packed
    try:
        for _ in range(MAX_MEMBERS):
            member = zlib.decompressobj(wbits=GZIP_BITS)
            body += member.decompress(left, limits.body_bytes + 1 - len(body))
            if len(body) > limits.body_bytes:
                return too_large(limits)
            if not member.eof:
                return _not_gzip("it ends too early")
            left = member.unused_data
            if not left:
                return bytes(body)
    except zlib.error:
        return _not_gzip("it is damaged, or no gzip")
    return _not_gzip(f"it is packed in more than {MAX_MEMBERS} parts")


def _not_gzip(why: str) -> Reply:
    what = f"the body cannot be unpacked: {why}"
    return problem(400, "encoding", what, remedy="Send it whole, or plain without content-encoding.")


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


async def _first(receive: Receive, limits: Limits) -> Message | Reply:
    try:
        async with asyncio.timeout(limits.body_s):
            return await receive()
    except TimeoutError:
        return too_slow(limits)


async def _read_on(first: bytes, receive: Receive, held: Held) -> bytes | Reply | None:
    """Read the rest of a body that comes in pieces."""
    limits = held.limits
    body = bytearray(first)
    held.n_bytes += len(first)
    try:
        async with asyncio.timeout(limits.body_s):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                piece = message.get("body", b"")
                body += piece
                held.n_bytes += len(piece)
                if len(body) > limits.body_bytes:
                    return too_large(limits)
                if held.n_bytes > limits.held_bytes:
                    return too_busy("too many large requests at once")
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        return too_slow(limits)
    finally:
        held.n_bytes -= len(body)


def too_slow(limits: Limits) -> Reply:
    """Return the reply to a body that takes too long."""
    what = f"the body did not arrive within {limits.body_s:g} seconds"
    return problem(408, "too-slow", what, remedy="Send it again, or in smaller parts.", headers=CLOSE)


def too_busy(what: str) -> Reply:
    """Return the reply to what would be one too many."""
    reply = problem(429, "too-busy", what, remedy="Try again in a second.", headers=(*RETRY, *CLOSE))
    return Reply(reply.status, reply.body, reply.headers, drain=True)
