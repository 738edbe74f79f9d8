"""What can be a candidate: a learner fits rows at given settings, and what it fitted scores used rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import polars as pl

from mainstay.domain.plan import Input
from mainstay.domain.schema import Schema
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray

Settings: TypeAlias = Mapping[str, float | int | str | bool]
Before: TypeAlias = Callable[[int, int], bool]  # told the size reached and what the next step adds: whether to go on


class Encoded(Protocol):
    """Rows as columns to learn from: one column per input."""

    @property
    def inputs(self) -> Mapping[str, Input]:
        """What each column is made of, by its name."""

    @property
    def frame(self) -> pl.DataFrame:
        """The columns; what was learned from outcomes stands there out of fold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Rows to learn from. `used` has the schema's columns; arrays have one entry per row.

    `outcomes` are as in `Prepared`; `moments` (UTC seconds), `clusters` and `weights` are None where there are none.
    `encoded` are the same rows as columns, where they were encoded before: many fits then share the work.
    """

    task: Task
    schema: Schema
    used: pl.DataFrame
    outcomes: FloatArray
    weights: FloatArray | None
    clusters: IntArray | None
    moments: FloatArray | None
    seed: int
    encoded: Encoded | None = None

    @property
    def n_classes(self) -> int:
        """How many numbers a score has: 1 of an amount, 2 of two outcomes (the second is given), else the classes."""
        return {Task.REGRESSION: 1, Task.BINARY: 2}.get(self.task, len(self.schema.classes))

    @property
    def is_mended(self) -> bool:
        """Whether a curve will mend how sure scores are: of classes, unless rows have moments and may change."""
        return self.task is not Task.REGRESSION and self.moments is None


class Fitted(Protocol):
    """What fitting gave. `inputs` says what each column of the estimator is made of, by the column's name."""

    @property
    def inputs(self) -> Mapping[str, Input]:
        """The inputs it reads; everything learned about them (levels, encodings, texts) stands in them."""

    @property
    def estimator(self) -> Any:
        """A scikit-learn pipeline over the frame of these inputs (see `features`)."""

    def scores(self, used: pl.DataFrame) -> FloatArray:
        """Score used rows before recalibration: shape (n_rows,), or (n_rows, n_classes) of several classes."""


class Learner(Protocol):
    """A named way to fit; `TrialLike` is Optuna's trial."""

    @property
    def name(self) -> str:
        """Stable name, such as `boosting`."""

    @property
    def title(self) -> str:
        """Name for people, such as `gradient boosting`."""

    @property
    def first(self) -> tuple[Settings, ...]:
        """Settings to begin a search with, the best guess first; none where nothing can be set."""

    def settings(self, trial: Any) -> Settings:
        """Ask a search for settings; empty where nothing can be set."""

    def fit(self, lesson: Lesson, settings: Settings) -> Fitted:
        """Fit the rows: the same result for the same lesson and settings, however many threads there are."""


@dataclass(frozen=True, slots=True)
class Stages:
    """A fit seen at every size from 1 on: the mean loss of rows it was not fitted on, and its scores at a size."""

    losses: FloatArray
    scores_at: Callable[[int], FloatArray]

    @classmethod
    def of_one_size(cls, scores: FloatArray) -> Stages:
        """Return the stages of a fit that does not grow."""
        return cls(np.zeros(1), partial(_whatever_size, scores))


@runtime_checkable
class StagedLearner(Learner, Protocol):
    """A learner that grows, so that one fit says how good every smaller size would have been."""

    def stages(self, lesson: Lesson, settings: Settings, unseen: Lesson, *, before: Before) -> Stages:
        """Fit until `unseen` rows gain no more; `before` is asked before every step and may raise."""

    def sized(self, settings: Settings, size: int) -> Settings:
        """Return the settings of a fit of that size."""

    def more(self, settings: Settings, factor: float) -> Settings:
        """Return the settings of a fit of more rows, which bear a size so many times as large."""

    def fewer(self, settings: Settings) -> Settings:
        """Return the settings that `more` was given."""


def _whatever_size(scores: FloatArray, size: int) -> FloatArray:
    return scores
