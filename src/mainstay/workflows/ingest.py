"""Moving what workers answered from the spool into the journal, round by round."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mainstay.domain.errors import MainstayError
from mainstay.store.home import Home, open_home
from mainstay.store.ingest import ingest
from mainstay.store.journal import Journal


@dataclass(frozen=True, slots=True)
class Ingester:
    """A home whose spool is moved again and again; journals stay open between the rounds."""

    home: Home
    journals: dict[str, Journal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Round:
    """How many rows a round moved, and what went wrong, by model: what was not moved is still in the spool."""

    n_rows: int
    problems: dict[str, str]


def open_ingester(folder: Path) -> Ingester:
    """Open the home of a project's folder for ingesting; raises `NotFound` or `StoreError`."""
    return Ingester(open_home(folder, create=False))


def ingest_round(ingester: Ingester, *, at: datetime) -> Round:
    """Move everything that the spool of every model holds; one model's trouble is not the others'."""
    n_rows, problems = 0, {}
    for model in ingester.home.ledger.models():
        journal = ingester.journals.setdefault(model, Journal(ingester.home, model))
        try:
            moved = ingest(ingester.home, model, at=at, journal=journal)
        except MainstayError as error:
            problems[model] = error.what
            continue
        n_rows += moved.decisions + moved.actions + moved.outcomes + moved.faults
    return Round(n_rows, problems)
