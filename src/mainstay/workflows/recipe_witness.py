"""What a recipe does beside fitting and scoring, as Python tells of it: networks, processes, files, state, prints.

Only what goes through Python is seen: a library that opens a connection in C alone is not. What a library does while it
is imported is that library's, not the recipe's.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mainstay.workflows.recipe_written import EVENTS, Written

NETWORK = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.bind")
PROCESSES = ("os.fork", "os.forkpty", "os.posix_spawn", "os.system", "os.exec", "subprocess.Popen", "pty.spawn")
STATM = Path("/proc/self/statm")  # Linux tells here how many pages a process holds
HARMLESS = ("lscpu", "uname", "ldconfig")  # programs that libraries ask how many cores there are, and what system
HEARD = frozenset((*NETWORK, *PROCESSES, *EVENTS))  # looking at the stack is an event, too, and must not be heard
IMPORTING = "<frozen importlib._bootstrap>"
ITS_LIBRARIES = ("os.environ", "sys.path")  # they may set these when they are imported, as a recipe is read
GRACE_S = 0.5  # for threads that are ending


@dataclass(slots=True)
class Witness:
    """What was seen so far: events by kind; connections are refused while it watches."""

    watching: bool = False
    network: list[str] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)
    state: set[str] = field(default_factory=set)
    threads: set[str] = field(default_factory=set)
    written: Written = field(default_factory=Written)
    printed_bytes: int = 0


_WITNESS = Witness()
_hooked: list[bool] = []


def witness() -> Witness:
    """Return the witness of this process; the first call begins to listen (Python cannot stop listening)."""
    if not _hooked:
        _hooked.append(True)
        sys.addaudithook(_heard)
    return _WITNESS


def forget_all() -> None:
    """Begin anew: what was seen so far was another recipe's."""
    seen = witness()
    seen.network, seen.processes, seen.state, seen.threads = [], [], set(), set()
    seen.written, seen.printed_bytes = Written(), 0


@contextmanager
def watched(*, but: tuple[str, ...] = ()) -> Iterator[None]:
    """Watch what happens within; changes of some shared things do not count."""
    seen = witness()
    before, n_printed, threads = _state(), _n_printed(), {*threading.enumerate()}
    seen.watching = True
    try:
        yield
    finally:
        seen.watching = False
        after = _state()
        seen.state |= {name for name, value in before.items() if name not in but and after[name] != value}
        seen.threads |= {thread.name for thread in threading.enumerate() if thread not in threads and _stays(thread)}
        seen.printed_bytes += _n_printed() - n_printed


def _stays(thread: threading.Thread) -> bool:
    thread.join(GRACE_S)
    return thread.is_alive()


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if not _WITNESS.watching or event not in HEARD or _is_importing():
        return
    _WITNESS.written.hear(event, arguments)
    if event in NETWORK and not isinstance(arguments[-1], str | bytes):  # a path is a socket of this machine
        _WITNESS.network.append(event)
        raise PermissionError("a recipe has no network while it is examined")
    if event in PROCESSES and not _is_harmless(arguments):
        _WITNESS.processes.append(event)


def _is_importing() -> bool:
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename == IMPORTING:
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


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
