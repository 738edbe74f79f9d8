"""Signals have a life: one per cause, opened once, changed when it matters, closed when quiet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.domain.event import Act, Event
from mainstay.domain.finding import Finding, Judged, Signal, Verdict
from mainstay.domain.life import fold
from mainstay.domain.moments import iso
from mainstay.monitoring.look import Judgement
from mainstay.monitoring.signals import Change, changes

DRIFT = "F29-input-drift"
START = datetime(2026, 1, 1, tzinfo=UTC)


def day(n: int) -> str:
    return iso(START + timedelta(days=n))


def found(n: int, *subjects: str, verdict: Verdict = Verdict.WARN, code: str = DRIFT) -> Judged:
    finding = Finding(code=code, verdict=verdict, because=f"on day {n}", subjects=subjects, measured=float(n))
    return Judged(finding=finding, start=day(n), end=day(n + 1), cause="world")


def seen(n_days: int, *judged: Judged, told: int = 0) -> Judgement:
    """What is known after some days."""
    known = tuple(each for each in judged if each.end <= day(n_days) and each.start >= day(told))
    looked = tuple(day(i) for i in range(n_days))
    return Judgement(known, looked, frozenset({DRIFT, "other"}), told=day(told) if told else "")


def after(signals: dict[str, Signal], done: tuple[Change, ...]) -> dict[str, Signal]:
    """The model's signals once the ledger holds the changes."""
    begin = [Change(Act.SIGNAL_OPENED, {"signal": msgspec.to_builtins(signal)}) for signal in signals.values()]
    events = [
        Event(model="m", seq=i, at="", actor="", act=change.act, body=change.body, previous="", hash="")
        for i, change in enumerate([*begin, *done], start=1)
    ]
    return fold("m", events).signals


def lived(*judged: Judged, days: int, every: int = 1) -> tuple[dict[str, Signal], list[tuple[int, str]]]:
    """Look every few days; return the signals at the end and what happened on which day."""
    signals: dict[str, Signal] = {}
    story = []
    for n in range(every, days + 1, every):
        judgement = seen(n, *judged, told=max(n - every - 3, 0))
        done = changes(signals, [judgement])
        signals = after(signals, done)
        assert changes(signals, [judgement]) == ()
        story += [(n, change.act.value) for change in done]
    return signals, story


def test_what_breaks_together_is_one_signal() -> None:
    signals, story = lived(found(5, "a"), found(5, "b"), found(5, "c", verdict=Verdict.FAIL), days=6)
    (signal,) = signals.values()
    assert set(signal.finding.subjects) == {"a", "b", "c"}
    assert signal.finding.subject == "c"
    assert signal.finding.verdict is Verdict.FAIL
    assert signal.since == day(5)
    assert story == [(6, "signal-opened")]


def test_what_breaks_later_is_another_signal() -> None:
    signals, _ = lived(found(5, "a"), found(8, "b"), days=9)
    assert [signal.finding.subjects for signal in signals.values()] == [("a",), ("b",)]


def test_what_breaks_one_period_later_joins() -> None:
    signals, story = lived(found(5, "a"), found(6, "b"), days=8)
    assert [signal.finding.subjects for signal in signals.values()] == [("a", "b")]
    assert story == [(6, "signal-opened"), (7, "signal-changed")]


def test_what_goes_on_changes_nothing_and_what_is_quiet_closes_once() -> None:
    signals, story = lived(*(found(n, "a") for n in range(5, 15)), days=30)
    assert story == [(6, "signal-opened"), (18, "signal-closed")]
    assert next(iter(signals.values())).status == "closed"


def test_worse_is_told_better_is_not() -> None:
    days = [found(5, "a"), found(6, "a", verdict=Verdict.FAIL), found(7, "a")]
    signals, story = lived(*days, days=8)
    assert story == [(6, "signal-opened"), (7, "signal-changed")]
    assert next(iter(signals.values())).finding.verdict is Verdict.FAIL


def test_a_signal_that_returns_is_a_new_one() -> None:
    signals, story = lived(found(5, "a"), found(20, "a"), days=30)
    assert [act for _, act in story] == ["signal-opened", "signal-closed"] * 2
    assert list(signals) == ["1", "2"]


def test_a_pause_shorter_than_quiet_is_one_life() -> None:
    _, story = lived(found(5, "a"), found(8, "a"), days=9)
    assert story == [(6, "signal-opened")]


def test_what_came_and_went_while_nobody_looked_is_still_told() -> None:
    signals, story = lived(found(5, "a"), found(6, "a"), days=40, every=20)
    assert story == [(20, "signal-opened"), (20, "signal-closed")]
    assert signals["1"].since == day(5)


def test_a_notice_takes_all_of_its_kind() -> None:
    unknown = [found(n, name, verdict=Verdict.UNKNOWN) for n, name in ((5, "a"), (9, "a"), (9, "b"), (10, "b"))]
    middle = [found(n, "a", verdict=Verdict.UNKNOWN) for n in (6, 7, 8)]
    signals, _ = lived(*unknown, *middle, days=11)
    assert [signal.finding.subjects for signal in signals.values()] == [("a", "b")]


def test_codes_do_not_mix_and_only_those_judged_close() -> None:
    signals, _ = lived(found(5, "a"), found(5, "a", code="other"), days=6)
    assert {signal.finding.code for signal in signals.values()} == {DRIFT, "other"}
    outcomes_only = Judgement((), tuple(day(i) for i in range(30)), frozenset({"F32-value-fell"}))
    assert changes(signals, [outcomes_only]) == ()


def test_an_acknowledged_signal_that_gets_worse_is_open_again() -> None:
    signals, _ = lived(found(5, "a"), days=6)
    signals = {key: msgspec.structs.replace(signal, status="acknowledged") for key, signal in signals.items()}
    done = changes(signals, [seen(7, found(5, "a"), found(6, "a", verdict=Verdict.FAIL))])
    assert [change.act for change in done] == [Act.SIGNAL_CHANGED]
    assert after(signals, done)["1"].status == "open"  # what was acknowledged was less than this
    quiet = changes(signals, [seen(12, found(5, "a"), told=9)])
    assert [change.act for change in quiet] == [Act.SIGNAL_CLOSED]


def test_silence_closes_nothing() -> None:
    signals, _ = lived(found(5, "a"), days=6)
    assert changes(signals, [seen(6, found(5, "a"))]) == ()


def test_without_subjects_the_code_is_the_cause() -> None:
    signals, story = lived(found(5), found(6), days=20)
    assert story == [(6, "signal-opened"), (10, "signal-closed")]
    assert signals["1"].finding.subject is None


DAYS = st.sets(st.tuples(st.integers(0, 40), st.sampled_from("abc")), max_size=40)


@settings(max_examples=60, deadline=None)
@given(DAYS, st.integers(1, 9))
def test_looking_again_changes_nothing_and_the_end_is_the_same_however_often_one_looked(
    when: set[tuple[int, str]], every: int
) -> None:
    judged = [found(n, name) for n, name in sorted(when)]
    signals, _ = lived(*judged, days=63, every=every)
    assert all(signal.status == "closed" for signal in signals.values())
    told = {(subject) for signal in signals.values() for subject in signal.finding.subjects}
    assert told == {name for _, name in when}


@pytest.mark.parametrize("n", [1, 2])
def test_changes_are_ready_for_the_ledger(n: int) -> None:
    done = changes({}, [seen(6, *(found(5, f"x{i}") for i in range(n)))])
    signal = msgspec.convert(done[0].body["signal"], Signal)
    assert signal.id == "1"
    assert len(signal.finding.subjects) == n
