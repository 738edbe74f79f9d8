"""The ledger as a table of PostgreSQL, for services on several machines: one history, which the database serialises.

Loaded by name, and with it psycopg (the extra `postgres`), where a home says that its ledger is there. The schema
`mainstay` of a database holds the events of one home, whose secret alone can make the seal that is kept beside them.
Every append holds one advisory lock from before it reads the end of its chain until it is final.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult

import psycopg
from psycopg import errors as said

from mainstay.domain.errors import Asked, Busy, LedgerBroken, StoreError
from mainstay.store.addresses import LIBPQ, filled_parts, place_of, without_secrets
from mainstay.store.ledger_file import LedgerFile, make_file
from mainstay.store.ledger_place import ALL_EVENTS, INSERT, RESTORE, WAIT_S, Holder, Row, Unsettled, opened

FORMAT = 1
PATIENCE_S = 5  # for a server to let us in
LOST_AFTER_S = 10  # without a sign of life from the other machine a connection is given up
NEVER = "begin raise exception 'events are never changed or removed'; end"
DEFINITIONS = (
    "create schema if not exists mainstay",
    "create table if not exists mainstay.home (format integer not null, seal text not null)",
    """create table if not exists mainstay.event (
    model text collate "C" not null, seq bigint not null, at text not null, actor text not null, act text not null,
    body text not null, previous text not null, hash text not null,
    place bigint generated always as identity unique, primary key (model, seq))""",
    f"create or replace function mainstay.never() returns trigger language plpgsql as $${NEVER}$$",
    """create or replace trigger event_is_never_changed before update or delete or truncate on mainstay.event
    for each statement execute function mainstay.never()""",
)
MAKING = 0x4D41494E  # 'MAIN': the advisory lock of making; that of appends has the table's number beside it
LOCK = "select pg_advisory_xact_lock((1296124238::bigint << 32) + 'mainstay.event'::regclass::oid::bigint)"
CAREFULLY = (
    "select set_config('lock_timeout', ?, true), "
    "set_config('synchronous_commit', replace(current_setting('synchronous_commit'), 'off', 'on'), true)"
)
HOLDERS = """select pid, concat_ws(' ', 'of', usename, 'from', coalesce(client_addr::text, 'the same machine'))
    from pg_locks join pg_stat_activity using (pid) where locktype = 'advisory' and granted
    and classid::bigint = 1296124238 and objid = 'mainstay.event'::regclass::oid"""
LOOK = "psql -c 'select * from pg_stat_activity where pid = {pid}'"
DEFINED = """select (select string_agg(column_name || ' ' || data_type, ', ' order by ordinal_position)
    from information_schema.columns where table_schema = 'mainstay' and table_name = 'event'),
  (select string_agg(tgname || ' ' || tgenabled::text || ' ' || tgtype || ' ' || prosrc, ', ')
    from pg_trigger join pg_proc on pg_proc.oid = tgfoid
    where tgrelid = 'mainstay.event'::regclass and not tgisinternal),
  (select count(*) from pg_rewrite where ev_class = 'mainstay.event'::regclass)"""
AS_MADE = (
    "model text, seq bigint, at text, actor text, act text, body text, previous text, hash text, place bigint",
    f"event_is_never_changed O 58 {NEVER}",  # 58: before, update, delete and truncate, once for each statement
    0,
)
AWAY = "Start it, or mend the address: services that run go on with what they know."
LOGIN = (
    "Check user, password and database: they come from the address, the variables it names, and PGUSER and the like."
)
RIGHTS = (
    "Give the user its rights: grant usage on schema mainstay, select and insert on all tables in schema mainstay; "
    "who makes the ledger must be allowed to create that schema."
)


@dataclass(frozen=True, slots=True)
class LedgerDatabase:
    """A ledger in a database; `address` names variables of the environment where it needs a password."""

    address: str
    secret: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """Where the database is, without user and password."""
        return place_of(filled_parts(self.address, os.environ))

    def connect(self) -> OpenDatabase:
        """Connect; raises `StoreError` where the server is away, lets us not in, or holds no ledger of this home."""
        there = self._connected()
        try:
            self._require_ours(there)
        except BaseException:
            there.close()
            raise
        return there

    def make(self) -> None:
        """Make an empty ledger unless there is one; two processes may do so at once. Raises as `connect`."""
        there = self._connected()
        try:
            with there.speaking(), there.db.transaction():
                there.ask("select pg_advisory_xact_lock(?)", (MAKING,))
                (encoding,) = there.ask("show server_encoding")[0]
                if encoding != "UTF8":
                    what = f"{self.name} is written in {encoding}, which does not hold every text"
                    raise StoreError(what, remedy="Make another: createdb --encoding UTF8 --template template0 NAME")
                for definition in DEFINITIONS:
                    there.ask(definition)
                if not there.ask("select 1 from mainstay.home union all select 1 from mainstay.event limit 1"):
                    there.ask("insert into mainstay.home values (?, ?)", (FORMAT, self._seal()))
            self._require_ours(there)
        finally:
            there.close()

    def copy_to(self, file: Path) -> None:
        """Write all events into a new ledger file."""
        make_file(file)
        with opened(self) as source, opened(LedgerFile(file)) as target, target.writing():
            for row in source.raw_events():
                target.ask(INSERT, row)

    def holders(self) -> frozenset[Holder]:
        """Return the sessions that hold the lock of appends."""
        with opened(self) as there:
            return frozenset(Holder(f"Session {pid} {of}", LOOK.format(pid=pid)) for pid, of in there.ask(HOLDERS))

    def _connected(self) -> OpenDatabase:
        parts = filled_parts(self.address, os.environ)
        if parts.scheme not in LIBPQ[:2]:
            what = f"a ledger lies in PostgreSQL or in its own file, not in {parts.scheme}"
            raise Asked(what, remedy="Write an address such as postgresql://${PGUSER}:${PGPASSWORD}@host/database.")
        try:
            db = psycopg.connect(
                parts._replace(scheme="postgresql").geturl(),
                autocommit=True,
                prepare_threshold=None,  # what stands between may give each statement to another session
                application_name="mainstay",
                client_encoding="utf8",
                connect_timeout=PATIENCE_S,
                keepalives_idle=LOST_AFTER_S // 2,
                keepalives_interval=1,
                keepalives_count=LOST_AFTER_S // 2,
                tcp_user_timeout=LOST_AFTER_S * 1000,
            )
        except psycopg.Error as error:
            raise _in_words(error, parts) from None  # what it was raised from may hold the address
        db.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return OpenDatabase(parts, db)

    def _require_ours(self, there: OpenDatabase) -> None:
        rows = there.ask("select format, seal from mainstay.home")
        if rows and rows[0] == (FORMAT, self._seal()):
            return
        if rows and rows[0][0] != FORMAT:
            what = f"{self.name} holds a ledger of format {rows[0][0]}, not {FORMAT}"
            raise LedgerBroken(what, remedy=f"Use the Mainstay that wrote it. {RESTORE}")
        what = f"{self.name} holds the history of another home"
        raise StoreError(what, remedy="Name another database; each home has its own.")

    def _seal(self) -> str:
        return hmac.new(self.secret, b"mainstay-ledger-1", "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class OpenDatabase:
    """A connection to a ledger's database. One thread at a time may use it."""

    parts: SplitResult = field(repr=False)
    db: psycopg.Connection[Row] = field(repr=False)

    def ask(self, text: str, values: Sequence[object] = ()) -> list[Row]:
        """Run a statement and return its rows."""
        statement = text.format(event="mainstay.event").replace("?", "%s").encode()
        with self.speaking():
            cursor = self.db.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def raw_events(self) -> list[Row]:
        """Return every event as it lies there, in order."""
        return self.ask(ALL_EVENTS)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one write transaction there can be: others wait, wherever they are."""
        settling = False
        try:
            with self.db.transaction():
                self.ask(CAREFULLY, (f"{WAIT_S * 1000:.0f}ms",))
                self.ask(LOCK)
                yield
                settling = True
        except psycopg.Error as error:
            lost = _in_words(error, self.parts)
            if settling and self.db.broken:
                raise Unsettled(lost.what, remedy=f"{lost.remedy} Then see whether it is there.") from None
            raise lost from None

    def mark(self) -> int:
        """Return the place of the last event of all."""
        return int(self.ask("select coalesce(max(place), 0) from {event}")[0][0])

    def wrongs(self) -> Iterator[str]:
        """Say whether the table and its trigger are those that were made."""
        if self.ask(DEFINED) != [AS_MADE]:
            yield "the table or a trigger was redefined"

    def close(self) -> None:
        """Let go of the connection."""
        self.db.close()

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Turn the database's errors into ours; none holds a password."""
        try:
            yield
        except psycopg.Error as error:
            raise _in_words(error, self.parts) from None


