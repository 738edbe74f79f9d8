"""What all learners share: columns to learn from, and a fitted pipeline over them that scores used rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from sklearn.pipeline import Pipeline

from mainstay.domain.plan import Cross, Input, Level, Product
from mainstay.stats.arrays import FloatArray
from mainstay.training.encode import learn_inputs, with_pairs
from mainstay.training.features import features
from mainstay.training.learner import Encoded, Lesson
from mainstay.training.pairs import find_pairs


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
        return self.scores_of(columns_of(used, self.inputs))

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
    """Return the lesson's rows as columns; where nothing can be learned from, one that is always 0 stands in."""
    if lesson.encoded is not None:
        return lesson.encoded
    learned = learn_inputs(lesson)
    learned = with_pairs(learned, find_pairs(lesson, learned), lesson.used)
    return Columns(learned.inputs, learned.frame if learned.inputs else _nothing(lesson.used.height))


def singles(rows: Encoded) -> Encoded:
    """Return rows without the columns of pairs: trees find pairs alone."""
    inputs = {name: source for name, source in rows.inputs.items() if not isinstance(source, Product | Cross)}
    return Columns(inputs, pl.DataFrame([rows.frame[name] for name in inputs]) if inputs else rows.frame)


def columns_of(used: pl.DataFrame, inputs: Mapping[str, Input]) -> pl.DataFrame:
    """Return used rows as the columns of these inputs."""
    return features(used, inputs) if inputs else _nothing(used.height)


def _nothing(n_rows: int) -> pl.DataFrame:
    return pl.DataFrame({"nothing": np.zeros(n_rows)})


def levels_and_numbers(inputs: Mapping[str, Input]) -> tuple[list[str], list[str]]:
    """Return the columns that are indices of levels, and those that are numbers."""
    levels = [name for name, source in inputs.items() if isinstance(source, Level | Cross)]
    return levels, [name for name in inputs if name not in levels]


def groups(**parts: tuple[object, list[str]]) -> list[tuple[str, object, list[str]]]:
    """Return the parts of a column transformer, each with its columns: those without any column are left out."""
    return [(name, part, columns) for name, (part, columns) in parts.items() if columns]


def fit_pipeline(pipeline: Pipeline, rows: Encoded, lesson: Lesson) -> FittedPipeline:
    """Fit a pipeline; sampling weights, where there are any, count in the model's own loss."""
    extra = {} if lesson.weights is None else {"model__sample_weight": lesson.weights}
    fitted: Pipeline = pipeline.fit(rows.frame, lesson.outcomes, **extra)
    return FittedPipeline(rows.inputs, fitted, lesson.n_classes)
