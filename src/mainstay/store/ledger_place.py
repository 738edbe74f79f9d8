"""Where a ledger's events lie: what a file and a database both offer, so that the ledger itself is written once.

In a statement `{event}` stands for the table and `?` for a value; each place writes them as its database wants them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mainstay.domain.errors import StoreError

WAIT_S = 10.0  # how long an append waits for others; hundreds fit into a second
RESTORE = "Look at it with: mainstay history --verify. Restore from a backup: mainstay restore FILE FOLDER."

ALL_EVENTS = "SELECT model, seq, at, actor, act, body, previous, hash FROM {event} ORDER BY model, seq"
CHAIN = "SELECT model, seq, at, actor, act, body, previous, hash FROM {event} WHERE model = ? ORDER BY seq"
CHAINS = "SELECT DISTINCT model FROM {event} ORDER BY model"
LAST = "SELECT model, seq, at, actor, act, body, previous, hash FROM {event} WHERE model = ? ORDER BY seq DESC LIMIT 1"
HASH = "SELECT hash FROM {event} WHERE model = ? AND seq = ?"
LENGTH = "SELECT max(seq) FROM {event} WHERE model = ?"
INSERT = "INSERT INTO {event} (model, seq, at, actor, act, body, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

Row = tuple[Any, ...]


class Unsettled(StoreError):
    """The connection was lost while an append was being made final: it is there, or nothing of it is."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the write transaction just now, and how to see what it does."""

    name: str
    remedy: str


class Connection(Protocol):
    """An open ledger. Its errors are ours: `Busy`, `LedgerBroken`, `StoreError`."""

    def ask(self, text: str, values: Sequence[object] = ()) -> list[Row]:
        """Run a statement and return its rows."""

    def raw_events(self) -> list[Row]:
        """Return every event as it lies there, damaged or not, in order; texts that are not UTF-8 escaped."""

    def writing(self) -> AbstractContextManager[None]:
        """Hold the one write transaction there can be; final at the end, undone by any error.

        Raises `Unsettled` where it cannot be told which of the two it was.
        """

    def mark(self) -> int:
        """Return a number that is another one once anything was appended; for one connection only."""

    def wrongs(self) -> Iterator[str]:
        """Say what is not as it was made, beside the events themselves."""

    def close(self) -> None:
        """Let go."""


class Place(Protocol):
    """Where the events of one home lie."""

    @property
    def name(self) -> str:
        """What people know it by; never with a password."""

    def connect(self) -> Connection:
        """Open it; raises `StoreError` where it cannot be, or is not this home's."""

    def copy_to(self, file: Path) -> None:
        """Write all events into a new ledger file, as they are at one moment."""

    def holders(self) -> frozenset[Holder]:
        """Return who holds the write transaction just now, as far as can be told."""


@contextmanager
def opened(place: Place) -> Iterator[Connection]:
    """Open a ledger for the length of a `with`."""
    there = place.connect()
    try:
        yield there
    finally:
        there.close()
