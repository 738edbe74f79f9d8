"""Whether the winner's scores mean what they say: shares for two outcomes and several classes, the mean for amounts."""

from __future__ import annotations

import math

import numpy as np
from msgspec.structs import replace

from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.task import Task
from mainstay.stats.amounts import mean_bias
from mainstay.stats.calibration import calibration_test
from mainstay.stats.intervals import Interval, mean_interval
from mainstay.stats.smooth_calibration import smooth_calibration_error
from mainstay.training.shown import Evidence
from mainstay.training.wording import shown_interval

CODE = "F02-calibration"
SIGNIFICANCE = 0.05
LEAST_CHANCE = 0.001  # below, how small it is tells nobody anything
NEARLY_RIGHT = 0.02  # of probability: money by threshold then moves less than its own uncertainty
NEARLY_RIGHT_SHARE = 0.01  # of the mean size of amounts: sums that are off by less cost nobody a decision
TOO_LITTLE = ", too little to matter"
MIN_OF_CLASS = 30  # holdout rows of each outcome, below which a calibration test would pass nearly anything
REMEDY = "Expect money by threshold to be off; calibrate on more or newer rows."


def calibration(evidence: Evidence) -> list[Finding]:
    """`F02-calibration`: whether the winner's scores are consistent with perfect calibration at 95%, or nearly right.

    Measured is the smooth calibration error; with enough rows any score is found to be off, so a warning needs an error
    that is not shown to be below two points. Of several classes each is judged against the rest, corrected for their
    number (Bonferroni); of amounts whether they are right on average, or cover the share they were fitted to cover.
    """
    by_task = {Task.BINARY: _binary, Task.MULTICLASS: _multiclass, Task.REGRESSION: _regression}
    return [by_task[evidence.prepared.task](evidence)]


def _binary(evidence: Evidence) -> Finding:
    scores, outcomes = evidence.winner.scores, evidence.outcomes
    n_positive = int(outcomes.sum())
    if scores is None or min(n_positive, outcomes.size - n_positive) < MIN_OF_CLASS:
        return _too_few(f"{n_positive} positives among {outcomes.size:,} holdout rows")
    test = calibration_test(outcomes, scores)
    detail = f"slope {shown_interval(test.slope)}, intercept {shown_interval(test.intercept)}"
    return _tested(test.p_value, smooth_calibration_error(outcomes, scores, seed=evidence.prepared.seed), detail)


def _multiclass(evidence: Evidence) -> Finding:
    scores, classes = evidence.winner.scores, evidence.prepared.schema.classes
    n = np.bincount(evidence.outcomes.astype(np.int64), minlength=len(classes))
    if scores is None or np.minimum(n, n.sum() - n).min() < MIN_OF_CLASS:
        rarest = int(np.argmin(n))
        return _too_few(f"{n[rarest]} holdout rows of {classes[rarest]!r} among {n.sum():,}")
    p_values = [calibration_test(evidence.outcomes == k, scores[:, k]).p_value for k in range(n.size)]
    worst = int(np.argmin(p_values))
    error = smooth_calibration_error(evidence.outcomes == worst, scores[:, worst], seed=evidence.prepared.seed)
    detail = f"least so for {classes[worst]!r}, corrected for {n.size} classes"
    return _tested(min(p_values[worst] * n.size, 1.0), error, detail)


def _regression(evidence: Evidence) -> Finding:
    aim = evidence.winner.candidate.settings.get("quantile") if evidence.winner.candidate else None
    return _right_on_average(evidence) if aim is None else _covering(evidence, float(aim))


def _covering(evidence: Evidence, aim: float) -> Finding:
    """Of amounts that were fitted to a quantile, because misses on one side cost more: whether they cover its share."""
    covered = (evidence.outcomes <= evidence.winner.decisions.astype(np.float64)).astype(np.float64)
    share = mean_interval(covered, clusters=evidence.clusters)
    if covered.size < MIN_OF_CLASS or not share.known:
        return _too_few(f"{covered.size} holdout rows")
    is_right = share.low <= aim <= share.high
    is_fine = is_right or max(aim - share.low, share.high - aim) <= NEARLY_RIGHT
    found = f"{share.value:.1%} ({share.low:.1%} to {share.high:.1%})"
    finding = Finding(
        code=CODE,
        verdict=Verdict.PASS if is_fine else Verdict.WARN,
        because=f"amounts are meant to cover {aim:.0%} of outcomes, as misses on one side cost more, and cover {found}",
        remedy="" if is_fine else "Expect more misses on the dear side than [value] allows for; train on newer rows.",
    )
    return replace(finding, measured=share.value, limit=aim, low=share.low, high=share.high)


def _right_on_average(evidence: Evidence) -> Finding:
    bias = mean_bias(evidence.outcomes, evidence.winner.decisions.astype(np.float64), clusters=evidence.clusters)
    if evidence.outcomes.size < MIN_OF_CLASS or not bias.known:
        return _too_few(f"{evidence.outcomes.size} holdout rows")
    is_right = bias.low <= 0 <= bias.high
    too_little = NEARLY_RIGHT_SHARE * float(np.mean(np.abs(evidence.outcomes)))
    is_fine = is_right or max(-bias.low, bias.high) <= too_little
    if is_right:
        because = f"amounts are right on average: off by {shown_interval(bias)}"
    else:
        size = bias if bias.value > 0 else Interval(-bias.value, -bias.high, -bias.low)
        side = "high" if bias.value > 0 else "low"
        because = f"amounts are too {side} on average, by {shown_interval(size)}{TOO_LITTLE if is_fine else ''}"
    finding = Finding(
        code=CODE,
        verdict=Verdict.PASS if is_fine else Verdict.WARN,
        because=because,
        remedy="" if is_fine else "Expect sums of amounts to be off; train on newer rows.",
    )
    return replace(finding, measured=bias.value, limit=0.0, low=bias.low, high=bias.high)


def _chance(p_value: float) -> str:
    return f"p = {p_value:.2g}" if p_value >= LEAST_CHANCE else f"p < {LEAST_CHANCE:g}"


def _tested(p_value: float, error: Interval, detail: str) -> Finding:
    if math.isnan(p_value) or not error.known:
        return _too_few("the holdout rows")
    is_consistent = p_value >= SIGNIFICANCE
    is_fine = is_consistent or error.high <= NEARLY_RIGHT
    way = "consistent with" if is_consistent else "not consistent with"
    because = f"scores are {way} perfect calibration ({_chance(p_value)}; {detail}); off by {shown_interval(error)}"
    return Finding(
        code=CODE,
        verdict=Verdict.PASS if is_fine else Verdict.WARN,
        because=f"{because}, too little to matter" if is_fine and not is_consistent else because,
        measured=error.value,
        limit=NEARLY_RIGHT,
        low=error.low,
        high=error.high,
        remedy="" if is_fine else REMEDY,
    )


def _too_few(what: str) -> Finding:
    return Finding(code=CODE, verdict=Verdict.UNKNOWN, because=f"{what} are too few for a calibration test")
