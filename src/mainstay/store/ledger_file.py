"""The ledger as a SQLite file: its tables, how it is opened, and its errors in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mainstay.domain.errors import Busy, LedgerBroken, StoreError
from mainstay.store.files import disk_faults, temporary_folder
from mainstay.store.ledger_place import ALL_EVENTS, RESTORE, WAIT_S, Holder, Row
from mainstay.store.machine import writers_of

APPLICATION = 0x4D41494E  # 'MAIN', so that `file` and we can tell whose database it is
FORMAT = 1
MOVED = 1001  # the format of a file whose events have moved elsewhere: kept, and never written again
RETIRE = f"PRAGMA user_version={MOVED}"

TABLES = (
    """CREATE TABLE event (
    model TEXT NOT NULL, seq INTEGER NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL, act TEXT NOT NULL,
    body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (model, seq)
) STRICT, WITHOUT ROWID""",
    """CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END""",
    """CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'events are never removed'); END""",
)

SPACE = "Free some space and see that the disk works (df -h), then try again: mainstay doctor."
NO_DAMAGE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
    }
)


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """A ledger in a file of its own."""

    path: Path

    @property
    def name(self) -> str:
        """The path of the file."""
        return str(self.path)

    def connect(self) -> OpenFile:
        """Open the file for reading and appending; raises `StoreError` if it is not there or not ours."""
        with speaking(self.path):
            address = f"{self.path.absolute().as_uri()}?mode=rw"
            db = sqlite3.connect(address, uri=True, timeout=WAIT_S, isolation_level=None, check_same_thread=False)
            try:
                db.execute("PRAGMA synchronous=FULL")
                _require_ours(self.path, db)
            except BaseException:
                db.close()
                raise
        return OpenFile(self.path, db)

    def copy_to(self, file: Path) -> None:
        """Copy the file page by page, while others go on writing."""
        with closing(self.connect()) as source, speaking(file), closing(sqlite3.connect(file)) as target:
            source.db.backup(target)

    def holders(self) -> frozenset[Holder]:
        """Return the processes of this machine that hold SQLite's lock for writing."""
        held = writers_of(self.path.with_name(f"{self.path.name}-shm"))  # where its log of changes is locked
        return frozenset(Holder(f"Process {pid}", f"ps -o pid,user,etime,args -p {pid}") for pid in held)


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A ledger file that is open. One thread at a time may use it."""

    path: Path
    db: sqlite3.Connection

    def ask(self, text: str, values: Sequence[object] = ()) -> list[Row]:
        """Run a statement and return its rows."""
        with speaking(self.path):
            return self.db.execute(text.format(event="event"), tuple(values)).fetchall()

    def raw_events(self) -> list[Row]:
        """Return every event as it lies there, in order; what is not UTF-8 as escapes."""
        self.db.text_factory = lambda raw: raw.decode("utf-8", errors="surrogateescape")
        with speaking(self.path):
            try:
                return self.db.execute(ALL_EVENTS.format(event="event")).fetchall()
            except sqlite3.DatabaseError as error:
                raise LedgerBroken(f"the events cannot be read: {damage(error)}", remedy=RESTORE) from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one write transaction there can be; it is committed at the end and undone by any error."""
        with speaking(self.path):
            self.db.execute("BEGIN IMMEDIATE")
            try:
                _require_ours(self.path, self.db)  # it may have moved while we waited
                yield
            except BaseException:
                if self.db.in_transaction:  # a full disk may have undone it already
                    self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")

    def mark(self) -> int:
        """Return a number that changes when anybody else has written; costs microseconds."""
        with speaking(self.path):
            (version,) = self.db.execute("PRAGMA data_version").fetchone()
        return int(version)

    def wrongs(self) -> Iterator[str]:
        """Say what of the file is damaged, and whether its definitions are those it was made with."""
        with speaking(self.path):
            try:
                for (line,) in self.db.execute("PRAGMA integrity_check(20)").fetchall():
                    if line != "ok":
                        yield f"the file is damaged: {line}"
                defined = {sql for (sql,) in self.db.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")}
            except sqlite3.DatabaseError as error:
                yield f"the file is damaged: {damage(error)}"
                return
        if defined != set(TABLES):
            yield "the table or a trigger was redefined"

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()


def make_file(path: Path) -> None:
    """Make an empty ledger file unless there is one; two processes may do so at once."""
    with disk_faults(f"making {path.name}"), temporary_folder(path) as folder:
        place = folder / path.name
        with speaking(path), closing(sqlite3.connect(place, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            db.execute("BEGIN")
            for table in TABLES:
                db.execute(table)
            db.execute(f"PRAGMA application_id={APPLICATION}")
            db.execute(f"PRAGMA user_version={FORMAT}")
            db.execute("COMMIT")
        try:
            path.hardlink_to(place)
        except FileExistsError:
            return


def _require_ours(path: Path, db: sqlite3.Connection) -> None:
    (kind,) = db.execute("PRAGMA application_id").fetchone()
    (edition,) = db.execute("PRAGMA user_version").fetchone()
    if kind == APPLICATION and edition == MOVED:
        what = f"the history has moved: {path} only keeps what it held until then"
        raise StoreError(what, remedy="Start again what still runs: mainstay serve.")
    if kind != APPLICATION or edition != FORMAT:
        what = f"{path} is not a ledger of format {FORMAT} (it says application {kind}, format {edition})"
        raise LedgerBroken(what, remedy=f"Use the Mainstay that wrote it. {RESTORE}")


@contextmanager
def speaking(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours: busy, full, read-only, damaged."""
    try:
        yield
    except sqlite3.Error as error:
        raise _in_words(path, error) from error
    except (UnicodeDecodeError, OverflowError) as error:  # what SQLite says of a damaged schema may be no text
        raise _damaged(path, error) from error


def damage(error: sqlite3.Error) -> sqlite3.Error:
    """Return an error that says that the file is damaged, and raise one that tells of the disk or of others' locks."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in NO_DAMAGE:
        raise error
    return error


def _in_words(path: Path, error: sqlite3.Error) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # extended codes keep the kind in the low byte
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            remedy = "Try again; if it stays so, see who holds it: mainstay doctor."
            return Busy(f"another process has held {path} for {WAIT_S:.0f} s", remedy=remedy)
        case sqlite3.SQLITE_FULL:
            return StoreError("the disk is full while writing the ledger", remedy="Free some space; nothing was lost.")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return StoreError(f"{path} cannot be written", remedy="Give this user the right to write there.")
        case sqlite3.SQLITE_CANTOPEN:
            return StoreError(f"{path} cannot be opened", remedy="Check that it is there and may be read and written.")
        case sqlite3.SQLITE_IOERR:
            return StoreError(f"the disk failed or is full while using {path} ({error})", remedy=SPACE)
    return _damaged(path, error)


def _damaged(path: Path, error: Exception) -> LedgerBroken:
    return LedgerBroken(f"{path} is damaged ({error})", remedy=RESTORE)
