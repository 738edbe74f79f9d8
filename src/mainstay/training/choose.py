"""Which candidate wins: the simplest that is within one standard error of the best, on cross-fitted training rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.intervals import paired_difference
from mainstay.stats.value import decided_values
from mainstay.training.calibrate import chosen_threshold
from mainstay.training.compared import Compared
from mainstay.training.crossfit import CrossFit
from mainstay.training.decided import decided
from mainstay.training.folds import Fold
from mainstay.training.loss import losses_of
from mainstay.training.prepared import Prepared

TODAY = "today"
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


def chosen(crossed: Mapping[str, CrossFit], on: Compared, prepared: Prepared) -> Choice:
    """Choose among cross-fitted candidates, the simplest first, on the rows that were scored.

    The rule takes part, after the first, where there is money to compare it in.
    """
    simplest = next(iter(crossed))
    scored = crossed[simplest].scored
    gains = {name: fold_gains(cross.told, on.rows, on.folds, prepared)[scored] for name, cross in crossed.items()}
    if prepared.today is not None and prepared.worth is not None:
        today = prepared.worth.at(on.rows[scored], prepared.today[on.rows[scored]])
        gains = {simplest: gains.pop(simplest), TODAY: today} | gains
    clusters = on.lesson.clusters
    return choose(gains, clusters=None if clusters is None else clusters[scored])


def fold_gains(given: FloatArray, rows: IntArray, folds: tuple[Fold, ...], prepared: Prepared) -> FloatArray:
    """Return each training row's gain under cross-fitted scores, shape (n_rows,); NaN where a row was not scored.

    With money: what the row was worth under what is decided, where two outcomes need one at the threshold that was best
    on the other folds. Without: minus its log loss, or its squared error.
    """
    if prepared.worth is None:
        return -losses_of(prepared.task, prepared.outcomes[rows], given)
    gain = np.full(len(given), np.nan)
    scored = ~np.isnan(given).reshape(len(given), -1)[:, 0]
    if prepared.task is not Task.BINARY:
        decisions = decided(given[scored], None, prepared, rows[scored])
        gain[scored] = prepared.worth.at(rows[scored], decisions)
        return gain
    high, low = prepared.money(rows)
    for fold in folds:
        others = scored.copy()
        others[fold.scored] = len(folds) == 1  # a lone fold chooses its own threshold
        threshold = chosen_threshold(given[others], high[others], low[others], prepared)
        gain[fold.scored] = decided_values(given[fold.scored], high[fold.scored], low[fold.scored], threshold)
    return gain
