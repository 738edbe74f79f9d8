"""A recipe's place among the learners: the most complex of all unless it says otherwise, and never tried last."""

from __future__ import annotations

import pytest
from tests.training.made import prepared

from mainstay.domain.plan import Rule
from mainstay.domain.task import Task
from mainstay.training.learners import learners_for
from mainstay.training.lessons import lesson_of
from mainstay.training.own import OwnLearner, in_turn, rule_in, with_own

BUILT_IN = learners_for(Task.BINARY)


class Nowhere:
    """Where nothing is fitted but said to be a rule."""

    rule = Rule(expression="late > 3")
    inputs: dict[str, object] = {}  # noqa: RUF012
    estimator = rule

    def fit(self, lesson: object) -> Nowhere:
        return self

    def scores(self, used: object) -> None:
        return None


def own(complexity: str) -> OwnLearner:
    return OwnLearner("mine", complexity, Nowhere())


def names(learners: tuple) -> list[str]:
    return [learner.name for learner in learners]


@pytest.mark.parametrize(("complexity", "place"), [("rule", 1), ("linear", 2), ("boosting", 3), ("own", 3)])
def test_it_stands_where_it_says(complexity: str, place: int) -> None:
    everyone = with_own(BUILT_IN, own(complexity))
    assert everyone[place].name == "own"
    assert names(everyone[:place] + everyone[place + 1 :]) == names(BUILT_IN)


def test_without_a_recipe_nothing_changes() -> None:
    assert with_own(BUILT_IN, None) == BUILT_IN
    assert in_turn(BUILT_IN) == BUILT_IN


@pytest.mark.parametrize("complexity", ["rule", "own"])
def test_the_last_one_tried_is_one_that_can_use_the_time(complexity: str) -> None:
    turn = in_turn(with_own(BUILT_IN, own(complexity)))
    assert turn[-1] is BUILT_IN[-1]
    assert sorted(names(turn)) == sorted([*names(BUILT_IN), "own"])


def test_it_has_nothing_to_search() -> None:
    learner = own("own")
    assert (learner.first, learner.settings(None)) == ((), {})


def test_a_rule_is_known_for_one() -> None:
    made = prepared(200)
    lesson = lesson_of(made, made.training)
    assert rule_in(own("rule").fit(lesson, {})) == Nowhere.rule
    assert rule_in(BUILT_IN[0].fit(lesson, {})) is None
