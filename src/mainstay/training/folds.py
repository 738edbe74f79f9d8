"""Folds of the training rows: which rows to fit on, and which of the others to score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.stats.arrays import FloatArray, IntArray

N_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Fold:
    """Positions among the training rows: fit on `fitted`, score `scored`. No entity is in both."""

    fitted: IntArray
    scored: IntArray


def random_folds(
    outcomes: FloatArray, *, clusters: IntArray | None, seed: int, n_folds: int = N_FOLDS
) -> tuple[Fold, ...]:
    """Deal rows to folds, evenly within each outcome, class or amount; clusters stay whole.

    >>> [fold.scored.size for fold in random_folds(np.array([0.0, 1.0] * 10), clusters=None, seed=1)]
    [4, 4, 4, 4, 4]
    """
    numbers = np.arange(outcomes.size) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    typical = np.bincount(numbers, weights=outcomes) / np.bincount(numbers)
    shuffled = np.random.default_rng(seed).permutation(typical.size)
    order = shuffled[np.argsort(typical[shuffled], kind="stable")]
    fold_of = np.empty(typical.size, dtype=np.int64)
    fold_of[order] = np.arange(typical.size) % n_folds
    fold_of_row = fold_of[numbers]
    parts = [(np.flatnonzero(fold_of_row != i), np.flatnonzero(fold_of_row == i)) for i in range(n_folds)]
    return tuple(Fold(fitted, scored) for fitted, scored in parts if scored.size)


def forward_folds(moments: FloatArray, *, clusters: IntArray | None) -> tuple[Fold, ...]:
    """Cut time into six blocks of nearly equal count; each but the first is scored by what came before it.

    Rows of one moment stay together. Rows of a cluster that is scored are left out of the fit.

    >>> [(fold.fitted.size, fold.scored.size) for fold in forward_folds(np.arange(12.0), clusters=None)]
    [(2, 2), (4, 2), (6, 2), (8, 2), (10, 2)]
    """
    cuts = np.unique(np.quantile(moments, np.arange(1, N_FOLDS + 1) / (N_FOLDS + 1), method="higher"))
    block = np.searchsorted(cuts, moments, side="right")
    folds = []
    for i in range(1, cuts.size + 1):
        fitted, scored = np.flatnonzero(block < i), np.flatnonzero(block == i)
        if clusters is not None:
            fitted = fitted[~np.isin(clusters[fitted], clusters[scored])]
        folds.append(Fold(fitted, scored))
    return tuple(fold for fold in folds if fold.fitted.size and fold.scored.size)


def usable(fold: Fold, outcomes: FloatArray) -> bool:
    """Say whether the rows to fit on hold more than one outcome."""
    return np.unique(outcomes[fold.fitted]).size >= 2
