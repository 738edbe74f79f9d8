"""How well one column alone tells the outcome, measured on rows that did not teach it."""

from __future__ import annotations

import numpy as np
import polars as pl

from mainstay.data.columns import plain
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.ranking import roc_auc

N_FOLDS = 5
N_BINS = 40
PRIOR_ROWS = 10.0  # rows of the base rate added to every bin: a level seen once says little


def strength(column: pl.Series, outcomes: FloatArray, *, seed: int = 0) -> float:
    """Return the ROC AUC of a column alone: the mean outcome of its level or quantile bin, learned in other folds.

    `outcomes` has shape (n_rows,) and holds 0.0 and 1.0. 0.5 says nothing, 1.0 says everything; what never repeats
    (identifiers, free text) says nothing out of its fold. NaN where there is one outcome only.
    """
    bins = _bins(plain(column))
    folds = np.random.default_rng(seed).permutation(outcomes.size) % N_FOLDS
    base = outcomes.mean()
    guesses = np.empty(outcomes.size)
    for fold in range(N_FOLDS):
        mine, others = folds == fold, folds != fold
        n = np.bincount(bins[others], minlength=bins.max(initial=0) + 1)
        n_positive = np.bincount(bins[others], weights=outcomes[others], minlength=n.size)
        guesses[mine] = ((n_positive + PRIOR_ROWS * base) / (n + PRIOR_ROWS))[bins[mine]]
    return roc_auc(outcomes, guesses)


def _bins(column: pl.Series) -> IntArray:
    if column.dtype in (pl.String, pl.Boolean):
        return column.cast(pl.String).rank("dense").fill_null(0).to_numpy().astype(np.int64)
    numbers = column.to_physical().cast(pl.Float64).fill_nan(None).to_numpy()
    known = numbers[~np.isnan(numbers)]
    if not known.size:
        return np.zeros(numbers.size, dtype=np.int64)
    edges = np.unique(np.quantile(known, np.linspace(0, 1, N_BINS + 1)[1:-1]))
    distinct = np.unique(known)
    cut = distinct if distinct.size <= N_BINS else edges
    return np.where(np.isnan(numbers), 0, 1 + np.searchsorted(cut, numbers, side="right")).astype(np.int64)
