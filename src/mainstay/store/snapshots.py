"""Snapshots: the rows that were trained on, kept under their Merkle root, with a salt per row kept apart.

`snapshots/ID/` holds `rows.parquet`, `salts` (16 bytes a row) and `snapshot.json`. Forgetting a row destroys it and its
salt; the root stays what it was. No statistics are written: they would keep a forgotten row's extremes. What a disk did
to a file is seen by its digest, without reading the rows.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
from polars.exceptions import PanicException, PolarsError

from mainstay.domain.canonical import canonical
from mainstay.domain.errors import Asked, NotFound, StoreError
from mainstay.domain.moments import iso
from mainstay.store.files import disk_faults, publish, put_file, sync_folder, sync_tree, temporary_folder, told_fault
from mainstay.store.home import Home

RESTORE = "Restore it from a backup: mainstay restore FILE FOLDER."
OR_TRAIN = "Or train again: where the source still holds the same rows, they are written anew."
SALT_BYTES = 16
ID_DIGITS = 16
ROWS, SALTS, ABOUT = "rows.parquet", "salts", "snapshot.json"
SLICE_ROWS = 100_000  # rows turned into bytes at a time


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What was snapshotted: `root` over all rows, their number, each column's type, where they came from and when.

    `fingerprint` recognises the same rows again within this home, and tells nobody else anything. `files` are the
    digests of the files beside it, none where an older edition wrote them.
    """

    format: int = 1
    id: str
    root: str
    n_rows: int
    columns: dict[str, str]
    source: str
    fingerprint: str
    taken_at: str
    files: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The snapshots of a home."""

    home: Home

    def fingerprint(self, table: pl.DataFrame) -> str:
        """Return a keyed digest of a table's names, types and values, in order.

        It is only for finding a snapshot again: where a new library writes types differently, a new snapshot is taken.
        """
        seal = hmac.new(self.home.secret, b"mainstay-fingerprint-1\n", "sha256")
        for part in _parts(table):
            seal.update(len(part).to_bytes(8))
            seal.update(part)
        return "hmac-sha256:" + seal.hexdigest()

    def find(self, fingerprint: str) -> Snapshot | None:
        """Return a snapshot of the same rows that is whole, if one was taken."""
        return next((each for each in self.same(fingerprint) if self.is_whole(each)), None)

    def same(self, fingerprint: str) -> tuple[Snapshot, ...]:
        """Return every snapshot that was taken of the same rows, whole or damaged."""
        return tuple(snapshot for snapshot in self.all() if snapshot.fingerprint == fingerprint)

    def is_whole(self, snapshot: Snapshot) -> bool:
        """Whether its files hold what was written; where no digest was kept, whether rows and salts are all there."""
        try:
            if snapshot.files:
                return snapshot.files == self._digests(self._folder(snapshot.id))
            rows, salts = self.rows(snapshot.id), self.salts(snapshot.id)
        except (StoreError, OSError):  # gone, or of a sector that cannot be read any more
            return False
        return self.fingerprint(rows) == snapshot.fingerprint and len(salts) == SALT_BYTES * rows.height

    def put_rows_anew(self, snapshot: Snapshot, table: pl.DataFrame) -> Snapshot:
        """Write the rows of a snapshot whose file is damaged again, and return what is then known of it.

        The caller has proven that these rows and the salts that are there give its root.
        """
        folder = self._folder(snapshot.id)
        with disk_faults("writing a snapshot"), temporary_folder(folder) as temporary:
            _write_rows(table, temporary / ROWS)
            sync_tree(temporary)
            os.replace(temporary / ROWS, folder / ROWS)
            sync_folder(folder)
            mended = msgspec.structs.replace(snapshot, files=self._digests(folder))
        put_file(folder / ABOUT, _json(mended))
        return mended

    def _digests(self, folder: Path) -> dict[str, str]:
        found = {}
        for name in (ROWS, SALTS):
            with (folder / name).open("rb") as file:
                found[name] = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        return found

    def put(self, table: pl.DataFrame, *, root: str, salts: bytes, source: str, at: datetime) -> Snapshot:
        """Keep a table's rows under their Merkle root, in one step, and return what was kept.

        `salts` holds the 16 random bytes of each row that went into the root, one after the other. `source` says where
        the rows came from.
        """
        if len(salts) != SALT_BYTES * table.height:
            raise ValueError(f"{len(salts)} bytes of salts for {table.height} rows")
        snapshot = Snapshot(
            id=identity_of(root),
            root=root,
            n_rows=table.height,
            columns={name: str(dtype) for name, dtype in table.schema.items()},
            source=source,
            fingerprint=self.fingerprint(table),
            taken_at=iso(at),
        )
        folder = self._folder(snapshot.id)
        with disk_faults("writing a snapshot"):
            folder.parent.mkdir(parents=True, exist_ok=True)
            with temporary_folder(folder) as temporary:
                _write_rows(table, temporary / ROWS)
                (temporary / SALTS).write_bytes(salts)
                told = msgspec.structs.replace(snapshot, files=self._digests(temporary))
                (temporary / ABOUT).write_bytes(_json(told))
                sync_tree(temporary)
                publish(temporary, folder)  # a root that is there already stands for these very rows and salts
        return self.get(snapshot.id)

    def get(self, identity: str) -> Snapshot:
        """Return what is known of a snapshot; raises `NotFound`."""
        path = self._folder(identity) / ABOUT
        with disk_faults(f"reading snapshot {identity}"):
            try:
                return msgspec.json.decode(path.read_bytes(), type=Snapshot)
            except FileNotFoundError as error:
                raise NotFound(f"there is no snapshot {identity}", remedy=RESTORE) from error
            except msgspec.DecodeError as error:
                raise StoreError(f"{path} is damaged: {error}", remedy=RESTORE) from error

    def rows(self, identity: str) -> pl.DataFrame:
        """Return a snapshot's rows, in their first order; raises `StoreError` where they cannot be read."""
        self.get(identity)
        try:
            with disk_faults(f"reading snapshot {identity}"):
                return pl.read_parquet(self._folder(identity) / ROWS)
        except (PolarsError, PanicException) as error:  # of some bytes Polars panics
            raise StoreError(f"the rows of snapshot {identity} are damaged", remedy=f"{RESTORE} {OR_TRAIN}") from error

    def salts(self, identity: str) -> bytes:
        """Return the salts of a snapshot's rows, 16 bytes each, one after the other."""
        self.get(identity)
        with disk_faults(f"reading snapshot {identity}"):
            return (self._folder(identity) / SALTS).read_bytes()

    def all(self) -> tuple[Snapshot, ...]:
        """Return every snapshot, the oldest first."""
        names = sorted(path.parent.name for path in self.home.snapshots_root.glob(f"[0-9a-f]*/{ABOUT}"))
        return tuple(sorted(map(self.get, names), key=lambda snapshot: (snapshot.taken_at, snapshot.id)))

    def _folder(self, identity: str) -> Path:
        if len(identity) != ID_DIGITS or not set(identity) <= set("0123456789abcdef"):
            raise Asked(f"{identity!r} is not a snapshot's id", remedy=f"It has {ID_DIGITS} hexadecimal digits.")
        return self.home.snapshots_root / identity


