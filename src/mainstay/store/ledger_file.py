"""The SQLite file of the ledger: its tables, how it is opened, and its errors in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from mainstay.domain.errors import Busy, LedgerBroken, StoreError
from mainstay.store.files import disk_faults, temporary_folder

APPLICATION = 0x4D41494E  # 'MAIN', so that `file` and we can tell whose database it is
FORMAT = 1
WAIT_S = 10.0  # how long an append waits for others; thousands fit into a second

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
ALL_EVENTS = "SELECT model, seq, at, actor, act, body, previous, hash FROM event ORDER BY model, seq"
CHAIN = "SELECT model, seq, at, actor, act, body, previous, hash FROM event WHERE model = ? ORDER BY seq"
LAST = "SELECT model, seq, at, actor, act, body, previous, hash FROM event WHERE model = ? ORDER BY seq DESC LIMIT 1"
HASH = "SELECT hash FROM event WHERE model = ? AND seq = ?"
LENGTH = "SELECT max(seq) FROM event WHERE model = ?"
INSERT = "INSERT INTO event (model, seq, at, actor, act, body, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

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

RESTORE = "Look at it with: mainstay history --verify. Restore from a backup: mainstay restore FILE FOLDER."


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


def connect(path: Path) -> sqlite3.Connection:
    """Open the ledger file for reading and appending; raises `StoreError` if it is not there or not ours."""
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=WAIT_S, isolation_level=None)
    db.execute("PRAGMA synchronous=FULL")
    (kind,) = db.execute("PRAGMA application_id").fetchone()
    (edition,) = db.execute("PRAGMA user_version").fetchone()
    if kind != APPLICATION or edition != FORMAT:
        db.close()
        what = f"{path} is not a ledger of format {FORMAT} (it says application {kind}, format {edition})"
        raise LedgerBroken(what, remedy=f"Use the Mainstay that wrote it. {RESTORE}")
    return db


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the ledger file for the length of a `with`, its errors turned into ours."""
    with speaking(path), closing(connect(path)) as db:
        yield db


@contextmanager
def writing(db: sqlite3.Connection) -> Iterator[None]:
    """Hold the one write transaction there can be; it is committed at the end and undone by any error."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if db.in_transaction:  # a full disk may have undone it already
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


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
