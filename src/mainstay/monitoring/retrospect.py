"""Judging answered rows whose truth is known: metrics, and money against what else could have been done."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mainstay.domain.evaluation import Estimate
from mainstay.domain.task import Task
from mainstay.stats.amounts import metrics_regression
from mainstay.stats.arrays import FloatArray
from mainstay.stats.classes import classes_and_scores, log_losses
from mainstay.stats.intervals import Interval, mean_interval, paired_difference
from mainstay.stats.ranking import roc_auc_interval
from mainstay.stats.scores import accuracy, accuracy_interval, brier_score, f1_macro, log_loss

MIN_OF_CLASS = 5  # of each outcome in a period, below which its ROC area says nothing
MIN_AMOUNTS = 2  # below which amounts explain nothing of each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Rows that were answered and what became of them; arrays have one entry per row.

    `outcomes` are 0.0 or 1.0, numbers of classes, or amounts. `scores` are probabilities, shape (n_rows,) or (n_rows,
    n_classes), or amounts; NaN where the model gave none. `said` is 1.0 where it was decided high, the number of the
    class said (-1 where none was), or the amount answered. `money` is what each row earned, `baseline_money` what it
    would have earned without the model: NaN where unknown, None without a value table.
    """

    task: Task
    outcomes: FloatArray
    scores: FloatArray
    said: FloatArray
    money: FloatArray | None = None
    baseline_money: FloatArray | None = None

    def take(self, rows: npt.NDArray[Any]) -> Answered:
        """Return some of the rows, by position or mask."""
        held = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "task"}
        some: dict[str, Any] = {name: values if values is None else values[rows] for name, values in held.items()}
        return replace(self, **some)


def metrics(answered: Answered) -> dict[str, Estimate]:
    """Return the metrics of answered rows by name; what too few rows cannot tell is left out."""
    found: Mapping[str, Interval | Estimate] = OF_TASK[answered.task](answered)
    told = {name: each if isinstance(each, Estimate) else _estimate(each) for name, each in found.items()}
    return {name: each for name, each in told.items() if math.isfinite(each.value)}


def _of_binary(answered: Answered) -> dict[str, Interval | Estimate]:
    scored = np.isfinite(answered.scores)
    happened, given = answered.outcomes[scored], answered.scores[scored]
    if not happened.size:
        return {}
    found: dict[str, Interval | Estimate] = {
        "log_loss": Estimate(log_loss(happened, given)),
        "brier_score": Estimate(brier_score(happened, given)),
        "accuracy": Estimate(accuracy(answered.outcomes, answered.said == 1.0)),
    }
    n_positive = int(happened.sum())
    if min(n_positive, happened.size - n_positive) >= MIN_OF_CLASS:
        found["roc_auc"] = roc_auc_interval(happened, given)
    return found


def _of_classes(answered: Answered) -> dict[str, Interval | Estimate]:
    """Accuracy and F1 where a class was said; log loss where the model gave chances of the class that came."""
    said = answered.said >= 0
    happened, given = answered.outcomes[said].astype(np.int64), answered.said[said].astype(np.int64)
    found: dict[str, Interval | Estimate] = {}
    if happened.size:
        found |= {"accuracy": accuracy_interval(happened == given), "f1_macro": Estimate(f1_macro(happened, given))}
    scored = np.isfinite(answered.scores).all(axis=1) & (answered.outcomes < answered.scores.shape[1])
    if scored.any():
        rows = classes_and_scores(answered.outcomes[scored], answered.scores[scored])
        found["log_loss"] = mean_interval(log_losses(rows))
    return found


def _of_amounts(answered: Answered) -> dict[str, Interval | Estimate]:
    known = np.isfinite(answered.said)
    if int(known.sum()) < MIN_AMOUNTS:
        return {}
    return dict(metrics_regression(answered.outcomes[known], answered.said[known]))


OF_TASK = {Task.BINARY: _of_binary, Task.MULTICLASS: _of_classes, Task.REGRESSION: _of_amounts}


def money(answered: Answered) -> dict[str, Estimate]:
    """Return money per decision: of what was decided, of the baseline, and the paired difference; empty without money.

    Keys: `mainstay`, `baseline`, `ahead`. Unit: the brief's currency.
    """
    if answered.money is None or answered.baseline_money is None:
        return {}
    known = np.isfinite(answered.money) & np.isfinite(answered.baseline_money)
    ours, theirs = answered.money[known], answered.baseline_money[known]
    if not ours.size:
        return {}
    found = {
        "mainstay": mean_interval(ours),
        "baseline": mean_interval(theirs),
        "ahead": paired_difference(ours, theirs),
    }
    return {name: _estimate(interval) for name, interval in found.items()}


def _estimate(interval: Interval) -> Estimate:
    low, high = (None if math.isnan(bound) else bound for bound in (interval.low, interval.high))
    return Estimate(interval.value, low, high)
