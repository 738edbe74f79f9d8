"""One try of a search: a learner at some settings, fold by fold, given up as soon as it is clearly behind the best."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, wait
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from mainstay.stats.arrays import FloatArray
from mainstay.training.crew import Crew
from mainstay.training.crossfit import CrossFit, Room, at_best_size, fold_stages
from mainstay.training.effort import Lap, Watch, lap
from mainstay.training.learner import Learner, Lesson, Settings, Stages
from mainstay.training.loss import losses_of

AT_ONCE = 2  # folds looked at before deciding whether to go on, however many threads there are
BEHIND = 1.0  # standard errors of the paired difference to the best so far, above which a try is given up

OnFold = Callable[[], None]
Fitted: TypeAlias = tuple[Stages, float]  # a fold fitted, and the seconds that took


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of settings: scores where all folds were fitted (`cross`), and the mean loss of the rows scored.

    `losses` are those of single rows (NaN where not scored), `fold_s` the seconds that a fold took, on average.
    """

    settings: Settings
    cross: CrossFit | None
    loss: float | None
    losses: FloatArray
    seconds: float
    fold_s: float = 0.0

    @property
    def pruned(self) -> bool:
        """Whether it was given up before all folds were fitted."""
        return self.cross is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where tries are made: the rows and their folds, the crew that fits them, and the watch.

    `refit` says how many times as long as a fold the fits take that follow the search.
    """

    lesson: Lesson
    rooms: tuple[Room, ...]
    crew: Crew
    watch: Watch
    n_threads: int = 1
    refit: float = 0.0

    @property
    def hands(self) -> Executor:
        """Who fits."""
        return self.crew.for_lesson(self.lesson)

    @property
    def n_rounds(self) -> int:
        """How many times one of the crew fits a fold in a try."""
        return math.ceil(len(self.rooms) / self.n_threads)


def attempt(learner: Learner, settings: Settings, bench: Bench, *, best: Tried | None, on_fold: OnFold) -> Tried:
    """Try settings: on every fold, or until they are clearly behind the best so far. Raises `OutOfTime`.

    The same however many threads there are: folds are judged in twos.
    """
    started = bench.watch.tick()
    n_at_once = AT_ONCE if best is not None else len(bench.rooms)
    begin = partial(lap, bench.watch, best_s=None if best is None else best.fold_s, n_rounds=bench.n_rounds)
    fit = partial(_fit, learner, settings, begin)
    fitted: list[Fitted] = []
    while True:
        rooms = bench.rooms[len(fitted) : len(fitted) + n_at_once]
        fitted += _fitted(fit, rooms, bench, on_fold)
        stages = [(room, seen) for room, (seen, _) in zip(bench.rooms, fitted, strict=False)]
        cross = at_best_size(learner, settings, bench.lesson, stages)
        losses = _losses(bench.lesson, cross)
        whole = len(fitted) == len(bench.rooms)
        if whole or (best is not None and behind(losses, best.losses)):
            break
    return Tried(
        settings=cross.settings,
        cross=cross if whole else None,
        loss=float(np.nanmean(losses)),
        losses=losses,
        seconds=bench.watch.tick() - started,
        fold_s=float(np.mean([seconds for _, seconds in fitted])),
    )


def behind(losses: FloatArray, best: FloatArray) -> bool:
    """Say whether losses are above those of the best by more than chance explains, on the rows that both scored.

    >>> behind(np.array([2.0, 2.1, np.nan]), np.array([1.0, 1.0, 9.0]))
    True
    """
    more = (losses - best)[~np.isnan(losses) & ~np.isnan(best)]
    return bool(more.mean() > BEHIND * more.std() / np.sqrt(more.size))


def _losses(lesson: Lesson, cross: CrossFit) -> FloatArray:
    losses = np.full(lesson.outcomes.size, np.nan)
    rows = np.flatnonzero(cross.scored)
    losses[rows] = losses_of(lesson.task, lesson.outcomes[rows], cross.told[rows])
    return losses


def _fit(learner: Learner, settings: Settings, begin: Callable[[], Lap], room: Room) -> Fitted:
    own = begin()
    stages = fold_stages(learner, room, settings, before=own.before)
    return stages, own.took()


def _fitted(fit: Callable[[Room], Fitted], rooms: Sequence[Room], bench: Bench, on_fold: OnFold) -> Iterator[Fitted]:
    """Fit some folds at once; where one of them is given up the others are waited for, so that none runs on."""
    futures = [bench.hands.submit(fit, room) for room in rooms]
    try:
        for future in futures:
            yield future.result()
            on_fold()
    except KeyboardInterrupt:
        bench.watch.stopped = True
        bench.crew.dismiss()
        raise
    finally:
        for future in futures:
            future.cancel()
        wait(futures)
