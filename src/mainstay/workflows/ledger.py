"""Where the history of a home is kept, and moving it to where several machines can share it."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.store.home import Home
from mainstay.store.ledger_move import move_ledger


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a ledger is, for people, and how many events each of its chains has."""

    place: str
    n_events_by_chain: dict[str, int]


def kept(home: Home) -> Kept:
    """Return where the ledger of a home is and what it holds; raises `StoreError` where it cannot be read."""
    ledger = home.ledger
    return Kept(ledger.place.name, {chain: len(ledger.events(chain)) for chain in ledger.chains()})


def move(home: Home, address: str) -> int:
    """Move the ledger into a database and return how many events; raises as `move_ledger`."""
    return move_ledger(home, address)
