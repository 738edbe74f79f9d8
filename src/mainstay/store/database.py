"""Reading a query's rows from a database. A password is never in the brief, the ledger or a message.

SQLite is read by Python itself; every other database by connectorx, from the extra `database`.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from urllib.parse import SplitResult, parse_qs, unquote

import polars as pl
from polars.exceptions import ModuleUpgradeRequiredError, PanicException, PolarsError

from mainstay.domain.errors import Asked, DataError, NotFound
from mainstay.store.addresses import LIBPQ, filled_parts, place_of, without_secrets
from mainstay.store.postgres_login import Login, refusal
from mainstay.store.source import Query
from mainstay.store.sqlite_source import read_sqlite

PORTS = {"postgresql": 5432, "postgres": 5432, "redshift": 5439, "mysql": 3306, "mssql": 1433, "clickhouse": 8123}
PATIENCE_S = 5.0  # for a server to take the connection at all; the query itself may take as long as it needs
WITHOUT_TLS = ("disable", "allow", "prefer")
LOGIN = (
    "Check user and password, and the database's name: they come from data.source, the variables that it names, or "
    "PGUSER, PGPASSWORD and PGDATABASE."
)
ERRORS = (RuntimeError, PanicException, PolarsError, ValueError, OSError)
EXTRA = (ModuleNotFoundError, ImportError, ModuleUpgradeRequiredError)


def read_query(query: Query, *, environment: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Run a query and return its rows, as they were at one moment (one statement sees one state).

    Raises `NotFound` for a variable that is not set, a file or a server that is not there, `DataError` for what the
    database refuses, `Asked` where the extra `database` is not installed. No message holds a password.
    """
    variables = os.environ if environment is None else environment
    parts = address_parts(query.address, variables)
    if parts.scheme == "sqlite":
        return read_sqlite(query.folder / unquote(parts.path[1:]), query.sql)
    return _read(query.sql, parts, variables)


def address_parts(address: str, variables: Mapping[str, str]) -> SplitResult:
    """Return the parts of a database's address, with what the environment adds, once a server answers there.

    Raises as `read_query`. The parts hold the password: what a database says goes through `refused`.
    """
    parts = filled_parts(address, variables)
    if parts.scheme != "sqlite":
        _reach(parts)
    return parts


def _read(sql: str, parts: SplitResult, variables: Mapping[str, str]) -> pl.DataFrame:
    os.environ.setdefault("RUST_LOG", "off")  # the driver would write every failed attempt to standard error
    try:
        return pl.read_database_uri(sql, parts.geturl(), engine="connectorx")
    except EXTRA as error:
        remedy = "Install it: pip install 'mainstay[database]'."
        raise Asked("reading a database needs the extra 'database', which is not installed", remedy=remedy) from error
    except ERRORS as error:
        said = str(error)
    raise refused(said, parts, variables)


def refused(said: str, parts: SplitResult, variables: Mapping[str, str]) -> DataError:
    """Return the error for what a database said, without any form of the password."""
    said = without_secrets(said, parts, variables)
    return DataError(f"the database {place_of(parts)} refused: {said}", remedy=_remedy(said))


def _reach(parts: SplitResult) -> None:
    """Raise `NotFound` at once where no server listens: the driver would try for half a minute."""
    host = unquote(parts.hostname or "")
    port = parts.port or PORTS.get(parts.scheme.partition("+")[0])
    if not host or port is None:
        return
    try:
        with _connected(host, port) as connection:
            said = _refused(connection, parts)
    except OSError as error:
        what = f"no database answers at {host}:{port} ({(error.strerror or 'no answer').lower()})"
        raise NotFound(what, remedy="Start it, or mend the host and the port in data.source.") from None
    if said:
        raise DataError(f"the database {place_of(parts)} refused: {without_secrets(said, parts, {})}", remedy=LOGIN)


def _connected(host: str, port: int) -> socket.socket:
    if not host.startswith("/"):
        return socket.create_connection((host, port), timeout=PATIENCE_S)
    local = socket.socket(socket.AF_UNIX)  # PostgreSQL's socket in the folder that stands for a host
    local.settimeout(PATIENCE_S)
    local.connect(f"{host}/.s.PGSQL.{port}")
    return local


def _refused(connection: socket.socket, parts: SplitResult) -> str | None:
    """Return why a PostgreSQL server lets this user not in; None where it does, or where only the driver can tell."""
    mode = parse_qs(parts.query).get("sslmode", ["prefer"])[0]
    if parts.scheme not in LIBPQ[:2] or mode not in WITHOUT_TLS:
        return None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    try:
        return refusal(connection, Login(user, password, unquote(parts.path[1:])))
    except (OSError, ValueError, KeyError):  # it takes the connection, and the driver may do better
        return None


def _remedy(said: str) -> str:
    lowered = said.lower()
    if "password" in lowered or "authentication" in lowered:
        return LOGIN
    return "Try data.query in the database's own tool, as the same user."
