"""The last look at each model, in a small file that workers read at every scrape; it may be removed at any time.

`looks/MODEL.json`. Standard library and msgspec only.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from mainstay.domain.last_look import LastLook
from mainstay.store.files import disk_faults, put_file
from mainstay.store.home import Home

FOLDER = "looks"


def read_last_look(home: Home, model: str) -> LastLook | None:
    """Return the last look at a model; None where nobody looked yet, or the file cannot be read."""
    try:
        return msgspec.json.decode(_path(home, model).read_bytes(), type=LastLook)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def write_last_look(home: Home, model: str, look: LastLook) -> None:
    """Keep the last look in the place of the one before."""
    path = _path(home, model)
    with disk_faults(f"making {FOLDER}"):
        path.parent.mkdir(mode=0o700, exist_ok=True)
    put_file(path, msgspec.json.encode(look), mode=0o600)


def _path(home: Home, model: str) -> Path:
    return home.root / FOLDER / f"{model}.json"
