"""Deciding: every row gets its entry, in order, and everything answered is there to be journalled."""

from __future__ import annotations

import os
from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.serving.made import AT_US, PLAN, ROW, SCHEMA, body, make, words

from mainstay.domain.errors import BundleError
from mainstay.domain.plan import Constant
from mainstay.domain.plan import Plan as APlan
from mainstay.domain.traffic import Decision
from mainstay.serving.answer import Answer, Failed
from mainstay.serving.body import DecideBody, read_decide
from mainstay.serving.call import Call
from mainstay.serving.decide import Decided, decide
from mainstay.serving.repeats import Repeats
from mainstay.serving.service import Service, TodayWords, make_service, read_words

BROKEN = msgspec.structs.replace(PLAN, models=(Constant(raw=float("inf")),), link="identity")


def answers(decided: Decided) -> list[Answer]:
    assert all(isinstance(entry, Answer) for entry in decided.entries), decided.entries
    return [entry for entry in decided.entries if isinstance(entry, Answer)]


def problems(decided: Decided) -> list[Failed]:
    return [entry for entry in decided.entries if isinstance(entry, Failed)]


def test_rows_are_decided_in_order_by_score_and_threshold(service: Service, call: Call) -> None:
    decided = decide(service, body(ROW | {"region": "US"}, ROW, ids=["a", "b"]), call, Repeats())
    first, second = answers(decided)
    assert (first.id, first.decision, second.id, second.decision) == ("a", "call", "b", "wait")
    assert first.score == service.scorer.score_row({"age": 50.0, "region": "US"})
    assert (first.threshold, first.arm, first.warnings) == (0.5, "champion", ())
    assert decided.version == 3


def test_a_batch_scores_as_its_rows_alone(service: Service, call: Call) -> None:
    rows = [ROW | {"age": age, "region": region} for age in (None, 18, 99.5, "44") for region in ("EU", "XX", None)]
    together = answers(decide(service, body(*rows), call, Repeats()))
    alone = [answers(decide(service, body(row), call, Repeats()))[0] for row in rows]
    assert [entry.score for entry in together] == [entry.score for entry in alone]


def test_what_is_journalled_is_what_was_answered(service: Service, call: Call) -> None:
    decided = decide(service, body(ROW | {"age": "44", "customer": 17}), call, Repeats())
    (answer,), (decision,) = answers(decided), decided.decisions
    assert (decision.id, decision.score, decision.decision) == (answer.id, answer.score, answer.decision)
    assert decision.own_id
    assert decision.used["age"] == 44.0
    assert msgspec.json.decode(decision.received)["age"] == "44"
    assert (decision.at_us, decision.version, decision.assignment_share) == (AT_US, 3, 1.0)
    assert len(decision.entity) == 32
    assert "17" not in decision.entity.split()
    assert decision.latency_us == 250
    assert [(w.field, w.code) for w in decision.warnings] == [("age", "converted")]
    assert msgspec.json.decode(msgspec.json.encode(decision), type=Decision) == decision


def test_one_bad_row_takes_no_other_with_it(service: Service, call: Call) -> None:
    decided = decide(service, body(ROW, ROW | {"age": "abc"}, 7, ROW, ids=["a", "b", "c", None]), call, Repeats())
    assert [type(entry) for entry in decided.entries] == [Answer, Failed, Failed, Answer]
    assert decided.n_answered == len(decided.decisions) == 2
    bad, worse = problems(decided)
    assert (bad.id, bad.error.row, bad.error.field, bad.error.code, bad.error.got) == (
        "b",
        1,
        "age",
        "wrong-type",
        "abc",
    )
    assert (worse.id, worse.error.row, worse.error.code) == ("c", 2, "not-a-row")
    assert {(fault.field, fault.code, fault.refused) for fault in decided.faults} == {
        ("age", "wrong-type", True),
        ("", "not-a-row", True),
    }


def test_faults_are_folded_and_never_hold_a_value(service: Service, call: Call) -> None:
    decided = decide(service, body(*[ROW | {"region": f"place {i}"} for i in range(50)]), call, Repeats())
    (fault,) = decided.faults
    assert (fault.field, fault.code, fault.n, fault.refused) == ("region", "unseen-level", 50, False)
    assert b"place" not in msgspec.json.encode(fault)


