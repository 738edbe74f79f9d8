"""Cross-fitting on training rows: every row scored by a pipeline that never saw it, its entity or its future."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.stats.arrays import BoolArray, FloatArray
from mainstay.training.folds import Fold
from mainstay.training.recipes import Recipe, build, fit, staged_scores

EPSILON = 1e-12  # keeps the log of a score of 0 or 1 finite


@dataclass(frozen=True, slots=True)
class CrossFit:
    """A recipe's scores of the training rows (NaN where no fold scored a row), at the size that did best."""

    scores: FloatArray
    size: int

    @property
    def scored(self) -> BoolArray:
        """Where a row was scored."""
        return ~np.isnan(self.scores)


@dataclass(frozen=True, slots=True)
class Lesson:
    """The training rows: their frame, outcomes (0 and 1) and sampling weights, and how they are folded."""

    frame: pl.DataFrame
    outcomes: FloatArray
    weights: FloatArray | None
    folds: tuple[Fold, ...]
    seed: int


def cross_fit(recipe: Recipe, lesson: Lesson, *, on_fold: Callable[[], None] = lambda: None) -> CrossFit:
    """Fit the recipe on every fold and score the rest; among its sizes take the one of least log loss."""
    staged = np.full((lesson.outcomes.size, len(recipe.sizes)), np.nan)
    for fold in lesson.folds:
        staged[fold.scored] = _fold_scores(recipe, lesson, fold)
        on_fold()
    scored = ~np.isnan(staged[:, 0])
    losses = [log_losses(lesson.outcomes[scored], column).mean() for column in staged[scored].T]
    best = int(np.argmin(losses))
    return CrossFit(staged[:, best], recipe.sizes[best])


def _fold_scores(recipe: Recipe, lesson: Lesson, fold: Fold) -> FloatArray:
    frame = lesson.frame[fold.fitted]
    weights = None if lesson.weights is None else lesson.weights[fold.fitted]
    pipeline = build(recipe, frame, seed=lesson.seed, size=max(recipe.sizes))
    fit(pipeline, frame, lesson.outcomes[fold.fitted], weights)
    return staged_scores(pipeline, lesson.frame[fold.scored], recipe.sizes)


def log_losses(outcomes: FloatArray, scores: FloatArray) -> FloatArray:
    """Return the log loss of each row, shape (n_rows,).

    >>> log_losses(np.array([1.0]), np.array([0.5])).round(3).tolist()
    [0.693]
    """
    given = np.clip(scores, EPSILON, 1 - EPSILON)
    return -np.log(np.where(outcomes == 1.0, given, 1 - given))
