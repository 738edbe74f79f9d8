"""A real service in processes of its own, on a free port of this machine."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

SERVE = """
import json, resource, sys
from pathlib import Path
from mainstay.domain.limits import read_limits
from mainstay.interfaces.http import server, supervisor
from mainstay.interfaces.http.settings import Front
options = json.loads(sys.argv[2])
supervisor.HANGS_S = options["hangs_s"]
if options["largest_file"]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (options["largest_file"], options["largest_file"]))
how = {name: options[name] for name in ("host", "workers", "ingest_every_s")}
front = options["front"] | {"origins": tuple(options["front"].get("origins", ()))}
how["front"] = Front(limits=read_limits(options["limits"]), **front)
server.serve(Path(sys.argv[1]), port=0, **how)
"""
PATIENCE_S = 30.0


@dataclass
class Running:
    """A service that answers: its address, its process, what it logged."""

    process: subprocess.Popen[str]
    url: str
    logged: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def children(self, of: str = "worker") -> list[int]:
        """Process ids of its workers (or of `ingester`), found through the process table.

        A worker goes on from the process that started it, and has its words; others were started by name.
        """
        below = [(pid, line) for pid, parent, line in processes() if parent == self.process.pid]
        return [pid for pid, line in below if (of in line if of != "worker" else " -m mainstay." not in line)]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)


@dataclass(frozen=True)
class Options:
    """How to serve. `largest_file` stands for a disk that is full: no file grows beyond so many bytes (0: any)."""

    workers: int = 1
    ingest_every_s: float | None = None
    hangs_s: float = 20.0
    largest_file: int = 0
    host: str = "127.0.0.1"
    front: dict[str, Any] = field(default_factory=dict)
    limits: tuple[str, ...] = ()


@contextmanager
def serving(folder: Path, options: Options = Options(), **env: str) -> Iterator[Running]:
    """Serve the home in a folder; what is left of it at the end is ended."""
    arguments = [sys.executable, "-c", SERVE, str(folder), json.dumps(asdict(options))]
    process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, env=os.environ | env)
    logged: list[str] = []
    addresses: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(process, logged, addresses), daemon=True).start()
    try:
        yield Running(process, addresses.get(timeout=PATIENCE_S), logged)
    finally:
        stop(process)


def stop(process: subprocess.Popen[str]) -> int:
    """Ask for a graceful stop and return the exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def until(holds: Callable[[], bool], *, seconds: float = PATIENCE_S) -> None:
    """Wait until something holds; fails the test where it never does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def until_ready(url: str, status: int = 200) -> None:
    """Wait until readiness is answered with this status."""
    until(lambda: get(f"{url}/readyz").status_code == status)


def get(url: str) -> httpx.Response:
    """Ask once; no certificates are loaded for it, which would take longer than the rest."""
    return httpx.get(url, verify=False, timeout=PATIENCE_S)


def post(url: str, document: object) -> httpx.Response:
    """Post JSON once, as `get` does."""
    return httpx.post(url, json=document, verify=False, timeout=PATIENCE_S)


def raw(running: Running, request: bytes) -> tuple[int, bytes]:
    """Send bytes as they are and return the status and body of the reply."""
    with running.connect() as connection:
        connection.sendall(request)
        return read_reply(connection)


def read_reply(connection: socket.socket) -> tuple[int, bytes]:
    """Read one reply with a length."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65_536)
        assert more, f"the connection ended after {data!r}"
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])[b"content-length"])
    while len(body) < length:
        body += connection.recv(65_536)
    return int(head.split(b" ")[1]), body


def _listen(process: subprocess.Popen[str], logged: list[str], addresses: queue.Queue[str]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        logged.append(line)
        if "answering on " in line:
            addresses.put(line.split("answering on ")[1].split('"')[0].strip())


def processes() -> Iterator[tuple[int, int, str]]:
    """Every process that lives: its id, its parent's and its command."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat, line = (folder / "stat").read_text(), (folder / "cmdline").read_bytes()
            except OSError:
                continue
            state, parent = stat.rpartition(")")[2].split()[:2]
            if state != "Z":
                yield int(folder.name), int(parent), line.replace(b"\0", b" ").decode(errors="replace")