class TestRepeats:
    def remembered(self, service: Service, call: Call, given: DecideBody, repeats: Repeats) -> Decided:
        decided = decide(service, given, call, repeats)
        for own_id, each in decided.given:
            repeats.add(service.model, call.key, own_id, each)
        return decided

    def test_the_same_id_and_row_gets_the_same_answer_and_no_second_line(self, service: Service, call: Call) -> None:
        repeats = Repeats()
        first = self.remembered(service, call, body(ROW, ids=["a"]), repeats)
        turned = dict(reversed(ROW.items()))
        again = self.remembered(service, call, body(turned, ids=["a"]), repeats)
        assert again.decisions == again.faults == ()
        (answer,) = answers(again)
        assert answer == msgspec.structs.replace(answers(first)[0], repeated=True, version=3)

    def test_a_repeat_names_the_version_that_answered_it(self, service: Service, call: Call) -> None:
        repeats = Repeats()
        self.remembered(service, call, body(ROW, ids=["a"]), repeats)
        newer = make_service("credit", 4, schema=SCHEMA, plan=PLAN, words=words())
        again = self.remembered(newer, call, body(ROW, ids=["a"]), repeats)
        assert (again.version, answers(again)[0].version) == (4, 3)

    def test_the_same_id_with_another_row_is_a_conflict(self, service: Service, call: Call) -> None:
        repeats = Repeats()
        self.remembered(service, call, body(ROW, ids=["a"]), repeats)
        decided = self.remembered(service, call, body(ROW | {"age": 51}, ROW, ids=["a", "b"]), repeats)
        assert problems(decided)[0].error.code == "id-conflict"
        assert [decision.id for decision in decided.decisions] == ["b"]

    def test_within_one_request_too(self, service: Service, call: Call) -> None:
        decided = decide(service, body(ROW, ROW, ROW | {"age": 51}, ids=["a", "a", "a"]), call, Repeats())
        first, again, other = decided.entries
        assert isinstance(first, Answer)
        assert again == msgspec.structs.replace(first, repeated=True, version=3)
        assert isinstance(other, Failed)
        assert len(decided.decisions) == 1

    def test_ids_of_other_callers_and_models_are_other_ids(self, service: Service, call: Call) -> None:
        repeats = Repeats()
        self.remembered(service, call, body(ROW, ids=["a"]), repeats)
        assert repeats.find("credit", "someone else", "a") is None
        assert repeats.find("upsell", "", "a") is None

    def test_the_oldest_are_forgotten(self, service: Service, call: Call) -> None:
        repeats = Repeats(most=2)
        self.remembered(service, call, body(ROW, ROW, ids=["a", "b"]), repeats)
        assert repeats.find("credit", "", "a") is not None
        self.remembered(service, call, body(ROW, ids=["c"]), repeats)
        assert repeats.find("credit", "", "b") is None
        assert len(repeats) == 2

    def test_a_refused_row_leaves_its_id_free(self, service: Service, call: Call) -> None:
        repeats = Repeats()
        self.remembered(service, call, body(ROW | {"age": "abc"}, ids=["a"]), repeats)
        assert answers(self.remembered(service, call, body(ROW, ids=["a"]), repeats))


class TestControl:
    def test_the_control_gets_todays_rule_and_its_score_is_journalled(self, call: Call) -> None:
        decided = decide(make(control_share=1.0), body(ROW | {"late": 5}, ROW, ROW | {"late": None}), call, Repeats())
        assert [entry.decision for entry in answers(decided)] == ["call", "wait", "wait"]
        assert {(d.arm, d.assignment_share) for d in decided.decisions} == {("control", 1.0)}
        assert all(decision.score is not None for decision in decided.decisions)

    def test_an_entity_keeps_its_arm_whatever_its_id(self, call: Call) -> None:
        rows = [ROW | {"customer": f"c{i % 40}"} for i in range(400)]
        decided = decide(make(control_share=0.5), body(*rows), call, Repeats())
        arms = {(decision.entity, decision.arm) for decision in decided.decisions}
        assert len(arms) == 40
        assert {arm for _, arm in arms} == {"champion", "control"}

    def test_without_an_entity_the_id_decides(self, call: Call) -> None:
        ids: list[object] = [f"id {i}" for i in range(50)]
        arms = [[d.arm for d in decide(make(control_share=0.5), body(*[ROW] * 50, ids=ids), call, Repeats()).decisions]]
        arms.append(
            [d.arm for d in decide(make(control_share=0.5), body(*[ROW] * 50, ids=ids), call, Repeats()).decisions]
        )
        assert arms[0] == arms[1]
        assert set(arms[0]) == {"champion", "control"}


