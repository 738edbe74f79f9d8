"""The last fit: once curves and thresholds are learned, candidates learn from every row that does not judge."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial

import numpy as np

from mainstay.stats.arrays import IntArray
from mainstay.training.candidate import Candidate
from mainstay.training.learner import Learner, Lesson
from mainstay.training.learners.pipeline import encoded
from mainstay.training.lessons import from_lesson, lesson_of
from mainstay.training.prepared import Prepared


def taught_rows(prepared: Prepared, n_rows: int | None = None) -> IntArray:
    """Return the positions of the rows to learn from in the end: training and calibration rows together.

    Calibration rows are the newest before a holdout in time, and a model that never saw them would be judged a season
    late; at random they are a quarter more rows. Where a number of rows was asked for (`n_rows`) it stays that many: at
    random the training rows, in time the newest of both.
    """
    both = np.sort(np.concatenate([prepared.training, prepared.calibration]))
    if n_rows is None or n_rows >= both.size:
        return both
    if prepared.split_by != "time" or prepared.moments is None:
        return prepared.training
    return np.sort(both[np.argsort(prepared.moments[both], kind="stable")[-n_rows:]])


def in_full(
    candidates: tuple[Candidate, ...],
    learners: Mapping[str, Learner],
    prepared: Prepared,
    taught: IntArray,
    pool: Executor,
) -> tuple[Candidate, ...]:
    """Return the candidates fitted again on the rows `taught`; settings, curve and threshold stay as they were."""
    if np.array_equal(taught, prepared.training):
        return candidates
    lesson = lesson_of(prepared, taught)
    lesson = replace(lesson, encoded=encoded(lesson))
    return tuple(from_lesson(lesson, partial(_again, learners=learners, lesson=lesson), candidates, pool))


def _again(candidate: Candidate, learners: Mapping[str, Learner], lesson: Lesson) -> Candidate:
    if candidate.name not in learners or candidate.rule is not None:
        return candidate
    return replace(candidate, fitted=learners[candidate.name].fit(lesson, candidate.settings))
