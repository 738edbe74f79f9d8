"""How far the journal lags behind what was answered, cheaply enough for every scrape (standard library only)."""

from __future__ import annotations

import time

from mainstay.store.home import Home
from mainstay.store.spool_reading import spool_bytes

__all__ = ["journal_age_s", "waiting_bytes"]


def waiting_bytes(home: Home) -> int:
    """Return the bytes in the spool; those that are journalled already go when their segment is full, or its writer."""
    return spool_bytes(home.spool_root)


def journal_age_s(home: Home, model: str) -> float | None:
    """Return the seconds since decisions of a model last reached the journal; None where none ever did."""
    log = home.journal_root / model / "decisions" / "_delta_log"
    try:
        return max(0.0, time.time() - log.stat().st_mtime)
    except OSError:
        return None
