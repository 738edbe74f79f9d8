"""How well one column alone tells the outcome, measured on rows that did not teach it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.data.columns import nameless, plain
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.ranking import roc_auc
from mainstay.stats.telling import cell_guesses, quantile_cells

N_FOLDS = 5
N_BINS = 40
PRIOR_ROWS = 10.0  # rows of the base rate added to every bin: a level seen once says little
PRIOR_AMOUNTS = 2.0  # ranks do not mind being drawn to the mean, the variance explained does
MAX_CLASSES = 10  # the most frequent ones tell enough


@dataclass(frozen=True, slots=True)
class Measure:
    """How strength is measured: what says nothing, what is far from nothing, and what hardly any honest column says."""

    name: str
    nothing: float
    weak: float
    strong: float
    certain: float


RANKS = Measure("ROC AUC", nothing=0.5, weak=0.56, strong=0.75, certain=0.95)
VARIANCE = Measure("R²", nothing=0.0, weak=0.02, strong=0.5, certain=0.9)


def measure_of(task: Task) -> Measure:
    """Return how strength is measured: the ROC AUC of classes (the mean over several), or the share of variance."""
    return VARIANCE if task is Task.REGRESSION else RANKS


def strength(column: pl.Series, outcomes: FloatArray, *, task: Task = Task.BINARY, seed: int = 0) -> float:
    """Return how well a column alone tells the outcome: by the mean of its level or quantile bin, in other folds.

    `outcomes` has shape (n_rows,) and holds 0.0 and 1.0, numbers of classes, or amounts. See `measure_of`: 0.5 or 0
    says nothing, 1.0 everything; what never repeats (identifiers, free text) says nothing out of its fold. NaN where
    there is one outcome only.
    """
    bins = _bins(nameless(plain(column)))
    folds = np.random.default_rng(seed).permutation(outcomes.size) % N_FOLDS
    if task is Task.REGRESSION:
        return _explained(outcomes, _guesses(bins, folds, outcomes, prior=PRIOR_AMOUNTS))
    if task is Task.BINARY:
        return roc_auc(outcomes, _guesses(bins, folds, outcomes))
    classes, n_each = np.unique(outcomes, return_counts=True)
    common = classes[np.argsort(-n_each, kind="stable")[:MAX_CLASSES]]
    each = [np.asarray(outcomes == one, dtype=np.float64) for one in common]
    return float(np.mean([roc_auc(happened, _guesses(bins, folds, happened)) for happened in each]))


def _guesses(bins: IntArray, folds: IntArray, outcomes: FloatArray, *, prior: float = PRIOR_ROWS) -> FloatArray:
    return cell_guesses(bins, folds, outcomes, prior=prior)


def _explained(amounts: FloatArray, guesses: FloatArray) -> float:
    around = amounts - amounts.mean()
    return max(0.0, 1.0 - float(np.square(amounts - guesses).sum() / np.square(around).sum()))


def _bins(column: pl.Series) -> IntArray:
    if column.dtype in (pl.String, pl.Boolean):
        return column.cast(pl.String).rank("dense").fill_null(0).to_numpy().astype(np.int64)
    numbers = column.to_physical().cast(pl.Float64).fill_nan(None).to_numpy()
    return quantile_cells(numbers, n_cells=N_BINS)
