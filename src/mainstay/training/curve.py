"""The learning curve: how much of what all rows teach fewer rows teach too, and what more would bring."""

from __future__ import annotations

import numpy as np

from mainstay.domain.evaluation import Curve
from mainstay.stats.power_law import MIN_POINTS
from mainstay.training.curve_climb import FREE, Allowance, Point, climb
from mainstay.training.curve_findings import MIN_ROWS
from mainstay.training.curve_metric import measured, money_per_decision
from mainstay.training.curve_points import Ladder, Rung, history_ladder, rows_ladder
from mainstay.training.curve_told import told
from mainstay.training.learner import Learner, Settings
from mainstay.training.lessons import lesson_of
from mainstay.training.prepared import Prepared

__all__ = ["FREE", "MIN_ROWS", "Allowance", "learn_curve", "learn_history"]

LEAST_SHARE = 1 / 6  # of all rows that the largest size must be: laws are tried on three times their rows, not on ten


def learn_curve(
    prepared: Prepared, learner: Learner, settings: Settings, *, seed: int, allowance: Allowance = FREE
) -> Curve | None:
    """Return how the metric grows with training rows, or None where there are too few (or no time) to tell.

    Fits on training rows alone, and scores training rows that no fit saw. With an allowance, draws, repeats and the
    largest sizes are left out when time runs short, or all of it; without one the result is the same on every call.
    """
    return _curve(prepared, learner, settings, ladder=rows_ladder(prepared, seed=seed), allowance=allowance)


def learn_history(
    prepared: Prepared, learner: Learner, settings: Settings, *, allowance: Allowance = FREE
) -> Curve | None:
    """Return how the metric grows with the length of history, scored on what follows it; None without time."""
    return _curve(prepared, learner, settings, ladder=history_ladder(prepared), allowance=allowance)


def _curve(
    prepared: Prepared, learner: Learner, settings: Settings, *, ladder: Ladder, allowance: Allowance
) -> Curve | None:
    if prepared.training.size < MIN_ROWS or len(ladder.sizes) < MIN_POINTS:
        return None

    def fit(rung: Rung, at: int) -> Point:
        fitted = learner.fit(lesson_of(prepared, np.sort(rung.draws[at])), settings)
        scores = fitted.scores(prepared.used[rung.scored])
        metric = measured(prepared.task, prepared.outcomes[rung.scored], scores)
        return metric, money_per_decision(prepared, rung.scored, scores)

    found = climb(ladder, fit, allowance)
    if found is None or len(found.ladder.sizes) < MIN_POINTS:
        return None
    return told(found, prepared) if found.ladder.sizes[-1] >= LEAST_SHARE * ladder.n_all else None
