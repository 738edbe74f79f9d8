"""The files that a recipe writes, moves or removes, as Python tells of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
MAKES = ("os.mkdir", "os.symlink", "os.link", "os.truncate", "os.chmod", "os.chown")
ENDS = ("os.remove", "os.rmdir", "shutil.rmtree")
MOVES = ("os.rename", "shutil.move")
EVENTS = ("open", *MAKES, *ENDS, *MOVES)  # of Python's audit, that are about files
NOT_FILES = ("/dev/", "/proc/")
CACHES = ("__pycache__", ".cache")  # where libraries keep what they would otherwise compute again
PATHS = 1_000  # remembered at most


@dataclass(slots=True)
class Written:
    """Files touched so far: `made` were written, `gone` removed without having been made here.

    `folder` is where the recipe runs, and is removed with it.
    """

    folder: Path = field(default_factory=Path.cwd)
    made: dict[str, None] = field(default_factory=dict)
    gone: dict[str, None] = field(default_factory=dict)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take note of an audit event of Python, where it is about files."""
        if event == "open":
            if _writes(arguments[1], arguments[2]) and not os.path.isdir(arguments[0]):  # a file without a name
                self._note(self.made, arguments[0])
        elif event in MAKES:
            self._note(self.made, arguments[1] if event in ("os.symlink", "os.link") else arguments[0])
        elif event in MOVES:
            self._end(arguments[0])
            self._note(self.made, arguments[1])
        elif event in ENDS and not _is_below_an_open_folder(event, arguments):
            self._end(arguments[0])

    def outside(self) -> list[str]:
        """Return what it wrote outside of its folder and left there, and what it removed that was not its own."""
        left = [path for path in self.made if not self._is_in_folder(path) and os.path.lexists(path)]
        return sorted({*left, *(path for path in self.gone if not self._is_in_folder(path))})

    def inside(self) -> list[str]:
        """Return the names of what it left in its folder."""
        return sorted({Path(path).name for path in self.made if self._is_in_folder(path) and os.path.lexists(path)})

    def _is_in_folder(self, path: str) -> bool:
        return Path(path).is_relative_to(self.folder) and self.folder.is_relative_to(tempfile.gettempdir())

    def _end(self, path: Any) -> None:
        if (known := _absolute(path)) is not None and known not in self.made:
            self._note(self.gone, path)

    def _note(self, kept: dict[str, None], path: Any) -> None:
        known = _absolute(path)
        if known is not None and len(kept) < PATHS and not _is_nobodys(known):
            kept[known] = None


def _writes(mode: Any, flags: Any) -> bool:
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return bool(flags and flags & WRITES)


def _absolute(path: Any) -> str | None:
    """Return a path as it stands from the root; None for an open file's number."""
    if not isinstance(path, str | bytes | os.PathLike):
        return None
    return os.path.abspath(os.fsdecode(path))


def _is_below_an_open_folder(event: str, arguments: Sequence[Any]) -> bool:
    """A whole tree is being removed, which was heard of by its root."""
    return event != "shutil.rmtree" and len(arguments) > 1 and arguments[1] not in (-1, None)


def _is_nobodys(path: str) -> bool:
    return path.startswith(NOT_FILES) or any(part in CACHES for part in Path(path).parts)
