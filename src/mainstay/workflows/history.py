"""Looking back: which versions there are, what happened, who was live when, and whether anybody changed the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mainstay.domain.event import Event
from mainstay.domain.life import Life
from mainstay.store.home import Home, find_home
from mainstay.store.ledger_proof import Break


@dataclass(frozen=True, slots=True)
class Past:
    """A model's chain up to a moment, and the state it folds to."""

    events: tuple[Event, ...]
    life: Life


def past(home: Home, model: str, *, at: datetime | None = None) -> Past:
    """Return what happened to a model up to `at` (all of it if None)."""
    return Past(tuple(home.ledger.events(model, until=at)), home.ledger.life(model, at=at))


def broken(folder: Path) -> tuple[Break, ...]:
    """Verify every chain of the ledger of a folder's home; empty means whole."""
    return find_home(folder).ledger.verify()
