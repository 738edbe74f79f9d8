"""A yardstick where there is time: tomorrow is as today. Nobody can deploy it, and a model should beat it."""

from __future__ import annotations

import numpy as np

from mainstay.domain.moments import parse_duration
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.training.decided import decided
from mainstay.training.prepared import Prepared
from mainstay.training.shown import Shown, money_of

LAST_VALUE = "last_value"


def last_value(prepared: Prepared) -> list[Shown]:
    """Return what deciding by the last outcome known shows on the holdout, or nothing where there is no time.

    The last outcome is that of the row before (of the same entity, where there is one) whose outcome was known at the
    decision, `data.outcome_delay` after its own moment. Where none was known, the commonest outcome (or the mean) of
    the training rows stands in.
    """
    if prepared.moments is None:
        return []
    before = known_before(
        prepared.moments,
        delay_s=parse_duration(prepared.brief.data.outcome_delay).total_seconds(),
        clusters=prepared.clusters,
    )[prepared.holdout]
    outcomes = np.where(before >= 0, prepared.outcomes[before], _usual(prepared))
    said = (
        np.eye(len(prepared.schema.classes))[outcomes.astype(np.int64)]
        if prepared.task is Task.MULTICLASS
        else outcomes
    )
    decisions = decided(said, 0.5, prepared, prepared.holdout)
    whose = "" if prepared.clusters is None else f" of the same {prepared.brief.data.entity or 'entity'}"
    title = f"the last outcome known{whose}"
    return [Shown(name=LAST_VALUE, title=title, decisions=decisions, money=money_of(decisions, prepared))]


def known_before(moments: FloatArray, *, delay_s: float, clusters: IntArray | None) -> IntArray:
    """Return for each row the last row whose outcome was known at its moment, or -1; shape (n,).

    That row's moment lies before, by at least `delay_s`; with `clusters` it is of the same one. Of rows at one moment
    the last one counts.

    >>> known_before(np.array([0.0, 60.0, 60.0, 120.0]), delay_s=0, clusters=None).tolist()
    [-1, 0, 0, 2]
    >>> known_before(np.array([0.0, 60.0, 120.0]), delay_s=90, clusters=None).tolist()
    [-1, -1, 0]
    """
    distinct, rank = np.unique(moments, return_inverse=True)
    allowed = np.minimum(rank, np.searchsorted(distinct, moments - delay_s, side="right"))
    first = np.zeros(moments.size, np.int64) if clusters is None else clusters * (distinct.size + 1)
    order = np.argsort(first + rank, kind="stable")
    place = np.searchsorted((first + rank)[order], first + allowed) - 1
    row = order[np.maximum(place, 0)]
    return np.where((place >= 0) & (first[row] == first), row, -1)


def _usual(prepared: Prepared) -> float:
    outcomes = prepared.outcomes[prepared.training]
    if prepared.task is Task.REGRESSION:
        return float(outcomes.mean())
    values, n = np.unique(outcomes, return_counts=True)
    return float(values[np.argmax(n)])
