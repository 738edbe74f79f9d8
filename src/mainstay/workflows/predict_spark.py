"""Answering a table on a cluster: the bundle travels to the rows, and what decides there is what decides here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

import polars as pl

from mainstay.bundle.inspect import inspect
from mainstay.domain.errors import Asked
from mainstay.domain.version import VersionName
from mainstay.serving.answer import Answer
from mainstay.serving.told import ERROR, WARNINGS, columns_told, flat, nested
from mainstay.store import spark as store
from mainstay.store.home import Home
from mainstay.store.json_rows import frame_rows
from mainstay.store.spool_lines import lines_of
from mainstay.store.table_form import DTYPES
from mainstay.workflows.batch import (
    BATCH_ROWS,
    Batch,
    Journalling,
    Tally,
    answer_rows,
    is_journalled,
    made_batch,
    open_batch,
    toward_live,
    version_meant,
)
from mainstay.workflows.predict import OnProgress, Predicted
from mainstay.workflows.route import ready

LINE = "journal_line"  # goes no further than the workers' disks


@dataclass(frozen=True, slots=True)
class FromCluster:
    """Which table (a path or an address of Parquet, or a name in the catalog) is to be answered into which folder.

    The rest is as in `predict_table.FromQuery`.
    """

    table: str
    out: str
    id_column: str
    model: str
    version: VersionName | None = None
    journal: bool | None = None


@dataclass(frozen=True)
class Shipped:
    """What travels to the workers: a bundle as it was verified here, and the home's secret for arms and entities."""

    model: str
    number: int
    files: Mapping[str, bytes]
    secret: bytes = field(repr=False)
    id_column: str
    journalled: bool


def predict_on_cluster(home: Home, wanted: FromCluster, *, on_progress: OnProgress = lambda _, __: None) -> Predicted:
    """Answer a table where it lies, journal the decisions, and only then write the answers as Parquet.

    Raises `Asked` where Spark or a Java is missing or something stands at `out`, and else as `predict`.
    """
    if Path(wanted.out).exists():
        raise Asked(f"{wanted.out} is there already", remedy="Name a folder that is not: --out FOLDER.")
    version, is_live = version_meant(home, wanted.model, wanted.version)
    journalled = is_journalled(version, is_live=is_live, asked=wanted.journal)
    batch = open_batch(home, version, prefix=None, id_column=wanted.id_column)
    files = home.artifacts.version_files(version.model, version.number)
    shipped = Shipped(version.model, version.number, files, home.secret, wanted.id_column, journalled)
    columns = columns_told(batch.service)
    journal: AbstractContextManager[Journalling | None] = (
        Journalling(home, batch.service) if journalled else nullcontext()
    )
    with store.session() as spark, journal as keeping:
        on_progress("deciding on the cluster", 0.0)
        table = store.read(spark, wanted.table, needed=wanted.id_column)
        answered = store.answered(table, partial(_answers, shipped), columns | {LINE: str})
        tally = _tally(answered)
        if keeping is not None:
            on_progress("journalling", 0.7)
            for lines in _some(store.texts(answered, LINE)):
                keeping.keep_lines(lines)
            keeping.keep_faults(tally, version=version.number)
        on_progress("writing", 0.9)
        store.write(answered, wanted.out, columns)
    on_progress(f"{tally.rows:,} rows answered", 1.0)
    return Predicted(version, tally, journalled, is_live, toward=toward_live(home, version, is_live=is_live))


def _answers(shipped: Shipped, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Answer pieces of a table in a worker; the version is loaded once for all pieces that come to it together."""
    service = ready(shipped.model, shipped.number, inspect(shipped.files))
    batch = made_batch(service, shipped.secret, prefix=None, id_column=shipped.id_column)
    schema = {name: DTYPES[held] for name, held in (columns_told(service) | {LINE: str}).items()}
    for frame in frames:
        for piece in frame.iter_slices(BATCH_ROWS):
            yield pl.DataFrame(list(_told(batch, piece, journalled=shipped.journalled)), schema=schema)


def _told(batch: Batch, piece: pl.DataFrame, *, journalled: bool) -> Iterator[dict[str, object]]:
    decided = answer_rows(batch, frame_rows(piece), first=1)
    kept = iter(decided.decisions)
    for entry in decided.entries:
        told = nested(entry, version=decided.version, first=1)
        if told[ERROR] is not None:
            del told[ERROR]["row"]  # rows of a cluster have no number
        is_new = journalled and isinstance(entry, Answer) and not entry.repeated
        line = lines_of([next(kept)]).decode() if is_new else None
        yield flat(batch.service, told, as_text=False) | {LINE: line}


def _tally(answered: store.Frame) -> Tally:
    tally = Tally(*store.counts(answered, warnings=WARNINGS, error=ERROR))
    for name, code, refused, n in store.kinds(answered, warnings=WARNINGS, error=ERROR):
        tally.kinds[name, code, refused] = n
    return tally


def _some(lines: Iterable[str]) -> Iterator[list[bytes]]:
    left = iter(lines)
    while some := [line.encode() for line in islice(left, BATCH_ROWS)]:
        yield some
