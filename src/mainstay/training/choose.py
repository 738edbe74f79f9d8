"""Which candidate wins: the simplest that is within one standard error of the best, on cross-fitted training rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.stats.intervals import paired_difference
from mainstay.stats.value import decided_values
from mainstay.training.calibrate import chosen_threshold
from mainstay.training.crossfit import losses_of
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

    With money: what the row was worth under what is decided, where two outcomes need one at the threshold that was best
    on the other folds. Without: minus its log loss, or its squared error.
    """
    if prepared.worth is None:
        return -losses_of(prepared.task, prepared.outcomes[rows], given)
    gain = np.full(len(given), np.nan)
    scored = ~np.isnan(given).reshape(len(given), -1)[:, 0]
    if prepared.task is not Task.BINARY:
        gain[scored] = prepared.worth.at(rows[scored], decided(given[scored], rows[scored], prepared))
        return gain
    high, low = prepared.money(rows)
    for fold in folds:
        others = scored.copy()
        others[fold.scored] = len(folds) == 1  # a lone fold chooses its own threshold
        threshold = chosen_threshold(given[others], high[others], low[others], prepared)
        gain[fold.scored] = decided_values(given[fold.scored], high[fold.scored], low[fold.scored], threshold)
    return gain


def rule_gains(today: BoolArray | FloatArray, rows: IntArray, prepared: Prepared) -> FloatArray:
    """Return each row's money under what today's rule decides, shape (n_rows,)."""
    assert prepared.worth is not None  # without money a rule has no loss to compare
    return prepared.worth.at(rows, today)


def decided(scores: FloatArray, rows: IntArray, prepared: Prepared) -> FloatArray | IntArray:
    """Return what scores decide where no threshold does: the amount itself, or the action worth most."""
    if prepared.task is Task.REGRESSION:
        return scores
    payoffs = prepared.worth.payoffs if isinstance(prepared.worth, ActionWorth) else None
    if payoffs is None:
        return np.asarray(np.argmax(scores, axis=1))
    expected = scores @ payoffs.T if payoffs.ndim == 2 else np.einsum("nc,nac->na", scores, payoffs[rows])
    return np.asarray(np.argmax(expected, axis=1))
