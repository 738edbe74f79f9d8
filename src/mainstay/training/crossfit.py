"""Cross-fitting on training rows: every row scored by a fit that never saw it, its entity or its future."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mainstay.domain.task import Task
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.training.folds import Fold
from mainstay.training.learner import Learner, Lesson, Settings, StagedLearner, Stages
from mainstay.training.learners.pipeline import Columns, columns_of, encoded

EPSILON = 1e-12  # keeps the log of a score of 0 or 1 finite


@dataclass(frozen=True, slots=True)
class Room:
    """A fold with its rows encoded: those to fit, and those to score, as the former encode them."""

    fold: Fold
    lesson: Lesson
    unseen: Lesson


@dataclass(frozen=True, slots=True)
class CrossFit:
    """A learner's scores of the training rows (NaN where no fold scored a row), and the settings that gave them.

    `scores` has shape (n_rows,), or (n_rows, n_classes) of several classes.
    """

    scores: FloatArray
    settings: Settings

    @property
    def scored(self) -> BoolArray:
        """Where a row was scored."""
        known: BoolArray = ~np.isnan(self.scores if self.scores.ndim == 1 else self.scores[:, 0])
        return known


def rooms(lesson: Lesson, folds: Sequence[Fold]) -> tuple[Room, ...]:
    """Encode the rows of every fold once, for all that is fitted there."""
    return tuple(_room(lesson, fold) for fold in folds)


def _room(lesson: Lesson, fold: Fold) -> Room:
    fitted, unseen = (rows_of(lesson, rows) for rows in (fold.fitted, fold.scored))
    columns = encoded(fitted)
    seen = Columns(columns.inputs, columns_of(unseen.used, columns.inputs))
    return Room(fold, replace(fitted, encoded=columns), replace(unseen, encoded=seen))


def rows_of(lesson: Lesson, rows: IntArray) -> Lesson:
    """Return some rows of a lesson, not encoded yet."""
    return replace(
        lesson,
        used=lesson.used[rows],
        outcomes=lesson.outcomes[rows],
        weights=None if lesson.weights is None else lesson.weights[rows],
        clusters=None if lesson.clusters is None else lesson.clusters[rows],
        moments=None if lesson.moments is None else lesson.moments[rows],
        encoded=None,
    )


def cross_fit(
    learner: Learner, lesson: Lesson, rooms: Sequence[Room], settings: Settings, *, on_fold: Callable[[], None]
) -> CrossFit:
    """Fit on every fold and score the rest; a learner that grows, at the size of least loss over all folds."""
    if isinstance(learner, StagedLearner):
        stages = []
        for room in rooms:
            stages.append(learner.stages(room.lesson, settings, room.unseen, before=_never))
            on_fold()
        size = best_size(stages, [room.fold.scored.size for room in rooms])
        parts = [stage.scores_at(size) for stage in stages]
        return CrossFit(gathered(lesson, rooms, parts), learner.sized(settings, size))
    parts = []
    for room in rooms:
        fitted = learner.fit(room.lesson, settings)
        parts.append(fitted.scores(room.unseen.used))
        on_fold()
    return CrossFit(gathered(lesson, rooms, parts), settings)


def _never(size: int, more: int) -> None:
    """Take every step."""


def gathered(lesson: Lesson, rooms: Sequence[Room], parts: Sequence[FloatArray]) -> FloatArray:
    """Return the scores of all folds as those of the lesson's rows; NaN where no fold scored a row."""
    n_rows = lesson.outcomes.size
    scores = np.full((n_rows, lesson.n_classes) if lesson.task is Task.MULTICLASS else n_rows, np.nan)
    for room, part in zip(rooms, parts, strict=True):
        scores[room.fold.scored] = part
    return scores


def best_size(stages: Sequence[Stages], n_rows: Sequence[int]) -> int:
    """Return the size of least mean loss over all folds; a fold that stopped growing keeps its last loss."""
    longest = max(stage.losses.size for stage in stages)
    curves = [np.pad(stage.losses, (0, longest - stage.losses.size), mode="edge") for stage in stages]
    return int(np.argmin(np.average(curves, axis=0, weights=n_rows))) + 1


def losses_of(task: Task, outcomes: FloatArray, scores: FloatArray) -> FloatArray:
    """Return the loss of each row, shape (n_rows,): log loss of classes, squared error of amounts."""
    if task is Task.REGRESSION:
        return (outcomes - scores) ** 2
    if task is Task.MULTICLASS:
        given = np.clip(scores, EPSILON, 1.0)[np.arange(outcomes.size), outcomes.astype(np.int64)]
        return -np.log(given)
    return log_losses(outcomes, scores)


def log_losses(outcomes: FloatArray, scores: FloatArray) -> FloatArray:
    """Return the log loss of each row, shape (n_rows,).

    >>> log_losses(np.array([1.0]), np.array([0.5])).round(3).tolist()
    [0.693]
    """
    given = np.clip(scores, EPSILON, 1 - EPSILON)
    return -np.log(np.where(outcomes == 1.0, given, 1 - given))
