"""What scores decide, in the brief's words, for every task."""

from __future__ import annotations

import numpy as np
import pytest

from mainstay.domain.deciding import Deciding, deciding, decisions
from mainstay.domain.plan import Constant, Plan

NAN = float("nan")
BINARY = Deciding(threshold=0.5, when_high="call", when_low="wait")
NOTHING = Deciding(threshold=None, when_high=None, when_low=None)
CLASSES = Deciding(threshold=None, when_high=None, when_low=None, classes=("a", "b"))
PAID = Deciding(
    threshold=None,
    when_high=None,
    when_low=None,
    classes=("a", "b"),
    actions=("keep", "sell", "hold"),
    payoffs=((0.0, 0.0), ("-price", 10.0), ("where(region == 'EU', 1, -99)", 0.0)),
)


def test_two_outcomes_are_decided_by_the_threshold() -> None:
    assert decisions(BINARY, np.array([0.5, 0.4999, NAN]), {}) == ["call", "wait", None]
    assert decisions(NOTHING, np.array([0.5]), {}) == [None]


def test_the_likeliest_class_is_decided_and_of_equals_the_first() -> None:
    scores = np.array([[0.4, 0.6], [0.5, 0.5], [NAN, NAN]])
    assert decisions(CLASSES, scores, {}) == ["b", "a", None]


ROWS = [(1.0, "US", "sell"), (99.0, "EU", "hold"), (99.0, None, "keep")]


@pytest.mark.parametrize(("price", "region", "decided"), ROWS)
def test_the_action_worth_most_is_decided(price: float, region: str | None, decided: str) -> None:
    columns = {"price": [price], "region": [region]}
    assert decisions(PAID, np.array([[0.8, 0.2]]), columns) == [decided]


def test_a_worth_that_is_missing_cannot_win() -> None:
    assert decisions(PAID, np.array([[0.1, 0.9], [NAN, NAN]]), {"region": ["US", "US"]}) == ["keep", None]


def test_a_plan_and_its_json_decide_alike() -> None:
    plan = Plan(task="binary", models=(Constant(raw=0.0),), link="logistic", threshold=0.5, when_high="a", when_low="b")
    json = {name: getattr(plan, name) for name in Plan.__struct_fields__}
    assert deciding(plan) == deciding(json)
