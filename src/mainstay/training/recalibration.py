"""Which curve makes scores into shares: fitted in several forms, and chosen by cross-validated log loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from mainstay.domain.plan import Beta, Calibration, Isotonic, Logistic, Temperature
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.calibration import fit_logistic
from mainstay.stats.calibrators import fit_beta, fit_isotonic, fit_temperature
from mainstay.stats.intervals import paired_difference
from mainstay.training.candidate import recalibrated
from mainstay.training.loss import losses_of

N_FOLDS = 5
MOST_ROWS = 100_000  # that the choice looks at: beyond, the losses of curves differ in no digit that matters
ONE_STANDARD_ERROR = 0.6827  # the level of an interval of one standard error to each side

Fit: TypeAlias = Callable[[FloatArray, FloatArray], "Calibration | None"]


def recalibration(given: FloatArray, outcomes: FloatArray, *, task: Task, seed: int) -> Calibration | None:
    """Return the curve that recalibrates scores, or None where they show no more error than chance would.

    `given` are probabilities, shape (n,), or (n, n_classes) of several classes, where a temperature is all there is. Of
    two outcomes the simplest curve within one standard error of the best wins, by log loss in cross-validation.
    """
    fits = MULTICLASS if task is Task.MULTICLASS else BINARY
    if np.unique(outcomes).size < 2:
        return None
    name = next(iter(fits)) if len(fits) == 1 else chosen_form(given, outcomes, seed=seed)
    return fits[name](given, outcomes)


def mended(curve: Calibration | None, given: FloatArray, outcomes: FloatArray, *, task: Task) -> Calibration | None:
    """Return a curve moved once more by what other rows show of it: a logistic step, or another temperature.

    The move is drawn back as far as chance explains it, so that few rows change little.
    """
    if np.unique(outcomes).size < 2:
        return curve
    moved = recalibrated(curve, given)
    step = temperature(moved, outcomes) if task is Task.MULTICLASS else logistic(moved, outcomes)
    return curve if step is None else after(curve, step)


def after(curve: Calibration | None, step: Logistic | Temperature) -> Calibration:
    """Return one curve that does what a curve and then a step do.

    >>> after(Beta(a=1.0, b=2.0, c=3.0), Logistic(slope=2.0, intercept=1.0))
    Beta(a=2.0, b=4.0, c=7.0)
    """
    if isinstance(step, Temperature):
        before = curve.temperature if isinstance(curve, Temperature) else 1.0
        return Temperature(temperature=before * step.temperature)
    slope, intercept = step.slope, step.intercept
    if isinstance(curve, Logistic):
        return Logistic(slope=slope * curve.slope, intercept=intercept + slope * curve.intercept)
    if isinstance(curve, Beta):
        return Beta(a=slope * curve.a, b=slope * curve.b, c=intercept + slope * curve.c)
    if isinstance(curve, Isotonic):  # at the knots; between them the line stays a line
        heights = recalibrated(step, np.array(curve.calibrated))
        return Isotonic(scores=curve.scores, calibrated=tuple(heights.tolist()))
    return step


def chosen_form(given: FloatArray, outcomes: FloatArray, *, seed: int) -> str:
    """Return the name of the simplest curve of two outcomes within one standard error of the best.

    >>> random = np.random.default_rng(1)
    >>> scores = random.random(3000)
    >>> chosen_form(scores, (random.random(3000) < scores).astype(float), seed=1)
    'logistic'
    """
    order = np.random.default_rng(seed).permutation(outcomes.size)[:MOST_ROWS]
    given, outcomes = given[order], outcomes[order]
    losses = {name: _unseen_losses(fit, given, outcomes) for name, fit in BINARY.items()}
    best = min(losses, key=lambda name: float(losses[name].mean()))
    for name, of_curve in losses.items():
        if name == best or paired_difference(of_curve, losses[best], level=ONE_STANDARD_ERROR).low <= 0:
            return name
    raise AssertionError("the best curve is a curve")


def logistic(given: FloatArray, outcomes: FloatArray) -> Logistic | None:
    """Return a logistic curve (Platt, Cox), drawn back towards 'change nothing' as far as chance explains its gain.

    None where nothing remains, and where it would turn the order of scores: that is left for the finding.
    """
    slope, intercept = fit_logistic(given, outcomes)
    kept = _kept(Logistic(slope=slope, intercept=intercept), given, outcomes, n_parameters=2, task=Task.BINARY)
    if kept <= 0 or slope <= 0:
        return None
    return Logistic(slope=1 + kept * (slope - 1), intercept=kept * intercept)


def beta(given: FloatArray, outcomes: FloatArray) -> Beta | None:
    """Return a beta curve, drawn back as a logistic one is; None where nothing remains or all order is lost."""
    a, b, c = fit_beta(given, outcomes)
    kept = _kept(Beta(a=a, b=b, c=c), given, outcomes, n_parameters=3, task=Task.BINARY)
    if kept <= 0 or a + b <= 0:
        return None
    return Beta(a=1 + kept * (a - 1), b=1 + kept * (b - 1), c=kept * c)


def isotonic(given: FloatArray, outcomes: FloatArray) -> Isotonic | None:
    """Return an isotonic curve, or None where it is the same for every score."""
    scores, shares = fit_isotonic(given, outcomes)
    if shares[0] == shares[-1]:
        return None
    return Isotonic(scores=tuple(scores.tolist()), calibrated=tuple(shares.tolist()))


def temperature(given: FloatArray, outcomes: FloatArray) -> Temperature | None:
    """Return a temperature for several classes, drawn back towards 1 as far as chance explains its gain."""
    found = fit_temperature(given, outcomes.astype(np.int64))
    kept = _kept(Temperature(temperature=found), given, outcomes, n_parameters=1, task=Task.MULTICLASS)
    return Temperature(temperature=found**kept) if kept > 0 else None


BINARY: Mapping[str, Fit] = {"logistic": logistic, "beta": beta, "isotonic": isotonic}  # the simplest first
MULTICLASS: Mapping[str, Fit] = {"temperature": temperature}


def _kept(curve: Calibration, given: FloatArray, outcomes: FloatArray, *, n_parameters: int, task: Task) -> float:
    """The part of a curve's change that chance does not explain.

    Chance alone adds one to twice the gain in log likelihood for each parameter. In simulations keeping this part lost
    nothing where scores were right already, and kept most of the gain where they were not. Source: James & Stein
    (1961), used as a heuristic.
    """
    gain = float((losses_of(task, outcomes, given) - losses_of(task, outcomes, recalibrated(curve, given))).sum())
    return max(1 - n_parameters / (2 * gain), 0.0) if gain > 0 else 0.0


def _unseen_losses(fit: Fit, given: FloatArray, outcomes: FloatArray) -> FloatArray:
    """The log loss of each row under a curve fitted without it; rows come in random order."""
    fold: IntArray = np.arange(outcomes.size) % N_FOLDS
    losses = np.empty(outcomes.size)
    for k in range(N_FOLDS):
        unseen = fold == k
        known = outcomes[~unseen]
        curve = fit(given[~unseen], known) if np.unique(known).size > 1 else None
        losses[unseen] = losses_of(Task.BINARY, outcomes[unseen], recalibrated(curve, given[unseen]))
    return losses
