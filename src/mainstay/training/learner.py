"""What can be a candidate: a learner fits rows at given settings, and what it fitted scores used rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import polars as pl

from mainstay.domain.plan import Input
from mainstay.domain.schema import Schema
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray

Settings: TypeAlias = Mapping[str, float | int | str | bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Rows to learn from. `used` has the schema's columns; arrays have one entry per row.

    `outcomes` are as in `Prepared`; `moments` (UTC seconds), `clusters` and `weights` are None where there are none.
    """

    task: Task
    schema: Schema
    used: pl.DataFrame
    outcomes: FloatArray
    weights: FloatArray | None
    clusters: IntArray | None
    moments: FloatArray | None
    seed: int


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

    def settings(self, trial: Any) -> Settings:
        """Ask a search for settings; the first ones asked for must be good ones. Empty where nothing can be set."""

    def fit(self, lesson: Lesson, settings: Settings) -> Fitted:
        """Fit the rows: the same result for the same lesson and settings, however many threads there are."""
