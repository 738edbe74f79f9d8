"""Processes beside this one that do what they are given, and end with it.

What crosses is pickled by one side for the other, through pipes that nobody else holds.
"""

from __future__ import annotations

import os
import time
from signal import SIG_IGN, SIGINT, signal
from threading import Thread

from loky import ProcessPoolExecutor
from loky.backend.context import LokyContext
from threadpoolctl import threadpool_limits

IDLE_S = 3600.0  # after which one ends by itself: longer than a training leaves any of them idle
LOOK_S = 1.0  # between two looks whether this process is still there
ONE_EACH = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def side_processes(n: int) -> ProcessPoolExecutor:
    """Start so many processes, each with one thread for sums; `shutdown(kill_workers=True)` ends what they are at."""
    pool = ProcessPoolExecutor(
        n, context=LokyContext(), timeout=IDLE_S, initializer=_begin, initargs=(os.getpid(),), env=ONE_EACH
    )
    for _ in range(n):
        pool.submit(os.getpid)  # so that they start before there is anything to do
    return pool


def _begin(parent: int) -> None:
    """Leave it to the other process to hear who interrupts, and end when it does."""
    Thread(target=_end_with, args=(parent,), daemon=True).start()
    signal(SIGINT, SIG_IGN)
    threadpool_limits(limits=1)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os._exit(1)
