"""Prepared rows as candidates see them."""

from __future__ import annotations

import numpy as np

from mainstay.domain.task import Task
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.training.candidate import View
from mainstay.training.prepared import Prepared


def view_of(prepared: Prepared, rows: IntArray) -> View:
    """Return some rows as candidates see them."""
    today = None if prepared.today is None else rule_scores(prepared, prepared.today[rows])
    return View(prepared.used, today, rows)


def rule_scores(prepared: Prepared, today: BoolArray | FloatArray) -> FloatArray:
    """Return what today's rule says in the shape of a score: of several classes, 1 in the column of its class."""
    if prepared.task is Task.MULTICLASS:
        return np.asarray(np.eye(len(prepared.schema.classes))[today.astype(np.int64)])
    return today.astype(np.float64)
