"""Reasons add up to the raw score exactly, are those of the definition, and are told in the brief's words."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.serving.made import PLAN, ROW, SCHEMA, body, make
from tests.serving.test_score import ROWS, forests

from mainstay.domain.plan import (
    Beta,
    Calibration,
    Constant,
    Forest,
    Isotonic,
    Logistic,
    Number,
    NumberTerm,
    Plan,
    Product,
    Rule,
    Temperature,
)
from mainstay.domain.usual import Usual
from mainstay.serving.answer import Answer
from mainstay.serving.body import DecideBody, Explain, Unacceptable
from mainstay.serving.call import Call
from mainstay.serving.decide import decide
from mainstay.serving.explain import MOST_EXPLAINED, MOST_SEARCHED, reasons_of
from mainstay.serving.follows import follows
from mainstay.serving.plan_inputs import reader
from mainstay.serving.reasons import Explainer, unexplained, usual_of
from mainstay.serving.repeats import Repeats
from mainstay.serving.score import Scorer
from mainstay.serving.service import Service, explained_by
from mainstay.serving.why import Reasons

USED = {"age": 50.0, "income": None, "region": "US", "member": "true", "joined": 1.6e9, "late": 0.0}
TRAINING: dict[str, list[Any]] = {"age": [30.0, 50.0, None, 40.0], "region": ["EU", "US", "EU", None]}


def explained(plan: Plan = PLAN, **decision: object) -> Service:
    return explained_by(make(plan, **decision), usual_of(plan, TRAINING))


def asked(*rows: object, explain: object = True, ids: list[object] | None = None) -> DecideBody:
    return msgspec.structs.replace(body(*rows, ids=ids), explain=explain)


def reasons(service: Service, body: DecideBody, call: Call, repeats: Repeats | None = None) -> list[Reasons]:
    entries = decide(service, body, call, repeats or Repeats()).entries
    return [entry.reasons for entry in entries if isinstance(entry, Answer) and entry.reasons is not None]


def of_definition(forest: Forest, shares: tuple[float, ...], values: list[float]) -> list[float]:
    """Shapley values of the game in which unknown inputs go both ways, by the shares of training rows."""
    n = len(values)

    def worth(known: tuple[int, ...]) -> float:
        def below(node: int) -> float:
            feature = forest.feature[node]
            if feature < 0:
                return forest.value[node]
            x, levels = values[feature], forest.levels_left[node]
            if math.isnan(x):
                goes = forest.missing_left[node]
            else:
                goes = x <= forest.threshold[node] if levels is None else x in levels
            left = float(goes) if feature in known else shares[node]
            return left * below(forest.left[node]) + (1 - left) * below(forest.right[node])

        return sum(below(root) for root in forest.roots)

    found = [0.0] * n
    for one in range(n):
        others = [each for each in range(n) if each != one]
        for size in range(n):
            for known in combinations(others, size):
                weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
                found[one] += weight * (worth((*known, one)) - worth(known))
    return found


@settings(max_examples=60)
@given(forests(), ROWS, ROWS)
def test_reasons_of_trees_are_those_of_the_definition_and_add_up(
    forest: Forest, rows: list[dict[str, Any]], training: list[dict[str, Any]]
) -> None:
    plan = Plan(task="binary", models=(forest,), link="logistic")
    columns, known = ({name: [row[name] for row in each] for name in ("a", "c", "at")} for each in (rows, training))
    usual = usual_of(plan, known)
    told = Explainer(plan, usual).parts(columns, len(rows))
    raws = Scorer(plan).raws(columns)
    assert told.usual + told.parts.sum(axis=1) == pytest.approx(raws, abs=1e-9)
    read = np.column_stack([reader(msgspec.to_builtins(source))(columns, len(rows)) for source in forest.inputs])
    for row, parts in zip(read.tolist(), told.parts, strict=True):
        assert parts == pytest.approx(of_definition(forest, usual.models[0], row), abs=1e-9)


def test_what_is_shown_and_what_is_not_add_up_to_the_raw_score(call: Call) -> None:
    service = explained()
    (one,) = reasons(service, asked(ROW | {"region": "US"}, explain=Explain(top=1)), call)
    (all_of_it,) = reasons(service, asked(ROW | {"region": "US"}), call)
    for each in (one, all_of_it):
        assert each.usual is not None
        assert each.others is not None
        assert each.usual + sum(reason.contribution for reason in each.top) + each.others == pytest.approx(
            each.raw, abs=1e-12
        )
    assert [reason.fields for reason in all_of_it.top] == [("region",), ("age",)]
    assert all_of_it.others == pytest.approx(0.0, abs=1e-12)
    assert one.top == all_of_it.top[:1]
    assert one.others == pytest.approx(all_of_it.top[1].contribution)


def test_a_reason_is_told_in_the_words_of_the_brief(call: Call) -> None:
    fields = tuple(
        msgspec.structs.replace(f, meaning="age of the customer") if f.name == "age" else f for f in SCHEMA.fields
    )
    service = explained()
    object.__setattr__(service, "schema", msgspec.structs.replace(SCHEMA, fields=fields))
    (told,) = reasons(service, asked(ROW | {"age": 20}), call)
    by_field = {reason.fields: reason for reason in told.top}
    age, region = by_field["age",], by_field["region",]
    assert (age.meaning, age.values, age.direction) == ("age of the customer", (20,), "lowers")
    assert (region.meaning, region.values) == ("region", ("EU",))
    assert told.unit == "log odds"


def test_two_fields_that_act_together_are_told_together() -> None:
    both = Product(left=Number("income"), right=Number("age"), left_range=(0, 0, -9, 9), right_range=(0, 0, -9, 9))
    model = PLAN.models[0]
    term = NumberTerm(input=both, fill=0.0, centre=0.0, scale=1.0, weight=2.0)
    plan = msgspec.structs.replace(PLAN, models=(msgspec.structs.replace(model, terms=(term,)),))
    service = explained_by(make(plan), usual_of(plan, {"income": [0.0], "age": [0.0]}))
    (told,) = reasons_of(service, [USED | {"income": 3.0, "age": 4.0}], [None], top=5)
    assert [(each.fields, each.values, each.contribution) for each in told.top] == [(("age", "income"), (4, 3.0), 24.0)]


CALIBRATED: list[tuple[str, Calibration | None]] = [
    ("logistic", None),
    ("logistic", Logistic(slope=0.75, intercept=0.125)),
    ("logistic", Temperature(temperature=1.5)),
    ("logistic", Beta(a=0.5, b=0.75, c=0.25)),
    ("identity", Logistic(slope=0.75, intercept=0.125)),
    ("identity", None),
]


@pytest.mark.parametrize(("link", "calibration"), CALIBRATED, ids=str)
def test_the_score_follows_from_the_raw_score_as_is_said(link: str, calibration: Calibration | None) -> None:
    plan = Plan(task="binary", models=(Constant(raw=0.375),), link=link, calibration=calibration)
    known: dict[str, Any] = {"exp": math.exp, "ln": math.log, "raw": 0.375}
    for step in follows(plan).replace("×", "*").split("; "):
        name, _, told = step.partition(" = ")
        known[name] = eval(told, known)
    assert known["score"] == pytest.approx(Scorer(plan).score_row({}), rel=1e-12)


def test_a_calibration_with_levels_says_so(call: Call) -> None:
    flat = Isotonic(scores=(0.0, 0.4, 1.0), calibrated=(0.2, 0.2, 0.9))
    (told,) = reasons(explained(msgspec.structs.replace(PLAN, calibration=flat)), asked(ROW), call)
    assert told.follows is not None
    assert "where it is level, a contribution moves raw and not the score" in told.follows
    assert told.usual_score == pytest.approx(0.2)
    assert told.raw != told.usual


def test_of_several_classes_the_one_decided_is_explained() -> None:
    names = ("a", "b", "c")
    models = tuple(msgspec.structs.replace(PLAN.models[0], intercept=float(i)) for i in range(2))
    plan = Plan(task="multiclass", models=(*models, Constant(raw=9.0)), link="softmax", classes=names)
    schema = msgspec.structs.replace(SCHEMA, task="multiclass", classes=names, positive=None, negative=None)
    service = explained_by(make(plan), usual_of(plan, TRAINING))
    object.__setattr__(service, "schema", schema)
    told = reasons_of(service, [USED, USED, USED], ["b", "a", None], top=5)
    assert [each.of for each in told] == ["b", "a", "c"]
    assert [len(each.top) for each in told] == [2, 2, 0]
    assert told[0].raw == pytest.approx((told[1].raw or 0.0) + 1.0)
    assert told[2].usual == told[2].raw == 9.0
    assert sum(each.usual_score or 0.0 for each in told) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("plan", "usual", "because"),
    [
        (Plan(task="binary", models=(Rule("late > 2"),), link="identity"), None, "a rule decides: late > 2"),
        (PLAN, None, "this version was packed before reasons were: train it again"),
        (PLAN, Usual(((0.0, 0.0),)), ""),
    ],
)
def test_why_there_are_none_is_said(plan: Plan, usual: Usual | None, because: str) -> None:
    assert unexplained(plan, usual) == because


def test_a_forest_too_large_for_a_caller_who_waits_has_none() -> None:
    n = 30_001
    leaves = dict.fromkeys(("left", "right"), (0,) * n) | {"levels_left": (None,) * n, "missing_left": (False,) * n}
    forest = Forest((), 0.0, tuple(range(n)), (-1,) * n, (0.0,) * n, value=(1.0,) * n, **leaves)
    plan = Plan(task="binary", models=(forest,), link="logistic")
    assert unexplained(plan, Usual(((),))) == "its trees have 30,001 leaves, too many while a caller waits"


class TestAsking:
    """Who gets reasons, and when."""

    def test_nobody_who_did_not_ask(self, call: Call) -> None:
        assert reasons(explained(), asked(ROW, explain=None), call) == []
        assert reasons(explained(explain=True), asked(ROW, explain=False), call) == []

    def test_everybody_where_the_brief_says_so_up_to_what_a_worker_bears(self, call: Call) -> None:
        many = asked(*[ROW] * (MOST_EXPLAINED + 5), explain=None)
        decided = decide(explained(explain=True), many, call, Repeats())
        assert decided.n_answered == MOST_EXPLAINED + 5
        told = [isinstance(each, Answer) and each.reasons is not None for each in decided.entries]
        assert told == [True] * MOST_EXPLAINED + [False] * 5

    def test_asking_for_too_many_is_refused(self, call: Call) -> None:
        with pytest.raises(Unacceptable, match="101 rows with reasons"):
            decide(explained(), asked(*[ROW] * (MOST_EXPLAINED + 1)), call, Repeats())
        with pytest.raises(Unacceptable, match="11 rows with what would change them"):
            decide(explained(), asked(*[ROW] * (MOST_SEARCHED + 1), explain=Explain(instead=True)), call, Repeats())

    def test_a_repeat_has_the_reasons_again_and_none_are_remembered(self, call: Call) -> None:
        service, repeats = explained(), Repeats()
        first = decide(service, asked(ROW, ids=["a"]), call, repeats)
        ((own_id, given_answer),) = first.given
        assert given_answer.answer.reasons is None
        repeats.add("credit", "", own_id, given_answer)
        (again,) = decide(service, asked(ROW, ids=["a"]), call, repeats).entries
        assert isinstance(again, Answer)
        assert again.repeated
        (before,) = first.entries
        assert isinstance(before, Answer)
        assert again.reasons == before.reasons

    def test_what_the_rule_or_the_fallback_answered_has_none(self, call: Call) -> None:
        (ruled,) = reasons(explained(control_share=1.0), asked(ROW), call)
        assert ruled == Reasons(none_because="today's rule decided, not the model: late >= 2")
        broken = msgspec.structs.replace(PLAN, models=(Constant(raw=float("inf")),), link="identity")
        (fell,) = reasons(explained(broken, fallback="wait"), asked(ROW), call)
        assert fell == Reasons(none_because="the model failed, and the brief's fallback answered")

    def test_a_refused_row_takes_no_reasons_from_others(self, call: Call) -> None:
        told = reasons(explained(), asked(ROW | {"age": "abc"}, ROW, 7, ROW | {"age": 20}), call)
        assert [reason.values for each in told for reason in each.top if reason.fields == ("age",)] == [(50,), (20,)]


@given(st.floats(-50, 50))
def test_reasons_of_lines_add_up(age: float) -> None:
    (told,) = reasons_of(explained(), [USED | {"age": age}], [None], top=100)
    assert told.usual is not None
    assert told.usual + sum(each.contribution for each in told.top) == pytest.approx(told.raw, abs=1e-12)
