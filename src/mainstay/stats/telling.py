"""How well the cells of one column tell an outcome, on rows that did not teach it."""

from __future__ import annotations

import numpy as np

from mainstay.stats.arrays import FloatArray, IntArray

HUGE = 1e300  # leaves room for what quantiles reckon


def quantile_cells(numbers: FloatArray, *, n_cells: int = 40) -> IntArray:
    """Part numbers into at most about `n_cells` cells of equal counts, from 1 on; 0 for what is not finite.

    Few distinct numbers get a cell each. Shape (n,).

    >>> quantile_cells(np.array([1.0, 5.0, np.nan, 1.0])).tolist()
    [2, 3, 0, 2]
    """
    clipped = np.clip(np.where(np.isfinite(numbers), numbers, np.nan), -HUGE, HUGE)
    known = clipped[~np.isnan(clipped)]
    if not known.size:
        return np.zeros(numbers.size, dtype=np.int64)
    distinct = np.unique(known)
    edges = np.unique(np.quantile(known, np.linspace(0, 1, n_cells + 1)[1:-1]))
    cut = distinct if distinct.size <= n_cells else edges
    return np.where(np.isnan(clipped), 0, 1 + np.searchsorted(cut, clipped, side="right")).astype(np.int64)


def cell_guesses(cells: IntArray, folds: IntArray, outcomes: FloatArray, *, prior: float) -> FloatArray:
    """Guess each row's outcome by the mean of its cell among rows of other folds, drawn to the mean of all.

    `cells` and `folds` hold numbers from 0, all three shape (n,); `prior` is the weight of the mean of all, in rows: a
    cell seen once says little, and one seen in no other fold nothing. Source: Micci-Barreca (2001), cross-fitted.

    >>> cells, folds = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    >>> cell_guesses(cells, folds, np.array([0.0, 0.0, 1.0, 1.0]), prior=1.0).tolist()
    [0.25, 0.25, 0.75, 0.75]
    """
    n_cells, n_folds = int(cells.max(initial=0)) + 1, int(folds.max(initial=0)) + 1
    places = cells * n_folds + folds
    n = np.bincount(places, minlength=n_cells * n_folds).reshape(n_cells, n_folds)
    total = np.bincount(places, weights=outcomes, minlength=n_cells * n_folds).reshape(n_cells, n_folds)
    others, told = n.sum(axis=1, keepdims=True) - n, total.sum(axis=1, keepdims=True) - total
    guesses: FloatArray = ((told + prior * outcomes.mean()) / (others + prior))[cells, folds]
    return guesses
