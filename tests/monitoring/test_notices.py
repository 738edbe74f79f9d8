"""Whom to tell, when: once for every turn, to those concerned, outside quiet hours, in digests, and never lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.brief.notify import NotifyPart
from mainstay.domain.event import Act, Event, chained
from mainstay.domain.finding import Finding, Signal, Verdict
from mainstay.domain.life import Life, fold
from mainstay.domain.moments import iso
from mainstay.domain.notice import Outbox
from mainstay.monitoring.notices import (
    LONGEST_WAIT,
    MOST_APART,
    due,
    due_at,
    failed,
    hurried,
    out_of_quiet,
    planned,
    sent,
)

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Said = tuple[Act, dict[str, Any]]


def brief(notify: str, more: str = "") -> Brief:
    head = '[model]\nname = "m"\nowner = "anna"\n[data]\ntarget = "t"\n'
    return parse_brief(f'{head}{more}\n[notify.ops]\nto = "${{OPS}}"\n{notify}')


def opened(id_: str = "1", verdict: Verdict = Verdict.WARN, *subjects: str, act: Act = Act.SIGNAL_OPENED) -> Said:
    finding = Finding(code="F29-input-drift", verdict=verdict, because="it moved", subjects=subjects or ("age",))
    return act, {"signal": msgspec.to_builtins(Signal(id=id_, finding=finding, since="2026-03-01", cause="world"))}


def closed(id_: str = "1") -> Said:
    return Act.SIGNAL_CLOSED, {"id": id_, "because": "quiet"}


def life(*acts: Said) -> Life:
    events: list[Event] = []
    for act, body in acts:
        at = iso(AT + timedelta(minutes=len(events)))
        events.append(chained(events[-1] if events else None, model="m", at=at, actor="a", act=act, body=body))
    return fold("m", events)


def round_of(outbox: Outbox, now: Life, told: Brief, at: datetime) -> tuple[Outbox, list[str]]:
    """Plan, and have everything that is due taken; return what was said: topics and signals."""
    outbox, said = planned(outbox, now, told, at=at), []
    for batch in due(outbox, now, told, at=at):
        said.append(f"{batch.letter.topic.value} {','.join(each.standing.signal.id for each in batch.letter.about)}")
        outbox = sent(outbox, batch.notices, at=at)
    return outbox, said


def told_in_turn(told: Brief, *lives: Life, apart: timedelta = HOUR) -> list[list[str]]:
    outbox, every = Outbox(), []
    for number, each in enumerate(lives):
        outbox, said = round_of(outbox, each, told, AT + (number + 1) * apart)
        every.append(said)
    return every


WORSE = opened("1", Verdict.FAIL, act=Act.SIGNAL_CHANGED)


def test_every_turn_is_told_once_and_nothing_twice() -> None:
    one, two, three = life(opened()), life(opened(), WORSE), life(opened(), WORSE, closed())
    said = told_in_turn(brief(""), one, one, two, two, three, three)
    assert said == [["opened 1"], [], ["worsened 1"], [], ["closed 1"], []]


def test_what_was_not_taken_is_told_as_it_stands_when_it_is() -> None:
    """A turn that waits gives way to a later one of the same signal: what waits is bounded by signals, not by time."""
    told = brief("")
    outbox = planned(Outbox(), life(opened()), told, at=AT + HOUR)
    outbox = planned(outbox, life(opened(), WORSE, closed()), told, at=AT + 2 * HOUR)
    assert [notice.topic.value for notice in outbox.waiting] == ["closed"]


def test_what_nobody_was_told_of_is_not_told_to_be_over() -> None:
    assert told_in_turn(brief('severity = "fail"'), life(opened()), life(opened(), closed())) == [[], []]


def test_an_address_that_joins_is_told_of_what_is_open() -> None:
    assert told_in_turn(brief(""), life(opened(), closed(), opened("2"))) == [["opened 2"]]


def test_nobody_is_told_of_what_is_muted_or_in_hand() -> None:
    said_until = {"why": "known", "until": iso(AT + 3 * HOUR)}
    for word in (
        (Act.MUTED, {"kind": "signal", "name": "1", **said_until}),
        (Act.ACKNOWLEDGED, {"id": "1", **said_until}),
    ):
        before, after = life(opened(), word), life(opened(), word, WORSE)
        assert told_in_turn(brief(""), before, before, after) == [[], [], ["worsened 1"]]
        assert told_in_turn(brief(""), *[before] * 5) == [[], [], ["still-open 1"], [], []]
        outbox = planned(Outbox(), life(opened()), brief(""), at=AT + HOUR)
        assert planned(outbox, before, brief(""), at=AT + 2 * HOUR).waiting == ()


OWNERS = '[fields.age]\nowner = "crm"\n[fields.job]\nowner = "crm"\n[fields.plan]\nowner = "billing"'


@pytest.mark.parametrize(
    ("owner", "subjects", "is_told"),
    [
        ("crm", ("age",), True),
        ("crm", ("age=old",), True),
        ("crm", ("plan", "job"), True),
        ("crm", ("plan",), False),
        ("crm", ("score",), False),
        ("anna", ("score",), True),
        ("anna", ("age",), False),
        ("", ("age",), True),
    ],
)
def test_owners_are_told_of_what_they_answer_for(owner: str, subjects: tuple[str, ...], is_told: bool) -> None:
    told = brief(f'owner = "{owner}"' if owner else "", OWNERS)
    (said,) = told_in_turn(told, life(opened("1", Verdict.WARN, *subjects)))
    assert said == (["opened 1"] if is_told else [])


def test_a_digest_gathers_a_day_and_says_each_turn_once() -> None:
    told = brief('digest = "daily"\ndigest_at = "18:00"')
    two = life(opened(), opened("2"))
    said = told_in_turn(told, two, *[two] * 5, life(opened(), opened("2"), closed()), apart=HOUR)
    assert said == [[], [], [], [], [], ["digest 1,2"], []]
    assert due_at(told.told["ops"], only(two), at=AT + 6 * HOUR, zone="UTC") == datetime(2026, 3, 3, 18, tzinfo=UTC)


def only(now: Life) -> Signal:
    return next(iter(now.signals.values()))


def test_a_weekly_digest_comes_on_monday_in_its_own_zone() -> None:
    part = NotifyPart(to="${OPS}", digest="weekly", time_zone="Australia/Sydney")
    when = due_at(part, only(life(opened())), at=AT, zone="UTC")
    assert when == datetime(2026, 3, 8, 21, tzinfo=UTC)


def test_quiet_hours_hold_back_all_but_what_fails() -> None:
    part = NotifyPart(to="${OPS}", quiet="22:00-07:00", time_zone="Europe/Berlin")
    night = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)  # the night in which the clocks go forward there
    assert due_at(part, only(life(opened())), at=night, zone="UTC") == datetime(2026, 3, 29, 5, tzinfo=UTC)
    assert due_at(part, only(life(opened("1", Verdict.FAIL))), at=night, zone="UTC") == night


def test_thirty_at_once_are_one_message() -> None:
    many = life(*(opened(str(number + 1)) for number in range(MOST_APART + 1)))
    ((said,),) = told_in_turn(brief(""), many)
    assert said.startswith("digest 1,2,")
    few = life(*(opened(str(number + 1)) for number in range(MOST_APART)))
    assert len(told_in_turn(brief(""), few)[0]) == MOST_APART


def test_what_fails_is_tried_again_later_every_time_and_never_given_up() -> None:
    told, now = brief(""), life(opened())
    outbox, at, waits = planned(Outbox(), now, told, at=AT + HOUR), AT + HOUR, []
    for _ in range(30):
        (batch,) = due(outbox, now, told, at=at)
        outbox = failed(outbox, batch.notices, told.told["ops"], "no answer", at=at, zone="UTC")
        (notice,) = outbox.waiting
        waits.append(datetime.fromisoformat(notice.due_at) - at)
        assert due(outbox, now, told, at=at) == ()
        at = datetime.fromisoformat(notice.due_at)
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(minutes=1), LONGEST_WAIT)
    soon = hurried(outbox, "ops", at=AT)
    assert [batch.letter.id for batch in due(soon, now, told, at=AT)] == ["m.1.1"]


def test_the_same_turn_has_the_same_id_for_everybody_and_every_time() -> None:
    told = brief("", '[notify.other]\nto = "${OTHER}"')
    outbox = planned(Outbox(), life(opened()), told, at=AT)
    assert {batch.letter.id for batch in due(outbox, life(opened()), told, at=AT)} == {"m.1.1"}
    assert len(outbox.waiting) == 2


def test_what_is_over_and_told_leaves_the_outbox() -> None:
    over = life(opened(), closed())
    outbox, _ = round_of(Outbox(), life(opened()), brief(""), AT + HOUR)
    outbox, _ = round_of(outbox, over, brief(""), AT + 2 * HOUR)
    assert planned(outbox, over, brief(""), at=AT + 3 * HOUR) == Outbox()


@given(
    at=st.integers(0, 365 * 24 * 60).map(lambda minutes: AT + timedelta(minutes=minutes)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu"]),
    hours=st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda pair: pair[0] != pair[1]),
)
def test_quiet_hours_end_within_a_day_and_nothing_waits_outside_them(
    at: datetime, zone: str, hours: tuple[int, int]
) -> None:
    part = NotifyPart(to="${OPS}", quiet=f"{hours[0]:02d}:00-{hours[1]:02d}:00", time_zone=zone)
    first = out_of_quiet(part, at, zone="UTC")
    assert at <= first <= at + DAY + HOUR
    assert out_of_quiet(part, first, zone="UTC") == first
