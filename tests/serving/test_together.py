"""Rows in one body are decided as each alone, plain and odd ones beside each other: to the bit, and so journalled."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.serving.made import AT_US, PLAN, SCHEMA, make, words

from mainstay.domain.plan import Forest, Level, LevelTerm, Linear, Logistic, Number, NumberTerm
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.traffic import AsItCame, Decision
from mainstay.serving.body import read_decide
from mainstay.serving.call import Call
from mainstay.serving.decide import Decided, decide
from mainstay.serving.exact import sums
from mainstay.serving.repeats import Repeats
from mainstay.serving.service import Service, TodayWords, make_service
from mainstay.store.spool_lines import lines_of

FLAT = Schema(
    fields=(
        Field(name="age", kind=Kind.NUMBER, low=18, high=99),
        Field(name="income", kind=Kind.NUMBER, nullable=True),
        Field(name="region", kind=Kind.CATEGORY, levels=("EU", "US", "Zürich"), nullable=True),
    ),
    target="churned",
    entity="customer",
    known=("customer", "churned", "note"),
)
LINES = Linear(
    intercept=-1.3,
    terms=(
        LevelTerm(field="region", levels=("EU", "US"), weights=(0.25, 1.5), unseen_weight=0.1, missing_weight=-0.7),
        NumberTerm(input=Number(field="age"), fill=40.0, centre=40.1, scale=9.7, weight=0.5, high=90.0),
        NumberTerm(input=Number(field="income"), fill=1.0, centre=0.3, scale=3.3, weight=1e-3, missing_weight=0.3),
    ),
)
TREES = Forest(
    inputs=(Number(field="age"), Level(field="region", levels=("EU", "US", "Zürich")), Number(field="income")),
    baseline=0.1,
    roots=(0, 5),
    feature=(0, -1, 1, -1, -1, 2, -1, -1),
    threshold=(50.0, 0.0, 0.0, 0.0, 0.0, 1000.5, 0.0, 0.0),
    missing_left=(True, False, False, False, False, False, False, False),
    left=(1, 0, 3, 0, 0, 6, 0, 0),
    right=(2, 0, 4, 0, 0, 7, 0, 0),
    value=(0.0, 0.3, 0.0, -0.7, 1e-17, 0.0, 0.11, -0.3),
    levels_left=(None, None, (0, 2), None, None, None, None, None),
)
SERVICES = [
    make_service(
        "credit",
        3,
        schema=FLAT,
        plan=msgspec.structs.replace(PLAN, models=(model,), calibration=Logistic(slope=0.9, intercept=0.1)),
        words=msgspec.structs.replace(words(), today=TodayWords(None)),
    )
    for model in (LINES, TREES)
]

plain = st.fixed_dictionaries(
    {
        "age": st.integers(18, 99) | st.floats(18, 99),
        "income": st.none() | st.integers(-(2**60), 2**60) | st.floats(-1e100, 1e100),
        "region": st.sampled_from(("EU", "US", "Zürich", None)),
    }
)
odd = st.fixed_dictionaries(
    {},
    optional={
        "age": st.sampled_from((17, "42", None, "abc", float("nan"))),
        "income": st.sampled_from(("1,5", True, 1e300)),
        "region": st.sampled_from(("eu", "Mars", 3)),
        "customer": st.sampled_from(("anna", 7)),
        "note": st.just("x"),
        "extra": st.just([1]),
        " AGE": st.just(20),
    },
)
rows_of_a_body = st.lists(st.tuples(plain, st.just({}) | odd).map(lambda both: both[0] | both[1]), max_size=6)


def asked(service: Service, rows: list[Any], *, strict: bool = False) -> Decided:
    sent = json.dumps({"rows": rows, "strict": strict}).encode()
    call = Call(key="k", at_us=AT_US, started_us=0, clock_us=lambda: 9, entropy=bytes, secret=b"s" * 32)
    return decide(service, read_decide(sent), call, Repeats())


def told(decided: Decided) -> list[dict[str, Any]]:
    """Entries without ids and numbers of rows, which do depend on where a row stands."""
    entries = [msgspec.to_builtins(entry) for entry in decided.entries]
    for entry in entries:
        entry.pop("id")
        entry.get("error", {}).pop("row", None)
        for more in entry.get("error", {}).get("also", ()):
            more.pop("row")
    return entries


def kept(decided: Decided) -> list[Decision]:
    """What the journal would read, ids left out."""
    lines = lines_of(decided.decisions).splitlines()
    read = [msgspec.json.decode(line, type=Decision) for line in lines]
    return [msgspec.structs.replace(each, id="") for each in read]


@pytest.mark.parametrize("service", SERVICES, ids=["lines", "trees"])
@given(rows=rows_of_a_body.filter(len), strict=st.booleans())
@settings(max_examples=80, deadline=None)
def test_rows_in_one_body_are_decided_as_each_alone(service: Service, rows: list[Any], strict: bool) -> None:
    together, alone = asked(service, rows, strict=strict), [asked(service, [row], strict=strict) for row in rows]
    assert told(together) == [each for one in alone for each in told(one)]
    assert kept(together) == [each for one in alone for each in kept(one)]
    counted = {(f.field, f.code, f.refused): f.n for f in together.faults}
    added: dict[Any, int] = {}
    for fault in (fault for one in alone for fault in one.faults):
        added[fault.field, fault.code, fault.refused] = added.get((fault.field, fault.code, fault.refused), 0) + fault.n
    assert counted == added


@given(row=plain, service=st.sampled_from(SERVICES))
@settings(max_examples=50, deadline=None)
def test_a_plain_row_is_kept_as_it_came_and_read_as_it_was_used(row: dict[str, Any], service: Service) -> None:
    decided = asked(service, [row, row | {"customer": "anna"}])
    as_it_came, written = decided.decisions
    assert isinstance(as_it_came, AsItCame)
    assert isinstance(written, Decision)  # the entity is nothing that the model sees
    first, second = kept(decided)
    assert first.used == second.used == written.used
    assert all(isinstance(value, float | str | None) for value in first.used.values())


def test_what_stands_twice_in_a_row_is_kept_as_it_was_used() -> None:
    sent = b'{"rows": [{"age": 20, "income": 1, "region": "US", "age": 60}]}'
    call = Call(key="", at_us=AT_US, started_us=0, clock_us=lambda: 9, entropy=bytes, secret=b"s" * 32)
    decided = decide(SERVICES[0], read_decide(sent), call, Repeats())
    assert [decision.used["age"] for decision in kept(decided)] == [60.0]
    assert told(decided) == told(asked(SERVICES[0], [{"age": 60, "income": 1, "region": "US"}]))


def test_a_row_of_several_lines_is_one_line_of_the_journal() -> None:
    row = {"age": 20, "income": 1, "region": "US"}
    call = Call(key="", at_us=AT_US, started_us=0, clock_us=lambda: 9, entropy=bytes, secret=b"s" * 32)
    for space in ("\n", "\r", "\r\n"):
        sent = json.dumps({"rows": [row] * 3}, indent=2).replace("\n", space).encode()
        decided = decide(SERVICES[0], read_decide(sent), call, Repeats())
        assert lines_of(decided.decisions).count(b"\n") == 3
        assert b"\r" not in lines_of(decided.decisions)
        assert [each.used for each in kept(decided)] == [each.used for each in kept(asked(SERVICES[0], [row] * 3))]


def test_a_schema_of_truths_and_moments_is_written_as_it_was_read() -> None:
    row = {"age": 50, "income": 1, "region": "EU", "member": True, "joined": "2021-05-01T00:00:00Z", "late": 0}
    decided = asked(make(), [row] * 3)
    assert [type(each) for each in decided.decisions] == [Decision] * 3
    (first, *_) = kept(decided)
    assert (first.used["member"], first.used["joined"], list(first.used)) == (
        "true",
        1_619_827_200.0,
        [*SCHEMA.names, "late"],
    )


@given(st.integers(1, 40), st.integers(1, 9), st.integers(0, 2**32 - 1), st.booleans())
def test_sums_are_added_one_by_one_whatever_their_shape(n_parts: int, n_rows: int, seed: int, single: bool) -> None:
    random = np.random.default_rng(seed)
    parts = (random.normal(size=(n_parts, n_rows)) * 10.0 ** random.integers(-9, 9, size=(n_parts, n_rows))).astype(
        np.float32 if single else np.float64
    )
    expected = np.zeros(n_rows, dtype=parts.dtype) + parts[0]
    for part in parts[1:]:
        expected = expected + part
    assert np.array_equal(sums(parts), expected)
    assert np.array_equal(sums(np.asfortranarray(parts)), expected)
