"""Those who fit: threads of this process, or processes of their own.

Trees of many leaves are grown in Python, whose lock lets one thread go on at a time: two threads that grow such trees
are slower than one. Processes are not, but each of them holds libraries and a copy of the rows it fits.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from signal import SIG_IGN, SIGINT, signal
from threading import Thread

from loky import ProcessPoolExecutor
from loky.backend.context import LokyContext
from threadpoolctl import threadpool_limits

from mainstay.domain.errors import Refused
from mainstay.training.learner import Lesson

MOST_APART = 3_000_000  # values of a lesson: larger ones are fitted outside of Python's lock for most of the time
IDLE_S = 3600.0  # after which a process ends by itself: longer than any fit between two of its own
LOOK_S = 1.0  # between two looks whether the training is still there
ONE_EACH = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(slots=True)
class Crew:
    """Threads, and processes where there are any; `dismiss` ends the latter at once, whatever they are at."""

    threads: Executor
    processes: ProcessPoolExecutor | None = None

    def for_lesson(self, lesson: Lesson) -> Executor:
        """Return who fits a lesson. One too large for processes ends them: their memory is needed for it."""
        if lesson.used.height * lesson.used.width > MOST_APART:
            self.dismiss()
        return self.threads if self.processes is None else self.processes

    def dismiss(self) -> None:
        """End the processes; from then on threads fit."""
        if self.processes is not None:
            self.processes.shutdown(wait=True, kill_workers=True)
        self.processes = None


@contextmanager
def crew_of(n: int, *, apart: bool = False) -> Iterator[Crew]:
    """Gather a crew of so many, in processes of their own if `apart`, and send it home in the end.

    Each has one thread for sums: with more they would be added in another order, and differ. Raises `Refused` where
    somebody else ended a process.
    """
    with ThreadPoolExecutor(n, initializer=_one_thread_each) as threads:
        crew = Crew(threads, _processes(n) if apart and n > 1 else None)
        try:
            yield crew
        except BrokenProcessPool:
            what = "a process that fitted candidates was ended from outside, most often for want of memory"
            raise Refused(what, remedy="Free some memory, or train with fewer --rows; nothing was kept.") from None
        finally:
            crew.dismiss()


def _processes(n: int) -> ProcessPoolExecutor:
    """Start processes, which load their libraries while rows are still being encoded."""
    pool = ProcessPoolExecutor(
        n, context=LokyContext(), timeout=IDLE_S, initializer=_begin, initargs=(os.getpid(),), env=ONE_EACH
    )
    for _ in range(n):
        pool.submit(os.getpid)
    return pool


def _begin(parent: int) -> None:
    """Sum with one thread, leave it to the training to hear who interrupts, and end when it does."""
    Thread(target=_end_with, args=(parent,), daemon=True).start()
    signal(SIGINT, SIG_IGN)
    threadpool_limits(limits=1)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os._exit(1)


def _one_thread_each() -> None:
    threadpool_limits(limits=1, user_api="openmp")
