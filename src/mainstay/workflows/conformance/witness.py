"""What a recipe does beside fitting and scoring, as Python itself tells of it: networks, processes, state, prints.

Only what goes through Python is seen: a library that opens a connection in C alone is not.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

NETWORK = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.bind")
PROCESSES = ("os.fork", "os.forkpty", "os.posix_spawn", "os.system", "os.exec", "subprocess.Popen", "pty.spawn")
STATM = Path("/proc/self/statm")  # Linux tells here how many pages a process holds
HARMLESS = ("lscpu", "uname", "ldconfig")  # programs that libraries ask how many cores there are, and what system


@dataclass(slots=True)
class Witness:
    """What was seen so far: events by kind; connections are refused while it watches."""

    watching: bool = False
    network: list[str] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)
    state: set[str] = field(default_factory=set)
    printed_bytes: int = 0


_WITNESS = Witness()
_hooked: list[bool] = []


def witness() -> Witness:
    """Return the witness of this process; the first call begins to listen (Python cannot stop listening)."""
    if not _hooked:
        _hooked.append(True)
        sys.addaudithook(_heard)
    return _WITNESS


@contextmanager
def watched() -> Iterator[None]:
    """Watch what happens within."""
    seen = witness()
    before, n_printed = _state(), _n_printed()
    seen.watching = True
    try:
        yield
    finally:
        seen.watching = False
        after = _state()
        seen.state |= {name for name, value in before.items() if after[name] != value}
        seen.printed_bytes += _n_printed() - n_printed


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if not _WITNESS.watching:
        return
    if event in NETWORK and not isinstance(arguments[-1], str | bytes):  # a path is a socket of this machine
        _WITNESS.network.append(event)
        raise PermissionError("a recipe has no network while it is examined")
    if event in PROCESSES and not _is_harmless(arguments):
        _WITNESS.processes.append(event)


def _is_harmless(arguments: tuple[Any, ...]) -> bool:
    program = arguments[0] if arguments else ""
    return isinstance(program, str) and os.path.basename(program) in HARMLESS


def _state() -> dict[str, object]:
    """What is shared by everything in a process and must be left as it was."""
    return {
        "random": random.getstate(),
        "numpy.random": _numpy_state(),
        "os.environ": dict(os.environ),
        "the current folder": os.getcwd(),
        "sys.path": tuple(sys.path),
        "signal handlers": tuple(signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)),
    }


def _numpy_state() -> tuple[object, ...]:
    state: Any = np.random.get_state()
    return tuple(part.tobytes() if isinstance(part, np.ndarray) else part for part in state)


def resident_mb() -> float:
    """Return the megabytes that this process holds now; where the system does not tell, the most it ever held."""
    try:
        n_pages = int(STATM.read_text(encoding="ascii").split()[1])
        return n_pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _n_printed() -> int:
    """How much was printed: standard output and standard error go to one file here."""
    sys.stdout.flush()
    sys.stderr.flush()
    return os.fstat(1).st_size
