"""Bundles and what was written about them: one folder per version, put there whole, never changed.

`artifacts/MODEL/NUMBER/bundle/…` is the bundle; beside it lie the evaluation and reports.

How two trainings at once get different numbers: whoever has a version ready takes the model's numbering lock, reads the
next number from the ledger, puts the folder there and appends the event, then lets go (`store.versions.add_version`). A
folder without an event was left by a killed training: the next holder of the lock replaces it. So numbers have no gaps
and the ledger alone says which versions exist.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mainstay.domain.errors import Asked, NotFound, Refused, did_you_mean
from mainstay.domain.version import MODEL_NAME
from mainstay.store.files import disk_faults, inside, locked, put_file_once, put_folder, remove_folder

BUNDLE = "bundle"


def folder_files(folder: Path, *, what: str) -> dict[str, bytes]:
    """Return every file below a folder: path within it to content; `what` names it where it cannot be read."""
    with disk_faults(f"reading {what}"):
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@dataclass(frozen=True, slots=True)
class Artifacts:
    """The artifacts of a home."""

    root: Path

    def put_version(self, model: str, number: int, files: Mapping[str, bytes]) -> None:
        """Put all files of a new version there in one step; raises `Refused` if the number is taken."""
        if not put_folder(self.folder(model, number), files):
            raise Refused(f"{model}/{number} is there already, and versions never change", remedy="Train a new one.")

    def version_files(self, model: str, number: int) -> dict[str, bytes]:
        """Return the files of a version's bundle: path within the bundle to content. Raises `NotFound`."""
        files = folder_files(self.bundle_folder(model, number), what=f"{model}/{number}")
        if not files:
            raise NotFound(f"the bundle of {model}/{number} is not there", remedy="See what is: mainstay versions.")
        return files

    def bundle_bytes(self, model: str, number: int) -> int | None:
        """Return how large a version's bundle is; None where it is not there."""
        folder = self.bundle_folder(model, number)
        with disk_faults(f"reading {model}/{number}"):
            sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
        return sum(sizes) if sizes else None

    def put_artifact(self, model: str, number: int, name: str, data: bytes) -> Path:
        """Keep one more file beside a version's bundle and return its path.

        The same bytes again are fine; raises `Refused` for other bytes under a name that is taken.
        """
        path = self._artifact(model, number, name)
        with disk_faults(f"writing {name}"):
            path.parent.mkdir(parents=True, exist_ok=True)
        if not put_file_once(path, data) and self.artifact(model, number, name) != data:
            raise Refused(
                f"{model}/{number} has another {name} already", remedy="Artifacts never change: use a new name."
            )
        return path

    def artifact(self, model: str, number: int, name: str) -> bytes:
        """Return a file kept beside a version's bundle; raises `NotFound`."""
        with disk_faults(f"reading {name}"):
            try:
                return self._artifact(model, number, name).read_bytes()
            except FileNotFoundError as error:
                remedy = did_you_mean(name, self.artifact_names(model, number))
                raise NotFound(f"{model}/{number} has no artifact {name!r}", remedy=remedy) from error

    def artifact_names(self, model: str, number: int) -> tuple[str, ...]:
        """Return the names of the files kept beside a version's bundle, in order."""
        folder = self.folder(model, number)
        names = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        return tuple(sorted(n.as_posix() for n in names if n.parts[0] != BUNDLE and not n.name.startswith(".")))

    def folder(self, model: str, number: int) -> Path:
        """Return the folder of a version (there or not); raises `Asked` for a name that is not one."""
        if not MODEL_NAME.fullmatch(model) or number < 1:
            raise Asked(f"'{model}/{number}' is not a version", remedy="Write model/number, such as credit/3.")
        return self.root / model / str(number)

    def bundle_folder(self, model: str, number: int) -> Path:
        """Return the folder of a version's bundle (there or not)."""
        return self.folder(model, number) / BUNDLE

    def folders(self) -> tuple[Path, ...]:
        """Return every folder that lies where versions do, half-written ones too, in order."""
        return tuple(sorted(path for path in self.root.glob("*/*") if path.is_dir()))

    @contextmanager
    def numbering(self, model: str) -> Iterator[None]:
        """Hold the model's numbering lock: while it is held nobody else adds a version. Waits for its turn."""
        with locked(self.folder(model, 1).parent / ".numbering"):
            yield

    def withdraw(self, model: str, number: int) -> None:
        """Remove a version's folder that no event names; only for the holder of the numbering lock."""
        folder = self.folder(model, number)
        if folder.exists():
            with disk_faults(f"removing what a killed training left of {model}/{number}"):
                remove_folder(folder)

    def _artifact(self, model: str, number: int, name: str) -> Path:
        if name.partition("/")[0] == BUNDLE:
            raise Refused(
                f"{name!r} lies in the bundle", remedy="A bundle holds what training made, and nothing later."
            )
        return inside(self.folder(model, number), name)
