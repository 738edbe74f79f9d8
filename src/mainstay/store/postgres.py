"""Rows out of PostgreSQL and answers into it, at once and through one driver: psycopg, from the extra `postgres`.

Rows come through a cursor of the server, as they were at one moment; answers go in a transaction for each piece, under
a primary key, so that whatever is killed and begun again leaves each id once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult

import psycopg
from psycopg import sql

from mainstay.domain.errors import Asked, DataError
from mainstay.store.addresses import LIBPQ
from mainstay.store.database import address_parts, refused
from mainstay.store.json_rows import value_rows

CURSOR = "mainstay_rows"
COLUMNS = {
    "id": "text",
    "version": "integer",
    "arm": "text",
    "score": "double precision",
    "threshold": "double precision",
    "decision": "text",
    "warnings": "jsonb",
    "error": "jsonb",
    "decided_at": "timestamptz",
}
SCORES = "jsonb"  # the type of `score` where there is one of each class


@dataclass(frozen=True, slots=True)
class Database:
    """Two connections to one database: rows are read on the one while answers are written on the other."""

    reading: psycopg.Connection[tuple[Any, ...]]
    writing: psycopg.Connection[tuple[Any, ...]]


@contextmanager
def connected(address: str, *, environment: Mapping[str, str] | None = None) -> Iterator[Database]:
    """Open a PostgreSQL database; whatever it refuses within is a `DataError` that holds no password.

    Raises `NotFound` for a variable that is not set or a server that is not there, `Asked` for another database.
    """
    variables = os.environ if environment is None else environment
    parts = address_parts(address, variables)
    if parts.scheme not in LIBPQ:
        what = f"answers are written to PostgreSQL, and {parts.scheme} is another database"
        raise Asked(what, remedy="Name one: --database postgresql://…; or export the rows: mainstay predict FILE.")
    with _refusals(parts, variables), _open(parts) as reading, _open(parts) as writing:
        reading.read_only = True
        yield Database(reading, writing)


def rows_of(database: Database, query: str, *, n_rows: int) -> Iterator[list[bytes]]:
    """Run a query and yield its rows as JSON, some at a time, as they were when it began; raises `DataError`."""
    with database.reading.cursor(name=CURSOR) as cursor:
        cursor.execute(query.strip().rstrip(";").encode())
        names = [column.name for column in cursor.description or ()]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            what = f"the query gives two columns of one name: {twice[0]!r}"
            raise DataError(what, remedy="Name one of them: … as other.")
        while rows := cursor.fetchmany(n_rows):
            yield value_rows(names, rows)


@dataclass(frozen=True, slots=True)
class Answers:
    """A table of answers, each id once. `several` says whether `score` holds one of each class."""

    database: Database
    name: str
    several: bool

    def prepare(self) -> None:
        """Make the table where it is not there; raises `DataError` for one of that name with other columns."""
        types = COLUMNS | ({"score": SCORES} if self.several else {})
        columns = sql.SQL(", ").join(sql.SQL(f"{{}} {kind}").format(sql.Identifier(n)) for n, kind in types.items())
        with self.database.writing.transaction():
            name = sql.Literal(sql.Identifier(*self.name.split(".")).as_string())
            (is_there,) = self._run("select to_regclass({1}) is not null", name).fetchone() or (False,)
            if not is_there:  # who may only write into a table need not be allowed to make one
                self._run("create table if not exists {} ({}, primary key (id))", columns)
            there = self._run("select * from {} where false").description or ()
        lacking = [name for name in types if name not in {column.name for column in there}]
        if lacking:
            what = f"the table {self.name} is no table of answers: it has no column {lacking[0]!r}"
            raise DataError(what, remedy="Name another table, or none that is there: --to TABLE.")

    def decided(self, ids: Sequence[str]) -> set[str]:
        """Return which of some ids have an answer; one that was refused has none."""
        found = self._run("select id from {} where id = any({}) and error is null", sql.Literal(list(ids)))
        known = {row[0] for row in found}
        self.database.writing.commit()
        return known

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write answers in one transaction. An id that has an answer keeps it; one that was refused gets a new one.

        `rows` have all of `COLUMNS` but the moment; warnings and errors, and the scores of classes, are JSON texts.
        """
        types = {name: kind for name, kind in COLUMNS.items() if name != "decided_at"}
        types |= {"score": SCORES} if self.several else {}
        sent = {name: "text" if kind == SCORES else kind for name, kind in types.items()}
        arrays = sql.SQL(", ").join(sql.SQL(f"%s::{kind}[]") for kind in sent.values())
        kept = sql.SQL(", ").join(sql.SQL(f"{{}}::{kind}").format(sql.Identifier(n)) for n, kind in types.items())
        names = sql.SQL(", ").join(map(sql.Identifier, types))
        anew = sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in COLUMNS)
        values = [[row[name] for row in rows] for name in types]
        with self.database.writing.transaction():
            self._run(
                "insert into {0} as kept ({1}, decided_at) select {2}, now() from unnest({3}) as given ({1}) "
                "on conflict (id) do update set {4} where kept.error is not null",
                names,
                kept,
                arrays,
                anew,
                values=values,
            )

    def _run(
        self, text: str, *parts: sql.Composable, values: Sequence[Any] | None = None
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        table = sql.Identifier(*self.name.split("."))
        return self.database.writing.execute(sql.SQL(text).format(table, *parts), values)


def _open(parts: SplitResult) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(parts._replace(scheme="postgresql").geturl(), application_name="mainstay")


@contextmanager
def _refusals(parts: SplitResult, variables: Mapping[str, str]) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise refused(str(error), parts, variables) from None  # what it was raised from may hold the address
