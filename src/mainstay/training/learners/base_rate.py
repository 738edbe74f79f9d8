"""The baseline that looks at nothing: the share of each outcome, or the mean amount."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.pipeline import Pipeline

from mainstay.domain.task import Task
from mainstay.training.learner import Lesson, Settings
from mainstay.training.learners.pipeline import Columns, FittedPipeline, columns_of, fit_pipeline


@dataclass(frozen=True, slots=True)
class BaseRate:
    """Scores every row alike: as often as the outcome happened, or the mean."""

    name: str
    title: str

    @property
    def first(self) -> tuple[Settings, ...]:
        """Nothing can be set."""
        return ()

    def settings(self, trial: Any) -> Settings:
        """Nothing can be set."""
        return {}

    def fit(self, lesson: Lesson, settings: Settings) -> FittedPipeline:
        """Fit the rows."""
        return fit_constant(lesson)


def fit_constant(lesson: Lesson) -> FittedPipeline:
    """Fit what says the same of every row, and so reads nothing."""
    is_amount = lesson.task is Task.REGRESSION
    model = DummyRegressor() if is_amount else DummyClassifier(strategy="prior")
    rows = Columns({}, columns_of(lesson.used, {}))
    return fit_pipeline(Pipeline([("model", model)]), rows, lesson)
