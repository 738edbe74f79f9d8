"""What ripe cohorts of amounts and of several classes say: errors, right decisions and money against the reference.

A binary score says itself what to expect of its outcomes. An amount does not say how far off it may be, and a decision
among classes may rest on a rule: here the reference tells, score bin by score bin, how it was there.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Estimate
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.task import Task
from mainstay.monitoring.cohorts import Cohorts, mean_of
from mainstay.monitoring.evidence import (
    CAREFUL,
    LEAST_MONEY,
    VALUE_FELL,
    Evidence,
    Say,
    n_learned_of,
    standardised,
    value_fell,
)
from mainstay.monitoring.outcomes import ERROR, MISS, NAMES
from mainstay.monitoring.worth import RIGHT
from mainstay.monitoring.yardstick import Yardstick

ERROR_GREW, BIAS_MOVED, ACCURACY_FELL = "F32-error-grew", "F32-bias-moved", "F32-accuracy-fell"
REALISED_CODES = frozenset({ERROR_GREW, BIAS_MOVED, ACCURACY_FELL, VALUE_FELL})

LEAST_ERROR = 0.1  # of the usual size of an error: a tenth more, or so much to one side, harms little
LEAST_RIGHT = 0.02  # of all decisions

MEASURED: Mapping[Task, tuple[str, ...]] = {Task.REGRESSION: (ERROR, MISS), Task.MULTICLASS: (RIGHT,)}


def measured_evidence(yardstick: Yardstick, ripe: Cohorts, promised: Mapping[str, Estimate]) -> Evidence:
    """Measure what cohorts say beyond what their score bins made expect: a column for each measure, and money last.

    Variances are those of the rows themselves; scatter between cohorts beyond that is taken from their differences.
    """
    task = Task(yardstick.reference.task)
    places = [NAMES.index(name) for name in MEASURED[task]]
    rows, expected, came, squares = (ripe.measured[:, :, places, i].sum(axis=1) for i in range(4))
    money_rows, beyond, money_squares = (ripe.beyond[..., i].sum(axis=1)[:, None] for i in range(3))
    n = np.concatenate([rows, money_rows], axis=1)
    variances = np.maximum(np.concatenate([squares, money_squares], axis=1), 1e-12)
    learned = CAREFUL * np.sqrt(variances * np.maximum(n, 1.0) / max(n_learned_of(yardstick), 1.0))
    least = n * _least(yardstick, promised)
    return standardised(np.concatenate([came - expected, beyond], axis=1), variances, least + learned)


def _least(yardstick: Yardstick, promised: Mapping[str, Estimate]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """What is tolerated per row, by column."""
    worth = abs(promised["value"].value) if "value" in promised else 0.0
    if yardstick.reference.task == Task.MULTICLASS:
        return np.array([LEAST_RIGHT, LEAST_MONEY * worth])
    usual = promised["mae"].value if "mae" in promised else 0.0
    return np.array([LEAST_ERROR * usual, LEAST_ERROR * usual, LEAST_MONEY * worth])


def _bias_moved(one: Cohorts, lower: bool, promised: Mapping[str, Estimate], brief: Brief) -> Finding | None:
    found, expected, rows = mean_of(one, ERROR), _expected(one, ERROR), _rows(one, ERROR)
    side = "below" if lower else "above"
    return Finding(
        code=BIAS_MOVED,
        verdict=Verdict.WARN,
        because=f"{rows} ripe outcomes lay {abs(found.value - expected):.4g} further {side} their scores than the "
        f"reference made expect ({found.value:+.4g} on average)",
        measured=found.value,
        limit=expected,
        low=found.low,
        high=found.high,
        remedy="Retrain on the outcomes since then: scores are now too high or too low for everyone alike.",
    )


def _error_grew(one: Cohorts, lower: bool, promised: Mapping[str, Estimate], brief: Brief) -> Finding | None:
    found, told = mean_of(one, MISS), promised.get("mae")
    if lower or (told is not None and found.value <= told.value):
        return None
    said = f", on the holdout {told.value:.4g}" if told is not None else ""
    return Finding(
        code=ERROR_GREW,
        verdict=Verdict.FAIL,
        because=f"mean absolute error {found.value:.4g} over {_rows(one, MISS)} ripe outcomes{said}; for such "
        f"scores the reference made expect {_expected(one, MISS):.4g}",
        measured=found.value,
        limit=float(told.value) if told is not None else None,
        low=found.low,
        high=found.high,
        remedy=f"Ask what else changed for {brief.model.name} then (prices, rules, rivals); retrain on outcomes since.",
    )


def _accuracy_fell(one: Cohorts, lower: bool, promised: Mapping[str, Estimate], brief: Brief) -> Finding | None:
    found, told = mean_of(one, RIGHT), promised.get("accuracy")
    if not lower or (told is not None and found.value >= told.value):
        return None
    said = f", on the holdout {told.value:.1%}" if told is not None else ""
    return Finding(
        code=ACCURACY_FELL,
        verdict=Verdict.FAIL,
        because=f"{found.value:.1%} of {_rows(one, RIGHT)} ripe outcomes were the class said{said}; for such "
        f"scores the reference made expect {_expected(one, RIGHT):.1%}",
        measured=found.value,
        limit=float(told.value) if told is not None else None,
        low=found.low,
        high=found.high,
        remedy=f"Ask what else changed for {brief.model.name} then (prices, rules, rivals); retrain on outcomes since.",
    )


def _expected(one: Cohorts, name: str) -> float:
    sums = one.measured[0, :, NAMES.index(name)].sum(axis=0)
    return float(sums[1] / sums[0]) if sums[0] else float("nan")


def _rows(one: Cohorts, name: str) -> int:
    return round(float(one.measured[0, :, NAMES.index(name), 0].sum()))


SAY_MEASURED: Mapping[Task, tuple[Say, ...]] = {
    Task.REGRESSION: (_bias_moved, _error_grew, value_fell),
    Task.MULTICLASS: (_accuracy_fell, value_fell),
}
