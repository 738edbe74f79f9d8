"""Answering a request that came whole in one piece, without waiting for anything: most of those for one row do.

Nothing is decided otherwise than on the long way: what wants care (packed bodies, those beyond a limit) is left to it,
before anything was done.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from mainstay.interfaces.http.callers import identify, wish_of
from mainstay.interfaces.http.carried import carried
from mainstay.interfaces.http.dialects import dialect_of, translated
from mainstay.interfaces.http.endpoints import busy
from mainstay.interfaces.http.reply import Reply, headers_of
from mainstay.interfaces.http.request import PLAIN, Sent, Target, form_of, read_head
from mainstay.interfaces.http.tables import PACKED
from mainstay.interfaces.http.visits import Came, Visit, Worker, failed, note, refusal, replied, unfit
from mainstay.workflows.serve import ticks_us

ODD_IN_URL = re.compile(rb"[^A-Za-z0-9._~/-]")  # a query, an escape, or what is no address at all
MOST_TARGETS = 1_000  # addresses remembered

Given = Iterable[tuple[bytes, bytes]]


class Whole(msgspec.Struct, frozen=True, gc=False):
    """A reply that is ready to be written."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


@lru_cache(maxsize=MOST_TARGETS)
def plain_target(url: bytes) -> Target | None:
    """Return what a POST to an address asks for, where it may be answered at once.

    >>> plain_target(b"/v1/models/credit/decide")
    Target(endpoint='decide', model='credit', version=None)
    >>> plain_target(b"/invocations?model=credit")
    """
    return None if ODD_IN_URL.search(url) else busy(url.decode("ascii"))


def answer_at_once(worker: Worker, url: bytes, target: Target, given: Given, body: bytes) -> Whole | None:
    """Answer a POST with these headers; None where it has to go the long way, and nothing was done."""
    path, head = url.decode("ascii"), read_head(given)
    if head.encoding not in PLAIN or form_of(head) in PACKED or len(body) > worker.held.limits.body_bytes:
        return None
    came = Came("POST", path, head, target, ticks_us())
    caller = identify(worker.door, head, wish_of(path, target))
    reply = caller if isinstance(caller, Reply) else _reply(worker, Visit(came, target, caller), body)
    reply = translated(reply, dialect_of(path))
    note(worker, came, caller, reply.status)
    return Whole(reply.status, headers_of(reply, carried(worker.edge, head)), reply.body)


def _reply(worker: Worker, visit: Visit, body: bytes) -> Reply:
    try:
        refused = refusal(worker, visit)
        if refused is not None:
            return unfit(worker, visit, refused)
        came = visit.came
        sent = Sent(visit.target, came.head, body, came.started_us, visit.caller.name, form_of(came.head))
        return replied(worker, visit, sent)
    except Exception as error:  # noqa: BLE001 - the outermost edge of a request
        return failed(worker, visit, error)
