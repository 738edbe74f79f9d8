"""The process of a recipe: `python -m mainstay.interfaces.recipe_child READS WRITES`, pipes to and from its parent.

It answers requests one after another, and goes when its parent does. A copy of it that the recipe forked says nothing.
"""

from __future__ import annotations

import faulthandler
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator

import msgspec

from mainstay.domain.recipe import Reply, Request
from mainstay.workflows.recipe_bench import Bench
from mainstay.workflows.recipe_child import TELL_LINE, answer, end_what_it_started

HEADER = 8
LOOK_S = 1.0
OF_MEMORY = 0.8  # of what the machine has: the recipe throws before the machine chokes

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)


def run(reads: int, writes: int) -> None:
    """Answer until there is nobody to ask."""
    born, bench = os.getpid(), Bench()
    for request in _requests(reads):
        for reply in answer(bench, request):
            if os.getpid() != born:
                os._exit(0)
            _send(writes, reply)


def _requests(reads: int) -> Iterator[Request]:
    with os.fdopen(reads, "rb") as pipe:
        while header := pipe.read(HEADER):
            yield _decoder.decode(pipe.read(int.from_bytes(header, "big")))


def _send(writes: int, reply: Reply) -> None:
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


def _bound_memory() -> None:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = int(total * OF_MEMORY)
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (limit if most < 0 else min(limit, most), most))


if __name__ == "__main__":
    threading.Thread(target=_go_with, args=(os.getppid(),), daemon=True).start()
    _bound_memory()
    faulthandler.register(TELL_LINE, all_threads=False)
    run(int(sys.argv[1]), int(sys.argv[2]))
