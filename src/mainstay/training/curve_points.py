"""Where a learning curve is measured: which rows to fit on at each size, and which others to score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.training.folds import N_FOLDS, forward_folds, random_folds
from mainstay.training.prepared import Prepared
from mainstay.training.subsets import fair_order, piece, strata_of

ROWS, HISTORY = "rows", "history_s"
SHARES = {1 / 48: 8, 1 / 24: 8, 1 / 12: 8, 1 / 6: 6, 1 / 3: 3, 2 / 3: 1, 1.0: 1}  # of the rows to fit on: draws
THIRD = 1 / 3
MOST_ROWS = 1_000_000  # fitted or scored at once: of more, nobody waits for a curve
LEAST_ROWS = 60  # to fit on
LEAST_OF_CLASS = 5
N_BLOCKS = 3  # of time, scored in turn
N_DEALS = 2  # of the rows to five folds, each scored in turn: ten repeats as time lasts, and luck tells less


@dataclass(frozen=True, slots=True)
class Rung:
    """One size of one repeat: each of `draws` is fitted alone and scores `scored` (all are positions of rows)."""

    n: float
    draws: tuple[IntArray, ...]
    scored: IntArray


@dataclass(frozen=True, slots=True)
class Ladder:
    """All sizes of a curve: `repeats` hold one rung a size, from the smallest; `over` is `rows` or `history_s`."""

    over: str
    sizes: tuple[float, ...]
    repeats: tuple[tuple[Rung, ...], ...]
    n_all: float

    @property
    def draws(self) -> tuple[int, ...]:
        """How many fits each size takes in one repeat."""
        return tuple(len(rung.draws) for rung in self.repeats[0]) if self.repeats else ()

    def first(self, n: int) -> Ladder:
        """Return the ladder with its n smallest sizes alone."""
        return Ladder(self.over, self.sizes[:n], tuple(rungs[:n] for rungs in self.repeats), self.n_all)


def rows_ladder(prepared: Prepared, *, seed: int) -> Ladder:
    """Return how to measure a metric over the number of training rows.

    Every repeat scores rows (of whole entities) that none of its fits saw; where parts are by time, the latest ones,
    fitted on draws of all that came before. Sizes up to a third are drawn several times, without any row taken twice:
    no fit up to there sees more than a third, and little hangs on which third.
    """
    repeats = [_climb(prepared, fitted, scored, seed + i) for i, (fitted, scored) in enumerate(_parted(prepared, seed))]
    kept = min((len(rungs) for rungs in repeats), default=0)  # the largest sizes are there in every repeat
    rungs = tuple(tuple(each[len(each) - kept :]) for each in repeats)
    sizes = tuple(float(np.mean([each[i].n for each in rungs])) for i in range(kept))
    return Ladder(ROWS, sizes, rungs, float(prepared.training.size))


def history_ladder(prepared: Prepared) -> Ladder:
    """Return how to measure a metric over the length of history: the latest h seconds before what is scored.

    The last three sixths of time are scored in turn. Without moments, or without any history, the ladder is empty.
    """
    rows = prepared.training
    if prepared.moments is None:
        return Ladder(HISTORY, (), (), 0.0)
    moments = prepared.moments[rows]
    folds = forward_folds(moments, clusters=prepared.clusters_of(rows))[-N_BLOCKS:]
    begins = [float(moments[fold.scored].min()) for fold in folds]
    longest = min((b - float(moments[fold.fitted].min()) for b, fold in zip(begins, folds, strict=True)), default=0.0)
    lengths = [share * longest for share in SHARES]
    rungs = [
        [Rung(h, (rows[fold.fitted[moments[fold.fitted] >= begin - h]],), _few(rows[fold.scored])) for h in lengths]
        for begin, fold in zip(begins, folds, strict=True)
    ]
    usable = [i for i in range(len(lengths)) if all(_teaches(prepared, each[i]) for each in rungs)]
    kept = tuple(tuple(each[i] for i in usable) for each in rungs)
    return Ladder(HISTORY, tuple(lengths[i] for i in usable), kept, float(np.ptp(moments)))


def _parted(prepared: Prepared, seed: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Which training rows each repeat may fit on, and which it scores."""
    rows, clusters = prepared.training, prepared.clusters_of(prepared.training)
    if prepared.split_by == "time" and prepared.moments is not None:
        last = forward_folds(prepared.moments[rows], clusters=clusters)[-1:]
        parts = [(fold.fitted, fold.scored) for fold in last for _ in range(N_DEALS * N_FOLDS)]
    else:
        strata = strata_of(prepared.outcomes[rows], prepared.task).astype(np.float64)
        deals = (random_folds(strata, clusters=clusters, seed=seed + i) for i in range(N_DEALS))
        parts = [(fold.fitted, fold.scored) for folds in deals for fold in folds]
    for fitted, scored in parts:
        yield rows[fitted], _few(rows[scored])


def _climb(prepared: Prepared, rows: IntArray, scored: IntArray, seed: int) -> list[Rung]:
    clusters = prepared.clusters_of(rows)
    order = fair_order(strata_of(prepared.outcomes[rows], prepared.task), seed=seed, clusters=clusters)
    most = min(rows.size, MOST_ROWS)
    made = [
        Rung(float(int(share * most)), _draws(rows, order, clusters, int(share * most), n_draws), scored)
        for share, n_draws in SHARES.items()
    ]
    return [rung for rung in made if _teaches(prepared, rung)]


def _draws(rows: IntArray, order: IntArray, clusters: IntArray | None, n: int, n_draws: int) -> tuple[IntArray, ...]:
    return tuple(rows[piece(order, i * n, n, clusters=clusters)] for i in range(n_draws))


def _teaches(prepared: Prepared, rung: Rung) -> bool:
    """Whether every draw has rows to learn from, and of each class where there are classes."""
    return all(draw.size >= LEAST_ROWS and _all_classes(prepared, draw) for draw in rung.draws)


def _all_classes(prepared: Prepared, rows: IntArray) -> bool:
    if prepared.task is Task.REGRESSION:
        return True
    known = np.bincount(prepared.outcomes[prepared.training].astype(np.int64))
    drawn = np.bincount(prepared.outcomes[rows].astype(np.int64), minlength=known.size)
    return bool(np.all(drawn[known >= LEAST_OF_CLASS * len(SHARES)] >= LEAST_OF_CLASS))


def _few(rows: IntArray) -> IntArray:
    """At most so many rows, spread evenly."""
    if rows.size <= MOST_ROWS:
        return rows
    found: FloatArray = np.linspace(0, rows.size - 1, MOST_ROWS)
    return rows[found.astype(np.int64)]
