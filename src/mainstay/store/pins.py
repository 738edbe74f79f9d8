"""Whether a source changed while it was read: what the disk says of its files before and after."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mainstay.domain.errors import DataError


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as the disk tells of it: its size, when it was last written, and which file it is."""

    n_bytes: int
    written_ns: int
    inode: int


Pin = dict[str, Seen]


def pin(path: Path) -> Pin:
    """Return every file of a source by its path within it, as it is now.

    A Delta table has none: one version of it is read, and a version never changes.
    """
    if not path.is_dir():
        return {path.name: _seen(path)} if path.exists() else {}
    if (path / "_delta_log").is_dir():
        return {}
    files = (Path(place, name) for place, _, names in os.walk(path) for name in names)
    return {each.relative_to(path).as_posix(): _seen(each) for each in files if each.exists()}


def check_pin(path: Path, before: Pin) -> None:
    """Raise `DataError` if a source is not what it was `before` it was read: its rows may be of no one moment."""
    after = pin(path)
    if after == before:
        return
    what = f"{path.name} changed while it was read: {_difference(before, after)}"
    raise DataError(what, remedy="Wait until it is written whole, or name a copy; nothing was kept.")


def _difference(before: Pin, after: Pin) -> str:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            return f"{name} {'came' if old is None else 'went'}"
        if old.n_bytes != new.n_bytes:
            return f"{name} had {old.n_bytes:,} bytes, and then {new.n_bytes:,}"
        if old != new:
            return f"{name} was written again"
    return "its files are others"


def _seen(path: Path) -> Seen:
    state = path.stat()
    return Seen(state.st_size, state.st_mtime_ns, state.st_ino)
