"""The application of one worker (ASGI): the busy endpoints by hand, the quiet ones through Starlette."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mainstay.domain.errors import MainstayError
from mainstay.interfaces.http.access import GONE, route_of, tell
from mainstay.interfaces.http.callers import Caller, Door, identify, wish_of
from mainstay.interfaces.http.carried import Edge, carried, edge_of, preflight
from mainstay.interfaces.http.dialects import dialect_of, translated
from mainstay.interfaces.http.endpoints import ENDPOINTS, busy
from mainstay.interfaces.http.faults import own_fault
from mainstay.interfaces.http.following import keep_following
from mainstay.interfaces.http.measures import Measures
from mainstay.interfaces.http.pages import CALLER, CARRIED, HEAD, Pages, make_pages
from mainstay.interfaces.http.rates import Rates
from mainstay.interfaces.http.reply import Receive, Reply, Scope, Send, code_of, problem, send_end, send_reply
from mainstay.interfaces.http.request import (
    Head,
    Held,
    Sent,
    Target,
    drain,
    form_of,
    read_body,
    read_head,
    refused_head,
    too_busy,
    wishes_of,
)
from mainstay.interfaces.http.settings import Settings
from mainstay.interfaces.http.tables import PACKED, Tables, end, unpack
from mainstay.interfaces.http.traffic import error_reply
from mainstay.interfaces.logs import where
from mainstay.workflows.serve import Desk, Form, close_desk, note_unfit, open_desk, ticks_us

App = Callable[[Scope, Receive, Send], Awaitable[None]]

PAGES = "pages"  # how all that is not a busy endpoint is counted
UNFIT = frozenset({400, 408, 413, 415, 422})  # what is refused for what came: an input fault
ALLOW_POST = ((b"allow", b"POST"),)
SECOND_US = 1_000_000

log = logging.getLogger("mainstay.http")


@dataclass
class Worker:
    """What the application of one process holds while it runs."""

    settings: Settings
    desk: Desk
    measures: Measures
    pages: Pages
    door: Door
    edge: Edge
    held: Held
    tables: Tables


class Visit(msgspec.Struct, frozen=True, gc=False):
    """A request to a busy endpoint on its way: its head, what its path asks for, who calls, and when it came."""

    head: Head
    target: Target
    caller: Caller
    started_us: int


def make_app(settings: Settings, *, beat: Callable[[], None] = lambda: None) -> App:
    """Return the application; the home is opened when the server starts it, and closed when it stops.

    `beat` is called several times a second while the worker is well.
    """
    running: list[Worker] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            measures = running[0].measures
            measures.n_in_flight += 1
            try:
                await _http(running[0], scope, receive, send)
            finally:
                measures.n_in_flight -= 1
        elif scope["type"] == "lifespan":
            await _live(settings, beat, running, receive, send)

    return app


def open_worker(settings: Settings) -> Worker:
    """Open the home and load what is live; raises `NotFound` or `StoreError`."""
    desk = open_desk(Path(settings.folder), settings.front.limits)
    measures = Measures(desk)
    limits = settings.front.limits
    return Worker(
        settings,
        desk,
        measures,
        make_pages(desk, measures),
        Door(desk, Rates(settings.rates), measures),
        edge_of(settings),
        Held(limits),
        Tables(limits),
    )


async def _live(
    settings: Settings, beat: Callable[[], None], running: list[Worker], receive: Receive, send: Send
) -> None:
    await receive()
    try:
        worker = open_worker(settings)
    except MainstayError as error:
        log.error("cannot serve: %s", error)
        await send({"type": "lifespan.startup.failed", "message": error.what})
        return
    running.append(worker)
    gc.freeze()  # what was loaded stays: no look for garbage needs to go through it again

    def alive() -> None:
        worker.measures.show_in_flight()
        beat()

    following = asyncio.create_task(keep_following(worker.desk, parent=settings.parent, beat=alive))
    following.add_done_callback(_stop_if_failed)
    beat()  # before the first request is accepted: who has not beaten has nobody waiting
    await send({"type": "lifespan.startup.complete"})
    await receive()
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
    await end(worker.tables)
    try:
        close_desk(worker.desk)
    except MainstayError as error:
        log.error("the last input faults were not written: %s", error.what)
    await send({"type": "lifespan.shutdown.complete"})


def _stop_if_failed(following: asyncio.Task[None]) -> None:
    """A worker that no longer follows the ledger must not go on: the supervisor starts another."""
    if not following.cancelled() and (error := following.exception()) is not None:
        log.error("stopped following: %s", where(error))
        os.kill(os.getpid(), signal.SIGTERM)


async def _http(worker: Worker, scope: Scope, receive: Receive, send: Send) -> None:
    started_us = ticks_us()
    head, target = read_head(scope), busy(scope["path"], scope["query_string"])
    scope[HEAD], scope[CARRIED] = head, carried(worker.edge, head)
    caller = preflight(worker.edge, scope, head) or identify(worker.door, head, wish_of(scope["path"], target))
    if isinstance(caller, Reply):
        status = await _answer(worker, scope, receive, send, caller)
    elif target is None:
        scope[CALLER] = caller
        status = await worker.pages(scope, receive, send)
    else:
        reply = await _guarded(worker, scope, receive, Visit(head, target, caller, started_us))
        status = GONE if reply is None else await _answer(worker, scope, receive, send, reply)
    endpoint = target.endpoint if target is not None else PAGES
    worker.measures.count_request(endpoint, status, (ticks_us() - started_us) / SECOND_US)
    if worker.settings.front.access_log:
        key = caller.key if isinstance(caller, Caller) else ""
        tell(head, route_of(scope["path"], target), scope["method"], status, (ticks_us() - started_us) / 1000, key)


async def _answer(worker: Worker, scope: Scope, receive: Receive, send: Send, reply: Reply) -> int:
    """Send a reply, in the words of whose path it is, and return its status."""
    reply = translated(reply, dialect_of(scope["path"]))
    await send_reply(send, reply, scope[CARRIED], finish=not reply.drain)
    if reply.drain:
        await drain(receive)
        await send_end(send)
    return reply.status


async def _guarded(worker: Worker, scope: Scope, receive: Receive, visit: Visit) -> Reply | None:
    """Reply to whatever comes; nothing that fails here shows its insides to a caller, or a caller's values to a log."""
    if worker.held.n_requests >= worker.held.limits.requests:
        return too_busy("too many requests at once")
    worker.held.n_requests += 1
    try:
        return await _reply(worker, scope, receive, visit)
    except MainstayError as error:
        return error_reply(error, worker.measures)
    except Exception as error:  # noqa: BLE001 - the outermost edge of a request
        return own_fault(error, visit.head)
    finally:
        worker.held.n_requests -= 1


