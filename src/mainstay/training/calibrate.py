"""What calibration rows add to a fitted candidate: the curve that makes its scores shares, and its best threshold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mainstay.domain.plan import Calibration, Isotonic, Logistic
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray
from mainstay.stats.calibration import apply_logistic, fit_logistic
from mainstay.stats.value import best_threshold
from mainstay.training.candidate import NOBODY, Candidate, View, recalibrated, uncalibrated
from mainstay.training.crossfit import log_losses
from mainstay.training.prepared import Prepared

N_PARAMETERS = 2  # slope and intercept: what chance alone adds to twice the gain in log-likelihood, on average
EVEN_ODDS = 0.5  # with calibrated scores and no money this makes the fewest errors


def calibrate(candidate: Candidate, prepared: Prepared, view: View) -> Candidate:
    """Return the candidate with curve and threshold learned on calibration rows alone (`view` holds those rows).

    Amounts and several classes have no threshold; amounts and rules of several classes no curve either.
    """
    if prepared.task is Task.REGRESSION or (prepared.task is Task.MULTICLASS and candidate.rule is not None):
        return replace(candidate, threshold=None)
    given, outcomes = uncalibrated(candidate, view), prepared.outcomes[prepared.calibration]
    if prepared.task is Task.MULTICLASS:
        return replace(candidate, threshold=None)
    if candidate.rule is not None:
        curve = rule_curve(given, outcomes)
        return replace(candidate, calibration=curve, threshold=sum(curve.calibrated) / 2 if curve else EVEN_ODDS)
    calibration = recalibration(given, outcomes)
    threshold = chosen_threshold(recalibrated(calibration, given), *prepared.money(prepared.calibration), prepared)
    return replace(candidate, calibration=calibration, threshold=threshold)


def recalibration(given: FloatArray, outcomes: FloatArray) -> Calibration | None:
    """Return a logistic recalibration, or None where calibration rows show no more error than chance would.

    Slope and intercept are drawn back towards 'change nothing' by the part of their gain that chance explains: in
    simulations this lost nothing where scores were right already, and kept most of the gain where they were not. A
    recalibration never turns the order of scores. Source of the shrinkage: James & Stein (1961), used as a heuristic.

    >>> recalibration(np.array([0.3, 0.7] * 50), np.array([0.0, 1.0] * 50)).slope > 1
    True
    """
    if np.unique(outcomes).size < 2:
        return None
    slope, intercept = fit_logistic(given, outcomes)
    gain = log_losses(outcomes, given).sum() - log_losses(outcomes, apply_logistic(given, slope, intercept)).sum()
    kept = 1 - N_PARAMETERS / (2 * float(gain)) if gain > 0 else 0.0
    if kept <= 0 or slope <= 0:
        return None
    return Logistic(slope=1 + kept * (slope - 1), intercept=kept * intercept)


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
