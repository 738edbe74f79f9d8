"""How much is enough: the learning curves of a training, and the rows that a quick one needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from mainstay.domain.evaluation import Curve
from mainstay.domain.finding import Finding
from mainstay.training.curve import FREE, Allowance, learn_curve, learn_history
from mainstay.training.curve_findings import curve_findings
from mainstay.training.curve_metric import BY_TASK, measured
from mainstay.training.curve_points import rows_ladder
from mainstay.training.learner import Fitted, Learner, Lesson, Settings, StagedLearner
from mainstay.training.learners.contestants import contestants
from mainstay.training.lessons import lesson_of
from mainstay.training.prepared import Prepared

HISTORY_SHARE = 0.3  # of the time allowed: its sizes are fitted once each


@dataclass(frozen=True, slots=True)
class Enough:
    """The curves that could be measured, and what they say."""

    curves: tuple[Curve, ...]
    findings: tuple[Finding, ...]


def how_much_is_enough(
    prepared: Prepared, learner: Learner, settings: Settings, *, allowance: Allowance = FREE
) -> Enough:
    """Measure curves over rows and, where parts are by time, over the length of history, with the winner's settings."""
    by_time = prepared.split_by == "time" and prepared.moments is not None
    with threadpool_limits(limits=1):
        curves = [learn_curve(prepared, learner, settings, seed=prepared.seed, allowance=_part(allowance, by_time))]
        if by_time:
            curves.append(learn_history(prepared, learner, settings, allowance=_rest(allowance)))
    found = tuple(curve for curve in curves if curve is not None)
    return Enough(found, curve_findings(found, prepared))


def pilot(prepared: Prepared) -> tuple[Learner, Settings]:
    """Return the learner that does better on a first look, and its settings: no search, one part of the rows scored."""
    rung = rows_ladder(prepared, seed=prepared.seed).repeats[0][-1]
    lesson, unseen = lesson_of(prepared, np.sort(rung.draws[0])), lesson_of(prepared, rung.scored)
    tried = [(learner, _first_settings(learner, lesson, unseen)) for learner in contestants(prepared)[1:]]
    return max(tried, key=lambda one: _metric(one[0].fit(lesson, one[1]), unseen))


def _first_settings(learner: Learner, lesson: Lesson, unseen: Lesson) -> Settings:
    """The settings without a search; of what grows, the size that does best."""
    if not isinstance(learner, StagedLearner):
        return {}
    stages = learner.stages(lesson, {}, unseen, before=lambda size, more: True)
    return learner.sized({}, int(np.argmin(stages.losses)) + 1)


def _metric(fitted: Fitted, unseen: Lesson) -> float:
    """The task's metric on rows that were not fitted, better when higher."""
    return BY_TASK[unseen.task].sign * measured(unseen.task, unseen.outcomes, fitted.scores(unseen.used))


def enough_rows(prepared: Prepared, *, allowance: Allowance = FREE) -> tuple[int, Curve | None]:
    """Return the least number of training rows that reaches 99% of what all gain, by a pilot's curve.

    All rows (and no curve) where that cannot be told, as with too few of them.
    """
    if len(rows_ladder(prepared, seed=prepared.seed).sizes) == 0:
        return int(prepared.training.size), None
    with threadpool_limits(limits=1):
        learner, settings = pilot(prepared)
        curve = learn_curve(prepared, learner, settings, seed=prepared.seed, allowance=allowance)
    if curve is None or curve.enough is None:
        return int(prepared.training.size), curve
    return int(np.ceil(curve.enough.value)), curve


def _part(allowance: Allowance, by_time: bool) -> Allowance:
    if allowance.seconds is None or not by_time:
        return allowance
    return Allowance(allowance.tick, (1 - HISTORY_SHARE) * allowance.seconds)


def _rest(allowance: Allowance) -> Allowance:
    return allowance if allowance.seconds is None else Allowance(allowance.tick, HISTORY_SHARE * allowance.seconds)
