"""Whether the winner's scores mean what they say: shares for two outcomes and several classes, the mean for amounts."""

from __future__ import annotations

import math

import numpy as np
from msgspec.structs import replace

from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.task import Task
from mainstay.stats.amounts import mean_bias
from mainstay.stats.calibration import calibration_test
from mainstay.training.shown import Evidence
from mainstay.training.wording import shown_interval

CODE = "F02-calibration"
SIGNIFICANCE = 0.05
MIN_OF_CLASS = 30  # holdout rows of each outcome, below which a calibration test would pass nearly anything
REMEDY = "Expect money by threshold to be off; calibrate on more or newer rows."


def calibration(evidence: Evidence) -> list[Finding]:
    """`F02-calibration`: whether the winner's scores are consistent with perfect calibration at 95%.

    Of several classes each against the rest, corrected for their number (Bonferroni); of amounts whether they are right
    on average.
    """
    by_task = {Task.BINARY: _binary, Task.MULTICLASS: _multiclass, Task.REGRESSION: _regression}
    return [by_task[evidence.prepared.task](evidence)]


def _binary(evidence: Evidence) -> Finding:
    scores, outcomes = evidence.winner.scores, evidence.outcomes
    n_positive = int(outcomes.sum())
    if scores is None or min(n_positive, outcomes.size - n_positive) < MIN_OF_CLASS:
        return _too_few(f"{n_positive} positives among {outcomes.size} holdout rows")
    test = calibration_test(outcomes, scores)
    detail = f"slope {shown_interval(test.slope)}, intercept {shown_interval(test.intercept)}"
    return _tested(test.p_value, detail)


def _multiclass(evidence: Evidence) -> Finding:
    scores, classes = evidence.winner.scores, evidence.prepared.schema.classes
    n = np.bincount(evidence.outcomes.astype(np.int64), minlength=len(classes))
    judged = [k for k in range(len(classes)) if min(n[k], n.sum() - n[k]) >= MIN_OF_CLASS]
    if scores is None or len(judged) < len(classes):
        rarest = int(np.argmin(n))
        return _too_few(f"{n[rarest]} holdout rows of {classes[rarest]!r} among {n.sum()}")
    p_values = [calibration_test(evidence.outcomes == k, scores[:, k]).p_value for k in judged]
    worst = int(np.argmin(p_values))
    p_value = min(p_values[worst] * len(judged), 1.0)
    return _tested(p_value, f"least so for {classes[judged[worst]]!r}, corrected for {len(judged)} classes")


def _regression(evidence: Evidence) -> Finding:
    bias = mean_bias(evidence.outcomes, evidence.winner.decisions.astype(np.float64), clusters=evidence.clusters)
    if evidence.outcomes.size < MIN_OF_CLASS or not bias.known:
        return _too_few(f"{evidence.outcomes.size} holdout rows")
    is_right = bias.low <= 0 <= bias.high
    way = "right on average" if is_right else "too high on average" if bias.value > 0 else "too low on average"
    finding = Finding(
        code=CODE,
        verdict=Verdict.PASS if is_right else Verdict.WARN,
        because=f"amounts are {way}: off by {shown_interval(bias)}",
        remedy="" if is_right else "Expect sums of amounts to be off; train on newer rows.",
    )
    return replace(finding, measured=bias.value, limit=0.0, low=bias.low, high=bias.high)


def _tested(p_value: float, detail: str) -> Finding:
    if math.isnan(p_value):
        return _too_few("the holdout rows")
    is_consistent = p_value >= SIGNIFICANCE
    way = "consistent with" if is_consistent else "not consistent with"
    return Finding(
        code=CODE,
        verdict=Verdict.PASS if is_consistent else Verdict.WARN,
        because=f"scores are {way} perfect calibration (p = {p_value:.3g}; {detail})",
        measured=p_value,
        limit=SIGNIFICANCE,
        remedy="" if is_consistent else REMEDY,
    )


def _too_few(what: str) -> Finding:
    return Finding(code=CODE, verdict=Verdict.UNKNOWN, because=f"{what} are too few for a calibration test")
