"""Reading a query's rows from an SQLite file, which is opened for reading alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import polars as pl

from mainstay.domain.errors import DataError, NotFound, did_you_mean
from mainstay.store.json_rows import value_rows
from mainstay.store.values import series_of, table_of

CHUNK_ROWS = 50_000


def read_sqlite(path: Path, sql: str) -> pl.DataFrame:
    """Run a query on an SQLite file and return its rows; raises `NotFound` or `DataError`.

    SQLite gives every value a type of its own: a column that mixes numbers and texts becomes texts.
    """
    with _answered(path, sql) as cursor:
        return table_of(_chunks(cursor, path.name))


def sqlite_rows(path: Path, sql: str, *, n_rows: int) -> Iterator[list[bytes]]:
    """Run a query on an SQLite file and yield its rows as JSON, some at a time; raises as `read_sqlite`."""
    with _answered(path, sql) as cursor:
        titles = _titles(cursor, path.name)
        while rows := cursor.fetchmany(n_rows):
            yield value_rows(titles, rows)


@contextmanager
def _answered(path: Path, sql: str) -> Iterator[sqlite3.Cursor]:
    if not path.is_file():
        near = [each.name for each in path.parent.glob("*") if each.is_file()] if path.parent.is_dir() else []
        raise NotFound(f"there is no SQLite file {path}", remedy=did_you_mean(path.name, near))
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)) as connection:
            yield connection.execute(sql)
    except sqlite3.Error as error:
        what = f"SQLite refused data.query on {path.name}: {error}"
        raise DataError(what, remedy="Try it first: sqlite3 FILE 'select …'") from error


def _titles(cursor: sqlite3.Cursor, name: str) -> list[str]:
    titles = [each[0] for each in cursor.description or ()]
    if not titles:
        raise DataError(f"data.query gives no rows from {name}", remedy="Write a query that begins with select.")
    twice = next((title for title in titles if titles.count(title) > 1), None)
    if twice is not None:
        raise DataError(f"data.query gives two columns of one name: {twice!r}", remedy="Name one of them: … as other.")
    return titles


def _chunks(cursor: sqlite3.Cursor, name: str) -> Iterator[dict[str, pl.Series]]:
    titles = _titles(cursor, name)
    while rows := cursor.fetchmany(CHUNK_ROWS):
        columns = zip(titles, zip(*rows, strict=True), strict=True)
        yield {title: _series(title, values) for title, values in columns}


def _series(title: str, values: tuple[object, ...]) -> pl.Series:
    if any(isinstance(value, bytes) for value in values):
        what = f"column {title!r} of data.query holds bytes, which no model reads"
        raise DataError(what, remedy="Leave it out of the query, or cast it to text.")
    return series_of(values)
