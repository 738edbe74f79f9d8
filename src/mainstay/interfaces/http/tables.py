"""Arrow and Parquet bodies: unpacked in a process beside the worker, one at a time, so that the worker stays small.

The process is started by name when the first such body comes: no import leads from here to the library that reads
tables. It goes when none has come for a minute. A body that it dies of, because it claims more memory than the process
may take, is refused, and the next body gets a new one.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio import StreamReader, StreamWriter, TimerHandle
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from mainstay.domain.limits import LIMITS, Limits
from mainstay.interfaces.http.reply import Reply, problem
from mainstay.interfaces.http.request import Held, too_busy, too_slow
from mainstay.workflows.serve import Form

CHILD = "mainstay.interfaces.table_child"
PACKED = frozenset({Form.ARROW, Form.PARQUET})
MAX_WAITING = 8  # bodies that wait for their turn
IDLE_S = 60.0  # after which the process goes: it holds some 80 MB
HEADER = 8  # bytes before every message: its length
FRUGAL = {"POLARS_MAX_THREADS": "1", "RUST_BACKTRACE": "0"}  # a trace takes memory, and hangs where none is left


class Unusable(msgspec.Struct, frozen=True):
    """Why a table is not taken, as its process says it."""

    status: int
    code: str
    what: str
    remedy: str


@dataclass(slots=True)
class Tables:
    """The process that unpacks tables for this worker, while there is one, and who waits for it."""

    limits: Limits = LIMITS
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    n_waiting: int = 0
    process: Process | None = None
    leaving: TimerHandle | None = None


async def unpack(body: bytes, tables: Tables, held: Held) -> bytes | Reply:
    """Return the rows of an Arrow or Parquet body as lines of JSON, or why they cannot be had."""
    if tables.n_waiting >= MAX_WAITING or held.n_bytes + len(body) > held.limits.held_bytes:
        return too_busy("too many Arrow and Parquet bodies at once")
    tables.n_waiting += 1
    held.n_bytes += len(body)
    try:
        async with asyncio.timeout(tables.limits.body_s), tables.turn:
            return _read(await _ask(body, tables), tables.limits)
    except TimeoutError:
        return too_slow(tables.limits)
    finally:
        tables.n_waiting -= 1
        held.n_bytes -= len(body)


def let_go(tables: Tables) -> None:
    """End the process, where there is one."""
    if tables.leaving is not None:
        tables.leaving.cancel()
    if tables.process is not None:
        with suppress(ProcessLookupError):
            tables.process.kill()
    tables.process = tables.leaving = None


async def end(tables: Tables) -> None:
    """End the process, where there is one, and wait until it has gone."""
    process = tables.process
    let_go(tables)
    if process is not None:
        await process.wait()


async def _ask(body: bytes, tables: Tables) -> bytes:
    """Return what the process says of a body; nothing where it died of it."""
    if tables.leaving is not None:
        tables.leaving.cancel()
    reads, writes = await _pipes(tables)
    answered = False
    try:
        writes.write(len(body).to_bytes(HEADER, "big"))
        writes.write(body)
        await writes.drain()
        said = await reads.readexactly(int.from_bytes(await reads.readexactly(HEADER), "big"))
        answered = True
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""
    finally:
        if not answered:
            let_go(tables)
    tables.leaving = asyncio.get_running_loop().call_later(IDLE_S, let_go, tables)
    return said


async def _pipes(tables: Tables) -> tuple[StreamReader, StreamWriter]:
    if tables.process is None or tables.process.returncode is not None:
        said = msgspec.json.encode(tables.limits).decode()
        tables.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", CHILD, said),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,  # a library's last words could hold a caller's values
            env=os.environ | FRUGAL,
        )
    reads, writes = tables.process.stdout, tables.process.stdin
    assert reads is not None
    assert writes is not None
    return reads, writes


def _read(said: bytes, limits: Limits) -> bytes | Reply:
    head, _, lines = said.partition(b"\n")
    if not head:
        what = f"a table that takes more than {limits.table_bytes:,} bytes of memory to unpack, or is damaged"
        return problem(413, "body-too-large", what, remedy="Send fewer rows at once, in several requests.")
    unusable = msgspec.json.decode(head, type=Unusable | None)
    if unusable is None:
        return lines
    return problem(unusable.status, unusable.code, unusable.what, remedy=unusable.remedy)