class TestFallback:
    def test_a_model_that_fails_is_replaced_by_the_rule_and_marked(self, call: Call) -> None:
        decided = decide(make(BROKEN, fallback="rule"), body(ROW | {"late": 5}, ROW), call, Repeats())
        assert [(e.decision, e.arm, e.score) for e in answers(decided)] == [
            ("call", "fallback", None),
            ("wait", "fallback", None),
        ]
        assert {warning.code for entry in answers(decided) for warning in entry.warnings} == {"fallback"}
        assert [decision.arm for decision in decided.decisions] == ["fallback", "fallback"]
        assert [(fault.code, fault.n) for fault in decided.faults] == [("fallback", 2)]

    def test_or_by_a_constant(self, call: Call) -> None:
        assert answers(decide(make(BROKEN, fallback="wait"), body(ROW), call, Repeats()))[0].decision == "wait"

    def test_without_a_fallback_the_row_is_not_answered(self, call: Call) -> None:
        decided = decide(make(BROKEN), body(ROW), call, Repeats())
        assert decided.codes == {"model-failed"}
        assert decided.decisions == ()

    def test_the_control_needs_no_model(self, call: Call) -> None:
        decided = decide(make(BROKEN, control_share=1.0), body(ROW | {"late": 5}), call, Repeats())
        assert [(e.decision, e.arm, e.score) for e in answers(decided)] == [("call", "control", None)]


@pytest.mark.parametrize(
    ("text", "says"),
    [("[model", "brief cannot be read"), ("[model]\nname = 3", "brief cannot be read"), ("", "brief cannot be read")],
)
def test_a_brief_that_is_none_is_refused(text: str, says: str) -> None:
    with pytest.raises(BundleError, match=says):
        read_words(text)


def test_a_service_that_could_not_answer_is_refused_when_it_is_made() -> None:
    with pytest.raises(BundleError, match="cannot be served"):
        make(APlan(task="multiclass", models=(Constant(raw=0.0), Constant(raw=1.0)), link="softmax"))
    for rule in ("late + region > 2", "nowhere > 2"):
        wrong = msgspec.structs.replace(words(), today=TodayWords(rule))
        with pytest.raises(BundleError, match="cannot be served"):
            make_service("credit", 3, schema=SCHEMA, plan=PLAN, words=wrong)


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.none(), max_size=1)
KEYS = st.sampled_from([*SCHEMA.names, "late", "customer", " AGE"]) | st.text(max_size=5)


@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=8) | VALUES, min_size=1, max_size=6), st.data())
def test_whatever_is_sent_there_is_an_entry_per_row_and_a_line_per_new_answer(
    rows: list[Any], data: st.DataObject
) -> None:
    ids = data.draw(st.none() | st.lists(VALUES, min_size=len(rows), max_size=len(rows)))
    sent = msgspec.json.encode({"rows": rows, "ids": ids})
    call = Call(key="", at_us=AT_US, started_us=0, clock_us=count().__next__, entropy=os.urandom, secret=b"s")
    decided = decide(make(control_share=0.3), read_decide(sent), call, Repeats())
    assert len(decided.entries) == len(rows)
    new = [entry.id for entry in decided.entries if isinstance(entry, Answer) and not entry.repeated]
    assert [decision.id for decision in decided.decisions] == new
    assert len(set(new)) == len(new)
    for entry in decided.entries:
        assert isinstance(entry, Answer) or entry.error.wanted
    msgspec.json.encode(decided.entries)
    msgspec.json.encode(decided.faults)
