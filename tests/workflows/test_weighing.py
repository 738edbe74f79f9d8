"""Candidates are weighed as what would run: the plan's size, the time of one row, and how it is explained."""

from __future__ import annotations

import itertools

from tests.training.made import prepared

from mainstay.domain.plan import Forest, Linear, Packed, Plan, Rule
from mainstay.training.candidate import Candidate
from mainstay.workflows.weighing import explained, timed_us, weigher


def plan_of(*models: object) -> Plan:
    return Plan(task="binary", models=models, link="logistic")  # type: ignore[arg-type]


def trees(n: int) -> Forest:
    return Forest(
        inputs=(),
        baseline=0.0,
        roots=tuple(range(n)),
        feature=(-1,) * n,
        threshold=(0.0,) * n,
        missing_left=(True,) * n,
        left=(0,) * n,
        right=(0,) * n,
        value=(1.0,) * n,
        levels_left=(None,) * n,
    )


def test_every_kind_of_model_has_its_words() -> None:
    assert explained(plan_of(Rule(expression="x > 1"))) == "one rule"
    assert explained(plan_of(Linear(intercept=0.0, terms=()))) == "exact sum of 0 terms"
    assert explained(plan_of(trees(1))) == "sum over 1 tree"
    assert explained(plan_of(trees(2000), trees(1999))) == "sum over 2,000 trees a class"
    assert explained(plan_of(Packed(frame="polars", columns=(), digest=""))) == "only by trying other values"


def test_a_rule_is_weighed_by_its_plan() -> None:
    made = prepared(200)
    seconds = itertools.count()
    weigh = weigher(made, tick=lambda: float(next(seconds)))
    found = weigh(Candidate(name="today", title="today's rule", rule=Rule(expression="late >= 3")))
    assert found.latency_us == 1e6 / 20
    assert found.size_bytes is not None
    assert 100 < found.size_bytes < 1000
    assert found.explained == "one rule"


def test_without_rows_there_is_no_time() -> None:
    assert timed_us(str, [], tick=lambda: 0.0) is None
