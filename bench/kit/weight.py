"""What a server's processes hold of memory: proportional set size, so that what they share counts once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def weight_mb(pid: int, *, apart: str = "") -> tuple[float, float]:
    """Return the megabytes of a process and all below it, and of those apart whose command line holds a word."""
    own = other = 0.0
    for process in below(pid):
        with suppress(OSError):  # it ended meanwhile
            command = (PROC / str(process) / "cmdline").read_bytes().decode(errors="replace")
            size = _mb(process, "Pss:")
            if apart and apart in command:
                other += size
            else:
                own += size
    return own, other


def own_mb(pid: int) -> float:
    """Return the megabytes that a process shares with nobody and has in no file: what grows where something leaks."""
    return _mb(pid, "Anonymous:")


def below(pid: int) -> Iterator[int]:
    """Yield a process and all below it."""
    yield pid
    with suppress(OSError):
        for task in (PROC / str(pid) / "task").iterdir():
            for child in (task / "children").read_text().split():
                yield from below(int(child))


def _mb(pid: int, what: str) -> float:
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) / 1000
    return 0.0
