"""What the ledger holds: one event per act, chained by hash, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import msgspec

from mainstay.domain.canonical import canonical, digest
from mainstay.domain.errors import LedgerBroken

GENESIS = "sha256:" + "0" * 64


class Act(StrEnum):
    """Every kind of event, and what its body holds (in the comment)."""

    INITIALISED = "initialised"  # brief_digest
    SNAPSHOT_TAKEN = "snapshot-taken"  # snapshot, rows, columns, source, mended (rows that were damaged, written anew)
    TRAINED = "trained"  # version, model_digest, bundle_digest, evaluation_digest, snapshot, seed, summary, gates
    HOLDOUT_SEALED = "holdout-sealed"  # the fields of `domain.holdout.Holdout`
    HOLDOUT_LOOKED = "holdout-looked"  # version, holdout, look, rows (their digest), question, worth
    EXAMINED = "examined"  # version, artifact, digest, failed_gates, shown, shown_digest
    REPORTED = "reported"  # version, artifact, digest
    EXPORTED = "exported"  # version, artifact (the parity), digest, file_digest
    APPROVED = "approved"  # version, why
    DEPLOYED = "deployed"  # version, override, why, findings (of gates overridden)
    ROLLED_BACK = "rolled-back"  # version (the one now live), from_version, why
    SHADOWED = "shadowed"  # version (None where the shadow ended), from_version, why
    SIGNAL_OPENED = "signal-opened"  # signal
    SIGNAL_CHANGED = "signal-changed"  # signal
    SIGNAL_CLOSED = "signal-closed"  # id, because
    ACKNOWLEDGED = "acknowledged"  # id, why, until (left out by older events: for ever)
    MUTED = "muted"  # kind (signal, code or subject), name, why, until
    UNMUTED = "unmuted"  # kind, name, why
    REPLAYED = "replayed"  # table digest, summary
    RESTORED = "restored"  # backup digest
    KEY_ADDED = "key-added"  # caller, number, digest (of the key, with the secret), scopes, models, rate, expires_at
    KEY_REVOKED = "key-revoked"  # caller, number, why


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a model's chain: `seq` counts from 1, `at` is ISO UTC, `hash` covers everything above it."""

    model: str
    seq: int
    at: str
    actor: str
    act: str
    body: dict[str, Any]
    previous: str
    hash: str


def chained(previous: Event | None, *, model: str, at: str, actor: str, act: str, body: dict[str, Any]) -> Event:
    """Return the next link of a model's chain after `previous` (None: the first)."""
    seq, before = (previous.seq + 1, previous.hash) if previous else (1, GENESIS)
    bare = Event(model=model, seq=seq, at=at, actor=actor, act=act, body=body, previous=before, hash="")
    return msgspec.structs.replace(bare, hash=event_hash(bare))


def event_hash(event: Event) -> str:
    """Return the hash an event must carry (edition 1): over all its fields but the hash itself."""
    fields = {name: getattr(event, name) for name in Event.__struct_fields__ if name != "hash"}
    return digest(b"mainstay-event-1\n" + canonical(fields))


def follows(event: Event, previous: Event | None) -> bool:
    """Say whether an event is the right next link after `previous` (None: the first)."""
    seq, before = (previous.seq, previous.hash) if previous else (0, GENESIS)
    return event.seq == seq + 1 and event.previous == before and event.hash == event_hash(event)


@contextmanager
def understood(place: str) -> Iterator[None]:
    """Turn errors of reading what events say into `LedgerBroken`, which names the `place`: none was written so."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        what = f"the ledger is damaged: {place} does not say what it must"
        remedy = "Look at it with: mainstay history --verify. Restore from a backup: mainstay restore FILE FOLDER."
        raise LedgerBroken(what, remedy=remedy) from error
