"""What people say of signals holds until its moment, or until the signal gets worse."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from mainstay.domain.event import Act, Event, chained
from mainstay.domain.finding import Finding, Signal, Verdict
from mainstay.domain.life import Life, fold

Said = tuple[Act, dict[str, Any]]
UNTIL = "2026-03-10T00:00:00Z"


def day(number: int) -> datetime:
    return datetime(2026, 3, number, tzinfo=UTC)


def lived(*acts: Said) -> Life:
    """One event a day, from the first of March on."""
    events: list[Event] = []
    for act, body in acts:
        at = f"2026-03-{len(events) + 1:02d}T00:00:00Z"
        events.append(chained(events[-1] if events else None, model="m", at=at, actor="anna", act=act, body=body))
    return fold("m", events)


def signal(verdict: Verdict = Verdict.WARN, *subjects: str, act: Act = Act.SIGNAL_OPENED, id_: str = "1") -> Said:
    finding = Finding(code="F29-input-drift", verdict=verdict, because="it moved", subjects=subjects or ("age",))
    return act, {"signal": msgspec.to_builtins(Signal(id=id_, finding=finding, since="2026-03-01", cause="world"))}


def worse(*subjects: str) -> Said:
    return signal(Verdict.FAIL, *subjects, act=Act.SIGNAL_CHANGED)


def muted(kind: str, name: str, until: str = UNTIL) -> Said:
    return Act.MUTED, {"kind": kind, "name": name, "why": "known", "until": until}


ACK: Said = (Act.ACKNOWLEDGED, {"id": "1", "why": "asked", "until": UNTIL})
CLOSED: Said = (Act.SIGNAL_CLOSED, {"id": "1", "because": "quiet"})


def states(life: Life, at: int) -> list[str]:
    return [each.state.value for each in life.standings(day(at))]


def test_an_acknowledgement_holds_until_its_moment_and_is_said_to_have_run_out() -> None:
    life = lived(signal(), ACK)
    assert states(life, 9) == ["acknowledged"]
    assert states(life, 10) == ["open"]
    (stands,) = life.standings(day(9))
    assert stands.word is not None
    assert (stands.word.by, stands.word.why, stands.again_at) == ("anna", "asked", None)
    (stands,) = life.standings(day(11))
    assert (stands.word, stands.again_at) == (None, UNTIL)


def test_an_older_acknowledgement_without_an_end_holds_for_ever() -> None:
    assert states(lived(signal(), (Act.ACKNOWLEDGED, {"id": "1", "why": "seen"})), 30) == ["acknowledged"]


@pytest.mark.parametrize("change", [worse(), signal(Verdict.WARN, "age", "job", act=Act.SIGNAL_CHANGED)])
def test_a_signal_that_gets_worse_ends_what_was_said_of_it(change: Said) -> None:
    assert states(lived(signal(), ACK, change), 4) == ["open"]
    for kind, name in (("signal", "1"), ("code", "F29-input-drift")):
        assert states(lived(signal(), muted(kind, name), change), 4) == ["open"]


def test_a_signal_that_only_changes_stays_in_hand() -> None:
    same = signal(Verdict.WARN, "age", act=Act.SIGNAL_CHANGED)
    assert states(lived(signal(), ACK, same), 4) == ["acknowledged"]


def test_a_mute_of_a_code_wakes_for_what_got_worse_and_holds_for_the_rest() -> None:
    life = lived(signal(), muted("code", "F29-input-drift"), worse(), signal(id_="2"))
    assert states(life, 5) == ["open", "muted"]


@pytest.mark.parametrize(
    ("subjects", "state"), [(("age",), "muted"), (("age=old",), "muted"), (("age", "job"), "open"), ((), "muted")]
)
def test_a_mute_of_an_input_covers_signals_about_nothing_else(subjects: tuple[str, ...], state: str) -> None:
    assert states(lived(muted("subject", "age"), signal(Verdict.WARN, *subjects)), 5) == [state]


def test_a_mute_ends_at_its_moment_or_is_taken_back() -> None:
    life = lived(muted("signal", "1"), signal())
    assert (states(life, 9), states(life, 10)) == (["muted"], ["open"])
    back = (Act.UNMUTED, {"kind": "signal", "name": "1", "why": ""})
    assert states(lived(muted("signal", "1"), signal(), back), 5) == ["open"]


def test_muted_and_acknowledged_signals_are_still_shown_and_close() -> None:
    life = lived(signal(), muted("signal", "1"), ACK)
    assert [(s.id, s.status) for s in life.signals_at(day(5))] == [("1", "muted")]
    life = lived(signal(), muted("signal", "1"), ACK, CLOSED)
    assert states(life, 6) == ["closed"]
    assert life.signals_at(day(6)) == ()


def test_the_last_turn_says_what_somebody_should_know_of() -> None:
    def turned(*acts: Said) -> tuple[str, int]:
        turn = lived(*acts).attention.turns["1"]
        return turn.turn.value, turn.seq

    assert turned(signal()) == ("opened", 1)
    assert turned(signal(), ACK, signal(act=Act.SIGNAL_CHANGED)) == ("opened", 1)
    assert turned(signal(), ACK, worse()) == ("worsened", 3)
    assert turned(signal(), worse(), CLOSED) == ("closed", 3)
