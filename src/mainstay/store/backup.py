"""A whole home in one file, taken while it is served from, and brought back somewhere else.

The order of copying is what keeps a backup true while others write:

1. the spool, cut after the last whole batch: what is gone from it meanwhile is in the journal, copied next;
2. the journal, each table at one version: what it has beyond the spool's copy is marked, and never moved in again;
3. the ledger, from wherever it is into a file, so that every version a decision names is known, its witness first,
   since that may only lag behind;
4. bundles, snapshots and the keys of holdouts, never changed, so that whatever the ledger names is there;
5. the secret, without which nothing could be recognised: keep a backup as safe as the home.

Slots come back without their counters: a restored home writes new ones, so that no position is ever used twice. The
archive is a plain tar of files, with the digest of each in `manifest.json`, the last member.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from mainstay.domain.canonical import digest
from mainstay.domain.errors import Asked
from mainstay.domain.moments import iso
from mainstay.store.delta_copy import log_files, table_files
from mainstay.store.files import disk_faults, publish_file, temporary_folder
from mainstay.store.home import Home
from mainstay.store.ledger_where import LEDGER, WITNESS
from mainstay.store.spool_reading import Segment, read_batches, segments

MANIFEST = "manifest.json"
PIECE = 1 << 20  # bytes copied at a time


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds: the digest of every file, by its path in the home, and the moment it was begun."""

    format: int = 1
    begun_at: str
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup that was written: its digest (of the manifest, which covers all files), how many files and bytes."""

    digest: str
    n_files: int
    n_bytes: int


def backup(home: Home, file: Path, *, at: datetime) -> Kept:
    """Write everything a home holds into one file, while others go on serving, ingesting and deploying.

    Whatever was answered before the call is in it. Raises `Asked` if the file is there already; nothing half-written is
    ever left under its name.
    """
    file = Path(file).absolute()
    if file.exists():
        raise Asked(f"{file} is there already", remedy="Name another file; backups are never written over.")
    with disk_faults(f"writing {file.name}"), temporary_folder(file) as folder:
        archive = folder / "archive.tar"
        with archive.open("xb") as raw:
            os.fchmod(raw.fileno(), 0o600)
            with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
                kept = _Writer(tar, at).write(home, folder)
            raw.flush()
            os.fsync(raw.fileno())
        if not publish_file(archive, file):
            raise Asked(f"{file} is there already", remedy="Name another file; backups are never written over.")
    return kept


@dataclass
class _Writer:
    """An archive being written, and the digests of what is in it so far."""

    tar: tarfile.TarFile
    at: datetime
    digests: dict[str, str] = field(default_factory=dict)
    n_bytes: int = 0

    def write(self, home: Home, folder: Path) -> Kept:
        self._spool(home)
        self._journal(home)
        self._ledger(home, folder)
        for path in _files(home.root / "artifacts"):
            self._file(path, path.relative_to(home.root))
        for root in (home.snapshots_root, home.holdouts_root):
            for path in _files(root):
                self._file(path, path.relative_to(home.root))
        self._bytes(home.secret, "secret")
        manifest = msgspec.json.encode(Manifest(begun_at=iso(self.at), files=self.digests))
        kept = Kept(digest(manifest), len(self.digests), self.n_bytes)
        self._bytes(manifest, MANIFEST)
        return kept

    def _spool(self, home: Home) -> None:
        for slot in sorted(home.spool_root.glob("*/*/*")):
            for segment in segments(slot):
                with suppress(FileNotFoundError):  # moved to the journal meanwhile
                    end = _last_whole(segment)
                    data = segment.path.read_bytes()[:end]
                    self._bytes(data, segment.path.relative_to(home.root).as_posix())

    def _journal(self, home: Home) -> None:
        tables = {path.parent for path in home.journal_root.glob("*/*/_delta_log")}
        for table in sorted(tables):
            inner = table.relative_to(home.root)
            version, log = log_files(table)
            for name in table_files(table, version):
                self._file(table / name, inner / name, must_exist=True)
            for name, data in log.items():
                self._bytes(data, (inner / "_delta_log" / name).as_posix())
        for path in _files(home.journal_root):
            if not tables & set(path.parents):
                self._file(path, path.relative_to(home.root))

    def _ledger(self, home: Home, folder: Path) -> None:
        self._file(home.ledger.witness, Path(WITNESS))
        copy = folder / LEDGER
        home.ledger.place.copy_to(copy)
        self._file(copy, Path(LEDGER), must_exist=True)

    def _file(self, path: Path, name: Path, *, must_exist: bool = False) -> None:
        try:
            with path.open("rb") as file:
                self._add(file, os.fstat(file.fileno()).st_size, name.as_posix())
        except FileNotFoundError:  # an unfinished version that was withdrawn
            if must_exist:
                raise

    def _bytes(self, data: bytes, name: str) -> None:
        self._add(io.BytesIO(data), len(data), name)

    def _add(self, file: BinaryIO, size: int, name: str) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(self.at.timestamp())
        reading = _Digesting(file)
        self.tar.addfile(info, reading)  # type: ignore[arg-type]
        self.digests[name] = "sha256:" + reading.sha.hexdigest()
        self.n_bytes += size


class _Digesting:
    """A file that is digested while it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha = hashlib.sha256()

    def read(self, n: int) -> bytes:
        data = self._file.read(n)
        self.sha.update(data)
        return data


def _last_whole(segment: Segment) -> int:
    """The end of the last whole batch of a segment: what follows it was never answered, or not yet."""
    end = 0
    while end < segment.size:
        part = read_batches(segment, end, limit=PIECE)
        if part.end == end or not part.batches:
            break
        end = part.end
    return end


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(".") for part in inner):
            yield path
