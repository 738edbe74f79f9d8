"""When estimates may not be relied on: ripe outcomes contradict them, or decisions lie where the reference has none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Estimate
from mainstay.domain.signature import SCORE, UNSEEN_BIN
from mainstay.domain.task import Task
from mainstay.monitoring.bins import Floats
from mainstay.monitoring.chunks import Chunks
from mainstay.monitoring.cohorts import pooled
from mainstay.monitoring.look import iso_us
from mainstay.monitoring.performance import MIN_OUTCOMES, contradictions, ripe_cohorts
from mainstay.monitoring.yardstick import Yardstick

LEAST_EFFECTIVE = 100.0  # rows of the reference that say something of decisions like these
MOST_OUTSIDE = 0.1  # of decisions whose score the reference never showed
FOREVER_US = np.iinfo(np.int64).max
SAYS = {
    Task.BINARY: ("how many are positive", "how scores rank", "money"),
    Task.REGRESSION: ("the side on which errors lie", "the size of errors", "money"),
    Task.MULTICLASS: ("how often the class said came", "money"),
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """A stretch of time (UTC microseconds) in which estimates are not to be relied on, and why."""

    start_us: int
    end_us: int
    because: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """All doubts; `now` why the newest estimate is withdrawn (empty where it stands), `since_us` when that began."""

    doubts: tuple[Doubt, ...]
    now: str = ""
    since_us: int | None = None

    def of(self, start_us: int, end_us: int) -> str:
        """Return why the estimate of a stretch is withdrawn, or an empty text."""
        return next((d.because for d in self.doubts if d.start_us < end_us and start_us < d.end_us), "")


def withdrawn(
    yardstick: Yardstick,
    cells: pl.DataFrame,
    done: Chunks,
    *,
    brief: Brief,
    promised: Mapping[str, Estimate],
    at: datetime,
) -> Withdrawn:
    """Return where estimates are withdrawn, as known at a moment.

    Ripe outcomes contradict with the evidence that makes the watch say that performance fell: gathered over cohorts,
    with a bounded rate of false alarms. A doubt begins where the evidence began to rise; while the newest ripe cohort
    bears it, it holds for all that is not ripe yet.
    """
    doubts = (*_contradicted(yardstick, cells, brief, promised, at), *_without_overlap(yardstick, done))
    found = Withdrawn(doubts)
    if not done.starts.size:
        return found
    now = found.of(int(done.starts[-1]), int(done.ends[-1]))
    since = min((d.start_us for d in doubts if d.because == now), default=None) if now else None
    return Withdrawn(doubts, now, since)


def _contradicted(
    yardstick: Yardstick, cells: pl.DataFrame, brief: Brief, promised: Mapping[str, Estimate], at: datetime
) -> Iterator[Doubt]:
    ripe = pooled(ripe_cohorts(yardstick, cells, brief, at), at_least=MIN_OUTCOMES)
    if not ripe.starts.size:
        return
    _, gathered = contradictions(yardstick, ripe, promised)
    says = SAYS[Task(yardstick.reference.task)]
    for column, what in enumerate(says):
        alarmed = np.flatnonzero(gathered.alarmed[:, column])
        for run in np.split(alarmed, np.flatnonzero(np.diff(alarmed) > 1) + 1):
            if not run.size:
                continue
            first, last = int(gathered.begun[run[0], column]), int(run[-1])
            lasts = last == ripe.starts.size - 1
            since = int(ripe.starts[first])
            because = f"ripe outcomes since {iso_us(since)[:10]} contradict what scores made expect of {what}"
            yield Doubt(since, FOREVER_US if lasts else int(ripe.ends[last]), because)


def _without_overlap(yardstick: Yardstick, done: Chunks) -> Iterator[Doubt]:
    """Where decisions have scores of which the reference knows too little."""
    known = yardstick.total[yardstick.layout.columns(SCORE)].astype(np.float64)
    known[0] = 0.0
    is_amount = yardstick.reference.task == Task.REGRESSION
    for i in range(done.starts.size):
        rows = done.by_bin[i, :, 0].copy()
        rows[0] = 0.0
        outside = rows[known <= 0].sum() + (rows[[UNSEEN_BIN, -1]].sum() if is_amount else 0.0)
        share = float(outside / max(rows.sum(), 1.0))
        effective = effective_rows(known, rows)
        if share > MOST_OUTSIDE:
            because = f"{share:.0%} of decisions have scores that the reference never showed"
        elif effective < min(LEAST_EFFECTIVE, known.sum() / 2):
            because = f"scores lie where only {effective:.0f} rows of the reference would tell of them"
        else:
            continue
        yield Doubt(int(done.starts[i]), int(done.ends[i]), because)


def effective_rows(known: Floats, rows: Floats) -> float:
    """How many of the known rows, weighed so as to lie as the others do, are worth: Kish's effective sample size.

    Both arguments hold rows by bin, shape (n_bins,); rows in bins without known ones are left out.

    >>> round(effective_rows(np.array([50.0, 50.0]), np.array([0.0, 10.0])), 6)
    50.0
    """
    held = known > 0
    weight = rows[held] / known[held]
    squares = float((known[held] * weight**2).sum())
    return float(rows[held].sum() ** 2 / squares) if squares > 0 else 0.0
