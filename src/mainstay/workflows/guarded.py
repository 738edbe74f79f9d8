"""A packed model behind a deadline and a breaker: what a library or a recipe does of its own is bounded here.

A plan is arithmetic of ours and needs none of this. A packed model is others' code: it may raise anything, take for
ever, or fail on everything. It is asked in a thread of its own; an answer that is late is not waited for, and until the
late call has come back the model is not asked again, so that one thread at most is ever lost to it. A model that failed
many times in a row rests for some seconds. Meanwhile every row gets what the brief says for a model that fails.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeAlias

from mainstay.serving.packed_score import RawScores
from mainstay.serving.plan_inputs import Columns, FloatArray
from mainstay.store.clock import ticks_us

BUDGET_S = 3.0  # of one call, of up to 4,096 rows: a worker answers nobody else meanwhile
PATIENCE = 20  # failures in a row: more than the odd rows that one request holds next to each other
RESTS_S = 5.0

Said: TypeAlias = "FloatArray | Exception"
Asked: TypeAlias = "tuple[Columns, int, SimpleQueue[Said]] | None"  # None: nobody will ask again


class ModelFailed(ValueError):
    """The model raised, was late, or is not asked for now."""


class Guarded:
    """Scores of a packed model, with its state: `state` is `works`, `rests` or `hangs`."""

    def __init__(self, raw: RawScores, *, budget_s: float = BUDGET_S, clock_us: Callable[[], int] = ticks_us) -> None:
        self._budget_s, self._clock_us = budget_s, clock_us
        self._asked: SimpleQueue[Asked] = SimpleQueue()
        self._late: SimpleQueue[Said] | None = None
        self._n_failed, self._rests_until_us = 0, 0
        threading.Thread(target=_answer, args=(raw, self._asked), daemon=True, name="packed model").start()
        weakref.finalize(self, self._asked.put, None)

    @property
    def state(self) -> str:
        """What it does now."""
        if self._is_late():
            return "hangs"
        return "rests" if self._clock_us() < self._rests_until_us else "works"

    def __call__(self, columns: Columns, n_rows: int) -> FloatArray:
        """Return what the model says raw; raises `ModelFailed` where it raised, was late, or is not asked for now."""
        if (state := self.state) != "works":
            raise ModelFailed(f"the model {state}")
        reply: SimpleQueue[Said] = SimpleQueue()
        self._asked.put((columns, n_rows, reply))
        try:
            said = reply.get(timeout=self._budget_s)
        except Empty:
            self._late = reply
            raise ModelFailed(f"the model took more than {self._budget_s:g} s") from None
        if isinstance(said, Exception):
            self._note_failure()
            raise ModelFailed(f"the model raised {type(said).__name__}") from said
        self._n_failed = 0
        return said

    def _note_failure(self) -> None:
        self._n_failed += 1
        if self._n_failed >= PATIENCE:  # one try after the rest, and it rests again if that fails
            self._rests_until_us = self._clock_us() + round(RESTS_S * 1e6)

    def _is_late(self) -> bool:
        if self._late is not None and not self._late.empty():
            self._late = None
        return self._late is not None


def _answer(raw: RawScores, asked: SimpleQueue[Asked]) -> None:
    while (job := asked.get()) is not None:
        columns, n_rows, reply = job
        try:
            reply.put(raw(columns, n_rows))
        except Exception as error:  # noqa: BLE001 - the edge to code that is not ours
            reply.put(error)