def _in_words(error: psycopg.Error, parts: SplitResult) -> StoreError:
    place, told = place_of(parts), without_secrets(str(error), parts, os.environ)
    match error:
        case said.LockNotAvailable():
            what = f"another process has held the ledger in {place} for {WAIT_S:.0f} s"
            return Busy(what, remedy="Try again; if it stays so, see who holds it: mainstay doctor.")
        case said.UndefinedTable() | said.InvalidSchemaName():
            return LedgerBroken(f"the history is gone: there is no ledger in {place}", remedy=RESTORE)
        case said.InsufficientPrivilege() | said.ReadOnlySqlTransaction():
            return StoreError(f"the database {place} refused: {told}", remedy=RIGHTS)
        case said.RaiseException() | said.UniqueViolation():
            return LedgerBroken(f"the ledger in {place} is damaged ({told})", remedy=RESTORE)
        case said.InvalidPassword() | said.InvalidAuthorizationSpecification() | said.InvalidCatalogName():
            return StoreError(f"the database {place} refused: {told}", remedy=LOGIN)
        case psycopg.OperationalError() if "authentication" in told or "does not exist" in told:
            return StoreError(f"the database {place} refused: {told}", remedy=LOGIN)
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return StoreError(f"the ledger in {place} is out of reach ({told})", remedy=AWAY)
    return StoreError(f"the database {place} refused: {told}", remedy="Look into its log.")
