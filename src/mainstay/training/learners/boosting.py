"""Gradient boosting of histogram trees, grown until rows it was not fitted on gain no more."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline

from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray
from mainstay.stats.tempered import sharpness, tempered
from mainstay.training.learner import Before, Encoded, Lesson, Settings, Stages
from mainstay.training.learners.base_rate import fit_constant
from mainstay.training.learners.differences import filled_in, with_differences
from mainstay.training.learners.pipeline import (
    FittedPipeline,
    columns_of,
    encoded,
    fit_pipeline,
    levels_and_numbers,
    shares,
    singles,
)
from mainstay.training.loss import losses_of, quantile_losses

MOST_TREES = 2000
GOOD: Settings = {
    "learning_rate": 0.08,
    "max_leaf_nodes": 24,
    "min_samples_leaf": 30,
    "l2_regularization": 5.0,
    "max_features": 0.3,
}
DEEP: Settings = {  # where much can be learned from few neighbours
    "learning_rate": 0.08,
    "max_leaf_nodes": 512,
    "min_samples_leaf": 2,
    "l2_regularization": 0.1,
    "max_features": 0.3,
    "differences": True,
}
SHALLOW: Settings = {  # where noise is most of what there is
    "learning_rate": 0.08,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 60,
    "l2_regularization": 10.0,
    "max_features": 0.25,
}
PLAIN: Settings = {"differences": False}
FIRST_STEP = 50  # trees
PATIENCE = 4.0  # trees times learning rate without a gain, after which growing ends

LEAST_PATIENCE = 10  # trees
MANY_CLASSES, HASTE, FASTEST = 3, 2.0, 0.3  # a tree for each class takes long: of many they learn faster, and are fewer
TRACE = 1e-4  # of the loss without a tree: less is not worth growing for

Model: TypeAlias = HistGradientBoostingClassifier | HistGradientBoostingRegressor


@dataclass(frozen=True, slots=True)
class Numbered:
    """Rows as the numbers that trees read."""

    task: Task
    matrix: FloatArray
    outcomes: FloatArray
    weights: FloatArray | None
    n_classes: int
    is_mended: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What the first trees (`size`) say of unseen rows: their sums, and the losses of the sizes told last."""

    size: int
    raw: FloatArray
    sharp: float
    losses: FloatArray


@dataclass(frozen=True, slots=True)
class Boosting:
    """Trees that each mend what the ones before them left wrong."""

    name: str = "boosting"
    title: str = "gradient boosting"
    losses: tuple[str, ...] = ()
    quantile: float | None = None

    @property
    def first(self) -> tuple[Settings, ...]:
        """Good ones for most tables, for much signal and for much noise; with a choice of losses, each at first."""
        if self.quantile is not None:
            return ()
        each: list[Settings] = [{**GOOD, **PLAIN, "loss": loss} for loss in self.losses] or [{**GOOD, **PLAIN}]
        rest = [{**PLAIN, **shape, **({"loss": self.losses[-1]} if self.losses else {})} for shape in (DEEP, SHALLOW)]
        return (*each, *rest)

    def settings(self, trial: Any) -> Settings:
        """Ask for the shape of trees, and how fast and how freely they learn; of a quantile, for nothing."""
        if self.quantile is not None:
            return {"loss": "quantile", "quantile": self.quantile}
        return {
            "learning_rate": trial.suggest_float("learning_rate", 0.03, 0.2, log=True),
            "max_leaf_nodes": trial.suggest_int("max_leaf_nodes", 6, 512, log=True),
            "min_samples_leaf": trial.suggest_int("min_samples_leaf", 2, 150, log=True),
            "l2_regularization": trial.suggest_float("l2_regularization", 0.01, 50.0, log=True),
            "max_features": trial.suggest_float("max_features", 0.15, 1.0),
            "differences": trial.suggest_categorical("differences", (False, True)),
            **({"loss": trial.suggest_categorical("loss", self.losses)} if self.losses else {}),
        }

    def sized(self, settings: Settings, size: int) -> Settings:
        """Return the settings of so many trees."""
        return {**settings, "trees": size}

    def more(self, settings: Settings, factor: float) -> Settings:
        """Return settings of more trees, for a fit of more rows; `trees_crossed` says how many there were."""
        size = int(settings["trees"])
        return {**settings, "trees": min(round(size * factor), MOST_TREES), "trees_crossed": size}

    def fewer(self, settings: Settings) -> Settings:
        """Return the settings before `more`."""
        rest = {name: value for name, value in settings.items() if name != "trees_crossed"}
        return {**rest, "trees": settings.get("trees_crossed", settings["trees"])}

    def fit(self, lesson: Lesson, settings: Settings) -> FittedPipeline:
        """Fit the rows; where no column has anything to learn from, the base rate."""
        rows = _rows(lesson, settings)
        if not rows.inputs:
            return fit_constant(lesson)
        return fit_pipeline(Pipeline([("model", _model(lesson, rows, settings))]), rows, lesson)

    def stages(self, lesson: Lesson, settings: Settings, unseen: Lesson, *, before: Before) -> Stages:
        """Grow trees until the mean loss of unseen rows falls no more, at most 2,000."""
        rows = _rows(lesson, settings)
        if not rows.inputs:
            scores = fit_constant(lesson).scores(unseen.used)
            return Stages.of_one_size(scores)
        of_unseen = unseen.encoded
        seen = columns_of(unseen.used, rows.inputs) if of_unseen is None else filled_in(of_unseen.frame, rows.inputs)
        return _grown(_model(lesson, rows, settings), _numbered(lesson, rows.frame), _numbered(unseen, seen), before)


