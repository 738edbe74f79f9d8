"""Moving a ledger from its file into a database: the same events under the same hashes, proven before anybody uses it.

The file is held for writing meanwhile, so that nothing is appended to it; it says for ever after that its events have
moved, so that a process that still knows the file is refused and not heard of nowhere.
"""

from __future__ import annotations

from mainstay.domain.errors import Asked, StoreError
from mainstay.store.files import put_file
from mainstay.store.home import Home
from mainstay.store.ledger_file import RETIRE, LedgerFile
from mainstay.store.ledger_place import INSERT, Connection, Row, opened
from mainstay.store.ledger_proof import verify
from mainstay.store.ledger_where import ADDRESS, database_place


def move_ledger(home: Home, address: str) -> int:
    """Move the ledger of a home into the database at an address, and return how many events it has.

    Raises `LedgerBroken` for a history that is not whole, `Asked` where it is in a database already, `StoreError` where
    the database holds other events: then everything is as it was. Begun again after a kill it goes on.
    """
    source = home.ledger.place
    if not isinstance(source, LedgerFile):
        remedy = "Copy the schema mainstay with pg_dump and psql, then write the new address into ledger.address."
        raise Asked(f"the ledger is in a database already: {source.name}", remedy=remedy)
    home.ledger.require_whole()
    target = database_place(address, home.secret)
    target.make()
    with opened(source) as here, here.writing():
        events = here.raw_events()
        with opened(target) as there, there.writing():
            _complete(there, events)
        for found in verify(target, home.ledger.witness, home.secret)[:1]:
            what = f"{target.name} does not hold what was written: {found.model} event {found.seq}: {found.what}"
            raise StoreError(what, remedy="Nothing was moved. Empty that database, or name another.")
        put_file(home.root / ADDRESS, f"{address}\n".encode())
        here.ask(RETIRE)
    return len(events)


def _complete(there: Connection, events: list[Row]) -> None:
    """Append what is not there yet; raises `StoreError` where anything else is."""
    known = set(there.raw_events())
    if known - set(events):
        what = "the database holds events that this history does not"
        raise StoreError(what, remedy="Nothing was moved. Empty that database, or name another.")
    for event in events:
        if event not in known:
            there.ask(INSERT, event)
