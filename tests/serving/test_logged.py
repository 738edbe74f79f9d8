"""Rows of somebody else's log: read as admission would, put aside only where nobody can tell what was decided."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.workflows.lives import BRIEF, SCHEMA, plan, us

from mainstay.domain.errors import Asked, DataError
from mainstay.serving.logged import Logged, Route, log_reader, read_logged, route
from mainstay.serving.service import make_service, read_words

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY_US = 86_400_000_000
SERVICE = make_service("credit", 1, schema=SCHEMA, plan=plan(1), words=read_words(BRIEF))
READER = log_reader(SERVICE, b"secret", now_us=us(NOW), delay_us=30 * DAY_US)
ROW = {"id": "a-1", "at": "2026-01-05T10:00:00Z", "score": 0.4, "decision": "decline", "LIMIT_BAL": 50_000, "PAY_0": 1}


def read(row: object, **named: str) -> Logged:
    columns = list(row) if isinstance(row, dict) else list(ROW)
    return read_logged(row, 1, route(columns, named, SERVICE, log="log.csv"), lambda _: READER)


def test_a_row_becomes_the_decision_that_it_tells() -> None:
    decision = read(ROW).decision
    assert decision is not None
    assert (decision.id, decision.score, decision.decision, decision.warnings) == ("a-1", 0.4, "decline", ())
    assert decision.at_us == us(datetime(2026, 1, 5, 10, tzinfo=UTC))
    assert decision.used == {"LIMIT_BAL": 50_000.0, "PAY_0": 1.0}
    assert decision.threshold is None  # theirs, and nobody told it


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"LIMIT_BAL": "a lot"}, "LIMIT_BAL", "wrong-type"),
        ({"LIMIT_BAL": "60000"}, "LIMIT_BAL", "converted"),
        ({"LIMIT_BAL": None}, "LIMIT_BAL", "missing"),
        ({"PAY_0": 99}, "PAY_0", "out-of-range"),
        ({"LIMIT_BAL": float("inf")}, "LIMIT_BAL", "not-finite"),
        ({"score": "high"}, "score", "wrong-type"),
        ({"decision": "perhaps"}, "decision", "unseen-level"),
    ],
)
def test_what_is_odd_about_a_decision_is_said_in_it(changed: dict[str, Any], field: str, code: str) -> None:
    decision = read(ROW | changed).decision
    assert decision is not None
    assert [(each.field, each.code) for each in decision.warnings] == [(field, code)]


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"at": "last Tuesday"}, "at", "wrong-type"),
        ({"at": 17}, "at", "wrong-type"),
        ({"at": None}, "at", "absent"),
        ({"at": "2027-01-01"}, "at", "in-future"),
        ({"id": None}, "id", "absent"),
        ({"id": 1.5}, "id", "bad-id"),
        ({"score": 73}, "score", "no-probability"),
    ],
)
def test_a_row_that_names_no_decision_is_put_aside(changed: dict[str, Any], field: str, code: str) -> None:
    logged = read(ROW | changed)
    assert logged.decision is None
    assert logged.fault is not None
    assert (logged.fault.row, logged.fault.field, logged.fault.code) == (1, field, code)


def test_moments_may_be_numbers() -> None:
    wanted = us(datetime(2026, 1, 5, 10, tzinfo=UTC))
    for raw in (wanted // 1_000_000, wanted / 1e6, wanted // 1000, wanted):
        assert read(ROW | {"at": raw}).at_us == wanted


def test_an_outcome_without_a_moment_is_learned_when_the_delay_has_passed() -> None:
    outcome = read(ROW | {"target": 1}).outcome
    assert outcome is not None
    at_us = us(datetime(2026, 1, 5, 10, tzinfo=UTC))
    assert (outcome.outcome, outcome.happened_us, outcome.learned_us) == ("1", at_us, at_us + 30 * DAY_US)
    late = read(ROW | {"at": "2026-02-20", "target": 1}).outcome
    assert late is not None
    assert late.learned_us == us(NOW)  # it is known now, whatever the brief says


def test_an_outcome_with_moments_keeps_them() -> None:
    outcome = read(ROW | {"target": 0, "happened_at": "2026-01-09", "learned_at": "2026-02-01"}).outcome
    assert outcome is not None
    assert outcome.happened_us == us(datetime(2026, 1, 9, tzinfo=UTC))
    assert outcome.learned_us == us(datetime(2026, 2, 1, tzinfo=UTC))
    assert read(ROW | {"target": None, "happened_at": "2026-01-09"}).outcome is None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"target": 1, "happened_at": "2026-01-04"}, "label-before-decision"),
        ({"target": "maybe"}, "unseen-level"),
        ({"target": 1, "happened_at": "2026-06-01"}, "in-future"),
    ],
)
def test_an_outcome_that_cannot_be_is_put_aside_without_its_decision(changed: dict[str, Any], code: str) -> None:
    logged = read(ROW | changed)
    assert logged.decision is not None
    assert logged.outcome is None
    assert logged.fault is not None
    assert logged.fault.code == code


def test_without_a_column_of_decisions_the_version_decides() -> None:
    silent = {name: value for name, value in ROW.items() if name != "decision"}
    said = [read(silent | {"score": score}).decision for score in (0.2, 0.25)]
    assert [each.decision for each in said if each is not None] == ["approve", "decline"]
    assert {each.threshold for each in said if each is not None} == {0.25}


def test_columns_are_found_by_name_and_by_mapping() -> None:
    columns = ["case", "when", "score", "limit_bal", "target", "branch"]
    found = route(columns, {"case": "id", "when": "at"}, SERVICE, log="log.csv")
    assert found.parts == {"id": "case", "at": "when", "score": "score", "outcome": "target"}
    assert found.inputs == {"limit_bal": "LIMIT_BAL"}
    assert (found.absent, found.passed_over) == (("PAY_0",), ("branch",))


@pytest.mark.parametrize(
    ("columns", "named", "error", "said", "remedy"),
    [
        (["id", "at", "scor"], {}, DataError, "'score'", "Did you mean 'scor'? Say which it is: --map COLUMN=score"),
        (["id", "at", "score"], {"att": "at"}, DataError, "'att' is not in log.csv", "Did you mean 'at'?"),
        (["id", "at", "score"], {"at": "moment"}, Asked, "called 'moment'", "outcome"),
        (["id", "at", "score", "b"], {"b": "at", "at": "at"}, Asked, "two columns", "Name one"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(
    columns: list[str], named: dict[str, str], error: type[Asked | DataError], said: str, remedy: str
) -> None:
    with pytest.raises(error, match=said) as refused:
        route(columns, named, SERVICE, log="log.csv")
    assert remedy in refused.value.remedy


ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.lists(st.integers())
FOUND = Route(
    {"id": "id", "at": "at", "score": "score", "decision": "decision", "outcome": "target", "key": "key"},
    {"LIMIT_BAL": "LIMIT_BAL", "PAY_0": "PAY_0"},
    (),
    (),
)


@given(st.dictionaries(st.sampled_from([*ROW, "target", "key"]), ANYTHING) | ANYTHING)
def test_whatever_comes_is_read_or_put_aside(row: object) -> None:
    logged = read_logged(ROW | row if isinstance(row, dict) else row, 1, FOUND, lambda _: READER)
    assert (logged.decision is None) <= (logged.fault is not None)
