"""The ledger: every act as an event, appended, chained by hash, never changed. State is a fold over it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from mainstay.domain.canonical import canonical
from mainstay.domain.errors import Asked, Busy, LedgerBroken, StoreError
from mainstay.domain.event import Event, chained
from mainstay.domain.key import CHAIN as KEYS
from mainstay.domain.key import Key, keys_of
from mainstay.domain.life import Life, fold
from mainstay.domain.moments import iso
from mainstay.store.files import disk_faults
from mainstay.store.ledger_place import (
    CHAIN,
    CHAINS,
    HASH,
    INSERT,
    LAST,
    RESTORE,
    Connection,
    Place,
    Row,
    Unsettled,
    opened,
)
from mainstay.store.ledger_proof import Break, Heads, check_whole, read_witness, verify, write_witness

Act = tuple[str, dict[str, Any]]  # what was done, and its body


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger at `place`, and its witness. Any number of processes may use it; nothing stays open between calls."""

    place: Place
    witness: Path
    secret: bytes = field(repr=False)

    def append(
        self, model: str, act: str, body: dict[str, Any], *, actor: str, at: datetime, expect_seq: int | None = None
    ) -> Event:
        """Append one event to a model's chain and return it as written.

        `at` never goes back within a chain: if the clock was stepped back, the event keeps the moment of the one before
        and its body says `clock_behind_s`. With `expect_seq` (the `seq` of the life that a decision was taken on) the
        event is only appended if nothing was appended since; else `Busy`: read again, decide again.
        """
        (event,) = self.extend(model, [(act, body)], actor=actor, at=at, expect_seq=expect_seq)
        return event

    def extend(
        self, model: str, acts: Sequence[Act], *, actor: str, at: datetime, expect_seq: int | None = None
    ) -> tuple[Event, ...]:
        """Append several events to a model's chain, all or none, as `append` does.

        Raises `LedgerBroken` if the chain was cut or rewritten since its last event, and `StoreError` where nothing was
        written, or `Unsettled` where it cannot be told.
        """
        if at.tzinfo is None:
            raise ValueError("`at` must be aware")
        written: list[Event] = []
        with opened(self.place) as there:
            try:
                with there.writing():
                    head = _head(there, model)
                    check_whole(there, model, self._witnessed())
                    _expect(model, head, expect_seq)
                    for act, body in acts:
                        head = _next(head, model=model, act=act, body=body, actor=actor, at=at)
                        _insert(there, head)
                        written.append(head)
            except Unsettled as error:
                self._require_written(written, error)
            else:
                self._note_head(there, model)
        return tuple(written)

    def events(self, model: str, *, until: datetime | None = None) -> tuple[Event, ...]:
        """Return a model's events in order, those after the moment `until` left out."""
        with opened(self.place) as there:
            rows = there.ask(CHAIN, (model,))
        events = (_event(row) for row in rows)
        return tuple(e for e in events if until is None or datetime.fromisoformat(e.at) <= until)

    def life(self, model: str, *, at: datetime | None = None) -> Life:
        """Return the model's life: now, or as it was at a moment."""
        return fold(model, self.events(model, until=at))

    def models(self) -> tuple[str, ...]:
        """Return the names of all models that have a chain, in order."""
        return tuple(name for name in self.chains() if name != KEYS)

    def chains(self) -> tuple[str, ...]:
        """Return the names of all chains, in order: those of models, and that of keys if there is any."""
        with opened(self.place) as there:
            return tuple(name for (name,) in there.ask(CHAINS))

    def all_keys(self) -> tuple[Key, ...]:
        """Return every key that was ever added, in order."""
        return keys_of(self.events(KEYS))

    def verify(self) -> tuple[Break, ...]:
        """Return everything that is not as it was written (`store.ledger_proof` says what can be found)."""
        return verify(self.place, self.witness, self.secret)

    def require_whole(self) -> None:
        """Raise `LedgerBroken` with the first break that `verify` finds: what is missing may be what counts."""
        for found in self.verify()[:1]:
            place = f"the history was changed: {found.model} event {found.seq}: " if found.model else ""
            raise LedgerBroken(f"{place}{found.what}", remedy=RESTORE)

    def check(self, model: str) -> None:
        """Raise `LedgerBroken` if the model's chain was cut or rewritten since its last event; costs two look-ups."""
        heads = self._witnessed()  # read first: what is appended meanwhile only makes the chain longer
        with opened(self.place) as there:
            check_whole(there, model, heads)

    def _witnessed(self) -> Heads:
        with disk_faults(f"reading {self.witness.name}"):
            try:
                return read_witness(self.witness, self.secret)
            except (FileNotFoundError, ValueError):  # for `verify` to tell
                return {}

    def _note_head(self, there: Connection, model: str) -> None:
        # The events are final: a witness that cannot be written now lags until the next append, and harms nothing.
        # One that was changed or removed is left as it is, for `verify` to tell.
        with suppress(StoreError, ValueError, FileNotFoundError), there.writing():
            head = _head(there, model)
            heads = read_witness(self.witness, self.secret)
            check_whole(there, model, heads)
            if head is not None:
                write_witness(self.witness, {**heads, model: (head.seq, head.hash)}, self.secret)

    def _require_written(self, events: Sequence[Event], lost: Unsettled) -> None:
        """Look whether events are there after their connection was lost; whoever wrote them has ended by then."""
        last = events[-1]
        try:
            with opened(self.place) as there, there.writing():
                found = there.ask(HASH, (last.model, last.seq))
        except StoreError:
            raise lost from None
        if found != [(last.hash,)]:
            raise StoreError(f"{lost.what}: nothing of it is there", remedy="Try again.") from lost


def _head(there: Connection, model: str) -> Event | None:
    rows = there.ask(LAST, (model,))
    return _event(rows[0]) if rows else None


def _expect(model: str, head: Event | None, expect_seq: int | None) -> None:
    seq = head.seq if head else 0
    if expect_seq is not None and seq != expect_seq:
        what = f"{model} has changed meanwhile: event {expect_seq} was the last, now it is {seq}"
        raise Busy(what, remedy="Look again and decide again.")


def _next(head: Event | None, *, model: str, act: str, body: dict[str, Any], actor: str, at: datetime) -> Event:
    moment = iso(at)
    if head is not None and (before := datetime.fromisoformat(head.at)) > at:
        moment, body = head.at, {**body, "clock_behind_s": (before - at).total_seconds()}
    kept = json.loads(canonical(body))
    return chained(head, model=model, at=moment, actor=actor, act=str(act), body=kept)


def _insert(there: Connection, event: Event) -> None:
    body = canonical(event.body)
    if "\0" in f"{event.model}{event.actor}{event.act}":  # a database of another kind could not keep it
        raise Asked("a text for the ledger holds a character of no meaning (NUL)", remedy="Leave it out.")
    try:
        texts = (event.model, event.seq, event.at, event.actor, event.act, body.decode(), event.previous, event.hash)
        there.ask(INSERT, texts)
    except UnicodeError as error:
        raise Asked("a text for the ledger is not valid Unicode", remedy="Write it in UTF-8.") from error


def _event(row: Row) -> Event:
    model, seq, at, actor, act, body, previous, hashed = row
    try:
        said = json.loads(body)
        datetime.fromisoformat(at)
        if not isinstance(said, dict):
            raise TypeError("no object")
    except (ValueError, TypeError, RecursionError) as error:
        raise LedgerBroken(f"the ledger is damaged: event {seq} of {model} cannot be read", remedy=RESTORE) from error
    return Event(model=model, seq=seq, at=at, actor=actor, act=act, body=said, previous=previous, hash=hashed)
