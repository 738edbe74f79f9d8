"""A log of decisions made elsewhere, piece by piece as JSON rows, whatever it is kept in, in memory for one piece.

Files (CSV, NDJSON, Parquet, Arrow), folders of them, Delta tables of one version, and the rows of a query. SQLite and,
with the extra `postgres`, PostgreSQL give a query's rows piece by piece; other databases give them all at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from pathlib import Path
from urllib.parse import quote, unquote

import msgspec
import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from polars.exceptions import PanicException, PolarsError

from mainstay.domain.canonical import canonical, digest
from mainstay.domain.errors import DataError
from mainstay.domain.schema import Schema
from mainstay.store.addresses import LIBPQ, filled_parts
from mainstay.store.database import read_query
from mainstay.store.files import check_place
from mainstay.store.files_source import first_line
from mainstay.store.folder_source import files_in, partitions_of
from mainstay.store.json_rows import frame_rows
from mainstay.store.row_source import Rows, RowSource, open_rows, pieces
from mainstay.store.source import Query
from mainstay.store.sources import read_table
from mainstay.store.sqlite_source import sqlite_rows

QUERY_ROWS = 16_384  # of a query, fetched at once
DRIVER = "mainstay.store.postgres"  # loaded by name: it is an extra


@dataclass(frozen=True, slots=True)
class Log:
    """A log that was looked at: how it is called, and what its bytes are.

    `digest` is empty where rows may come in another order next time, as those of a query: they are then told apart by
    their ids alone. `pieces(schema, first)` yields rows from number `first` on (0 where there is no digest).
    """

    name: str
    digest: str
    about_rows: int | None
    pieces: Callable[[Schema, int], Iterator[Rows]]


def open_log(source: Path | Query) -> Log:
    """Look at a file, a folder, a Delta table or a query; raises `NotFound` or `DataError`."""
    if isinstance(source, Query):
        return Log(source.address, "", None, lambda _, __: _of_query(source))
    if (source / "_delta_log").is_dir():
        return _of_delta(source)
    if not source.is_dir():
        one = open_rows(source)
        return Log(source.name, one.digest, one.about_rows, lambda schema, first: pieces(one, schema, first=first))
    return _of_folder(source)


def _of_folder(folder: Path) -> Log:
    paths = files_in(folder)
    files = [(open_rows(path), partitions_of(path, folder)) for path in paths]
    known = [each.about_rows for each, _ in files]
    said = [[path.relative_to(folder).as_posix(), each.digest] for path, (each, _) in zip(paths, files, strict=True)]
    about = sum(n or 0 for n in known) if None not in known else None
    return Log(folder.name, digest(canonical(said)), about, lambda schema, first: _of_files(files, schema, first))


def _of_files(files: Sequence[tuple[RowSource, dict[str, str | None]]], schema: Schema, first: int) -> Iterator[Rows]:
    start = 0
    for source, partitions in files:
        for rows in pieces(source, schema):
            skipped = min(max(first - start, 0), len(rows))
            start += len(rows)
            if skipped < len(rows):
                yield [_beside(row, partitions) for row in rows[skipped:]] if partitions else rows[skipped:]


def _beside(row: bytes, partitions: dict[str, str | None]) -> bytes:
    """A row with the columns that its folders give it."""
    if not row.startswith(b"{"):
        return row
    return msgspec.json.encode(msgspec.json.decode(row) | partitions)


def _of_delta(path: Path) -> Log:
    check_place(path)
    try:
        table = DeltaTable(path)
        known = digest(canonical([str(table.metadata().id), table.version()]))
        about = pl.DataFrame(table.get_add_actions(flatten=True))["num_records"].sum()
        is_plain = quote(str(path.absolute())) == str(path.absolute())  # Polars takes addresses for paths
        frame = pl.scan_delta(table) if is_plain else read_table(path).lazy()
    except (DeltaError, PolarsError, PanicException, OSError, ValueError) as error:
        raise _torn(path, error) from error
    return Log(path.name, known, int(about) or None, lambda _, first: _of_frame(frame, path, first))


def _of_frame(frame: pl.LazyFrame, path: Path, first: int) -> Iterator[Rows]:
    for place in count(first, QUERY_ROWS):
        try:
            piece = frame.slice(place, QUERY_ROWS).collect()
        except (PolarsError, PanicException, OSError, ValueError) as error:
            raise _torn(path, error) from error
        if not piece.height:
            return
        yield frame_rows(piece)


def _torn(path: Path, error: BaseException) -> DataError:
    what = f"{path} is not a whole Delta table: {first_line(error)}"
    return DataError(what, remedy="Restore the table, or export it as Parquet.")


def _of_query(query: Query) -> Iterator[Rows]:
    parts = filled_parts(query.address, os.environ)
    if parts.scheme == "sqlite":
        yield from sqlite_rows(query.folder / unquote(parts.path[1:]), query.sql, n_rows=QUERY_ROWS)
        return
    if parts.scheme in LIBPQ:
        try:
            driver = import_module(DRIVER)
        except ModuleNotFoundError as error:
            if error.name != "psycopg":
                raise
        else:
            with driver.connected(query.address) as database:
                yield from driver.rows_of(database, query.sql, n_rows=QUERY_ROWS)
            return
    for piece in read_query(query).iter_slices(QUERY_ROWS):
        yield frame_rows(piece)
