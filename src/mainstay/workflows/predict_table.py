"""Answering the rows of a query into a table, where people already work; begun again, it leaves each id once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from mainstay.domain.version import VersionName
from mainstay.serving.answer import Entry
from mainstay.serving.decide import Decided
from mainstay.serving.identity import read_id
from mainstay.serving.told import ERROR, SCORE, flat, nested
from mainstay.store.home import Home
from mainstay.store.json_rows import json_text
from mainstay.store.postgres import Answers, connected, rows_of
from mainstay.workflows.batch import (
    BATCH_ROWS,
    Batch,
    Journalling,
    Tally,
    answer_rows,
    count,
    ids_of,
    is_journalled,
    made_id,
    open_batch,
    toward_live,
    version_meant,
)
from mainstay.workflows.predict import OnProgress, Predicted

TOLD_ROWS = 50_000  # how often it is told how far it is: nobody knows how many rows a query has


@dataclass(frozen=True, slots=True)
class FromQuery:
    """Which query of which database (an address, as a brief writes it) is to be answered into which table of it.

    `id_column` names each row; the rest is as in `predict.Wanted`.
    """

    database: str
    query: str
    table: str
    id_column: str
    model: str
    version: VersionName | None = None
    journal: bool | None = None


def predict_table(home: Home, wanted: FromQuery, *, on_progress: OnProgress = lambda _, __: None) -> Predicted:
    """Answer the rows of a query that have no answer in the table yet, a transaction for each few thousand.

    Raises `DataError` for what the database refuses, `NotFound` where none answers, and else as `predict`.
    """
    version, is_live = version_meant(home, wanted.model, wanted.version)
    journalled = is_journalled(version, is_live=is_live, asked=wanted.journal)
    batch = open_batch(home, version, prefix=None, id_column=wanted.id_column)
    tally, known = Tally(), 0
    journal: AbstractContextManager[Journalling | None] = (
        Journalling(home, batch.service) if journalled else nullcontext()
    )
    with connected(wanted.database) as database, journal as keeping:
        answers = Answers(database, wanted.table, several=batch.service.several)
        answers.prepare()
        for rows in rows_of(database, wanted.query, n_rows=BATCH_ROWS):
            new = _new(batch, answers, rows)
            known += len(rows) - len(new)
            if new:
                _answer_some(batch, answers, new, keeping, tally)
            done = known + tally.rows
            if done // TOLD_ROWS > (done - len(rows)) // TOLD_ROWS:
                on_progress(f"{done:,} rows answered", 0.0)
        if keeping is not None:
            keeping.keep_faults(tally, version=version.number)
    on_progress(f"{known + tally.rows:,} rows answered", 1.0)
    return Predicted(version, tally, journalled, is_live, known, toward=toward_live(home, version, is_live=is_live))


def _new(batch: Batch, answers: Answers, rows: Sequence[bytes]) -> list[bytes]:
    """The rows that have no answer in the table yet."""
    ids = [_text(id_) for id_ in ids_of(batch, rows, first=1)]
    known = answers.decided([id_ for id_ in ids if id_ is not None])
    return [row for row, id_ in zip(rows, ids, strict=True) if id_ not in known]


def _answer_some(
    batch: Batch, answers: Answers, rows: Sequence[bytes], journal: Journalling | None, tally: Tally
) -> None:
    decided = answer_rows(batch, rows, first=1)
    if journal is not None:
        journal.keep(decided.decisions)
    answers.write(list(_told(batch, rows, decided)))
    count(tally, decided)


def _told(batch: Batch, rows: Sequence[bytes], decided: Decided) -> Iterator[dict[str, Any]]:
    """Answers as rows of the table: the first of each id, and what has no id of its own under one made for it."""
    seen: set[str] = set()
    for row, entry in zip(rows, decided.entries, strict=True):
        id_ = entry.id if entry.id is not None else made_id(batch, row, 0)
        if id_ not in seen:
            seen.add(id_)
            yield _row(batch, id_, entry, decided.version)


def _row(batch: Batch, id_: str, entry: Entry, version: int) -> dict[str, Any]:
    told = nested(entry, version=version, first=1)
    scores = told[SCORE]
    score = json_text(scores) if isinstance(scores, dict) else scores
    if told[ERROR] is not None:
        del told[ERROR]["row"]  # rows of a query have no number
    return flat(batch.service, told, as_text=False) | {"id": id_, SCORE: score}


def _text(id_: object) -> str | None:
    try:
        return read_id(id_)
    except ValueError:
        return None  # admission refuses it, in its place
