"""Judging answered rows whose truth is known: metrics, and money against what else could have been done."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mainstay.domain.evaluation import Estimate
from mainstay.stats.arrays import BoolArray, FloatArray
from mainstay.stats.intervals import Interval, mean_interval, paired_difference
from mainstay.stats.ranking import roc_auc_interval
from mainstay.stats.scores import accuracy, brier_score, log_loss

MIN_OF_CLASS = 5  # of each outcome in a period, below which its ROC area says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Rows that were answered and what became of them; arrays have shape (n_rows,).

    `scores` are probabilities (NaN where the model gave none), `high` what was decided, `outcomes` 0.0 or 1.0;
    `value_high` and `value_low` are each row's money decided either way, or None without a value table; `baseline` is
    what would have been decided without the model.
    """

    outcomes: FloatArray
    scores: FloatArray
    high: BoolArray
    baseline: BoolArray
    value_high: FloatArray | None = None
    value_low: FloatArray | None = None

    def take(self, rows: npt.NDArray[Any]) -> Answered:
        """Return some of the rows, by position or mask."""
        return Answered(
            outcomes=self.outcomes[rows],
            scores=self.scores[rows],
            high=self.high[rows],
            baseline=self.baseline[rows],
            value_high=None if self.value_high is None else self.value_high[rows],
            value_low=None if self.value_low is None else self.value_low[rows],
        )


def metrics(answered: Answered) -> dict[str, Estimate]:
    """Return the metrics of answered rows by name; what too few rows cannot tell is left out."""
    scored = np.isfinite(answered.scores)
    happened, given = answered.outcomes[scored], answered.scores[scored]
    if not happened.size:
        return {}
    found = {
        "log_loss": Estimate(log_loss(happened, given)),
        "brier_score": Estimate(brier_score(happened, given)),
        "accuracy": Estimate(accuracy(answered.outcomes, answered.high)),
    }
    n_positive = int(happened.sum())
    if min(n_positive, happened.size - n_positive) >= MIN_OF_CLASS:
        found["roc_auc"] = _estimate(roc_auc_interval(happened, given))
    return found


def money(answered: Answered) -> dict[str, Estimate]:
    """Return money per decision: of what was decided, of the baseline, and the paired difference; empty without money.

    Keys: `mainstay`, `baseline`, `ahead`. Unit: the brief's currency.
    """
    if answered.value_high is None or answered.value_low is None or not answered.outcomes.size:
        return {}
    ours = np.where(answered.high, answered.value_high, answered.value_low)
    theirs = np.where(answered.baseline, answered.value_high, answered.value_low)
    found = {
        "mainstay": mean_interval(ours),
        "baseline": mean_interval(theirs),
        "ahead": paired_difference(ours, theirs),
    }
    return {name: _estimate(interval) for name, interval in found.items()}


def _estimate(interval: Interval) -> Estimate:
    low, high = (None if math.isnan(bound) else bound for bound in (interval.low, interval.high))
    return Estimate(interval.value, low, high)
