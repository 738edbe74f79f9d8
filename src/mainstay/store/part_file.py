"""A file that is written part by part, over as many attempts as it takes, and has its name only when it is whole.

Beside `answers.csv` lie `answers.csv.part`, what is written so far, and `answers.csv.progress`: of which job, and up to
where. Progress is written after the part and made durable, so it never speaks of bytes that are not there; what lies
beyond is cut off by the next attempt. A lock on the part, which dies with its holder, keeps a second writer out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mainstay.domain.errors import Asked, Busy
from mainstay.store.files import disk_faults, is_named, lock_now, put_file, sync_folder

PART, PROGRESS, WHOLE = ".part", ".progress", ".whole"


class Progress(msgspec.Struct, frozen=True):
    """How far a job is: what it is, the rows and bytes written, and what is to be remembered of them."""

    job: dict[str, Any]
    n_rows: int
    n_bytes: int
    kept: dict[str, Any]


@dataclass
class PartFile:
    """An open part. `before` is what an earlier attempt of the same job left; `anew` what another job differed in."""

    out: Path
    job: Mapping[str, Any]
    held: int
    n_bytes: int = 0
    before: Progress | None = None
    anew: str = ""

    def append(self, data: bytes, *, n_rows: int, kept: Mapping[str, Any]) -> None:
        """Write the next bytes, durably; `n_rows` are those of the whole part then. Raises `StoreError`."""
        with disk_faults(f"writing {self.out.name}"):
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self.held, rest) :]
            os.fdatasync(self.held)
        self.n_bytes += len(data)
        told = Progress(dict(self.job), n_rows, self.n_bytes, dict(kept))
        put_file(_beside(self.out, PROGRESS), msgspec.json.encode(told))

    def finish(self, make: Callable[[Path, Path], None] | None = None) -> None:
        """Give the file its name; `make(part, whole)` first turns what was written into what is wanted."""
        part, whole = _beside(self.out, PART), _beside(self.out, WHOLE)
        with disk_faults(f"writing {self.out.name}"):
            if make is not None:
                make(part, whole)
                with whole.open("rb") as made:
                    os.fsync(made.fileno())
            os.replace(part if make is None else whole, self.out)
            sync_folder(self.out.parent)
            part.unlink(missing_ok=True)
            _beside(self.out, PROGRESS).unlink(missing_ok=True)

    def close(self) -> None:
        """Let go; what is written stays for the next attempt."""
        os.close(self.held)


def open_part(out: Path, job: Mapping[str, str]) -> PartFile:
    """Open the part of a file, where an attempt of the same `job` left it, else empty; raises `Asked` or `Busy`."""
    if out.is_dir() or not out.parent.is_dir():
        what = f"{out} is a folder" if out.is_dir() else f"there is no folder {out.parent}"
        raise Asked(what, remedy="Name a file in a folder that is there: --out FILE.")
    with disk_faults(f"opening {out.name}{PART}"):
        part = _beside(out, PART)
        held = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        if not lock_now(held) or not is_named(held, part):
            os.close(held)
            raise Busy(f"another process is writing {out}", remedy="Wait for it, or name another file: --out FILE.")
        before = _left(out, os.fstat(held).st_size)
        anew = _differs(before.job, job) if before is not None else ""
        opened = PartFile(out, job, held, anew=anew)
        if before is not None and not anew:
            opened.before, opened.n_bytes = before, before.n_bytes
        os.ftruncate(held, opened.n_bytes)
    return opened


def _left(out: Path, size: int) -> Progress | None:
    try:
        found = msgspec.json.decode(_beside(out, PROGRESS).read_bytes(), type=Progress)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return found if found.n_bytes <= size else None


def _differs(before: Mapping[str, Any], job: Mapping[str, str]) -> str:
    return ", ".join(name for name in job if before.get(name) != job[name])


def _beside(out: Path, ending: str) -> Path:
    return out.with_name(out.name + ending)