def identity_of(root: str) -> str:
    """Return the id of the snapshot with this root.

    >>> identity_of("sha256:00112233445566778899")
    '0011223344556677'
    """
    return root.removeprefix("sha256:")[:ID_DIGITS]


def _json(snapshot: Snapshot) -> bytes:
    return msgspec.json.format(msgspec.json.encode(snapshot))


def _write_rows(table: pl.DataFrame, path: Path) -> None:
    try:
        table.write_parquet(path, compression="zstd", statistics=False)
    except PolarsError as error:
        raise told_fault("writing a snapshot", error) or error from error


def _parts(table: pl.DataFrame) -> Iterator[bytes]:
    yield canonical([[name, str(dtype)] for name, dtype in table.schema.items()])
    for start in range(0, table.height, SLICE_ROWS):
        for column in table[start : start + SLICE_ROWS]:
            yield from _column_parts(column.alias("value"))  # Polars takes a name such as `^x$` for a pattern


def _column_parts(column: pl.Series) -> Iterator[bytes]:
    yield column.is_not_null().to_numpy().tobytes()
    present = column.drop_nulls()
    if present.dtype in (pl.Categorical, pl.Enum):
        present = present.cast(pl.String)
    if present.dtype == pl.String:
        yield present.str.len_bytes().to_numpy().tobytes()
        yield "".join(present.to_list()).encode()
    elif (present.dtype.is_numeric() and present.dtype not in (pl.Decimal, pl.Int128)) or present.dtype.is_temporal():
        yield _bits(present)
    else:
        yield repr(present.to_list()).encode()


def _bits(present: pl.Series) -> bytes:
    numbers: Any = present.to_physical().to_numpy()
    return bytes(numbers.tobytes())
