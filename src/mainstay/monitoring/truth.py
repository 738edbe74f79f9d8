"""What came true of decisions, by metric: the same numbers that are estimated before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from mainstay.domain.estimates import VALUE
from mainstay.domain.evaluation import Estimate
from mainstay.domain.task import Task
from mainstay.monitoring.cohorts import Cohorts, brier, mean_of, money, roc_auc
from mainstay.monitoring.foretold import ACCURACY, BRIER
from mainstay.monitoring.outcomes import MISS, OTHERWISE
from mainstay.monitoring.worth import RIGHT

MIN_OF_CLASS = 5  # of each outcome, below which the ROC area says nothing
MEASURED: Mapping[Task, Mapping[str, str]] = {
    Task.BINARY: {ACCURACY: RIGHT, **{name: name for name in OTHERWISE}},
    Task.REGRESSION: {"mae": MISS},
    Task.MULTICLASS: {ACCURACY: RIGHT},
}


def realised_metrics(one: Cohorts, task: Task) -> dict[str, Estimate]:
    """Return what came true of decisions, by metric, each with its 95% interval; what nobody knows is left out."""
    return {name: found for name, found in _found(one, task) if np.isfinite(found.value)}


def _found(one: Cohorts, task: Task) -> Iterator[tuple[str, Estimate]]:
    if task is Task.BINARY:
        if one.by_score[..., 0].sum(axis=(0, 1, 2)).min() >= MIN_OF_CLASS:
            yield "roc_auc", roc_auc(one)
        yield BRIER, brier(one)
    for metric, name in MEASURED[task].items():
        yield metric, mean_of(one, name)
    yield VALUE, money(one)
