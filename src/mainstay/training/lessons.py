"""Some of the prepared rows as a lesson: what a learner is given to fit."""

from __future__ import annotations

from mainstay.stats.arrays import IntArray
from mainstay.training.learner import Lesson
from mainstay.training.prepared import Prepared


def lesson_of(prepared: Prepared, rows: IntArray) -> Lesson:
    """Return some rows to learn from; `rows` are their positions, shape (n_rows,)."""
    return Lesson(
        task=prepared.task,
        schema=prepared.schema,
        used=prepared.used[rows],
        outcomes=prepared.outcomes[rows],
        weights=None if prepared.weights is None else prepared.weights[rows],
        clusters=prepared.clusters_of(rows),
        moments=None if prepared.moments is None else prepared.moments[rows],
        seed=prepared.seed,
    )
