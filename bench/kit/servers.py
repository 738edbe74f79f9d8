"""Servers started for a benchmark, each in a process group of its own that is ended with it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

PATIENCE_S = 120.0


@dataclass(frozen=True)
class Server:
    """A server that answers. `bodies` are what it is asked; `ready_s` is how long it took to answer the first.

    `log` holds what it and its processes print.
    """

    name: str
    url: str
    bodies: Sequence[bytes]
    ready_s: float
    pid: int = 0
    log: Path | None = None


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def serving(
    name: str,
    command: Sequence[str],
    *,
    url: str,
    bodies: Sequence[bytes],
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[Server | None]:
    """Start a server and wait until it answers a body with 200; None, and said why, if it does not."""
    with tempfile.NamedTemporaryFile() as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env=os.environ | dict(env or {}), cwd=cwd, start_new_session=True
        )
        try:
            begun = time.perf_counter()
            if _answers(process, url, bodies[0], begun + PATIENCE_S):
                yield Server(name, url, bodies, time.perf_counter() - begun, process.pid, Path(log.name))
            else:
                log.seek(0)
                last = log.read().decode(errors="replace").strip().splitlines()[-3:]
                print(f"-- {name} did not answer and is left out: {' / '.join(last)}")
                yield None
        finally:
            _end(process)


def _answers(process: subprocess.Popen[bytes], url: str, body: bytes, until: float) -> bool:
    request = Request(url, data=body, headers={"Content-Type": "application/json"})
    while process.poll() is None and time.perf_counter() < until:
        try:
            with urlopen(request, timeout=10) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            time.sleep(0.01)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to stop, then end whatever is left of its process group."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
