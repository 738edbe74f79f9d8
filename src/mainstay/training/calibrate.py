"""What calibration rows add to a fitted candidate: the curve that makes its scores shares, and its best threshold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mainstay.domain.plan import Isotonic
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray
from mainstay.stats.value import best_threshold
from mainstay.training.candidate import NOBODY, Candidate, View, recalibrated, uncalibrated
from mainstay.training.prepared import Prepared
from mainstay.training.recalibration import recalibration

EVEN_ODDS = 0.5  # with calibrated scores and no money this makes the fewest errors


def calibrate(candidate: Candidate, prepared: Prepared, view: View, *, crossed: FloatArray | None = None) -> Candidate:
    """Return the candidate with the curve that makes its scores shares, and the threshold that decides two outcomes.

    The threshold is chosen on calibration rows alone (`view` holds those rows). The curve is learned from them and from
    the training rows as cross-fitting scored them (`crossed`, one row each; NaN where it scored none), neither of which
    the fit that gave the score had seen; where parts lie one after another in time, from the latest alone, the
    calibration rows. Amounts have no curve, and a threshold
    only where the brief states one; several classes have no threshold, and a rule of them no curve.
    """
    wanted = prepared.brief.decision.threshold
    if prepared.task is Task.REGRESSION:
        return replace(candidate, threshold=None if wanted == "best" else float(wanted))
    if prepared.task is Task.MULTICLASS and candidate.rule is not None:
        return replace(candidate, threshold=None)
    given, outcomes = uncalibrated(candidate, view), prepared.outcomes[prepared.calibration]
    if candidate.rule is not None:
        curve = rule_curve(given, outcomes)
        return replace(candidate, calibration=curve, threshold=sum(curve.calibrated) / 2 if curve else EVEN_ODDS)
    scores, happened = learned_from(given, outcomes, prepared, crossed)
    calibration = recalibration(scores, happened, task=prepared.task, seed=prepared.seed)
    if prepared.task is Task.MULTICLASS:
        return replace(candidate, calibration=calibration, threshold=None)
    threshold = chosen_threshold(recalibrated(calibration, given), *prepared.money(prepared.calibration), prepared)
    return replace(candidate, calibration=calibration, threshold=threshold)


def learned_from(
    given: FloatArray, outcomes: FloatArray, prepared: Prepared, crossed: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    """Return the scores and outcomes that a curve is learned from: calibration rows, and cross-fitted ones where fair.

    Measured on four public tables over five splits, both together gave a lower log loss on the holdout than calibration
    rows alone, because there are four times as many; in time the older rows would tell of a world that is gone.
    """
    if crossed is None or prepared.split_by == "time":
        return given, outcomes
    was_scored = ~np.isnan(crossed).reshape(len(crossed), -1).any(axis=1)
    return (
        np.concatenate([crossed[was_scored], given]),
        np.concatenate([prepared.outcomes[prepared.training][was_scored], outcomes]),
    )


def rule_curve(decided_high: FloatArray, outcomes: FloatArray) -> Isotonic | None:
    """Return the share of positives where a rule says no (0) and yes (1), or None where it does not tell them apart."""
    shares = [outcomes[decided_high == side].mean() if np.any(decided_high == side) else np.nan for side in (0.0, 1.0)]
    below, above = float(shares[0]), float(shares[1])
    return Isotonic(scores=(0.0, 1.0), calibrated=(below, above)) if below < above else None


def chosen_threshold(given: FloatArray, high: FloatArray, low: FloatArray, prepared: Prepared) -> float:
    """Return the brief's threshold, else the one worth most on these rows, else (without money) even odds."""
    wanted = prepared.brief.decision.threshold
    if wanted != "best":
        return float(wanted)
    if not prepared.has_money:
        return EVEN_ODDS
    return min(best_threshold(given, high, low).threshold, NOBODY)
