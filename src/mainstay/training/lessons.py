"""Some of the prepared rows as a lesson: what a learner is given to fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from mainstay.stats.arrays import IntArray
from mainstay.training.crew import Crew
from mainstay.training.learner import Lesson
from mainstay.training.prepared import Prepared

MOST_AT_ONCE = 10_000_000  # values: what learns from more learns one after the other, or the copies would add up

One = TypeVar("One")
Made = TypeVar("Made")


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


def from_lesson(lesson: Lesson, fit: Callable[[One], Made], each: Iterable[One], crew: Crew) -> list[Made]:
    """Fit each on a lesson: at once where the lesson is small, one after the other where it is large."""
    hands = crew.for_lesson(lesson)
    is_large = lesson.used.height * lesson.used.width > MOST_AT_ONCE
    return [fit(one) for one in each] if is_large else list(hands.map(fit, each))
