"""What all learners share: columns to learn from, and a fitted pipeline over them that scores used rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from sklearn.pipeline import Pipeline

from mainstay.domain.plan import Cross, Input, Level
from mainstay.stats.arrays import FloatArray
from mainstay.training.learner import Encoded, Lesson
from mainstay.training.plain import features, inputs_of, living

RARE_ROWS = 20  # a level with fewer rows says little alone: such levels are learned together
MAX_LEVELS = 200  # of one column; scikit-learn's boosting holds at most 255


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows as columns: what each is made of, and the columns themselves."""

    inputs: Mapping[str, Input]
    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class FittedPipeline:
    """A fitted pipeline over columns named as its inputs are; `n_classes` as in `Lesson`."""

    inputs: Mapping[str, Input]
    estimator: Pipeline
    n_classes: int

    def scores(self, used: pl.DataFrame) -> FloatArray:
        """Score used rows: shape (n_rows,), or (n_rows, n_classes) of several classes."""
        return self.scores_of(features(used, self.inputs))

    def scores_of(self, frame: pl.DataFrame) -> FloatArray:
        """Score rows that are columns already; a class that no fitted row had gets no probability."""
        if self.n_classes == 1:
            return np.asarray(self.estimator.predict(frame), dtype=np.float64)
        return shares(self.estimator.predict_proba(frame), self.estimator.classes_, self.n_classes)


def shares(given: FloatArray, classes: FloatArray, n_classes: int) -> FloatArray:
    """Return probabilities of all classes from those of the classes that were fitted; of two, the second's alone.

    >>> shares(np.array([[0.25, 0.75]]), np.array([0.0, 2.0]), 3).tolist()
    [[0.25, 0.0, 0.75]]
    """
    found = np.zeros((len(given), n_classes))
    found[:, classes.astype(np.int64)] = given
    return found[:, 1] if n_classes == 2 else found


def encoded(lesson: Lesson) -> Encoded:
    """Return the lesson's rows as columns."""
    if lesson.encoded is not None:
        return lesson.encoded
    inputs = inputs_of(lesson.schema)
    return Columns(inputs, features(lesson.used, inputs))


def by_kind(rows: Encoded) -> tuple[list[str], list[str]]:
    """Return the columns of levels, and those of numbers, that have anything to learn from."""
    alive = living(rows.frame)
    levels = [name for name in alive if isinstance(rows.inputs[name], Level | Cross)]
    return levels, [name for name in alive if name not in levels]


def grouped(levels: tuple[object, list[str]], numbers: tuple[object, list[str]]) -> list[tuple[str, object, list[str]]]:
    """Return the parts of a column transformer, each with its columns: those without any column are left out."""
    named = (("levels", *levels), ("numbers", *numbers))
    return [group for group in named if group[2]]


def fit_pipeline(pipeline: Pipeline, rows: Encoded, lesson: Lesson) -> FittedPipeline:
    """Fit a pipeline; sampling weights, where there are any, count in the model's own loss."""
    extra = {} if lesson.weights is None else {"model__sample_weight": lesson.weights}
    fitted: Pipeline = pipeline.fit(rows.frame, lesson.outcomes, **extra)
    return FittedPipeline(rows.inputs, fitted, lesson.n_classes)