def _rows(lesson: Lesson, settings: Settings) -> Encoded:
    rows = singles(encoded(lesson))
    return with_differences(rows) if settings.get("differences") else rows


def _grown(model: Model, lesson: Numbered, unseen: Numbered, before: Before) -> Stages:
    model.set_params(warm_start=True)
    patience, size, losses = max(PATIENCE / model.learning_rate, LEAST_PATIENCE), 0, np.empty(0)
    told: Told | None = None
    most, first = MOST_TREES // _n_at_once(unseen.n_classes), FIRST_STEP // min(_n_at_once(unseen.n_classes), 2)
    while size < most and (size == 0 or size - _last_gain(losses) <= patience):
        more = min(max(first, size // 3), most - size)
        if not before(size, more):
            break
        size += more
        model.set_params(max_iter=size).fit(lesson.matrix, lesson.outcomes, sample_weight=lesson.weights)
        told = _further(model, unseen, told)
        losses = np.append(losses, told.losses)
    return Stages(losses, partial(_scores_at, model, unseen))


def _further(model: Model, unseen: Numbered, told: Told | None) -> Told:
    """Tell the mean loss at every size beyond those told: where a curve will mend it, at the best temperature."""
    later = _part(model, 0 if told is None else told.size, None)
    sharp = 1.0 if told is None else told.sharp
    if told is not None:
        later._baseline_prediction = told.raw  # new trees add to what all trees before them say
    losses, raw = [], np.empty(0)
    for raw in later._staged_raw_predict(unseen.matrix):
        scores = _scores(model, raw, unseen)
        if unseen.is_mended:
            sharp = sharpness(unseen.outcomes, scores, start=sharp)
            losses.append(losses_of(unseen.task, unseen.outcomes, tempered(scores, sharp)).mean())
        elif model.loss == "quantile":
            losses.append(quantile_losses(unseen.outcomes, scores, model.quantile).mean())
        else:
            losses.append(losses_of(unseen.task, unseen.outcomes, scores).mean())
    return Told(model.n_iter_, raw, sharp, np.array(losses))


def _scores(model: Model, raw: FloatArray, unseen: Numbered) -> FloatArray:
    """What sums of trees, shape (n_rows, n_sums), come to."""
    if isinstance(model, HistGradientBoostingRegressor):
        return np.asarray(model._loss.link.inverse(raw.ravel()), dtype=np.float64)
    return shares(model._loss.predict_proba(raw), model.classes_, unseen.n_classes)


def _part(model: Model, begin: int, end: int | None) -> Model:
    """The same with some of its trees."""
    part = copy(model)
    part._predictors = model._predictors[begin:end]
    return part


def _n_at_once(n_classes: int) -> int:
    """How many times the trees of two classes each step grows: a tree for every class."""
    return max(n_classes // 2, 1)


def _last_gain(losses: FloatArray) -> int:
    """Return the size at which the loss had fallen by all but a trace of what all sizes gain."""
    return int(np.argmax(losses <= losses.min() + TRACE * losses[0])) + 1


def _scores_at(model: Model, unseen: Numbered, size: int) -> FloatArray:
    return _scores(model, _part(model, 0, size)._raw_predict(unseen.matrix), unseen)


def _numbered(lesson: Lesson, frame: pl.DataFrame) -> Numbered:
    return Numbered(lesson.task, frame.to_numpy(), lesson.outcomes, lesson.weights, lesson.n_classes, lesson.is_mended)


def _model(lesson: Lesson, rows: Encoded, settings: Settings) -> Model:
    levels, _ = levels_and_numbers(rows.inputs)
    asked = {**GOOD, **settings}
    if lesson.n_classes > MANY_CLASSES:
        asked["learning_rate"] = min(HASTE * float(asked["learning_rate"]), FASTEST)
    shape = {name: asked[name] for name in GOOD}
    more: dict[str, Any] = {
        "max_iter": int(asked.get("trees", MOST_TREES)),
        "categorical_features": [place for place, name in enumerate(rows.inputs) if name in levels] or None,
        "early_stopping": False,  # cross-fitting chooses the number of trees, with entities and time kept whole
        "random_state": lesson.seed,
    }
    if lesson.task is Task.REGRESSION:
        more |= {"loss": str(asked.get("loss", "squared_error")), "quantile": asked.get("quantile")}
        return HistGradientBoostingRegressor(**shape, **more)
    return HistGradientBoostingClassifier(**shape, **more)
