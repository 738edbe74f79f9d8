"""The contest of learners: each is tried, the simplest first, and the last of them for as long as there is time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mainstay.domain.progress import OnNews
from mainstay.training.board import Board
from mainstay.training.effort import Effort
from mainstay.training.learner import Learner
from mainstay.training.search import Found, Plan, best_of, found, search
from mainstay.training.tries import Bench, Tried

MOST_SIMPLE_TRIES = 6  # of a learner that is not the last: its settings matter little
SIMPLE_SHARE = 0.1  # of the time left that such a learner may take
ENOUGH, INTERRUPTED = "enough", "interrupted"

GoodEnough: TypeAlias = Callable[[Sequence[Found]], bool]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a contest found, the simplest learner first, and why it ended early: `enough`, `interrupted` or not."""

    found: tuple[Found, ...]
    stopped: str = ""


@dataclass(slots=True)
class Turn:
    """A learner's turn: says after every try whether another one is wanted.

    `others` are the finds of simpler learners. `enough` becomes true when the targets are met.
    """

    learner: Learner
    bench: Bench
    effort: Effort
    others: Sequence[Found]
    good_enough: GoodEnough
    is_last: bool
    started: float
    enough: bool = False

    def wanted(self, tries: Sequence[Tried]) -> bool:
        """Say whether another try is wanted, and keep time for what comes after all tries."""
        best = best_of(tries)
        if best is None:
            return len(tries) < self._most()
        self._keep_time(best)
        if best is tries[-1] and (mine := found(self.learner, tries)) is not None:
            self.enough = self.enough or self.good_enough((*self.others, mine))
        return not self.enough and len(tries) < self._most() and self._in_time(best)

    def _most(self) -> float:
        if self.effort.ends_at is None:
            return self.effort.n_tries
        return float("inf") if self.is_last else MOST_SIMPLE_TRIES

    def _keep_time(self, best: Tried) -> None:
        if self.effort.ends_at is not None:
            fits_s = self.bench.refit * (best.fold_s + sum(other.best.fold_s for other in self.others))
            self.bench.watch.ends_at = self.effort.ends_at - self.effort.tail_s - fits_s

    def _in_time(self, best: Tried) -> bool:
        """Whether there is time for as much as the best try took."""
        watch = self.bench.watch
        left = watch.left_s()
        took = watch.tick() - self.started
        fair = self.is_last or took < SIMPLE_SHARE * (left + took)
        return fair and left > best.fold_s * self.bench.n_rounds


def contest(
    learners: Sequence[Learner], bench: Bench, effort: Effort, *, on_news: OnNews, good_enough: GoodEnough
) -> Outcome:
    """Search the settings of each learner in turn: everyone is tried once, the last one has what time is left.

    Where somebody interrupts and a learner beyond the first was tried whole, what was found so far counts; else
    `KeyboardInterrupt` goes on.
    """
    board = Board(bench.lesson.task, on_news, len(bench.rooms) * sum(_n_tries(each, effort) for each in learners))
    done: list[Found] = []
    enough = False
    for learner in learners:
        board.begin(learner)
        is_last, started = learner is learners[-1], bench.watch.tick()
        turn = Turn(learner, bench, effort, tuple(done), good_enough, is_last=is_last, started=started)
        one = search(learner, bench, Plan(turn.wanted, board.fold_of(learner), board.tried_of(learner)))
        done += [] if one is None else [one]
        enough = turn.enough
        if bench.watch.stopped:
            if len(done) < 2:
                raise KeyboardInterrupt
            return Outcome(tuple(done), INTERRUPTED)
    return Outcome(tuple(done), ENOUGH if enough else "")


def _n_tries(learner: Learner, effort: Effort) -> int:
    return effort.n_tries if learner.first else 1
