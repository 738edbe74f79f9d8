"""When each key was last used: the date of an empty file per key. A hint for people; nothing is decided by it."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from mainstay.store.home import Home

FOLDER = "key-use"


def note_use(home: Home, key: str) -> None:
    """Note that a key was used now. A disk that does not take the note loses it."""
    path = _path(home, key)
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        path.touch()
        os.utime(path)


def last_use(home: Home, key: str) -> datetime | None:
    """Return when a key was last used, to the minute or so; None where it never was, as far as is known here."""
    try:
        return datetime.fromtimestamp(_path(home, key).stat().st_mtime, UTC)
    except OSError:
        return None


def _path(home: Home, key: str) -> Path:
    return home.root / FOLDER / key
