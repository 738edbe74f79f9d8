"""What callers are told: the level they may have meant, and no more than their rows deserve."""

from __future__ import annotations

from itertools import count

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.serving.made import ROW, SCHEMA, body, make, words

from mainstay.domain.limits import Limits
from mainstay.domain.schema import Field, Kind, Policy
from mainstay.serving.answer import Answer, Failed
from mainstay.serving.body import Unacceptable
from mainstay.serving.call import Call
from mainstay.serving.decide import decide
from mainstay.serving.nearest import nearest
from mainstay.serving.repeats import Repeats
from mainstay.serving.service import Service, make_service
from mainstay.serving.telling import MAX_HINTS, MAX_NOTES, MAX_ROW_NOTES

LEVELS = tuple(f"level {number}" for number in range(500))


def test_the_level_that_was_meant_is_named() -> None:
    assert nearest("festivl", ("concert", "festival")) == "festival"
    assert nearest("FESTIVAL!", ("concert", "festival")) == "festival"
    assert nearest("x", ("X-ray", "x1")) == "x1"
    assert nearest("zebra", ("concert", "festival")) is None
    assert nearest("zebra", ()) is None


@given(st.text(max_size=300), st.lists(st.text(max_size=300), max_size=20))
def test_any_text_is_near_a_level_or_none(text: str, levels: list[str]) -> None:
    assert nearest(text, tuple(levels)) in (None, *levels)


@given(
    st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=20, unique_by=lambda text: text.strip().casefold())
)
def test_a_level_is_nearest_to_itself(levels: list[str]) -> None:
    known = tuple(levels)
    assert [nearest(level, known) for level in known] == list(known)


def test_an_unseen_level_comes_back_with_the_nearest(service: Service, call: Call) -> None:
    (entry,) = decide(service, body(ROW | {"region": "EUU"}), call, Repeats()).entries
    assert isinstance(entry, Answer)
    assert msgspec.to_builtins(entry.warnings) == (
        {"field": "region", "code": "unseen-level", "got": "EUU", "used": "EUU", "nearest": "EU"},
    )


def test_the_journal_keeps_what_was_seen_and_not_what_may_have_been_meant(service: Service, call: Call) -> None:
    (decision,) = decide(service, body(ROW | {"region": "EUU"}), call, Repeats()).decisions
    assert "nearest" not in msgspec.to_builtins(decision.warnings[0])


def test_a_refused_level_comes_back_with_the_nearest_in_words(call: Call) -> None:
    fields = tuple(msgspec.structs.replace(f, on_unseen=Policy.REFUSE) for f in SCHEMA.fields)
    strict = make_service(
        "credit", 3, schema=msgspec.structs.replace(SCHEMA, fields=fields), plan=make().plan, words=words()
    )
    rows = body(ROW | {"region": "EUU"}, ROW | {"region": "zebra"}, ROW | {"age": "abc", "region": "US."})
    first, second, third = decide(strict, rows, call, Repeats()).entries
    assert isinstance(first, Failed)
    assert isinstance(second, Failed)
    assert isinstance(third, Failed)
    assert first.error.wanted == "one of EU, US. Did you mean 'EU'?"
    assert second.error.wanted == "one of EU, US"
    assert third.error.also[0].wanted == "one of EU, US. Did you mean 'US'?"


def test_the_nearest_is_looked_for_so_often_and_no_more(call: Call) -> None:
    fields = (*SCHEMA.fields, Field(name="shop", kind=Kind.CATEGORY, levels=LEVELS))
    wide = make_service(
        "credit", 3, schema=msgspec.structs.replace(SCHEMA, fields=fields), plan=make().plan, words=words()
    )
    rows = [ROW | {"shop": f"level {number}x"} for number in range(MAX_HINTS + 10)]
    entries = decide(wide, body(*rows, *rows[:1]), call, Repeats()).entries
    found = [e.warnings[0].nearest is not None for e in entries if isinstance(e, Answer)]
    assert found == [True] * MAX_HINTS + [False] * 10 + [True]


def test_rows_that_take_too_long_are_refused_together(service: Service, call: Call) -> None:
    hasty = msgspec.structs.replace(call, clock_us=count(0, 600_000).__next__, limits=Limits(answer_s=1.0))
    assert len(decide(service, body(*[ROW] * 64), hasty, Repeats()).entries) == 64
    with pytest.raises(Unacceptable, match="more than 1 seconds to read") as refused:
        decide(service, body(*[ROW] * 200), hasty, Repeats())
    assert (refused.value.code, refused.value.status) == ("too-slow", 413)


def test_an_answer_is_not_many_times_larger_than_its_request_whatever_the_table(call: Call) -> None:
    fields = (*SCHEMA.fields, *(Field(name=f"column {n}", kind=Kind.NUMBER) for n in range(300)))
    wide = make_service(
        "credit", 3, schema=msgspec.structs.replace(SCHEMA, fields=fields), plan=make().plan, words=words()
    )
    decided = decide(wide, body(*[{"age": 30}] * 1000), call, Repeats())
    assert len(decided.entries) == 1000
    entry = decided.entries[0]
    assert isinstance(entry, Answer)
    assert len(entry.warnings) == MAX_NOTES // 1000 + 1
    assert (entry.warnings[-1].code, entry.warnings[-1].got) == ("more", "300 more warnings")
    assert len(msgspec.json.encode(decided.entries)) < 1_000_000
    assert sum(fault.n for fault in decided.faults) > MAX_NOTES  # counted all the same
    (alone,) = decide(wide, body({"age": 30}), call, Repeats()).entries
    assert isinstance(alone, Answer)
    assert len(alone.warnings) == MAX_ROW_NOTES + 1
    assert len(decided.decisions[0].warnings) == 305
