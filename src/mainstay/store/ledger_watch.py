"""Noticing that the ledger has grown, cheaply enough to ask many times a second (standard library only)."""

from __future__ import annotations

from mainstay.domain.errors import StoreError
from mainstay.store.ledger_place import Connection, Place


class LedgerWatch:
    """A connection held open on a ledger. Asking it costs microseconds of a file, a round trip of a database."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._open: Connection | None = place.connect()
        self._seen: int | None = None

    def changed(self) -> bool:
        """Say whether anything was appended, by anybody, since the last call; the first call says yes.

        After a `StoreError` the next call connects again, and says yes: nobody knows what it has missed.
        """
        if self._open is None:
            self._open = self._place.connect()
        try:
            mark = self._open.mark()
        except StoreError:
            self.close()
            raise
        before, self._seen = self._seen, mark
        return mark != before

    def close(self) -> None:
        """Let go."""
        if self._open is not None:
            self._open.close()
        self._open, self._seen = None, None
