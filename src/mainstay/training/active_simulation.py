"""What picking rows well would have saved: labels given one batch after another, on rows whose outcomes are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.domain.evaluation import Estimate
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.labels import labels_needed
from mainstay.training.active import Way, picks, uncertainty_of
from mainstay.training.active_space import space_of
from mainstay.training.learner import Learner, Settings
from mainstay.training.lessons import lesson_of
from mainstay.training.loss import losses_of
from mainstay.training.prepared import Prepared
from mainstay.training.subsets import fair_order, strata_of

FIRST = 50  # labels to start from, drawn at random: fewer teach a model too little to be unsure
SHARES = (
    0.05,
    0.075,
    0.1,
    0.15,
    0.2,
    0.25,
    0.3,
    0.35,
    0.4,
    0.45,
    0.5,
    0.6,
    0.7,
    0.85,
    1.0,
    1.2,
    1.5,
    1.8,
)  # of random's labels
JUDGED_SHARE, MOST_JUDGED = 0.3, 4000  # rows kept apart to measure the loss on


@dataclass(frozen=True, slots=True)
class Picked:
    """One way of picking: the mean loss at each count of labels, by repeat, shape (n_repeats, n_counts)."""

    way: Way
    losses: FloatArray
    needed: Estimate


@dataclass(frozen=True, slots=True)
class Simulation:
    """What each way needed to reach the mean loss of `n_labels` random picks; infinite where it never did."""

    n_labels: int
    counts: tuple[int, ...]
    reached: Estimate
    picked: tuple[Picked, ...]

    @property
    def reviewed(self) -> Picked:
        """The way in which a review picks: not whichever came out best, which would flatter it."""
        return next(one for one in self.picked if one.way is Way.MIXED)


def most_labels(prepared: Prepared) -> int:
    """Return the most labels that can be set against picks: in the end half of the rows are left, so picks differ."""
    pool = prepared.training.size - _n_judged(prepared.training.size)
    return int(pool / 2 / SHARES[-1])


def simulate(
    prepared: Prepared,
    learner: Learner,
    settings: Settings,
    *,
    n_labels: int,
    seeds: Sequence[int],
    on_seed: Callable[[int], None] = lambda seed: None,
) -> Simulation:
    """Pick training rows in each way, one repeat a seed, as if their outcomes had to be asked for.

    All ways of a repeat begin with the same random rows, fit the same learner and are judged on the same other rows
    (never the holdout). Picks go on to almost twice the labels, so that a way that is slower is told by how much.
    """
    counts = tuple(sorted({max(round(share * n_labels), min(FIRST, n_labels)) for share in SHARES}))
    losses: dict[Way, list[list[float]]] = {way: [] for way in Way}
    for seed in seeds:
        table = _dealt(prepared, seed)
        for way in Way:
            losses[way].append(_lived(prepared, learner, settings, table, way, counts))
        on_seed(seed)
    by_way = {way: np.array(each) for way, each in losses.items()}
    reached = by_way[Way.RANDOM][:, counts.index(n_labels)]
    picked = tuple(Picked(way, by_way[way], _needed(counts, by_way[way], reached)) for way in Way)
    spread_of = 1.96 * float(reached.std(ddof=1)) / reached.size**0.5 if reached.size > 1 else float("nan")
    middle = float(reached.mean())
    return Simulation(n_labels, counts, Estimate(middle, middle - spread_of, middle + spread_of), picked)


@dataclass(frozen=True, slots=True)
class _Dealt:
    """Rows of one repeat: those to pick from with their points, those to judge on, and the seed of its chances."""

    pool: IntArray
    judged: IntArray
    space: FloatArray
    used: pl.DataFrame
    seed: int


def _n_judged(n_rows: int) -> int:
    return min(int(JUDGED_SHARE * n_rows), MOST_JUDGED)


def _dealt(prepared: Prepared, seed: int) -> _Dealt:
    """Deal whole entities to the rows judged and the pool; the pool's beginning is a fair sample."""
    rows, clusters = prepared.training, prepared.clusters_of(prepared.training)
    order = fair_order(strata_of(prepared.outcomes[rows], prepared.task), seed=seed, clusters=clusters)
    n_judged = _n_judged(rows.size)
    judged, pool = rows[order[:n_judged]], rows[order[n_judged:]]
    if clusters is not None:
        pool = pool[~np.isin(clusters[order[n_judged:]], clusters[order[:n_judged]])]
    used = prepared.used[pool]
    return _Dealt(pool, judged, space_of(used, prepared.schema), used, seed)


def _lived(
    prepared: Prepared, learner: Learner, settings: Settings, dealt: _Dealt, way: Way, counts: tuple[int, ...]
) -> list[float]:
    """The mean loss at each count of labels, picking in one way."""
    labelled, lost = np.arange(counts[0]), []
    judged, outcomes = prepared.used[dealt.judged], prepared.outcomes[dealt.judged]
    for n, following in zip(counts, (*counts[1:], 0), strict=True):
        fitted = learner.fit(lesson_of(prepared, np.sort(dealt.pool[labelled])), settings)
        lost.append(float(losses_of(prepared.task, outcomes, fitted.scores(judged)).mean()))
        if following:
            left = np.setdiff1d(np.arange(dealt.pool.size), labelled)
            unsure = uncertainty_of(prepared.task, fitted.scores(dealt.used[left]))
            new = picks(unsure, dealt.space[left], following - n, way, seed=dealt.seed + n)
            labelled = np.concatenate([labelled, left[new]])
    return lost


def _needed(counts: tuple[int, ...], losses: FloatArray, reached: FloatArray) -> Estimate:
    found = labels_needed(counts, losses, reached, seed=0)
    return Estimate(found.value, found.low, found.high)
