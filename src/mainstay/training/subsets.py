"""Fewer rows of the same kind: an order of rows whose every beginning is a fair sample of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.training.prepared import Prepared

N_BANDS = 10  # of an amount, from small to large, each of which every beginning holds its share


def fair_order(strata: IntArray, *, seed: int, clusters: IntArray | None = None) -> IntArray:
    """Return positions of rows in an order whose every beginning holds each stratum by its share, within a row or two.

    Both arguments have shape (n_rows,). Rows of one cluster stand together (then clusters are shuffled whole and
    strata are held by chance alone), so that a beginning cut between clusters parts none of them.

    >>> order = fair_order(np.array([0, 0, 0, 0, 1, 1]), seed=1)
    >>> sorted(np.array([0, 0, 0, 0, 1, 1])[order[:3]].tolist())
    [0, 0, 1]
    """
    random = np.random.default_rng(seed)
    if clusters is not None:
        numbers = np.unique(clusters, return_inverse=True)[1]
        place = random.permutation(int(numbers.max(initial=-1)) + 1)[numbers]
        return np.argsort(place, kind="stable").astype(np.int64)
    shuffled = random.permutation(strata.size)
    numbers, counts = np.unique(strata[shuffled], return_inverse=True, return_counts=True)[1:]
    by_stratum = np.argsort(numbers, kind="stable")
    rank: FloatArray = np.empty(strata.size)
    rank[by_stratum] = np.arange(strata.size) - np.repeat(np.cumsum(counts) - counts, counts)
    share = (rank + random.random(counts.size)[numbers]) / counts[numbers]
    return shuffled[np.argsort(share, kind="stable")].astype(np.int64)


def piece(order: IntArray, start: int, n: int, *, clusters: IntArray | None = None) -> IntArray:
    """Return about n rows of an order from `start` on; with clusters, none is cut: at most n rows, and at least one.

    >>> piece(np.array([3, 0, 1, 2]), 0, 3, clusters=np.array([7, 8, 8, 9])).tolist()
    [3, 0]
    """
    if clusters is None:
        return order[start : start + n]
    begins = np.flatnonzero(np.diff(clusters[order], prepend=clusters[order[:1]] - 1))
    edges = np.append(begins, order.size)
    first = min(int(np.searchsorted(edges, start)), edges.size - 2)
    last = int(np.searchsorted(edges, edges[first] + n, side="right")) - 1
    return order[edges[first] : edges[max(last, first + 1)]]


def strata_of(outcomes: FloatArray, task: Task) -> IntArray:
    """Return the stratum of each row: its class, or the tenth of all amounts in which it lies.

    >>> strata_of(np.array([5.0, 1.0, 9.0, 7.0]), Task.REGRESSION).tolist()
    [2, 0, 7, 5]
    """
    if task is not Task.REGRESSION:
        return outcomes.astype(np.int64)
    ranks = np.empty(outcomes.size, dtype=np.int64)
    ranks[np.argsort(outcomes, kind="stable")] = np.arange(outcomes.size)
    return ranks * N_BANDS // max(outcomes.size, 1)


def fewer_rows(prepared: Prepared, n: int, *, seed: int) -> Prepared:
    """Return the same with at most n training rows: a fair sample, whole entities; calibration and holdout stay."""
    rows = prepared.training
    if n >= rows.size:
        return prepared
    clusters = prepared.clusters_of(rows)
    order = fair_order(strata_of(prepared.outcomes[rows], prepared.task), seed=seed, clusters=clusters)
    return replace(prepared, training=np.sort(rows[piece(order, 0, n, clusters=clusters)]))
