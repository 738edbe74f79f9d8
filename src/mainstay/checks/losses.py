"""What each row's score costs in a proper score, beside saying the same to everybody: the measure of skill."""

from __future__ import annotations

import numpy as np

from mainstay.checks.examined import Examined
from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.intervals import Interval, ratio_interval, unknown

LEAST_ROWS = 100  # below, an interval of a share of skill spans more than anything worth saying


def came(exam: Examined, rows: IntArray) -> FloatArray:
    """Return what happened, shape (n_rows, 1): 0 or 1, or the amount; of several classes one column for each."""
    outcomes = exam.outcomes[rows]
    if exam.task is not Task.MULTICLASS:
        return outcomes[:, None]
    return np.eye(exam.scores.shape[1])[outcomes.astype(np.int64)]


def losses(exam: Examined, rows: IntArray, scores: FloatArray) -> FloatArray:
    """Return the squared distance of each row's score from what came (Brier score; amounts: squared error)."""
    happened = came(exam, rows)
    found: FloatArray = ((scores.reshape(happened.shape) - happened) ** 2).sum(axis=1)
    return found


def base_losses(exam: Examined, rows: IntArray) -> FloatArray:
    """Return the same for saying to everybody what came on average in training."""
    happened = came(exam, rows)
    if not happened.size:
        return np.zeros(0)
    learned = came(exam, exam.training)
    base = learned.mean(axis=0) if learned.size else happened.mean(axis=0)
    found: FloatArray = ((base - happened) ** 2).sum(axis=1)
    return found


def skill(exam: Examined, rows: IntArray) -> Interval:
    """Return the share of the base losses that the scores save, 1 at best; unknown for few rows or odd scores.

    Of the Brier score it is the Brier skill score, of squared errors R² against the mean of training rows.
    """
    lost, base = losses(exam, rows, exam.scores[rows]), base_losses(exam, rows)
    if rows.size < LEAST_ROWS or not np.all(np.isfinite(lost)) or not base.sum() > 0:
        return unknown()
    clusters = None if exam.clusters is None else exam.clusters[rows]
    return ratio_interval(base - lost, base, clusters=clusters)


def skill_in_amounts(exam: Examined, rows: IntArray) -> Interval:
    """Return the share that amounts save of the absolute errors of always saying training's median; regression only.

    One huge row is a whole sum of squares: what squares say of heavy tails is only sure where this says it too.
    """
    outcomes, learned = exam.outcomes[rows], exam.outcomes[exam.training]
    base = np.abs(outcomes - (np.median(learned) if learned.size else 0.0))
    lost = np.abs(outcomes - exam.scores[rows])
    if rows.size < LEAST_ROWS or not np.all(np.isfinite(lost)) or not base.sum() > 0:
        return unknown()
    clusters = None if exam.clusters is None else exam.clusters[rows]
    return ratio_interval(base - lost, base, clusters=clusters)


def money_of(exam: Examined, rows: IntArray, scores: FloatArray) -> FloatArray | None:
    """Return the money of rows had they been given these scores; None where it cannot be told."""
    if exam.worth is None:
        return None
    if exam.task is Task.BINARY:
        threshold = 0.5 if exam.plan.threshold is None else exam.plan.threshold
        return exam.worth.at(rows, scores >= threshold)
    if exam.task is Task.REGRESSION:
        return exam.worth.at(rows, scores)
    if not isinstance(exam.worth, ActionWorth) or exam.worth.payoffs is None:
        return None
    payoffs = exam.worth.payoffs if exam.worth.payoffs.ndim == 2 else exam.worth.payoffs[rows]
    expected = np.einsum("...ac,...c->...a", payoffs, scores)
    return exam.worth.at(rows, np.argmax(np.nan_to_num(expected, nan=-np.inf), axis=1))
