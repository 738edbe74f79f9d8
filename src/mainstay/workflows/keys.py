"""Keys for callers: add, list and revoke. Each act is an event; the key itself is shown once and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from mainstay.domain.errors import Asked, Busy, NotFound, did_you_mean
from mainstay.domain.event import Act
from mainstay.domain.key import CHAIN, Key, Rate, Scope, keys_of, parse_caller
from mainstay.domain.moments import iso
from mainstay.store.home import Home
from mainstay.store.key_use import last_use
from mainstay.store.secret import key_digest, make_key
from mainstay.workflows.place import known_model

ATTEMPTS = 5  # another act may come between reading and writing; each try starts from the newest state


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new key is to open. None: as the caller's newest active key; where it has none, scopes must be named."""

    scopes: tuple[Scope, ...] | None = None
    models: tuple[str, ...] | None = None
    rate: Rate | None = None
    lasts: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A key just added, and its text, which nothing can show again."""

    key: Key
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """A key, how it stands, and when it was last used (None: never, as far as is known on this machine)."""

    key: Key
    status: str
    used_at: datetime | None


def add_key(home: Home, caller: str, wanted: Wanted, *, actor: str, at: datetime) -> Made:
    """Make a key for a caller, who may have others; raises `Asked` or `NotFound` for what cannot be opened."""
    parse_caller(caller)
    models = tuple(known_model(home, model) for model in wanted.models or ())
    text = make_key()
    for _ in range(ATTEMPTS):
        seq, keys = _read(home)
        own = [key for key in keys if key.caller == caller]
        pattern = next((key for key in reversed(own) if key.status(at) == "active"), None)
        if wanted.scopes is None and pattern is None:
            known = ", ".join(scope.value for scope in Scope)
            raise Asked(f"what may {caller} do?", remedy=f"Say it: --scopes with some of {known}.")
        key = Key(
            caller=caller,
            number=len(own) + 1,
            digest=key_digest(home.secret, text.encode()).hex(),
            scopes=wanted.scopes or (pattern.scopes if pattern else ()),
            models=models if wanted.models is not None or pattern is None else pattern.models,
            rate=wanted.rate or (pattern.rate if pattern else None),
            added_at=iso(at),
            added_by=actor,
            expires_at=None if wanted.lasts is None else iso(_end(at, wanted.lasts)),
        )
        body = msgspec.to_builtins(key)
        kept = {name: body[name] for name in ("caller", "number", "digest", "scopes", "models", "rate", "expires_at")}
        try:
            home.ledger.append(CHAIN, Act.KEY_ADDED, kept, actor=actor, at=at, expect_seq=seq)
        except Busy:
            continue
        return Made(key, text)
    raise Busy("keys are being changed by somebody else", remedy="Try again in a moment.")


def list_keys(home: Home, *, at: datetime) -> tuple[Listed, ...]:
    """Return every key that was ever added, with how it stands."""
    return tuple(Listed(key, key.status(at), last_use(home, key.id)) for key in home.ledger.all_keys())


def revoke_keys(
    home: Home, name: str, *, actor: str, at: datetime, older: bool = False, why: str = ""
) -> tuple[Key, ...]:
    """Revoke one key (`shop.1`), or all of a caller (`shop`), with `older` all but the newest; return those revoked.

    Keys that are revoked already stay so. Raises `NotFound` where there is no such key.
    """
    for _ in range(ATTEMPTS):
        seq, keys = _read(home)
        meant = _meant(keys, name)
        standing = [key for key in meant if key.revoked_at is None]
        chosen = standing[:-1] if older else standing
        acts = [(Act.KEY_REVOKED, {"caller": key.caller, "number": key.number, "why": why}) for key in chosen]
        if not acts:
            return ()
        try:
            home.ledger.extend(CHAIN, acts, actor=actor, at=at, expect_seq=seq)
        except Busy:
            continue
        return tuple(chosen)
    raise Busy("keys are being changed by somebody else", remedy="Try again in a moment.")


def _meant(keys: tuple[Key, ...], name: str) -> list[Key]:
    found = [key for key in keys if name in (key.caller, key.id)]
    if not found:
        known = sorted({key.caller for key in keys})
        remedy = did_you_mean(name[:60], known) if known else "There is none yet: mainstay keys add NAME --scopes …"
        raise NotFound(f"there is no key {name[:60]!r}", remedy=remedy)
    return found


def _read(home: Home) -> tuple[int, tuple[Key, ...]]:
    """Return how long the chain of keys is, and what it says."""
    events = home.ledger.events(CHAIN)
    return (events[-1].seq if events else 0), keys_of(events)


def _end(at: datetime, lasts: timedelta) -> datetime:
    try:
        return at + lasts
    except OverflowError as error:
        raise Asked("so long no key lives", remedy="Use at most some years, such as 365d.") from error
