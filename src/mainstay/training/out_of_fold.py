"""Teaching encoders without fooling estimators: a training row's number is learned from rows of other folds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from mainstay.domain.plan import Input
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.training.folds import Fold, random_folds
from mainstay.training.learner import Lesson

MAX_CLASSES = 10  # for which numbers are learned, the most frequent: each costs a column and a share of the time


@dataclass(frozen=True, slots=True)
class Encoding:
    """An input, and its column for the rows it was learned from."""

    input: Input
    values: pl.Series


@dataclass(frozen=True, slots=True)
class Target:
    """What numbers are learned to foretell: an amount, or whether a row is of a class. `name` is empty where alone."""

    name: str
    values: FloatArray
    is_share: bool


@dataclass(frozen=True)
class Teaching:
    """A lesson with its targets."""

    lesson: Lesson
    targets: tuple[Target, ...]

    @cached_property
    def folds(self) -> tuple[Fold, ...]:
        """The folds in which the lesson's own rows are encoded: clusters are kept whole, the seed alone deals."""
        dealt = random_folds(self.lesson.outcomes, clusters=self.lesson.clusters, seed=self.lesson.seed)
        return tuple(fold for fold in dealt if fold.fitted.size)

    def weights_of(self, rows: IntArray) -> FloatArray | None:
        """Return the sampling weights of rows, or None where there are none."""
        return None if self.lesson.weights is None else self.lesson.weights[rows]


def teaching_of(lesson: Lesson) -> Teaching:
    """Return what encoders learn from."""
    return Teaching(lesson, _targets(lesson))


def _targets(lesson: Lesson) -> tuple[Target, ...]:
    outcomes = lesson.outcomes
    if lesson.task is not Task.MULTICLASS:
        return (Target("", outcomes, is_share=lesson.task is Task.BINARY),)
    places, counts = np.unique(outcomes, return_counts=True)
    often = np.sort(places[np.argsort(-counts, kind="stable")[:MAX_CLASSES]])
    names = lesson.schema.classes
    return tuple(Target(names[int(place)], (outcomes == place).astype(np.float64), is_share=True) for place in often)