async def _reply(worker: Worker, scope: Scope, receive: Receive, visit: Visit) -> Reply | None:
    sent = await _sent(worker, scope, receive, visit)
    if isinstance(sent, Sent):
        return ENDPOINTS[visit.target.endpoint](worker.desk, worker.measures, sent)
    if sent is not None and sent.status in UNFIT:
        note_unfit(worker.desk, visit.target.model, code_of(sent), key=visit.caller.name)
    return sent


async def _sent(worker: Worker, scope: Scope, receive: Receive, visit: Visit) -> Sent | Reply | None:
    """Return what a caller sent, or why it is refused before anybody reads it; None where the caller has gone."""
    head, target = visit.head, visit.target
    if scope["method"] != "POST":
        what = f"{scope['method'][:20]} is not what {target.endpoint} answers to"
        return problem(405, "method", what, remedy="Use POST.", headers=ALLOW_POST)
    loopback, origins, limits = worker.settings.loopback, worker.edge.origins, worker.held.limits
    refused = refused_head(head, target.endpoint, loopback=loopback, origins=origins, limits=limits)
    if refused is not None:
        return refused
    body, form = await read_body(receive, worker.held, head.encoding), form_of(head)
    if isinstance(body, bytes) and form in PACKED:
        body, form = await unpack(body, worker.tables, worker.held), Form.LINES
    if not isinstance(body, bytes):
        return body
    wishes = {} if form is Form.JSON else wishes_of(scope)
    return Sent(target, head, body, visit.started_us, visit.caller.name, form, wishes)
