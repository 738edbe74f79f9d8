"""Answering a file: piece by piece, so that it may be larger than memory, and going on where it was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from mainstay.domain.address import is_address
from mainstay.domain.errors import Asked
from mainstay.domain.version import VersionName
from mainstay.serving.told import columns_told, flat, nested
from mainstay.store.home import Home
from mainstay.store.part_file import PartFile, open_part
from mainstay.store.project import read_brief
from mainstay.store.row_source import RowSource, open_rows, pieces
from mainstay.store.spreadsheet import formula_columns
from mainstay.store.table_form import CSV, NDJSON, Form, form_name, form_of
from mainstay.workflows.batch import (
    BATCH_ROWS,
    Batch,
    Journalling,
    Tally,
    answer_rows,
    count,
    is_journalled,
    open_batch,
    recalled,
    remembered,
    toward_live,
    version_meant,
)

__all__ = ["Predicted", "Wanted", "database_of", "predict"]

OnProgress = Callable[[str, float], None]
ID_DIGITS = 16  # of a table's digest, in the ids of its rows
TOLD_EVERY = 20  # rows are told that many times, whatever their number


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which file is to be answered into which; by which version (None: the live one), and how its rows are named.

    `journal` is None where the live version's decisions are to be journalled and others' not.
    """

    table: Path
    out: Path
    model: str
    version: VersionName | None = None
    id_column: str | None = None
    journal: bool | None = None


@dataclass(frozen=True, slots=True)
class Predicted:
    """What became of a table. `resumed_at` rows were answered before; `anew` names what differed from an attempt.

    `toward` is the next step of a version that is not live.
    """

    version: VersionName
    tally: Tally
    journalled: bool
    is_live: bool
    resumed_at: int = 0
    anew: str = ""
    toward: str = ""


@dataclass(frozen=True, slots=True)
class _Work:
    """A file being answered."""

    batch: Batch
    source: RowSource
    part: PartFile
    form: Form
    journal: Journalling | None
    tally: Tally


def predict(home: Home, wanted: Wanted, *, on_progress: OnProgress = lambda _, __: None) -> Predicted:
    """Answer every row of a file, in order, into another, which has its name when it is whole.

    Stopped at any moment and asked again, it goes on where it was; asked for another file, version or id, it begins
    anew. Raises `DataError` for what is no table, `Asked` for a place that cannot be written, `Refused` where a version
    that is not live is to be journalled, `StoreError` where a disk fails: what was answered until then stays.
    """
    version, is_live = version_meant(home, wanted.model, wanted.version)
    journalled = is_journalled(version, is_live=is_live, asked=wanted.journal)
    form = form_name(wanted.out)
    _require_other_file(wanted)
    source = open_rows(wanted.table)
    prefix = f"{source.digest.partition(':')[2][:ID_DIGITS]}.{version.number}"
    batch = open_batch(home, version, prefix=prefix, id_column=wanted.id_column)
    part = open_part(wanted.out, _job(home, wanted, version, source, journalled=journalled))
    try:
        tally = recalled(part.before.kept) if part.before is not None else Tally()
        resumed_at = tally.rows
        with _journal(home, batch, wanted=journalled) as journal:
            work = _Work(batch, source, part, form_of(form, columns_told(batch.service)), journal, tally)
            _answer_all(work, on_progress)
            if journal is not None:
                journal.keep_faults(tally, version=version.number)
        part.finish(work.form.finish)
    finally:
        part.close()
    return Predicted(
        version, tally, journalled, is_live, resumed_at, part.anew, toward_live(home, version, is_live=is_live)
    )


def database_of(folder: Path) -> str:
    """Return the address of the database that a folder's brief reads from; raises `Asked` where it reads from none."""
    _, brief = read_brief(folder)
    if not is_address(brief.data.source):
        raise Asked("the brief's data.source is no database", remedy="Name one: --database postgresql://user@host/db.")
    return brief.data.source


def _answer_all(work: _Work, on_progress: OnProgress) -> None:
    tally, about = work.tally, work.source.about_rows
    told = 0
    if not work.part.n_bytes:
        work.part.append(work.form.begin, n_rows=0, kept=remembered(tally))
    for rows in _in_batches(pieces(work.source, work.batch.service.schema, first=tally.rows)):
        _answer_some(work, rows)
        share = min(tally.rows / about, 0.99) if about else 0.0
        if int(share * TOLD_EVERY) >= told:
            told = int(share * TOLD_EVERY) + 1
            on_progress(f"{tally.rows:,} rows answered", share)
    on_progress(f"{tally.rows:,} rows answered", 1.0)


def _answer_some(work: _Work, rows: Sequence[bytes]) -> None:
    """Decide some rows, journal the decisions, and only then write the answers down."""
    batch, tally = work.batch, work.tally
    first = tally.rows + 1

    decided = answer_rows(batch, rows, first=first)

    if work.journal is not None:
        work.journal.keep(decided.decisions)
    count(tally, decided)
    told = [nested(entry, version=decided.version, first=first) for entry in decided.entries]
    if work.form.name != NDJSON:
        told = [flat(batch.service, row, as_text=work.form.name == CSV) for row in told]
    if work.form.name == CSV:
        texts = [name for name, held in columns_told(batch.service).items() if held is str]
        tally.formulas.update(formula_columns(pl.DataFrame(told, schema=dict.fromkeys(texts, pl.String))))
    work.part.append(work.form.encode(told), n_rows=tally.rows, kept=remembered(tally))


def _in_batches(pieces: Iterable[Sequence[bytes]]) -> Iterator[Sequence[bytes]]:
    for piece in pieces:
        for place in range(0, len(piece), BATCH_ROWS):
            yield piece[place : place + BATCH_ROWS]


def _job(home: Home, wanted: Wanted, version: VersionName, source: RowSource, *, journalled: bool) -> dict[str, str]:
    """What must be the same for one attempt to go on where another stopped, in words for people."""
    known = home.ledger.life(version.model).version(version.number)
    return {
        "the file": source.digest,
        "the version": f"{version} {known.bundle_digest if known is not None else ''}",
        "the column of ids": wanted.id_column or "",
        "whether decisions are journalled": str(journalled),
    }


def _journal(home: Home, batch: Batch, *, wanted: bool) -> AbstractContextManager[Journalling | None]:
    return Journalling(home, batch.service) if wanted else nullcontext()


def _require_other_file(wanted: Wanted) -> None:
    if wanted.out.exists() and wanted.table.exists() and wanted.out.samefile(wanted.table):
        raise Asked(f"{wanted.out} is the file to be answered", remedy="Name another one: --out FILE.")
