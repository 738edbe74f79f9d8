"""What callers tell us later: outcomes and actions, taken or refused one by one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.serving.made import AT_US, make

from mainstay.domain.traffic import Action, Outcome
from mainstay.serving.intake import Intake, Told, take_actions, take_outcomes
from mainstay.serving.service import Service

TOLD = Told(key="k", at_us=AT_US)
SERVICE = make()


def outcomes(*items: object) -> Intake[Outcome]:
    return take_outcomes(items, SERVICE, TOLD)


def actions(*items: object) -> Intake[Action]:
    return take_actions(items, SERVICE, TOLD)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [("yes", "yes"), (" YES", "yes"), (True, "yes"), (1, "yes"), ("0", "no"), (False, "no"), (0.0, "no")],
)
def test_outcomes_are_matched_by_text_number_and_truth(raw: object, kept: str) -> None:
    (taken,) = outcomes({"id": "a", "outcome": raw, "happened_at": "2026-03-31T14:05:00+02:00"}).taken
    assert taken == Outcome(id="a", key="k", outcome=kept, happened_us=1_774_958_700_000_000, learned_us=AT_US)


HUGE = pytest.param(10**5000, id="huge")


@pytest.mark.parametrize("raw", ["maybe", 2, -1, None, [1], {"a": 1}, HUGE, "", float("inf")])
def test_other_labels_are_refused_with_what_is_wanted(raw: object) -> None:
    intake = outcomes({"id": "a", "outcome": raw})
    (fault,) = intake.faults
    assert (fault.row, fault.field, fault.id) == (0, "outcome", "a")
    assert fault.wanted.startswith("yes (positive) or no (negative)")
    assert intake.taken == ()


def test_a_moment_left_out_is_now_and_one_without_an_offset_is_in_the_models_zone() -> None:
    berlin = msgspec.structs.replace(SERVICE.schema, time_zone="Europe/Berlin")
    service = Service(**{name: getattr(SERVICE, name) for name in Service.__slots__} | {"schema": berlin})
    items = [{"id": "a", "outcome": 1}, {"id": "a", "outcome": 1, "happened_at": "2026-07-01T12:00:00"}]
    now, local = take_outcomes(items, service, TOLD).taken
    assert (now.happened_us, local.happened_us) == (AT_US, 1_782_900_000_000_000)


def test_a_moment_in_the_future_is_taken_and_pointed_at() -> None:
    intake = outcomes({"id": "a", "outcome": 1, "happened_at": "2999-01-01"})
    assert len(intake.taken) == 1
    ((row, warning),) = intake.warnings
    assert (row, warning.field, warning.code) == (0, "happened_at", "in-future")


def test_one_bad_item_takes_no_other_with_it() -> None:
    intake = outcomes(
        {"id": "a", "outcome": 1},
        {"outcome": 1},
        7,
        {"id": "", "outcome": 1},
        {"id": "b", "outcome": 0, "happened_at": "yesterday"},
        {"id": "c", "outcome": 0},
    )
    assert [taken.id for taken in intake.taken] == ["a", "c"]
    assert [(fault.row, fault.field, fault.code) for fault in intake.faults] == [
        (1, "id", "absent"),
        (2, None, "not-a-row"),
        (3, "id", "bad-id"),
        (4, "happened_at", "wrong-type"),
    ]


def test_actions_are_kept_as_the_brief_writes_them_or_as_said() -> None:
    intake = actions(
        {"id": 7, "action": " CALL ", "by": "team 3", "at": "2026-03-31T14:05:00Z"}, {"id": "b", "action": "referred"}
    )
    first, second = intake.taken
    assert (first.id, first.action, first.by, first.at_us) == ("7", "call", "team 3", 1_774_965_900_000_000)
    assert (second.action, second.by, second.at_us) == ("referred", "", AT_US)


@pytest.mark.parametrize(
    "item", [{"id": "a"}, {"id": "a", "action": ""}, {"id": "a", "action": 5}, {"id": "a", "action": "x" * 201}]
)
def test_an_action_says_what_was_done(item: dict[str, object]) -> None:
    (fault,) = actions(item).faults
    assert fault.field == "action"
    assert fault.wanted.startswith("what was done, such as call or wait")


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.none(), max_size=1)
ITEMS = st.dictionaries(st.sampled_from(["id", "outcome", "happened_at", "action", "by", "at", "x"]), VALUES) | VALUES


@given(st.lists(ITEMS, max_size=5))
def test_whatever_is_told_is_taken_or_refused(items: list[Any]) -> None:
    for intake in (outcomes(*items), actions(*items)):
        assert len(intake.taken) + len(intake.faults) == intake.n == len(items)
        msgspec.json.encode(intake.faults)
        msgspec.json.encode(intake.taken)
