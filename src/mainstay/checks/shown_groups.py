"""Protected groups as a report draws them: sizes, what came beside what is decided, the brief's metric and limits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mainstay.checks.examined import Examined
from mainstay.checks.group_metrics import told_of
from mainstay.checks.groups import FAIRNESS, Group, default_metric, groups_of, limits_of, protected
from mainstay.checks.label_ratio import beside
from mainstay.checks.shown_numbers import estimate
from mainstay.domain.evaluation import Estimate
from mainstay.domain.fairness import metric_named
from mainstay.domain.finding import Finding, worst
from mainstay.domain.shown import GroupShown, GroupsShown, RatioShown
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.group_gaps import share_of
from mainstay.stats.intervals import mean_interval

LEVEL = 0.95


def groups_shown(exam: Examined, findings: Sequence[Finding]) -> tuple[GroupsShown, ...]:
    """Return the groups of every protected column that can be read in the holdout."""
    found = (_column(exam, column, findings) for column in protected(exam))
    return tuple(each for each in found if each.groups)


def _column(exam: Examined, column: str, findings: Sequence[Finding]) -> GroupsShown:
    limits = limits_of(exam, column)
    metric = metric_named(limits.metric or default_metric(exam))
    found = [each for each in findings if each.code == FAIRNESS and each.because.startswith(f"{column}: ")]
    groups, n_pooled = groups_of(exam, column, exam.holdout)
    return GroupsShown(
        column=column,
        metric=metric or "",
        groups=tuple(_group(exam, group, metric) for group in groups),
        max_gap=limits.max_gap,
        max_ratio=limits.max_ratio,
        ratio=_ratio(exam, column),
        verdict=worst(each.verdict for each in found).value if found else "",
        says=tuple(each.because for each in found),
        n_pooled=n_pooled,
    )


def _group(exam: Examined, group: Group, metric: str | None) -> GroupShown:
    if not group.is_large:
        return GroupShown(name=group.name, n=int(group.rows.size))
    return GroupShown(
        name=group.name,
        n=int(group.rows.size),
        came=_mean(exam, exam.outcomes, group.rows),
        decided=_mean(exam, exam.decided.astype(np.float64), group.rows),
        metric=None if metric is None else estimate(told_of(exam, metric, group.rows, level=LEVEL)),
        money=estimate(told_of(exam, "money_per_decision", group.rows, level=LEVEL)),
    )


def _mean(exam: Examined, values: FloatArray, rows: IntArray) -> Estimate | None:
    """A share of two outcomes, a mean of amounts; several classes have no one number."""
    if exam.task is Task.MULTICLASS or not np.isfinite(values[rows]).all():
        return None
    clusters = None if exam.clusters is None else exam.clusters[rows]
    if exam.task is Task.BINARY:
        return estimate(share_of(values[rows], np.ones(rows.size), clusters=clusters, level=LEVEL))
    return estimate(mean_interval(values[rows], clusters=clusters, level=LEVEL))


def _ratio(exam: Examined, column: str) -> RatioShown | None:
    pair = None if exam.task is Task.MULTICLASS else beside(exam, column)[0]
    came = None if pair is None else estimate(pair.came)
    if pair is None or came is None:
        return None
    return RatioShown(first=pair.first, second=pair.second, came=came, decided=estimate(pair.decided))
