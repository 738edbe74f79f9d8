"""Cross-fitting on training rows: every row scored by a fit that never saw it, its entity or its future."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from mainstay.domain.task import Task
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.stats.tempered import sharpness, tempered
from mainstay.training.folds import Fold
from mainstay.training.learner import Before, Learner, Lesson, Settings, StagedLearner, Stages
from mainstay.training.learners.pipeline import Columns, columns_of, encoded


@dataclass(frozen=True, slots=True)
class Room:
    """A fold with its rows encoded: those to fit, and those to score, as the former encode them."""

    fold: Fold
    lesson: Lesson
    unseen: Lesson


@dataclass(frozen=True, slots=True)
class CrossFit:
    """A learner's scores of the training rows (NaN where no fold scored a row), and the settings that gave them.

    `scores` has shape (n_rows,), or (n_rows, n_classes) of several classes. `sharp` is the inverse temperature at which
    they lose least, where a curve will mend the final ones as much: what they are compared by. `short` are folds whose
    scores are of a smaller size than the settings say, as they gained no more before it; see `grown`.
    """

    scores: FloatArray
    settings: Settings
    sharp: float = 1.0
    short: tuple[int, ...] = ()

    @property
    def told(self) -> FloatArray:
        """The scores at that temperature."""
        return self.scores if self.sharp == 1.0 else tempered(self.scores, self.sharp)

    @property
    def scored(self) -> BoolArray:
        """Where a row was scored."""
        return was_scored(self.scores)


def was_scored(crossed: FloatArray) -> BoolArray:
    """Say of each row whether a fold scored it.

    >>> was_scored(np.array([[0.1, 0.9], [np.nan, np.nan]])).tolist()
    [True, False]
    """
    is_scored: BoolArray = ~np.isnan(crossed if crossed.ndim == 1 else crossed[:, 0])
    return is_scored


def room_of(lesson: Lesson, fold: Fold) -> Room:
    """Encode the rows of a fold once, for all that is fitted there."""
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


def fold_stages(learner: Learner, room: Room, settings: Settings, *, before: Before) -> Stages:
    """Fit a fold and score its other rows, at every size that the learner can be seen at; without sizes, at one."""
    if isinstance(learner, StagedLearner):
        return learner.stages(room.lesson, settings, room.unseen, before=before)
    before(0, 1)
    scores = learner.fit(room.lesson, settings).scores(room.unseen.used)
    return Stages.of_one_size(scores)


def at_best_size(
    learner: Learner, settings: Settings, lesson: Lesson, fitted: Sequence[tuple[Room, Stages]]
) -> CrossFit:
    """Return the scores of folds, as those of the lesson's rows, at the size of least loss over all of them.

    A fold that stopped before that size is `short`, and gives the scores of its last one.
    """
    rooms, stages = zip(*fitted, strict=True)
    size = best_size(stages, [room.fold.scored.size for room in rooms])
    settings = learner.sized(settings, size) if isinstance(learner, StagedLearner) else settings
    given = [stage.scores_at(min(size, stage.losses.size)) for stage in stages]
    short = tuple(fold for fold, stage in enumerate(stages) if stage.losses.size < size)
    return replace(_together(lesson, settings, rooms, given), short=short)


def grown(learner: Learner, cross: CrossFit, lesson: Lesson, rooms: Sequence[Room], hands: Executor) -> CrossFit:
    """Return what `again` would: folds that stopped before the size chosen are fitted at it."""
    short = [rooms[fold] for fold in cross.short]
    rest = [room for fold, room in enumerate(rooms) if fold not in cross.short]
    given = [*hands.map(partial(_scored, learner, cross.settings), short)]
    given += [cross.scores[room.fold.scored] for room in rest]
    return _together(lesson, cross.settings, [*short, *rest], given)


def again(learner: Learner, settings: Settings, lesson: Lesson, rooms: Sequence[Room]) -> CrossFit:
    """Return the scores that a search found at these settings, its size among them, without growing any further."""
    return _together(lesson, settings, rooms, [_scored(learner, settings, room) for room in rooms])


def _scored(learner: Learner, settings: Settings, room: Room) -> FloatArray:
    return learner.fit(room.lesson, settings).scores(room.unseen.used)


def _together(lesson: Lesson, settings: Settings, rooms: Sequence[Room], given: Sequence[FloatArray]) -> CrossFit:
    n_rows = lesson.outcomes.size
    scores = np.full((n_rows, lesson.n_classes) if lesson.task is Task.MULTICLASS else n_rows, np.nan)
    for room, of_fold in zip(rooms, given, strict=True):
        scores[room.fold.scored] = of_fold
    return CrossFit(scores, settings, _sharp(lesson, scores))


def _sharp(lesson: Lesson, scores: FloatArray) -> float:
    if not lesson.is_mended:
        return 1.0
    rows = np.flatnonzero(was_scored(scores))
    return sharpness(lesson.outcomes[rows], scores[rows])


def best_size(stages: Sequence[Stages], n_rows: Sequence[int]) -> int:
    """Return the size of least mean loss over all folds; a fold that stopped growing keeps its last loss."""
    longest = max(stage.losses.size for stage in stages)
    curves = [np.pad(stage.losses, (0, longest - stage.losses.size), mode="edge") for stage in stages]
    return int(np.argmin(np.average(curves, axis=0, weights=n_rows))) + 1
