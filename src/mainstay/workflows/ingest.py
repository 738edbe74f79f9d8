"""Moving what workers answered from the spool into the journal, round by round."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mainstay.domain.errors import MainstayError
from mainstay.store.home import Home, open_home
from mainstay.store.ingest import ingest
from mainstay.store.journal import Journal
from mainstay.store.spool import STREAMS


@dataclass(frozen=True, slots=True)
class Ingester:
    """A home whose spool is moved again and again; journals stay open between the rounds."""

    home: Home
    journals: dict[str, Journal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Round:
    """What a round moved, by stream, and what went wrong, by model: what was not moved is still in the spool."""

    moved: dict[str, int]
    problems: dict[str, str]


def open_ingester(folder: Path) -> Ingester:
    """Open the home of a project's folder for ingesting; raises `NotFound` or `StoreError`."""
    return Ingester(open_home(folder, create=False))


def has_shadow(ingester: Ingester) -> bool:
    """Say whether any model has a shadow to score."""
    ledger = ingester.home.ledger
    return any(ledger.life(model).shadow is not None for model in ledger.models())


def ingest_round(ingester: Ingester, *, at: datetime) -> Round:
    """Move everything that the spool of every model holds; one model's trouble is not the others'."""
    moved, problems = Counter[str](), {}
    for model in ingester.home.ledger.models():
        journal = ingester.journals.setdefault(model, Journal(ingester.home, model))
        try:
            done = ingest(ingester.home, model, at=at, journal=journal)
        except MainstayError as error:
            problems[model] = error.what
            continue
        moved.update({stream: getattr(done, stream) for stream in STREAMS})
    return Round({stream: n for stream, n in moved.items() if n}, problems)
