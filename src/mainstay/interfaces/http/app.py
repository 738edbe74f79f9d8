"""The application of one worker (ASGI): the busy endpoints by hand, the quiet ones through Starlette."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from mainstay.domain.errors import MainstayError
from mainstay.interfaces.http.access import GONE
from mainstay.interfaces.http.at_once import Whole, answer_at_once, plain_target
from mainstay.interfaces.http.callers import Door, identify, wish_of
from mainstay.interfaces.http.carried import carried, edge_of, preflight
from mainstay.interfaces.http.dialects import dialect_of, translated
from mainstay.interfaces.http.endpoints import busy
from mainstay.interfaces.http.following import keep_following
from mainstay.interfaces.http.measures import Measures
from mainstay.interfaces.http.pages import CALLER, CARRIED, HEAD, make_pages
from mainstay.interfaces.http.rates import Rates
from mainstay.interfaces.http.reply import Receive, Reply, Scope, Send, send_end, send_reply
from mainstay.interfaces.http.request import Held, Sent, Target, drain, form_of, read_body, read_head, wishes_of
from mainstay.interfaces.http.settings import Settings
from mainstay.interfaces.http.tables import PACKED, Tables, end, unpack
from mainstay.interfaces.http.telemetry import open_telemetry
from mainstay.interfaces.http.visits import Came, Visit, Worker, failed, note, refusal, replied, unfit
from mainstay.interfaces.logs import where
from mainstay.workflows.serve import Form, close_desk, open_desk, ticks_us

log = logging.getLogger("mainstay.http")


class App:
    """The application; the home is opened when the server starts it, and closed when it stops.

    `beat` is called several times a second while the worker is well.
    """

    def __init__(self, settings: Settings, *, beat: Callable[[], None] = lambda: None) -> None:
        self._settings, self._beat = settings, beat
        self._running: list[Worker] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request, or live from start to stop."""
        if scope["type"] == "http":
            measures = self._running[0].measures
            measures.n_in_flight += 1
            try:
                await _http(self._running[0], scope, receive, send)
            finally:
                measures.n_in_flight -= 1
        elif scope["type"] == "lifespan":
            await _live(self._settings, self._beat, self._running, receive, send)

    def target(self, url: bytes) -> Target | None:
        """Return what a POST to an address asks for, where it may be answered at once."""
        return plain_target(url)

    def at_once(self, url: bytes, target: Target, given: Iterable[tuple[bytes, bytes]], body: bytes) -> Whole | None:
        """Answer a POST that came whole without waiting for anything; None where it has to be read with care."""
        return answer_at_once(self._running[0], url, target, given, body)


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
        open_telemetry(os.environ, measures.families),
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
    if worker.telemetry is not None:
        await asyncio.to_thread(worker.telemetry.close)
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
    path, target, head = scope["path"], busy(scope["path"], scope["query_string"]), read_head(scope["headers"])
    came = Came(scope["method"], path, head, target, ticks_us())
    scope[HEAD], scope[CARRIED] = head, carried(worker.edge, head)
    caller = preflight(worker.edge, scope, head) or identify(worker.door, head, wish_of(path, target))
    if isinstance(caller, Reply):
        status = await _answer(worker, scope, receive, send, caller)
    elif target is None:
        scope[CALLER] = caller
        status = await worker.pages(scope, receive, send)
    else:
        reply = await _guarded(worker, scope, receive, Visit(came, target, caller))
        status = GONE if reply is None else await _answer(worker, scope, receive, send, reply)
    note(worker, came, caller, status)


async def _answer(worker: Worker, scope: Scope, receive: Receive, send: Send, reply: Reply) -> int:
    """Send a reply, in the words of whose path it is, and return its status."""
    reply = translated(reply, dialect_of(scope["path"]))
    await send_reply(send, reply, scope[CARRIED], finish=not reply.drain)
    if reply.drain:
        await drain(receive)
        await send_end(send)
    return reply.status


async def _guarded(worker: Worker, scope: Scope, receive: Receive, visit: Visit) -> Reply | None:
    """Reply to whatever comes; None where the caller has gone."""
    try:
        refused = refusal(worker, visit)
        if refused is not None:
            return unfit(worker, visit, refused)
        worker.held.n_requests += 1
        try:
            return await _reply(worker, scope, receive, visit)
        finally:
            worker.held.n_requests -= 1
    except Exception as error:  # noqa: BLE001 - the outermost edge of a request
        return failed(worker, visit, error)


async def _reply(worker: Worker, scope: Scope, receive: Receive, visit: Visit) -> Reply | None:
    head, target, caller = visit.came.head, visit.target, visit.caller
    body, form = await read_body(receive, worker.held, head.encoding), form_of(head)
    if isinstance(body, bytes) and form in PACKED:
        body, form = await unpack(body, worker.tables, worker.held), Form.LINES
    if isinstance(body, bytes):
        wishes = {} if form is Form.JSON else wishes_of(scope)
        sent = Sent(target, head, body, visit.came.started_us, caller.name, form, wishes)
        return replied(worker, visit, sent)
    return None if body is None else unfit(worker, visit, body)
