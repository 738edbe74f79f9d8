"""Which rows to label next: those a model is least sure of, those unlike each other, or both at once.

Needs nothing but numpy and the table, so that picking rows with a live version loads no library that fits models.
Sources: Settles (2009) for uncertainty; Arthur and Vassilvitskii (2007) and Ash and others (2020) for spreading picks
by squared distance, here weighed by uncertainty as Zhdanov (2019) does.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray

SHORTLIST = 10  # rows for each pick: the most uncertain ones, among which picks are spread
LEAST_SHORTLIST, LISTED_SHARE = 2, 0.25  # and never more than a quarter of all rows, but two for each pick
MOST_SPREAD = 5000  # rows among which picks are spread, when uncertainty does not narrow them down
LEAST_SHARE = 1e-12  # keeps the log of a score of 0 finite


class Way(StrEnum):
    """How rows are picked."""

    RANDOM = "random"
    UNCERTAIN = "uncertain"
    DIVERSE = "diverse"
    MIXED = "mixed"


def uncertainty_of(task: Task, scores: FloatArray) -> FloatArray:
    """Return how unsure each score is, shape (n_rows,): the entropy of the outcomes it leaves open, in nats.

    A foretold amount does not say how sure it is: there every row counts alike. Scores that are not numbers (a model
    failed on the row) are as unsure as can be.

    >>> uncertainty_of(Task.BINARY, np.array([0.5, 1.0])).round(3).tolist()
    [0.693, 0.0]
    """
    if task is Task.REGRESSION:
        return np.ones(len(scores))
    shares = np.column_stack([1 - scores, scores]) if scores.ndim == 1 else scores
    given = np.clip(np.nan_to_num(shares, nan=1 / shares.shape[1]), LEAST_SHARE, 1.0)
    entropy: FloatArray = -np.sum(given * np.log(given), axis=1)
    return np.maximum(entropy, 0.0)


def shortlist(uncertainty: FloatArray, n: int, way: Way, *, seed: int) -> IntArray:
    """Return the rows among which picks may lie (for a row's place costs more than its score): positions, best first.

    >>> shortlist(np.array([0.1, 0.6, 0.3]), 1, Way.UNCERTAIN, seed=1).tolist()
    [1]
    """
    shuffled = np.random.default_rng(seed).permutation(uncertainty.size)
    if way in (Way.RANDOM, Way.DIVERSE):
        return shuffled[: n if way is Way.RANDOM else max(MOST_SPREAD, n)]
    ranked = shuffled[np.argsort(-uncertainty[shuffled], kind="stable")]
    few = max(LEAST_SHORTLIST * n, int(LISTED_SHARE * uncertainty.size))
    return ranked[: n if way is Way.UNCERTAIN else min(SHORTLIST * n, few)]


def spread(space: FloatArray, weights: FloatArray, n: int, *, seed: int) -> IntArray:
    """Return n rows far from each other and of much weight: each next one is drawn by its weight and squared distance.

    `space` has shape (n_rows, n_columns), `weights` (n_rows,), at least 0. The first row is the weightiest. Positions
    in the order drawn; all rows where there are no more than n.

    >>> spread(np.array([[0.0], [0.1], [9.0]]), np.array([1.0, 0.9, 0.5]), 2, seed=1).tolist()
    [0, 2]
    """
    random, n_rows = np.random.default_rng(seed), len(space)
    if n >= n_rows:
        return np.argsort(-weights, kind="stable").astype(np.int64)
    picked = [int(np.argmax(weights))]
    nearest = np.full(n_rows, np.inf)
    left = np.ones(n_rows, dtype=np.bool_)
    while len(picked) < n:
        left[picked[-1]] = False
        nearest = np.minimum(nearest, np.sum((space - space[picked[-1]]) ** 2, axis=1))
        chances = np.where(left, weights * nearest, 0.0)
        if not chances.sum() > 0.0:  # what is left is equal to what was picked, or certain
            chances = left.astype(np.float64)
        picked.append(int(np.searchsorted(np.cumsum(chances), random.random() * chances.sum(), side="right")))
    return np.array(picked, dtype=np.int64)


def picks(uncertainty: FloatArray, space: FloatArray, n: int, way: Way, *, seed: int) -> IntArray:
    """Return n rows to label next; `uncertainty` has shape (n_rows,), `space` (n_rows, n_columns).

    >>> picks(np.array([0.1, 0.6, 0.3]), np.zeros((3, 1)), 2, Way.UNCERTAIN, seed=1).tolist()
    [1, 2]
    """
    return picks_among(uncertainty, lambda rows: space[rows], n, way, seed=seed)


def picks_among(
    uncertainty: FloatArray, points: Callable[[IntArray], FloatArray], n: int, way: Way, *, seed: int
) -> IntArray:
    """Return n rows to label next as `picks` does; `points` gives the points of some rows, asked for a few alone."""
    listed = shortlist(uncertainty, n, way, seed=seed)
    if way in (Way.RANDOM, Way.UNCERTAIN) or not listed.size:
        return listed
    weights = uncertainty[listed] if way is Way.MIXED else np.ones(listed.size)
    return listed[spread(points(listed), weights, n, seed=seed)]
