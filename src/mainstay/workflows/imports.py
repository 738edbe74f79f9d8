"""Bringing what was done and what really happened from tables into the journal, as if it had come over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from mainstay.domain.canonical import digest
from mainstay.domain.errors import NotFound
from mainstay.domain.traffic import Action, Fault, Outcome
from mainstay.serving.intake import Intake, Told, take_actions, take_outcomes
from mainstay.serving.service import Service
from mainstay.store.home import Home
from mainstay.store.ingest import import_rows, ingest
from mainstay.store.journal import Journal
from mainstay.store.sources import read_table
from mainstay.workflows.route import load
from mainstay.workflows.told_rows import by_key, told

ID = ("key", "id")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENT = pl.Datetime("us", "UTC")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of table: its columns, and how its rows are read and become rows of the journal.

    A row whose `said` is null says nothing yet and is passed over. Every other must give its `moment`: were it that of
    the import, the same table would be new each time.
    """

    stream: str
    needed: tuple[str, ...]
    optional: tuple[str, ...]
    said: str
    moment: str
    take: Callable[[Sequence[object], Service, Told], Intake[Any]]
    columns: Callable[[Sequence[Any]], dict[str, pl.Series]]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: how many rows the table has, and how many were new, known already, or silent as yet.

    `unknown` ids were taken but never decided here. `faults` name rows of the table, counted from 1.
    """

    model: str
    rows: int
    new: int
    repeated: int
    silent: int
    unknown: int
    faults: tuple[Fault, ...]


def import_table(
    home: Home, model: str, table: Path, kind: Kind, *, columns: Mapping[str, str], at: datetime
) -> Imported:
    """Import a table of outcomes or actions; `columns` says which of its columns is which where the names differ.

    Rows are read as the service reads them, by the schema of the live version (else the newest). Importing a table
    again changes nothing. Raises `DataError` for a column that is not there and `NotFound` before the first training.
    """
    service = _service(home, model)
    rows = told(read_table(table), columns, needed=kind.needed, optional=kind.optional, name=table.name)
    speaking = rows.filter(pl.col(kind.said).is_not_null())

    taken, faults = _take(speaking, kind, service, at)

    ingest(home, model, at=at)
    new = _journalled(home, model, kind, taken, at=at) if taken else 0
    silent, unknown = rows.height - speaking.height, _n_unknown(home, model, taken)
    return Imported(model, rows.height, new, len(taken) - new, silent, unknown, faults)


def _service(home: Home, model: str) -> Service:
    life = home.ledger.life(model)
    if not life.versions:
        raise NotFound(f"{model} has no version yet, so nothing was decided", remedy="Train one: mainstay train")
    return load(home, life, life.live if life.live is not None else life.versions[-1].number)


def _take(rows: pl.DataFrame, kind: Kind, service: Service, at: datetime) -> tuple[list[Any], tuple[Fault, ...]]:
    taken: list[Any] = []
    faults: list[Fault] = []
    for key, numbers, items in by_key(rows):
        dated = [item if item[kind.moment] is not None else item | {kind.moment: ""} for item in items]
        intake = kind.take(dated, service, Told(key, (at - EPOCH) // timedelta(microseconds=1)))
        taken += intake.taken
        faults += [msgspec.structs.replace(fault, row=numbers[fault.row]) for fault in intake.faults]
    return taken, tuple(sorted(faults, key=lambda fault: fault.row))


def _journalled(home: Home, model: str, kind: Kind, taken: Sequence[Any], *, at: datetime) -> int:
    """Bring rows into the journal, and return how many were new. What they say is their digest, whenever it is told."""
    frame = pl.DataFrame(kind.columns(taken)).with_columns(pl.lit(at, MOMENT).alias("learned"))
    said = msgspec.json.encode([msgspec.structs.replace(row, learned_us=0) for row in taken])
    done = import_rows(home, model, kind.stream, frame, source_digest=digest(said), at=at)
    new: int = getattr(done, kind.stream)
    return new


def _n_unknown(home: Home, model: str, taken: Sequence[Any]) -> int:
    ids = pl.DataFrame(_texts(taken, *ID), schema=dict.fromkeys(ID, pl.String)).unique()
    return ids.height - Journal(home, model).decisions_of(ids, columns=ID).unique().height


def _outcome_columns(taken: Sequence[Outcome]) -> dict[str, pl.Series]:
    said = [each.outcome for each in taken]
    amounts = all(isinstance(outcome, float) for outcome in said)
    known = {"outcome": pl.Series(said, dtype=pl.Float64 if amounts else pl.String)}
    return _texts(taken, *ID) | known | {"happened": _moments([each.happened_us for each in taken])}


def _action_columns(taken: Sequence[Action]) -> dict[str, pl.Series]:
    return _texts(taken, *ID, "action", "by") | {"at": _moments([each.at_us for each in taken])}


def _texts(taken: Sequence[Any], *names: str) -> dict[str, pl.Series]:
    return {name: pl.Series([getattr(each, name) for each in taken], dtype=pl.String) for name in names}


def _moments(microseconds: Sequence[int]) -> pl.Series:
    return pl.Series(microseconds, dtype=pl.Int64).cast(MOMENT)


OUTCOMES = Kind(
    stream="outcomes",
    needed=("id", "outcome", "happened_at"),
    optional=("key",),
    said="outcome",
    moment="happened_at",
    take=take_outcomes,
    columns=_outcome_columns,
)
ACTIONS = Kind(
    stream="actions",
    needed=("id", "action", "at"),
    optional=("by", "key"),
    said="action",
    moment="at",
    take=take_actions,
    columns=_action_columns,
)
