"""Those who fit: threads of this process, or processes of their own.

Trees of many leaves are grown in Python, whose lock lets one thread go on at a time: two threads that grow such trees
are slower than one. Processes are not, but each of them holds libraries and a copy of the rows it fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from threadpoolctl import threadpool_limits

from mainstay.domain.errors import Refused
from mainstay.training.effort import Gather
from mainstay.training.learner import Lesson

MOST_APART = 5  # processes: there are no more folds to fit at once
MOST_VALUES = 3_000_000  # of a lesson: larger ones are fitted outside of Python's lock for most of the time


@dataclass(slots=True)
class Crew:
    """Threads, and processes where there are any; `dismiss` ends the latter at once, whatever they are at."""

    threads: Executor
    processes: Any = None

    def for_lesson(self, lesson: Lesson) -> Executor:
        """Return who fits a lesson. One too large for processes ends them: their memory is needed for it."""
        if lesson.used.height * lesson.used.width > MOST_VALUES:
            self.dismiss()
        return self.threads if self.processes is None else self.processes

    def dismiss(self) -> None:
        """End the processes; from then on threads fit."""
        if self.processes is not None:
            self.processes.shutdown(wait=True, kill_workers=True)
        self.processes = None


@contextmanager
def crew_of(n: int, *, apart: Gather | None = None) -> Iterator[Crew]:
    """Gather a crew of so many, in processes of their own where `apart` starts them, and send it home in the end.

    Each has one thread for sums: with more they would be added in another order, and differ. Raises `Refused` where
    somebody else ended a process.
    """
    with ThreadPoolExecutor(n, initializer=_one_thread_each) as threads:
        crew = Crew(threads, apart(min(n, MOST_APART)) if apart is not None and n > 1 else None)
        try:
            yield crew
        except BrokenProcessPool:
            what = "a process that fitted candidates was ended from outside, most often for want of memory"
            raise Refused(what, remedy="Free some memory, or train with fewer --rows; nothing was kept.") from None
        finally:
            crew.dismiss()


def _one_thread_each() -> None:
    threadpool_limits(limits=1, user_api="openmp")
