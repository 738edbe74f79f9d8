"""Prepared rows as candidates see them."""

from __future__ import annotations

import numpy as np

from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.training.candidate import View
from mainstay.training.prepared import Prepared


def view_of(prepared: Prepared, rows: IntArray) -> View:
    """Return some rows as candidates see them."""
    today = None if prepared.today is None else rule_scores(prepared, prepared.today[rows])
    return View(prepared.used, today, rows)


def rule_scores(prepared: Prepared, today: BoolArray | FloatArray) -> FloatArray:
    """Return what today's rule says in the shape of a score: of several classes, 1 in the column of its class.

    Where actions are not the classes, the columns are those of the actions.
    """
    if prepared.task is Task.MULTICLASS:
        actions = prepared.worth.actions if isinstance(prepared.worth, ActionWorth) else ()
        width = len(actions or prepared.schema.classes)
        return np.asarray(np.eye(width)[today.astype(np.int64)])
    return today.astype(np.float64)
