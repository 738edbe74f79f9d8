"""What a server's processes hold of memory: proportional set size, so that what they share counts once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def weight_mb(pid: int, *, apart: str = "") -> tuple[float, float]:
    """Return the megabytes of a process and all below it, and of those apart whose command line holds a word."""
    own = other = 0.0
    for process in _tree(pid):
        with suppress(OSError):  # it ended meanwhile
            command = (PROC / str(process) / "cmdline").read_bytes().decode(errors="replace")
            size = _pss_mb(process)
            if apart and apart in command:
                other += size
            else:
                own += size
    return own, other


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for task in (PROC / str(pid) / "task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))


def _pss_mb(pid: int) -> float:
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1000
    return 0.0
