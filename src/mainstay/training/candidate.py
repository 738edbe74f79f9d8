"""A candidate: something fitted on training rows, with what calibration rows added to it (curve and threshold)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from mainstay.domain.held import UsedRows
from mainstay.domain.plan import Beta, Calibration, Isotonic, Logistic, Rule, Temperature
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.calibration import apply_logistic
from mainstay.stats.calibrators import apply_beta, apply_temperature
from mainstay.training.learner import Fitted, Settings

ROWS_AT_ONCE = 100_000  # scored: the rows of a large table are never held a second time
NOBODY = 2.0  # a threshold that no probability reaches


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What a learner fitted, or today's rule.

    `threshold` is finite: 0 decides everybody high, 2 nobody; None where a score alone decides nothing (several
    classes, amounts). `settings` are what cross-fitting chose, `search_s` the seconds that took, `fit_s` those of one
    fit on all rows that it learned from.
    """

    name: str
    title: str
    fitted: Fitted | None = None
    rule: Rule | None = None
    settings: Settings = field(default_factory=dict)
    fit_s: float = 0.0
    search_s: float = 0.0
    calibration: Calibration | None = None
    threshold: float | None = 0.5


@dataclass(frozen=True, slots=True)
class View:
    """Rows as candidates see them: used values, and what today's rule says of them in the shape of a score.

    `today` is 1.0 where the rule decides high (binary), 1.0 in the column of its class (several), or its amount. With
    `rows` those rows of `used` alone are seen; `today` is of them.
    """

    used: UsedRows
    today: FloatArray | None
    rows: IntArray | None = None

    def parts(self) -> Iterator[pl.DataFrame]:
        """Return the used rows, some at a time, and at least once."""
        n_rows = self.used.height if self.rows is None else self.rows.size
        for start in range(0, max(n_rows, 1), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            yield self.used[part] if self.rows is None else self.used[self.rows[part]]


def uncalibrated(candidate: Candidate, view: View) -> FloatArray:
    """Return the candidate's own scores, shape (n_rows,), or (n_rows, n_classes) of several classes."""
    if candidate.fitted is not None:
        return np.concatenate([candidate.fitted.scores(used) for used in view.parts()])
    assert view.today is not None  # a rule is a candidate only where the brief has one
    return view.today


def calibrated(candidate: Candidate, view: View) -> FloatArray:
    """Return the scores that count: recalibrated where that helped, in the shape of `uncalibrated`."""
    return recalibrated(candidate.calibration, uncalibrated(candidate, view))


def recalibrated(calibration: Calibration | None, given: FloatArray) -> FloatArray:
    """Return scores after recalibration, in their shape.

    >>> recalibrated(Isotonic(scores=(0.0, 1.0), calibrated=(0.1, 0.6)), np.array([0.0, 1.0])).tolist()
    [0.1, 0.6]
    """
    if isinstance(calibration, Logistic):
        return apply_logistic(given, calibration.slope, calibration.intercept)
    if isinstance(calibration, Isotonic):
        return np.interp(given, calibration.scores, calibration.calibrated)
    if isinstance(calibration, Beta):
        return apply_beta(given, calibration.a, calibration.b, calibration.c)
    if isinstance(calibration, Temperature):
        return apply_temperature(given, calibration.temperature)
    return given
