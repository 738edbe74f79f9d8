"""The life of a process that somebody's code runs in: it answers over pipes, and goes when its parent does.

It answers requests one after another. A copy of it that the code forked says nothing.
"""

from __future__ import annotations

import faulthandler
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from mainstay.workflows.own_process import TELL_LINE, end_what_it_started

HEADER = 8
LOOK_S = 1.0
OF_MEMORY = 0.8  # of what the machine has: the code throws before the machine chokes
MOST_FILE_BYTES = 1 << 30  # of a file that it writes, also of what it prints: an endless loop that prints fills no disk
FIRST_TO_GO = b"1000"  # where memory runs out all the same, the kernel ends this process and not its parent

T = TypeVar("T")

_encoder = msgspec.msgpack.Encoder()


def live(pipes: list[str], asks: msgspec.msgpack.Decoder[T], answer: Callable[[T], Iterator[msgspec.Struct]]) -> None:
    """Answer what comes on the first of two pipes on the second, until there is nobody to ask."""
    threading.Thread(target=_go_with, args=(os.getppid(),), daemon=True).start()
    _bound()
    faulthandler.register(TELL_LINE, all_threads=False)
    reads, writes, born = int(pipes[0]), int(pipes[1]), os.getpid()
    for data in _requests(reads):
        for reply in answer(asks.decode(data)):
            if os.getpid() != born:
                os._exit(0)
            _send(writes, reply)


def _requests(reads: int) -> Iterator[bytes]:
    with os.fdopen(reads, "rb") as pipe:
        while header := pipe.read(HEADER):
            yield pipe.read(int.from_bytes(header, "big"))


def _send(writes: int, reply: msgspec.Struct) -> None:
    data = _encoder.encode(reply)
    view = memoryview(len(data).to_bytes(HEADER, "big") + data)
    while view:
        view = view[os.write(writes, view) :]


def _go_with(parent: int) -> None:
    """End the whole group once the parent is gone."""
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    end_what_it_started()
    os.killpg(os.getpid(), signal.SIGKILL)


def _bound() -> None:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for what, limit in (
        (resource.RLIMIT_DATA, int(total * OF_MEMORY)),
        (resource.RLIMIT_FSIZE, MOST_FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, most = resource.getrlimit(what)
        resource.setrlimit(what, (limit if most < 0 else min(limit, most), most))
    with suppress(OSError):  # there is no such file but on Linux
        Path("/proc/self/oom_score_adj").write_bytes(FIRST_TO_GO)
