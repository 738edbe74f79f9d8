"""Who calls, and whether they may: a key where there are keys, with the right scope, of the right model, not too often.

What needs no key is whether the service lives and is ready: a load balancer has none.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from mainstay.domain.key import Scope
from mainstay.domain.limits import LIMITS
from mainstay.interfaces.http.measures import Measures
from mainstay.interfaces.http.rates import SECOND_US, Rates
from mainstay.interfaces.http.reply import CLOSE, Reply, problem
from mainstay.interfaces.http.request import Head, Target
from mainstay.workflows.serve import Desk, Grant, now_us

OPEN = frozenset({"/healthz", "/readyz", "/ping", "/health", "/v2/health/live", "/v2/health/ready"})
SCOPES = {
    "outcomes": Scope.OUTCOMES,
    "actions": Scope.ACTIONS,
    "explain": Scope.EXPLAIN,
}  # every other busy one decides
SEND = "Send it with each request: Authorization: Bearer KEY."
MAKE = "Whoever runs the service makes one: mainstay keys add NAME --scopes {scope}."
PAGES = frozenset({Scope.READ, Scope.METRICS})


class Caller(msgspec.Struct, frozen=True):
    """Who calls: a name, by which ids are kept apart, and the id of the key; both "" where no key is asked for.

    Empty `models` are all.
    """

    name: str = ""
    key: str = ""
    models: frozenset[str] = frozenset()


class Wish(msgspec.Struct, frozen=True):
    """What a request wants opened: a scope, and of which model ("" where its path names none)."""

    scope: Scope
    model: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """What is asked when somebody calls: the keys, how often each was used, and the counters of refusals."""

    desk: Desk
    rates: Rates
    measures: Measures


ANYBODY = Caller()


def wish_of(path: str, target: Target | None) -> Wish | None:
    """Return what a path wants opened; None where it is open to everybody.

    >>> wish_of("/v1/models/credit", None), wish_of("/healthz", None)
    (Wish(scope=<Scope.READ: 'read'>, model='credit'), None)
    """
    if target is not None:
        return Wish(SCOPES.get(target.endpoint, Scope.DECIDE), target.model)
    if path in OPEN:
        return None
    if path == "/metrics":
        return Wish(Scope.METRICS)
    parts = path.split("/", 4)
    return Wish(Scope.READ, parts[3] if len(parts) > 3 and parts[2] == "models" else "")


def identify(door: Door, head: Head, wish: Wish | None) -> Caller | Reply:
    """Return who calls, or why they may not."""
    desk = door.desk
    if wish is None or not desk.keyring.required:
        return ANYBODY
    if not head.key:
        remedy = f"{SEND} {MAKE.format(scope=wish.scope)}"
        return refused(door, head, "no-key", "this service wants a key, and none came", remedy=remedy)
    grant = desk.keyring.find(head.key)
    if grant is None:
        what = "the key is none that was made here"
        remedy = f"Look for a slip in copying. {MAKE.format(scope='…')}"
        return refused(door, head, "unknown-key", what, remedy=remedy)
    if grant.until_us <= now_us():
        return _no_more(door, head, grant)
    if wish.scope not in grant.scopes:
        what = f"the key {grant.id} opens {', '.join(grant.key.scopes)}, not {wish.scope}"
        remedy = f"Use another. {MAKE.format(scope=wish.scope)}"
        return refused(door, head, "wrong-scope", what, remedy=remedy, key=grant.id)
    if grant.models and not _may_ask(desk, grant, wish):
        what = f"the key {grant.id} opens {', '.join(grant.key.models)} and no other model"
        remedy = "Use another, or ask whoever runs the service for one."
        return refused(door, head, "wrong-model", what, remedy=remedy, key=grant.id)
    desk.keys_used.add(grant.id)
    if grant.key.rate is not None and (wait_us := door.rates.wait_us(grant.place, grant.key.rate)):
        return _too_fast(door, head, grant, wait_us)
    return Caller(grant.key.caller, grant.id, grant.models)


def may_read(desk: Desk, head: Head) -> bool:
    """Say whether a caller of what is open to everybody may also be told names and reasons."""
    if not desk.keyring.required:
        return True
    grant = desk.keyring.find(head.key) if head.key else None
    return grant is not None and grant.until_us > now_us() and Scope.READ in grant.scopes and not grant.models


def refused(door: Door, head: Head, code: str, what: str, *, remedy: str, key: str = "") -> Reply:
    """Return a refusal that is given before the body is read, and count it."""
    status = 403 if code.startswith("wrong-") else 401
    more = b', error="insufficient_scope"' if status == 403 else b', error="invalid_token"' if head.key else b""
    challenge = ((b"www-authenticate", b'Bearer realm="mainstay"' + more),)
    door.measures.refused_calls.labels(key, code).inc()
    return unread(problem(status, code, what, remedy=remedy, headers=challenge), head)


def unread(reply: Reply, head: Head) -> Reply:
    """Return a reply to a request whose body is not read: one of no known bounds is dropped within bounds."""
    if not head.has_body or (head.length is not None and 0 <= head.length <= LIMITS.body_bytes):
        return reply
    return Reply(reply.status, reply.body, (*reply.headers, *CLOSE), drain=True)


def _no_more(door: Door, head: Head, grant: Grant) -> Reply:
    """Say so to whoever holds a key that held once; they have shown that they know it."""
    ended = "was revoked" if grant.key.revoked_at is not None else "has expired"
    code = "revoked-key" if grant.key.revoked_at is not None else "expired-key"
    remedy = f"Use the newer one, or ask for it: mainstay keys add {grant.key.caller}."
    return refused(door, head, code, f"the key {grant.id} {ended}", remedy=remedy, key=grant.id)


def _too_fast(door: Door, head: Head, grant: Grant, wait_us: int) -> Reply:
    door.measures.refused_calls.labels(grant.id, "too-fast").inc()
    what = f"more than {grant.key.rate} came with the key {grant.id}"
    retry = ((b"retry-after", str(-(-wait_us // SECOND_US)).encode()),)
    remedy = "Wait as Retry-After says, and send the same again."
    return unread(problem(429, "too-fast", what, remedy=remedy, headers=retry), head)


def _may_ask(desk: Desk, grant: Grant, wish: Wish) -> bool:
    """Say whether a key of some models opens this; of a page about all models it is shown its own."""
    if wish.model:
        return wish.model in grant.models
    return wish.scope in PAGES or desk.routes.services.keys() <= grant.models
