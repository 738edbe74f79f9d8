"""Fairness as the brief asks for it: the metrics that can be told by group, their names, and the limits of a column."""

from __future__ import annotations

from mainstay.domain.brief import Brief
from mainstay.domain.brief.parts import FairnessView
from mainstay.domain.task import Task

NAMES = {
    "selection_rate": ("decision_share", "demographic_parity", "positive_rate", "share_high"),
    "true_positive_rate": ("recall", "tpr", "equal_opportunity", "sensitivity"),
    "false_positive_rate": ("fpr",),
    "false_negative_rate": ("fnr",),
    "precision": ("positive_predictive_value", "ppv"),
    "accuracy": (),
    "calibration_gap": ("calibration",),
    "absolute_error": ("mae", "mean_absolute_error"),
    "money_per_decision": ("money", "value", "value_per_decision"),
    "roc_auc": ("auc",),
}


def metric_named(name: str) -> str | None:
    """Return the metric that a brief means, None where there is none of that name.

    >>> metric_named("Decision share"), metric_named("karma")
    ('selection_rate', None)
    """
    key = name.strip().lower().replace(" ", "_").replace("-", "_")
    return next((metric for metric, others in NAMES.items() if key == metric or key in others), None)


def spoken(metric: str) -> str:
    """Return a metric's name in words.

    >>> spoken("selection_rate")
    'selection rate'
    """
    return metric.replace("_", " ")


def default_metric(task: str) -> str:
    """Return the metric by which groups are compared where the brief names none.

    >>> default_metric("binary")
    'selection_rate'
    """
    by_task = {Task.REGRESSION.value: "calibration_gap", Task.MULTICLASS.value: "accuracy"}
    return by_task.get(task, "selection_rate")


def protected_columns(brief: Brief) -> tuple[str, ...]:
    """Return the columns by which fairness is judged: those named protected, and those with a limit of their own."""
    return tuple(dict.fromkeys((*brief.data.protected, *brief.fairness.by)))


def limits_of(brief: Brief, column: str) -> FairnessView:
    """Return the limits of a column: its own, and those of all where it says nothing."""
    common, own = brief.fairness, brief.fairness.by.get(column, FairnessView(metric=None))
    return FairnessView(
        metric=own.metric or common.metric,
        max_gap=common.max_gap if own.max_gap is None else own.max_gap,
        max_ratio=common.max_ratio if own.max_ratio is None else own.max_ratio,
    )
