"""Requests on their way to an answer: who asks for what, why it may be refused unread, and what is noted of it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from mainstay.domain.errors import MainstayError
from mainstay.interfaces.http.access import route_of, tell
from mainstay.interfaces.http.callers import Caller, Door
from mainstay.interfaces.http.carried import Edge
from mainstay.interfaces.http.endpoints import ENDPOINTS
from mainstay.interfaces.http.faults import own_fault
from mainstay.interfaces.http.measures import Measures
from mainstay.interfaces.http.pages import Pages
from mainstay.interfaces.http.reply import Reply, code_of, problem
from mainstay.interfaces.http.request import Head, Held, Sent, Target, refused_head, too_busy
from mainstay.interfaces.http.settings import Settings
from mainstay.interfaces.http.tables import Tables
from mainstay.interfaces.http.telemetry import Served, Telemetry
from mainstay.interfaces.http.traffic import error_reply
from mainstay.workflows.serve import Desk, note_unfit, now_us, ticks_us

PAGES = "pages"  # how all that is not a busy endpoint is counted
UNFIT = frozenset({400, 408, 413, 415, 422})  # what is refused for what came: an input fault
ALLOW_POST = ((b"allow", b"POST"),)
SECOND_US = 1_000_000


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
    telemetry: Telemetry | None = None


class Came(msgspec.Struct, frozen=True, gc=False):
    """A request as it came: its method and path, its head, which busy endpoint it asks for if any, and when it came."""

    method: str
    path: str
    head: Head
    target: Target | None
    started_us: int


class Visit(msgspec.Struct, frozen=True, gc=False):
    """A request to a busy endpoint, and who calls."""

    came: Came
    target: Target
    caller: Caller


def refusal(worker: Worker, visit: Visit) -> Reply | None:
    """Return why a request is refused before anybody reads its body, or None."""
    if worker.held.n_requests >= worker.held.limits.requests:
        return too_busy("too many requests at once")
    if visit.came.method != "POST":
        what = f"{visit.came.method[:20]} is not what {visit.target.endpoint} answers to"
        return problem(405, "method", what, remedy="Use POST.", headers=ALLOW_POST)
    loopback, origins, limits = worker.settings.loopback, worker.edge.origins, worker.held.limits
    return refused_head(visit.came.head, visit.target.endpoint, loopback=loopback, origins=origins, limits=limits)


def replied(worker: Worker, visit: Visit, sent: Sent) -> Reply:
    """Reply to what came whole."""
    return ENDPOINTS[visit.target.endpoint](worker.desk, worker.measures, sent)


def unfit(worker: Worker, visit: Visit, reply: Reply) -> Reply:
    """Return the reply to what could not be read, counted as an input fault where it is one."""
    if reply.status in UNFIT:
        note_unfit(worker.desk, visit.target.model, code_of(reply), key=visit.caller.name)
    return reply


def failed(worker: Worker, visit: Visit, error: Exception) -> Reply:
    """Reply where something failed: nothing shows its insides to a caller, or a caller's values to a log."""
    if isinstance(error, MainstayError):
        return error_reply(error, worker.measures)
    return own_fault(error, visit.came.head)


def note(worker: Worker, came: Came, caller: Caller | Reply, status: int) -> None:
    """Count a request that was replied to, and tell of it where that is wanted."""
    target, took_us = came.target, ticks_us() - came.started_us
    worker.measures.count_request(target.endpoint if target is not None else PAGES, status, took_us / SECOND_US)
    if worker.telemetry is not None:
        worker.telemetry.served(_served(worker, came, status, took_us))
    if worker.settings.front.access_log:
        key = caller.key if isinstance(caller, Caller) else ""
        tell(came.head, route_of(came.path, target), came.method, status, took_us / 1000, key)


def _served(worker: Worker, came: Came, status: int, took_us: int) -> Served:
    """Say of a request what may be said elsewhere: nothing that its caller wrote, but the trace."""
    target, ended_us = came.target, now_us()
    named = target.model if target is not None else ""
    return Served(
        method=came.method,
        route=route_of(came.path, target),
        model=named if named in worker.desk.routes.models else "",
        status=status,
        began_us=ended_us - took_us,
        ended_us=ended_us,
        caller=came.head.traced_from,
        ours=came.head.traceparent,
    )
