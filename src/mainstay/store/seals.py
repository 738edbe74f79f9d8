"""The keys of sealed holdouts: which rows no training may learn from, kept under the digest that the ledger tells.

`holdouts/MODEL/DIGEST.npz` holds the sorted keys, those of rows that teach although their draw would make them wait,
and the positions of the sealed rows in their snapshot; the ledger tells the digest of the whole file too. A file that
no event names was left by a killed training.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import msgspec
import numpy as np
import numpy.typing as npt

from mainstay.domain.canonical import digest
from mainstay.domain.errors import StoreError
from mainstay.domain.holdout import Account, Holdout, account
from mainstay.store.files import disk_faults, locked, put_file
from mainstay.store.home import Home

DAMAGED = (ValueError, KeyError, TypeError, BadZipFile, EOFError, NotImplementedError, struct.error, zlib.error)
RESTORE = "Restore it from a backup: mainstay restore FILE FOLDER."


@dataclass(frozen=True, slots=True)
class SealedKeys:
    """What is kept of a holdout: sorted `members`, `taught` and `apart` (uint64), and `positions` of its rows (int64).

    `apart` are the members that were told apart from equal rows; None where an older file does not tell.
    """

    members: npt.NDArray[np.uint64]
    taught: npt.NDArray[np.uint64]
    positions: npt.NDArray[np.int64]
    apart: npt.NDArray[np.uint64] | None = None


def sealing(home: Home) -> AbstractContextManager[None]:
    """Hold the home's sealing lock: of two models that would seal the same rows the second sees what the first did."""
    return locked(home.holdouts_root / ".sealing")


def put_seal(home: Home, holdout: Holdout, keys: SealedKeys) -> Holdout:
    """Keep the keys of a holdout, of the model that seals it, and return it with the digest of all that is kept.

    Only for the holder of the sealing lock: what lies there already was left by a killed training.
    """
    path = _path(home, holdout)
    buffer = BytesIO()
    apart = keys.members[:0] if keys.apart is None else keys.apart
    np.savez(buffer, members=keys.members, taught=keys.taught, positions=keys.positions, apart=apart)
    with disk_faults("sealing a holdout"):
        path.parent.mkdir(parents=True, exist_ok=True)
    put_file(path, buffer.getvalue())
    return msgspec.structs.replace(holdout, kept=digest(buffer.getvalue()))


def get_seal(home: Home, holdout: Holdout) -> SealedKeys:
    """Return the keys of a holdout; raises `StoreError` where they are gone or not those that the ledger tells."""
    path = _path(home, holdout)
    with disk_faults(f"reading holdout {holdout.name}"):
        try:
            raw = path.read_bytes()
        except FileNotFoundError as error:
            raise StoreError(f"the keys of holdout {holdout.name} are gone: {path.name}", remedy=RESTORE) from error
    if holdout.kept and digest(raw) != holdout.kept:
        what = f"the keys of holdout {holdout.name} are not those that were sealed: {path.name} was changed or damaged"
        raise StoreError(what, remedy=RESTORE)
    try:
        keys = _read(raw)
        members = digest(keys.members.astype("<u8").tobytes())
    except DAMAGED as error:
        raise StoreError(f"the keys of holdout {holdout.name} are damaged: {path.name}", remedy=RESTORE) from error
    if members != holdout.digest:
        raise StoreError(f"the keys of holdout {holdout.name} are not those that were sealed", remedy=RESTORE)
    return keys


def unknown_seals(home: Home, known: Iterable[Holdout]) -> tuple[Path, ...]:
    """Return the files of holdouts that no event names: killed trainings left them."""
    named = {_path(home, each) for each in known}
    return tuple(path for path in sorted(home.holdouts_root.glob("*/*.npz")) if path not in named)


def account_of(home: Home) -> Account:
    """Return the holdouts of a home and the looks taken at them, as its ledger tells.

    Raises `LedgerBroken` where any event was changed or removed: it may be a look.
    """
    home.ledger.require_whole()
    events = [event for model in home.ledger.models() for event in home.ledger.events(model)]
    return account(sorted(events, key=lambda event: datetime.fromisoformat(event.at)))


def _read(raw: bytes) -> SealedKeys:
    with np.load(BytesIO(raw), allow_pickle=False) as arrays:
        found: dict[str, Any] = {name: arrays[name] for name in ("members", "taught", "positions")}
        found["apart"] = arrays.get("apart")
    return SealedKeys(**found)


def _path(home: Home, holdout: Holdout) -> Path:
    return home.holdouts_root / holdout.model / f"{holdout.digest.removeprefix('sha256:')[:32]}-{holdout.name}.npz"
