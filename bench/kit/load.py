"""A closed-loop load over kept connections: wrk where it is installed, else a client of our own.

Closed loop: a connection asks again when it was answered, so waiting is not counted while nobody asks (coordinated
omission). Compare servers with it; do not promise a latency by it.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httptools
import numpy as np
import uvloop

SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Load:
    """What came of a load. `refused` counts answers that were not 200."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float
    refused: int


def client() -> str:
    """The name of the client that makes the load."""
    return "wrk" if shutil.which("wrk") else "a client in Python (wrk is not installed)"


def load(url: str, bodies: Sequence[bytes], *, connections: int, seconds: float, pause_ms: int = 0) -> Load:
    """Post bodies in turn over some connections for some seconds; with a pause (wrk's) before each asking again."""
    if shutil.which("wrk"):
        return _wrk(url, bodies, connections, seconds, pause_ms)
    return uvloop.run(_ours(url, bodies, connections, seconds))


def _wrk(url: str, bodies: Sequence[bytes], connections: int, seconds: float, pause_ms: int) -> Load:
    with tempfile.NamedTemporaryFile(suffix=".bodies") as file:
        file.write(b"\n".join(bodies))
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", str(SCRIPT), url, "--"]
        words = [*command, file.name, *([str(pause_ms)] if pause_ms else [])]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return Load(**told)


async def _ours(url: str, bodies: Sequence[bytes], connections: int, seconds: float) -> Load:
    where = urlsplit(url)
    assert where.hostname is not None
    assert where.port is not None
    requests = [_request(where.netloc, where.path, body) for body in bodies]
    until = time.perf_counter() + seconds
    loop = asyncio.get_running_loop()
    asking = []
    for number in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        make = lambda number=number, done=done: _Asking(requests, number, until, done)  # noqa: E731
        _, protocol = await loop.create_connection(make, where.hostname, where.port)
        asking.append(protocol)
    await asyncio.gather(*(each.done for each in asking))
    waits_ms = np.concatenate([np.array(each.waits) for each in asking]) * 1e3
    p50, p99 = np.percentile(waits_ms, [50, 99])
    return Load(waits_ms.size / seconds, float(p50), float(p99), sum(each.refused for each in asking))


def _request(host: str, path: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Asking(asyncio.Protocol):
    """One connection that asks until the time is over; `waits` are in seconds."""

    def __init__(self, requests: list[bytes], first: int, until: float, done: asyncio.Future[None]) -> None:
        self.requests, self.number, self.until, self.done = requests, first, until, done
        self.waits: list[float] = []
        self.refused = 0
        self.parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        self.waits.append(now - self.asked)
        self.refused += self.parser.get_status_code() != 200
        if now < self.until:
            self._ask()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _ask(self) -> None:
        self.asked = time.perf_counter()
        self.number += 1
        self.transport.write(self.requests[self.number % len(self.requests)])
