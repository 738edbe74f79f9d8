"""What a training starts from: used rows with their outcomes, parts, money and roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from mainstay.domain.brief import Brief
from mainstay.domain.errors import DataError
from mainstay.domain.held import UsedRows
from mainstay.domain.outcome import LEAST_OF_EACH, require_both
from mainstay.domain.schema import Schema
from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth, Worth
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray

MAX_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything a training reads; arrays have one entry per row of `used`, the parts hold positions of rows.

    `outcomes` are 0.0 and 1.0 (binary), numbers of `schema.classes` (multiclass) or amounts (regression). `worth` is
    the money of decisions, None without a value table. `today` is what today's rule decides: true for high (binary), a
    class number (multiclass) or an amount. Rows with equal `clusters` depend on each other (one
    entity); `moments` are UTC seconds; `weights` sampling weights, which count in fitting alone; `segments` has one
    String column per segment and protected column of the brief; `views` the money by each further value table, which is
    shown, never aimed at.
    """

    brief: Brief
    schema: Schema
    seed: int
    used: UsedRows
    outcomes: FloatArray
    training: IntArray
    calibration: IntArray
    holdout: IntArray
    split_by: str = "random"
    task: Task = Task.BINARY
    worth: Worth | None = None
    today: BoolArray | FloatArray | None = None
    clusters: IntArray | None = None
    moments: FloatArray | None = None
    weights: FloatArray | None = None
    segments: pl.DataFrame | None = None
    views: Mapping[str, Worth] = field(default_factory=dict)

    @property
    def has_money(self) -> bool:
        """Whether the brief says what decisions are worth."""
        return self.worth is not None

    def money(self, rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the money of rows decided high and low (binary); zeros without a value table."""
        if not isinstance(self.worth, ActionWorth):
            return np.zeros(rows.size), np.zeros(rows.size)
        return self.worth.amounts[rows, 1], self.worth.amounts[rows, 0]

    def clusters_of(self, rows: IntArray) -> IntArray | None:
        """Return the clusters of rows, or None where rows are independent."""
        return None if self.clusters is None else self.clusters[rows]

    def learned_from(self) -> Prepared:
        """Return the rows that a fit learns from alone: those of training and calibration."""
        rows = np.sort(np.concatenate([self.training, self.calibration]))
        return replace(
            self,
            used=self.used[rows],
            outcomes=self.outcomes[rows],
            training=np.searchsorted(rows, self.training),
            calibration=np.searchsorted(rows, self.calibration),
            holdout=self.holdout[:0],
            worth=None if self.worth is None else self.worth.among(rows),
            today=None if self.today is None else self.today[rows],
            clusters=self.clusters_of(rows),
            moments=None if self.moments is None else self.moments[rows],
            weights=None if self.weights is None else self.weights[rows],
            segments=None,
            views={},
        )


def require_enough(prepared: Prepared) -> None:
    """Refuse a training that cannot compare anything, as `DataError`."""
    for part in ("training", "calibration", "holdout"):
        if not getattr(prepared, part).size:
            raise DataError(f"no rows are left for {part}", remedy="Bring more rows.")
    outcomes = prepared.outcomes[prepared.training]
    if prepared.task is Task.BINARY:
        require_both(outcomes.size, int(outcomes.sum()))
    elif prepared.task is Task.REGRESSION and (outcomes.size < LEAST_OF_EACH or np.unique(outcomes).size < 2):
        came = f"{outcomes.size} training rows with {np.unique(outcomes).size} different amounts"
        raise DataError(f"{came}: too few to compare candidates", remedy=f"Bring at least {LEAST_OF_EACH} rows.")
    elif prepared.task is Task.MULTICLASS:
        _require_every_class(outcomes, prepared.schema.classes)


def _require_every_class(outcomes: FloatArray, classes: tuple[str, ...]) -> None:
    if np.unique(outcomes).size < 2:
        raise DataError(f"{outcomes.size} training rows of one class only", remedy="Bring rows of more classes.")
    known = set(outcomes.astype(np.int64).tolist())
    absent = [name for place, name in enumerate(classes) if place not in known]
    if absent:
        named = ", ".join(repr(name) for name in absent[:MAX_NAMED])
        what = f"{len(absent)} of {len(classes)} classes have no row among the {outcomes.size} training rows: {named}"
        raise DataError(what, remedy="Train on more rows, or leave rows of these classes out.")
