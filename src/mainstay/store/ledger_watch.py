"""Noticing that the ledger has grown, cheaply enough to ask many times a second (standard library only)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from mainstay.domain.life import Life
from mainstay.store.ledger import read_life
from mainstay.store.ledger_file import connect, speaking


class LedgerWatch:
    """A connection held open on a ledger file; asking whether anything was appended costs microseconds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: int | None = None
        with speaking(path):
            self._db: sqlite3.Connection = connect(path)

    def changed(self) -> bool:
        """Say whether anything was appended, by anybody, since the last call; the first call says yes."""
        with speaking(self._path):
            (version,) = self._db.execute("PRAGMA data_version").fetchone()
        before, self._seen = self._seen, version
        return bool(version != before)

    def life(self, model: str) -> Life:
        """Return the model's life now."""
        with speaking(self._path):
            return read_life(self._db, model)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
