"""The table of candidates: what each reached, what its step of complexity bought, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mainstay.domain.evaluation import CandidateResult, Estimate
from mainstay.domain.task import Task
from mainstay.stats.amounts import metrics_regression
from mainstay.stats.classes import metrics_multiclass
from mainstay.stats.intervals import Interval, mean_interval, paired_difference
from mainstay.stats.scores import accuracy_interval, f1_macro_interval, metrics_binary
from mainstay.training.prepared import Prepared
from mainstay.training.shown import Shown, classes_of, loss_of
from mainstay.training.weight import Weigh


def results_of(
    shown: Sequence[Shown], winner: Shown, prepared: Prepared, *, weigh: Weigh | None
) -> tuple[CandidateResult, ...]:
    """Return each candidate's result, in the order given: that of complexity, what only decides at the end."""
    steps = [one for one in shown if one.candidate is not None]
    before = {after.name: first for first, after in pairwise(steps)}
    return tuple(_result(one, winner, before.get(one.name), prepared, weigh) for one in shown)


def estimate(interval: Interval) -> Estimate:
    """Return an interval in the form that reports and JSON hold: bounds that are unknown are None."""
    low, high = (None if math.isnan(bound) else float(bound) for bound in (interval.low, interval.high))
    return Estimate(float(interval.value), low, high)


@dataclass(frozen=True, slots=True)
class Ahead:
    """How far one candidate is ahead of another per decision, paired by row, and in what."""

    interval: Interval
    unit: str


def ahead_of(one: Shown, other: Shown, prepared: Prepared) -> Ahead | None:
    """Return how far one is ahead of another: in money, else in loss; None where the two have no such number.

    Decisions about classes without shares are compared by how many are right.
    """
    clusters = prepared.clusters_of(prepared.holdout)
    if one.money is not None and other.money is not None:
        unit = prepared.brief.value.currency or "units of money"
        return Ahead(paired_difference(one.money, other.money, clusters=clusters), unit)
    loss, others = loss_of(one, prepared), loss_of(other, prepared)
    if loss is not None and others is not None:
        unit = "of squared error" if prepared.task is Task.REGRESSION else "of log loss"
        return Ahead(paired_difference(others, loss, clusters=clusters), unit)
    right, rights = (_right(each, prepared) for each in (one, other))
    if right is None or rights is None:
        return None
    return Ahead(paired_difference(right, rights, clusters=clusters), "of accuracy")


def _right(one: Shown, prepared: Prepared) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    decided = one.decisions if prepared.task is Task.BINARY else classes_of(one, prepared)
    return None if decided is None else (decided == prepared.outcomes[prepared.holdout]).astype(np.float64)


def _result(
    one: Shown, winner: Shown, before: Shown | None, prepared: Prepared, weigh: Weigh | None
) -> CandidateResult:
    clusters = prepared.clusters_of(prepared.holdout)
    value = ahead = None
    if one.money is not None and winner.money is not None:
        value = estimate(mean_interval(one.money, clusters=clusters))
        ahead = estimate(paired_difference(winner.money, one.money, clusters=clusters))
    bought = None if before is None else ahead_of(one, before, prepared)
    candidate = one.candidate
    weight = None if candidate is None or weigh is None else weigh(candidate)
    return CandidateResult(
        name=one.name,
        title=one.title,
        metrics=metrics_of(one, prepared),
        threshold=None if candidate is None else candidate.threshold,
        value=value,
        winner_ahead=None if one is winner else ahead,
        chosen=one is winner,
        fit_s=0.0 if candidate is None else candidate.fit_s,
        bought=None if bought is None else estimate(bought.interval),
        search_s=0.0 if candidate is None else candidate.search_s,
        latency_us=None if weight is None else weight.latency_us,
        size_bytes=None if weight is None else weight.size_bytes,
        explained="" if weight is None else weight.explained,
    )


def metrics_of(one: Shown, prepared: Prepared) -> dict[str, Estimate]:
    """Return a candidate's metrics on the holdout by name, each with its interval; those without a value left out."""
    by_task = {Task.BINARY: _binary, Task.MULTICLASS: _multiclass, Task.REGRESSION: _regression}
    found = by_task[prepared.task](one, prepared)
    return {name: estimate(interval) for name, interval in found.items() if not math.isnan(interval.value)}


def _binary(one: Shown, prepared: Prepared) -> dict[str, Interval]:
    outcomes, clusters = prepared.outcomes[prepared.holdout], prepared.clusters_of(prepared.holdout)
    if one.candidate is None or one.candidate.threshold is None or one.scores is None:
        return {"accuracy": accuracy_interval(outcomes == one.decisions, clusters=clusters)}
    threshold = one.candidate.threshold
    return metrics_binary(outcomes, one.scores, threshold, seed=prepared.seed, clusters=clusters)


def _multiclass(one: Shown, prepared: Prepared) -> dict[str, Interval]:
    outcomes, clusters = prepared.outcomes[prepared.holdout].astype(np.int64), prepared.clusters_of(prepared.holdout)
    decided = classes_of(one, prepared)
    if decided is None:
        return {}
    if one.scores is not None and not one.is_rule:
        return metrics_multiclass(outcomes, one.scores, decided, seed=prepared.seed, clusters=clusters)
    n_classes = len(prepared.schema.classes)
    return {
        "accuracy": accuracy_interval(outcomes == decided, clusters=clusters),
        "f1_macro": f1_macro_interval(outcomes, decided, n_classes=n_classes, seed=prepared.seed, clusters=clusters),
    }


def _regression(one: Shown, prepared: Prepared) -> dict[str, Interval]:
    clusters = prepared.clusters_of(prepared.holdout)
    return metrics_regression(prepared.outcomes[prepared.holdout], one.decisions, clusters=clusters)
