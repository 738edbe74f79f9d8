"""The outbox of a model: which notices wait, and which were told; one small file, there whole or not at all.

`outbox/MODEL.json`. What must be told is in the ledger: without this file what is open is told once again, and nothing
is lost. It is rewritten after every message that was taken, before the next one leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from mainstay.domain.errors import StoreError
from mainstay.domain.notice import Outbox
from mainstay.store.files import disk_faults, locked, put_file
from mainstay.store.home import Home

FOLDER = "outbox"
EMPTY = Outbox()


@contextmanager
def sending(home: Home, model: str) -> Iterator[None]:
    """Hold a model's outbox; waits while another process sends from it. A process that dies lets go."""
    with locked(home.root / FOLDER / f".{model}.turn"):
        yield


def read_outbox(home: Home, model: str) -> Outbox:
    """Return what waits and what was told; nothing before the first notice. Raises `StoreError` if it is damaged."""
    path = _path(home, model)
    with disk_faults(f"reading {path.name}"):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return EMPTY
    try:
        return msgspec.json.decode(data, type=Outbox)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = f"{path} is damaged: it does not say what was told"
        raise StoreError(what, remedy=f"Remove it (rm {path}): what is open is told once again.") from error


def write_outbox(home: Home, model: str, outbox: Outbox) -> None:
    """Keep an outbox, durably, in the place of the one before; only within `sending`."""
    path = _path(home, model)
    with disk_faults(f"making {FOLDER}"):
        path.parent.mkdir(mode=0o700, exist_ok=True)
    put_file(path, msgspec.json.encode(outbox), mode=0o600)


def _path(home: Home, model: str) -> Path:
    return home.root / FOLDER / f"{model}.json"
