"""Which place a home keeps its ledger in: its own file, or the database whose address it notes.

A file `ledger.address` says so; it names variables of the environment and holds no password, so that every replica and
every command finds the same ledger without a brief. The module of the database is loaded by name, where it is needed.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from mainstay.domain.address import holds_password
from mainstay.domain.errors import Asked, StoreError
from mainstay.store.files import disk_faults, put_file_once
from mainstay.store.ledger_file import LedgerFile, make_file
from mainstay.store.ledger_place import Place

LEDGER = "ledger.sqlite"
WITNESS = "ledger.heads"
ADDRESS = "ledger.address"
DATABASE = "mainstay.store.ledger_postgres"


class Database(Place, Protocol):
    """A ledger in a database, which can be made there."""

    def make(self) -> None:
        """Make an empty ledger unless there is one."""


def address_of(root: Path) -> str | None:
    """Return the address of the database that holds a home's ledger; None where it is in a file of its own."""
    with disk_faults(f"reading {ADDRESS}"):
        try:
            address = (root / ADDRESS).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
    if not address:
        raise StoreError(f"{root / ADDRESS} is empty", remedy="Restore from a backup: mainstay restore FILE FOLDER.")
    return address


def ledger_place(root: Path, address: str | None, secret: bytes) -> Place:
    """Return where the ledger of a home is."""
    return LedgerFile(root / LEDGER) if address is None else database_place(address, secret)


def database_place(address: str, secret: bytes) -> Database:
    """Return the ledger in a database; raises `Asked` where the extra that reads it is not installed."""
    if holds_password(address):
        what = "the address of the ledger holds a password"
        raise Asked(what, remedy="Name a variable in its place: postgresql://${PGUSER}:${PGPASSWORD}@host/database.")
    try:
        kind = import_module(DATABASE).LedgerDatabase
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        remedy = "Install it: pip install 'mainstay[postgres]'."
        raise Asked(
            "a ledger in PostgreSQL needs the extra 'postgres', which is not installed", remedy=remedy
        ) from error
    return cast(Database, kind(address, secret))


def make_ledger(root: Path, address: str | None, secret: bytes) -> str | None:
    """Make an empty ledger at an address, or in a file, unless it is there; return the address that now holds."""
    if address is None:
        make_file(root / LEDGER)
        return None
    database_place(address, secret).make()
    put_file_once(root / ADDRESS, f"{address}\n".encode())
    return address_of(root)
