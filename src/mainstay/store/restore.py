"""Bringing a home back from a backup: nothing is trusted that its manifest does not cover."""

from __future__ import annotations

import hashlib
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mainstay.domain.canonical import digest
from mainstay.domain.errors import Asked, NotFound, StoreError
from mainstay.store.backup import MANIFEST, PIECE, Manifest
from mainstay.store.files import disk_faults, inside, publish, temporary_folder
from mainstay.store.home import FOLDER, Home, open_home
from mainstay.store.ledger_where import LEDGER, WITNESS
from mainstay.store.spool import LOCK

FILES = frozenset({LEDGER, WITNESS, "secret", MANIFEST})
FOLDERS = frozenset({"artifacts", "snapshots", "holdouts", "spool", "journal"})
ANOTHER = "Use another backup: this one was changed or is not whole."


@dataclass(frozen=True, slots=True)
class Restored:
    """A home that was brought back, the digest of its backup, when that was begun, and how many files it held."""

    home: Home
    digest: str
    begun_at: str
    n_files: int


def restore(file: Path, folder: Path) -> Restored:
    """Bring a backup back as the home of `folder`, whole or not at all.

    Raises `NotFound` without the file, `Asked` if the folder has a home already, and `StoreError` for an archive that
    is torn, was changed, or holds anything but plain files with names that a home has.
    """
    file, root = Path(file), Path(folder).absolute() / FOLDER
    if not file.is_file():
        raise NotFound(f"{file} is not there", remedy="Name the file that mainstay backup wrote.")
    if root.exists():
        raise Asked(f"{root} is there already", remedy="Restore into another folder, or move the old home away first.")
    with disk_faults(f"restoring {file.name}"):
        root.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(root) as temporary:
            digests = _unpacked(file, temporary)
            manifest, told = _checked(file, temporary, digests)
            _finish(temporary)
            if not publish(temporary, root):
                raise Asked(f"{root} was made meanwhile", remedy="Restore into another folder.")
    return Restored(open_home(folder, create=False), told, manifest.begun_at, len(manifest.files))


def _unpacked(file: Path, folder: Path) -> dict[str, str]:
    digests: dict[str, str] = {}
    try:
        with tarfile.open(file, mode="r:") as tar:
            for member in tar:
                place = _place(file, folder, member)
                if member.name in digests:
                    raise StoreError(f"{file.name} holds {member.name} twice", remedy=ANOTHER)
                digests[member.name] = _write(tar, member, place)
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise StoreError(f"{file.name} is not a whole backup ({error})", remedy=ANOTHER) from error
    return digests


def _place(file: Path, folder: Path, member: tarfile.TarInfo) -> Path:
    top, _, rest = member.name.partition("/")
    known = top in FOLDERS if rest else top in FILES
    try:
        place = inside(folder, member.name)
    except Asked:
        known = False
    if not known or not member.isreg() or member.issparse():
        raise StoreError(f"{file.name} holds {member.name[:200]!r}, which no backup has", remedy=ANOTHER)
    return place


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> str:
    source, sha, left = tar.extractfile(member), hashlib.sha256(), member.size
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("xb") as target:
        while source is not None and (piece := source.read(PIECE)):
            sha.update(piece)
            target.write(piece)
            left -= len(piece)
        target.flush()
        os.fsync(target.fileno())
    if left:
        raise EOFError(f"{member.name} ends early")
    return "sha256:" + sha.hexdigest()


def _checked(file: Path, folder: Path, digests: dict[str, str]) -> tuple[Manifest, str]:
    """Hold what was unpacked against the manifest, which then has served."""
    if MANIFEST not in digests:
        raise StoreError(f"{file.name} is not a whole backup (its end is missing)", remedy=ANOTHER)
    raw = (folder / MANIFEST).read_bytes()
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
    except msgspec.DecodeError as error:
        raise StoreError(f"{file.name} has a manifest that cannot be read ({error})", remedy=ANOTHER) from error
    if manifest.format != 1:
        what = f"{file.name} is a backup of format {manifest.format}, wanted 1"
        raise StoreError(what, remedy="Use the Mainstay that wrote it.")
    (folder / MANIFEST).unlink()
    del digests[MANIFEST]
    names = digests.keys() | manifest.files.keys()
    wrong = sorted(name for name in names if digests.get(name) != manifest.files.get(name))
    if wrong:
        raise StoreError(f"{file.name} was changed: {', '.join(wrong[:3])}", remedy=ANOTHER)
    if missing := FILES - digests.keys() - {MANIFEST}:
        raise StoreError(f"{file.name} holds no {', '.join(sorted(missing))}", remedy=ANOTHER)
    return manifest, digest(raw)


def _finish(folder: Path) -> None:
    folder.chmod(0o700)
    (folder / "secret").chmod(0o600)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    for slot in {segment.parent for segment in (folder / "spool").glob("*/*/*/*")}:
        (slot / LOCK).touch()  # without a counter: read, never written again, and tidied away when it is empty
