"""Keys of callers: who may call, for what, which models and how often. Kept as a keyed hash, never as the key itself.

A caller has a name; its keys are numbered from 1 (`shop.1`, `shop.2`). Ids are the caller's, not the key's: a key can
be replaced, and two programs with a key each of one caller speak of the same decisions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from mainstay.domain.errors import Asked, did_you_mean
from mainstay.domain.event import Act, Event, understood

CHAIN = "@keys"  # the chain of the ledger that holds them; no model can have this name
CALLER_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
RATE = re.compile(r"(\d{1,7})\s*/\s*([smh])")
SECONDS = {"s": 1, "m": 60, "h": 3600}


class Scope(StrEnum):
    """What a key opens."""

    DECIDE = "decide"
    OUTCOMES = "outcomes"
    ACTIONS = "actions"
    EXPLAIN = "explain"
    METRICS = "metrics"
    READ = "read"  # what the models are and want: the contract, the page for people, the cards


class Rate(msgspec.Struct, frozen=True):
    """How many requests a key may send: `n` at once, and as many again evenly over `seconds`."""

    n: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.n}/{next(unit for unit, length in SECONDS.items() if length == self.seconds)}"


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """One key. `digest` is its keyed hash (hex); empty `models` are all; moments are ISO UTC, None: not, or never."""

    caller: str
    number: int
    digest: str
    scopes: tuple[Scope, ...]
    models: tuple[str, ...] = ()
    rate: Rate | None = None
    added_at: str
    added_by: str
    expires_at: str | None = None
    revoked_at: str | None = None
    revoked_by: str | None = None

    @property
    def id(self) -> str:
        """How people name it."""
        return f"{self.caller}.{self.number}"

    def status(self, at: datetime) -> str:
        """Return `revoked`, `expired` or `active`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and datetime.fromisoformat(self.expires_at) <= at else "active"


def keys_of(events: Iterable[Event]) -> tuple[Key, ...]:
    """Return every key that was ever added, in order, from the events of their chain; raises `LedgerBroken`."""
    keys: dict[tuple[str, int], Key] = {}
    for event in events:
        body = event.body
        with understood(f"event {event.seq} of {CHAIN}"):
            if event.act == Act.KEY_ADDED:
                key = msgspec.convert({**body, "added_at": event.at, "added_by": event.actor}, Key)
                keys[key.caller, key.number] = key
            elif event.act == Act.KEY_REVOKED:
                which = body["caller"], body["number"]
                revoked = {"revoked_at": event.at, "revoked_by": event.actor}
                keys[which] = msgspec.structs.replace(keys[which], **revoked)
    return tuple(keys.values())


def parse_caller(text: str) -> str:
    """Read the name of a caller; raises `Asked`."""
    if not CALLER_NAME.fullmatch(text):
        remedy = "Use 1 to 40 small letters, digits, - and _, such as web-shop."
        raise Asked(f"{text[:60]!r} is no name for a caller", remedy=remedy)
    return text


def parse_scopes(text: str) -> tuple[Scope, ...]:
    """Read scopes as people write them; raises `Asked`.

    >>> [scope.value for scope in parse_scopes("outcomes, decide")]
    ['decide', 'outcomes']
    """
    named = {word.strip().lower() for word in text.split(",") if word.strip()}
    known = [scope.value for scope in Scope]
    if not named:
        raise Asked("a key without any scope opens nothing", remedy=f"Name some of: {', '.join(known)}.")
    for word in sorted(named - set(known)):
        raise Asked(f"there is no scope {word[:40]!r}", remedy=did_you_mean(word, known))
    return tuple(scope for scope in Scope if scope.value in named)


def parse_rate(text: str) -> Rate:
    """Read a rate as people write it; raises `Asked`.

    >>> parse_rate("100/s"), str(parse_rate("6000 / m"))
    (Rate(n=100, seconds=1), '6000/m')
    """
    match = RATE.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        remedy = "Write requests and a unit of time, such as 100/s, 6000/m or 50000/h."
        raise Asked(f"{text[:40]!r} is no rate", remedy=remedy)
    return Rate(int(match[1]), SECONDS[match[2]])
