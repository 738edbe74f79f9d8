"""Which candidate wins: the simplest that is within one standard error of the best, on cross-fitted training rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.intervals import paired_difference
from mainstay.stats.value import decided_values
from mainstay.training.calibrate import chosen_threshold
from mainstay.training.crossfit import log_losses
from mainstay.training.folds import Fold
from mainstay.training.prepared import Prepared

ONE_STANDARD_ERROR = 0.6827  # the level of an interval of one standard error to each side


@dataclass(frozen=True, slots=True)
class Choice:
    """The winner, the candidate best on average, and the mean gain of each (money, or minus log loss)."""

    winner: str
    best: str
    gains: dict[str, float]


def choose(gains: Mapping[str, FloatArray], *, clusters: IntArray | None) -> Choice:
    """Return the simplest candidate within one standard error of the best; `gains` are per row, the simplest first.

    >>> gains = {"rule": np.array([1.0, 2.0, 3.0]), "model": np.array([2.0, 1.0, 3.3])}
    >>> choose(gains, clusters=None).winner
    'rule'
    """
    means = {name: float(values.mean()) for name, values in gains.items()}
    best = max(means, key=lambda name: means[name])
    for name, values in gains.items():
        ahead = paired_difference(gains[best], values, clusters=clusters, level=ONE_STANDARD_ERROR)
        if name == best or ahead.low <= 0:
            return Choice(name, best, means)
    raise AssertionError("the best candidate is a candidate")


def fold_gains(given: FloatArray, rows: IntArray, folds: tuple[Fold, ...], prepared: Prepared) -> FloatArray:
    """Return each training row's gain under cross-fitted scores, shape (n_rows,); NaN where a row was not scored.

    With money: what the row was worth at the threshold that was best on the other folds. Without: minus its log loss.
    """
    if not prepared.has_money:
        return -log_losses(prepared.outcomes[rows], given)
    high, low = prepared.money(rows)
    gain = np.full(given.size, np.nan)
    for fold in folds:
        others = ~np.isnan(given)
        others[fold.scored] = len(folds) == 1  # a lone fold chooses its own threshold
        threshold = chosen_threshold(given[others], high[others], low[others], prepared)
        gain[fold.scored] = decided_values(given[fold.scored], high[fold.scored], low[fold.scored], threshold)
    return gain
