"""The learners that every training tries, the simplest first."""

from mainstay.domain.task import Task
from mainstay.training.learner import Learner
from mainstay.training.learners.base_rate import BaseRate
from mainstay.training.learners.boosting import Boosting
from mainstay.training.learners.linear import Linear

__all__ = ["BASE_RATE", "BOOSTING", "LOGISTIC", "MEAN", "RIDGE", "learners_for"]

BASE_RATE, MEAN = BaseRate("base_rate", "base rate"), BaseRate("mean", "mean")
LOGISTIC, RIDGE = Linear("logistic", "logistic regression"), Linear("ridge", "ridge regression")
BOOSTING = Boosting()


def learners_for(task: Task) -> tuple[Learner, ...]:
    """Return the learners of a task; the first of them looks at nothing."""
    return (MEAN, RIDGE, BOOSTING) if task is Task.REGRESSION else (BASE_RATE, LOGISTIC, BOOSTING)
