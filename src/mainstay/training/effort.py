"""How much a training may take, and the watch it looks at: a search ends in time for what comes after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

Gather: TypeAlias = Callable[[int], Any]  # starts so many processes: an executor whose `shutdown` takes `kill_workers`
Tick: TypeAlias = Callable[[], float]

FIRST_SHARE, LATER_SHARE = 0.2, 0.2  # of the time left that a try may take: no slow one eats up a search
GRANTED = 1.5  # what a fold may take against one of the best


class OutOfTime(Exception):
    """The search is over: its time is up, or somebody wants to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much a training may take.

    `n_tries` bounds the settings tried per learner where there is no `ends_at`, the moment of `tick` at which
    everything is to be done; `tail_s` are the seconds that what follows training (packing, keeping) takes. `n_threads`
    fits run at once, in processes of their own where `apart` starts them: neither
    changes anything but the time. `n_rows` training rows are learned from; all, if None.
    """

    n_tries: int = 2
    ends_at: float | None = None
    tail_s: float = 0.0
    n_threads: int = 1
    apart: Gather | None = None
    n_rows: int | None = None


@dataclass(slots=True)
class Watch:
    """The clock of one search. `ends_at` is the moment by which trying must end; infinity where nothing limits it."""

    tick: Tick
    ends_at: float
    stopped: bool = False

    def left_s(self) -> float:
        """Return the seconds left for trying."""
        return self.ends_at - self.tick()

    def require(self, seconds: float) -> None:
        """Say that something will take these seconds; raises `OutOfTime` where they are not left."""
        if self.stopped or seconds > self.left_s():
            raise OutOfTime


@dataclass(slots=True)
class Lap:
    """One fold of one try: how long it took so far, and whether its next step is still worth taking."""

    watch: Watch
    most_s: float
    started: float

    def took(self) -> float:
        """Return the seconds since it began."""
        return self.watch.tick() - self.started

    def before(self, size: int, more: int) -> bool:
        """Say whether a step may be taken, at the pace so far; raises `OutOfTime` where the search is over."""
        took = self.took()
        needed = took * more / size if size else 0.0
        if size and took + needed > self.most_s:
            self.watch.require(0.0)
            return False
        self.watch.require(needed)
        return True


def lap(watch: Watch, *, best_s: float | None, n_rounds: int) -> Lap:
    """Begin one of a try's folds, which are fitted in so many rounds: it may take its part of the time that is left.

    `best_s` are the seconds of such a fold of the best so far (None: nothing was tried): as much is always granted.
    """
    share = FIRST_SHARE if best_s is None else LATER_SHARE
    return Lap(watch, max(share * watch.left_s() / n_rounds, GRANTED * (best_s or 0.0)), watch.tick())
