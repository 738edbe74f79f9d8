"""What would have to change: found where it is there, verified by the plan, near, and honest where it is not."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.serving.made import PLAN, ROW, SCHEMA, body, make

from mainstay.domain.plan import Linear
from mainstay.serving.answer import Answer
from mainstay.serving.body import Explain
from mainstay.serving.call import Call
from mainstay.serving.decide import decide
from mainstay.serving.otherwise import otherwise
from mainstay.serving.repeats import Repeats
from mainstay.serving.said import said
from mainstay.serving.service import FieldWords, Service

USED = {"age": 50.0, "income": None, "region": "EU", "member": "true", "joined": 1.6e9, "late": 0.0}


def actionable(*names: str, intercept: float = -1.0) -> Service:
    model = PLAN.models[0]
    assert isinstance(model, Linear)
    plan = msgspec.structs.replace(PLAN, models=(msgspec.structs.replace(model, intercept=intercept),))
    service = make(plan)
    fields = {name: FieldWords(actionable=name in names) for name in ("age", "region", "income", "joined")}
    return replace(service, words=msgspec.structs.replace(service.words, fields=fields))


def test_the_nearest_number_that_turns_the_decision_is_found() -> None:
    found = otherwise(actionable("age"), USED, "wait")
    (changed,) = found.changes
    assert (changed.field, changed.was, changed.to, found.decision) == ("age", 50, 55, "call")  # -1 + 0.25 + 0.75 = 0
    assert found.score == 0.5
    assert found.tried > 0


def test_a_level_that_turns_the_decision_is_found() -> None:
    found = otherwise(actionable("region"), USED, "wait")
    assert [(each.field, each.was, each.to) for each in found.changes] == [("region", "EU", "US")]


def test_two_fields_are_changed_where_one_is_not_enough() -> None:
    found = otherwise(actionable("age", "region", intercept=-4.0), USED, "wait")
    assert {each.field: each.to for each in found.changes} == {"age": 90, "region": "US"}  # -4 + 1.5 + 2.5 = 0
    assert found.decision == "call"


def test_what_is_not_found_is_said_to_be_not_found() -> None:
    found = otherwise(actionable("age", "region", intercept=-9.0), USED, "wait")
    assert (found.changes, found.decision) == ((), None)
    assert found.none_because == "none found among changes to age, region, alone or two at once"
    assert found.tried > 50
    assert otherwise(actionable(), USED, "wait").none_because is not None
    assert otherwise(actionable("joined"), USED, "wait").none_because is not None
    assert otherwise(actionable("age"), USED, None).none_because == "nothing was decided"


@given(
    st.floats(18, 99),
    st.sampled_from(["EU", "US", "elsewhere", None]),
    st.floats(-4, 4),
    st.sets(st.sampled_from(["age", "region"]), min_size=1),
)
def test_what_is_found_is_decided_otherwise_and_lies_within_what_the_schema_allows(
    age: float, region: str | None, intercept: float, names: set[str]
) -> None:
    service, used = actionable(*names, intercept=intercept), USED | {"age": age, "region": region}
    (before,) = said(service, [used])
    found = otherwise(service, used, before.decision)
    change = {each.field: float(each.to) if each.field == "age" else each.to for each in found.changes}  # type: ignore[arg-type]
    assert set(change) <= names
    if change:
        (after,) = said(service, [used | change])  # type: ignore[list-item]
        assert after.decision == found.decision != before.decision
        assert 18 <= change.get("age", 18) <= 99  # type: ignore[operator]
        assert change.get("region", "EU") in SCHEMA.field("region").levels


def test_it_comes_with_the_answer_where_asked(call: Call) -> None:
    asked = msgspec.structs.replace(body(ROW), explain=Explain(instead=True))
    (entry,) = decide(actionable("age"), asked, call, Repeats()).entries
    assert isinstance(entry, Answer)
    assert entry.instead is not None
    assert entry.instead.decision == "call"
