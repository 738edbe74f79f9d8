"""Who takes part in a training: learners that suit the task, the amounts and the money."""

from __future__ import annotations

from mainstay.domain.task import Task
from mainstay.training.learner import Learner
from mainstay.training.learners import BOOSTING, learners_for
from mainstay.training.learners.boosting import Boosting
from mainstay.training.prepared import Prepared


def contestants(prepared: Prepared) -> tuple[Learner, ...]:
    """Return the learners of a training, the simplest first; the last one is the most able."""
    learners = learners_for(prepared.task)
    if prepared.task is not Task.REGRESSION:
        return learners
    amounts = prepared.outcomes[prepared.training]
    can_be_logs = bool(amounts.min() >= 0 and amounts.sum() > 0)
    able = Boosting(losses=("squared_error", "poisson")) if can_be_logs else BOOSTING
    share = worth_most_at(prepared)
    if share is None:
        return (*learners[:-1], able)
    title = f"gradient boosting of the {share:.2g} quantile"
    return (*learners[:-1], Boosting(name="quantile", title=title, quantile=share), able)


def worth_most_at(prepared: Prepared) -> float | None:
    """Return the quantile that is worth most where a unit too high and one too low cost different money; else None.

    Source: the newsvendor's critical ratio, Arrow, Harris and Marschak (1951).
    """
    over, under = prepared.brief.value.over, prepared.brief.value.under
    if isinstance(over, str) or isinstance(under, str) or over is None or under is None:
        return None
    if not (over < 0 and under < 0) or over == under:
        return None
    return float(under / (over + under))
