"""A recipe of one's own among the learners: fitted elsewhere, chosen, calibrated and judged as all others are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from mainstay.domain.plan import Rule
from mainstay.training.learner import Fitted, Learner, Lesson, Settings

OWN = "own"
PLACES = {"rule": 1, "linear": 2}  # among the learners, for a recipe that says it is as simple; else it stands last


class Runner(Protocol):
    """Where a recipe is fitted."""

    def fit(self, lesson: Lesson) -> Fitted:
        """Fit the recipe to a lesson's rows; raises `RecipeError`. May be called from several threads."""


@dataclass(frozen=True, slots=True)
class OwnLearner:
    """The learner of a recipe. It has no settings: its author has set them. `complexity` is what it says it is."""

    title: str
    complexity: str
    runner: Runner
    name: str = OWN

    @property
    def first(self) -> tuple[Settings, ...]:
        """No settings are tried first: there is nothing to search."""
        return ()

    def settings(self, trial: Any) -> Settings:
        """Return no settings."""
        return {}

    def fit(self, lesson: Lesson, settings: Settings) -> Fitted:
        """Fit the rows, elsewhere."""
        return self.runner.fit(lesson)


@runtime_checkable
class Ruled(Protocol):
    """What a recipe fitted that returned a rule."""

    @property
    def rule(self) -> Rule:
        """The rule."""


def rule_in(fitted: Fitted) -> Rule | None:
    """Return the rule that a recipe returned instead of an estimator, None for anything else."""
    return fitted.rule if isinstance(fitted, Ruled) else None


def with_own(learners: Sequence[Learner], own: OwnLearner | None) -> tuple[Learner, ...]:
    """Return the learners, the simplest first: a recipe is the most complex of all unless it says otherwise."""
    if own is None:
        return tuple(learners)
    place = PLACES.get(own.complexity, len(learners))
    return (*learners[:place], own, *learners[place:])


def in_turn(learners: Sequence[Learner]) -> tuple[Learner, ...]:
    """Return the learners in the order in which they are tried: a recipe never last, as the last has what time is left.

    >>> [learner.name for learner in in_turn([OwnLearner("a", "own", None, "boosting"), OwnLearner("b", "own", None)])]
    ['own', 'boosting']
    """
    if not learners or learners[-1].name != OWN:
        return tuple(learners)
    return (*learners[:-2], learners[-1], *learners[-2:-1])
