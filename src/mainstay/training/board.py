"""The standings of a contest while it runs, told on whenever something was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec.structs import replace

from mainstay.domain.progress import News, OnNews, Standing
from mainstay.domain.task import Task
from mainstay.training.learner import Learner
from mainstay.training.tries import Tried

SEARCH_SHARE = 0.9  # of all progress: the rest is fitting the best on all rows, and judging


@dataclass(slots=True)
class Board:
    """Counts folds and keeps standings."""

    task: Task
    on_news: OnNews
    n_folds: int
    n_done: int = 0
    standings: dict[str, Standing] = field(default_factory=dict)

    def begin(self, learner: Learner) -> None:
        """Enter a learner."""
        name = "squared error" if self.task is Task.REGRESSION else "log loss"
        self.standings[learner.name] = Standing(title=learner.title, n_tries=0, loss=None, loss_name=name, seconds=0.0)

    def fold_of(self, learner: Learner) -> Callable[[], None]:
        """Return who hears of this learner's folds."""
        return lambda: self._fold(learner)

    def tried_of(self, learner: Learner) -> Callable[[Tried], None]:
        """Return who hears of this learner's tries."""
        return lambda tried: self._tried(learner, tried)

    def _fold(self, learner: Learner) -> None:
        self.n_done += 1
        self.tell(f"{learner.title}: cross-fitting")

    def _tried(self, learner: Learner, tried: Tried) -> None:
        before = self.standings[learner.name]
        known = [loss for loss in (before.loss, None if tried.pruned else tried.loss) if loss is not None]
        seconds, n_tries = before.seconds + tried.seconds, before.n_tries + 1
        loss = min(known, default=None)
        self.standings[learner.name] = replace(before, n_tries=n_tries, loss=loss, seconds=seconds)
        self.tell(f"{learner.title}: {n_tries} {'try' if n_tries == 1 else 'tries'}")

    def tell(self, text: str) -> None:
        """Say what is being done, and how candidates stand."""
        losses = [each.loss for each in self.standings.values() if each.loss is not None]
        best = min(losses, default=None)
        ranked = tuple(replace(each, leads=best is not None and each.loss == best) for each in self.standings.values())
        share = SEARCH_SHARE * min(self.n_done / max(self.n_folds, 1), 1.0)
        self.on_news(News(text=text, share=share, standings=ranked))
