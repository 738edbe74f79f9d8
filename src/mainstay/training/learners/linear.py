"""Linear models that no unseen level, missing value or extra column can break: logistic, multinomial and ridge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, RobustScaler, StandardScaler

from mainstay.domain.task import Task
from mainstay.training.learner import Encoded, Lesson, Settings
from mainstay.training.learners.base_rate import fit_constant
from mainstay.training.learners.pipeline import (
    Columns,
    FittedPipeline,
    encoded,
    fit_pipeline,
    groups,
    levels_and_numbers,
)
from mainstay.training.subsets import fair_order, strata_of

MOST_STEPS = 2000
MOST_ROWS = 200_000  # a line has few weights: more rows move them by less than anybody can measure, and are held thrice


@dataclass(frozen=True, slots=True)
class Linear:
    """A sum of terms, one per number and level: the logit of a probability, or an amount."""

    name: str
    title: str

    @property
    def first(self) -> tuple[Settings, ...]:
        """Weights held back a little, and much."""
        return {"penalty": 1.0}, {"penalty": 30.0}

    def settings(self, trial: Any) -> Settings:
        """Ask how strongly weights are held back (the greater, the more)."""
        return {"penalty": trial.suggest_float("penalty", 0.01, 1000.0, log=True)}

    def fit(self, lesson: Lesson, settings: Settings) -> FittedPipeline:
        """Fit the rows; where no column has anything to learn from, the base rate."""
        rows = encoded(lesson)
        if not rows.inputs:
            return fit_constant(lesson)
        rows, lesson = _fewer(rows, lesson)
        levels, numbers = levels_and_numbers(rows.inputs)
        columns = ColumnTransformer(groups(levels=(_levels(), levels), numbers=(_numbers(), numbers)))
        model = _model(lesson.task, float(settings.get("penalty", 1.0)))
        return fit_pipeline(Pipeline([("columns", columns), ("model", model)]), rows, lesson)


def _fewer(rows: Encoded, lesson: Lesson) -> tuple[Encoded, Lesson]:
    """Return a fair sample of a large lesson, with its columns."""
    if lesson.outcomes.size <= MOST_ROWS:
        return rows, lesson
    some = np.sort(fair_order(strata_of(lesson.outcomes, lesson.task), seed=lesson.seed)[:MOST_ROWS])
    weights = None if lesson.weights is None else lesson.weights[some]
    return Columns(rows.inputs, rows.frame[some]), replace(lesson, outcomes=lesson.outcomes[some], weights=weights)


def _model(task: Task, penalty: float) -> LogisticRegression | Ridge:
    if task is Task.REGRESSION:
        return Ridge(alpha=penalty)
    return LogisticRegression(C=1 / penalty, max_iter=MOST_STEPS)


def _levels() -> OneHotEncoder:
    return OneHotEncoder(handle_unknown="ignore", sparse_output=False)


def _numbers() -> Pipeline:
    return Pipeline(
        [
            ("fill", SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)),
            ("centre", RobustScaler(quantile_range=(0.0, 100.0))),  # first: far from zero only differences are exact
            ("clip", MinMaxScaler(clip=True)),  # a line says nothing beyond the range it was drawn through
            ("scale", StandardScaler()),
        ]
    )
