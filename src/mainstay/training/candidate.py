"""A candidate: something fitted on training rows, with what calibration rows added to it (curve and threshold)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from sklearn.pipeline import Pipeline

from mainstay.domain.plan import Isotonic, Logistic, Rule
from mainstay.stats.arrays import FloatArray
from mainstay.stats.calibration import apply_logistic
from mainstay.training.recipes import scores

NOBODY = 2.0  # a threshold that no probability reaches


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A fitted pipeline (over columns named as `inputs_of` names them), or today's rule.

    `threshold` is finite: 0 decides everybody high, 2 nobody. `size` is what cross-fitting chose, `fit_s` the seconds
    that the fit on all training rows took.
    """

    name: str
    title: str
    pipeline: Pipeline | None = None
    rule: Rule | None = None
    size: int = 0
    fit_s: float = 0.0
    calibration: Logistic | Isotonic | None = None
    threshold: float = 0.5


@dataclass(frozen=True, slots=True)
class View:
    """Rows as candidates see them: the columns for pipelines, and 1.0 where today's rule decides high."""

    frame: pl.DataFrame
    today: FloatArray | None


def uncalibrated(candidate: Candidate, view: View) -> FloatArray:
    """Return the candidate's own scores, shape (n_rows,)."""
    if candidate.pipeline is not None:
        return scores(candidate.pipeline, view.frame)
    assert view.today is not None  # a rule is a candidate only where the brief has one
    return view.today


def calibrated(candidate: Candidate, view: View) -> FloatArray:
    """Return the scores that count: recalibrated where that helped, shape (n_rows,)."""
    return recalibrated(candidate.calibration, uncalibrated(candidate, view))


def recalibrated(calibration: Logistic | Isotonic | None, given: FloatArray) -> FloatArray:
    """Return scores after recalibration, shape (n_rows,).

    >>> recalibrated(Isotonic(scores=(0.0, 1.0), calibrated=(0.1, 0.6)), np.array([0.0, 1.0])).tolist()
    [0.1, 0.6]
    """
    if isinstance(calibration, Logistic):
        return apply_logistic(given, calibration.slope, calibration.intercept)
    if isinstance(calibration, Isotonic):
        return np.interp(given, calibration.scores, calibration.calibrated)
    return given
