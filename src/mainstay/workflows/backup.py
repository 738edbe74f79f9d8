"""Taking a home away whole, and bringing it back with proof of what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mainstay.domain.event import Act
from mainstay.domain.moments import iso
from mainstay.store import backup as archive
from mainstay.store import restore as archived
from mainstay.store.home import Home
from mainstay.store.journal import Journal
from mainstay.store.ledger_proof import Break
from mainstay.store.tally import n_rows
from mainstay.store.waiting_room import spooled


@dataclass(frozen=True, slots=True)
class Held:
    """What a home holds of one model; `waiting` are rows in the spool that are not in the journal yet."""

    model: str
    versions: int
    live: int | None
    events: int
    decisions: int
    actions: int
    outcomes: int
    waiting: int


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup: where it is, its digest, its bytes, and what it holds."""

    path: Path
    digest: str
    n_bytes: int
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """A restored home: the backup's digest and moment, what the home holds, and what of its history does not verify."""

    home: Home
    digest: str
    begun_at: str
    held: tuple[Held, ...]
    breaks: tuple[Break, ...]


def back_up(home: Home, file: Path | None, *, at: datetime) -> BackedUp:
    """Write everything a home holds into one file, while others serve from it; raises `Asked` if the file is there.

    Without a file it is written where one stands, named after the project and the moment.
    """
    path = file if file is not None else Path(default_name(home, at))
    kept = archive.backup(home, path, at=at)
    return BackedUp(path, kept.digest, kept.n_bytes, holdings(home))


def bring_back(file: Path, folder: Path, *, actor: str, at: datetime) -> BroughtBack:
    """Restore a backup as the home of `folder`, verify it, and tell each chain that it was restored.

    A history that does not verify came so from where the backup was made: it is left as it is, and said.
    """
    restored = archived.restore(file, folder)
    ledger = restored.home.ledger
    breaks = ledger.verify()
    if not breaks:
        body = {"backup": restored.digest, "begun_at": restored.begun_at}
        for chain in ledger.chains():
            ledger.append(chain, Act.RESTORED, body, actor=actor, at=at)
    held = () if breaks else holdings(restored.home)
    return BroughtBack(restored.home, restored.digest, restored.begun_at, held, breaks)


def default_name(home: Home, at: datetime) -> str:
    """Return a file name that says what it is a backup of, and when it was taken."""
    moment = iso(at.replace(microsecond=0)).replace(":", "-")
    return f"{home.root.parent.name or 'home'}-{moment}.mainstay.tar"


def holdings(home: Home) -> tuple[Held, ...]:
    """Say what a home holds, model by model."""
    return tuple(_held(home, model) for model in home.ledger.models())


def _held(home: Home, model: str) -> Held:
    life, journal = home.ledger.life(model), Journal(home, model)
    waiting = spooled(home, model, journal=journal).rows
    n = {name: n_rows(journal, name) for name in ("decisions", "actions", "outcomes")}
    return Held(model, len(life.versions), life.live, life.seq, waiting=waiting, **n)
