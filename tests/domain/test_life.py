"""Life: a fold over events says what is live, what was, and which signals are open."""

from __future__ import annotations

from typing import Any

import msgspec

from mainstay.domain.event import Act, Event, chained
from mainstay.domain.finding import Finding, Signal, Verdict
from mainstay.domain.life import Life, fold


def lived(*acts: tuple[Act, dict[str, Any]]) -> Life:
    events: list[Event] = []
    for act, body in acts:
        at = f"2026-03-{len(events) + 1:02d}T00:00:00Z"
        previous = events[-1] if events else None
        events.append(chained(previous, model="m", at=at, actor=f"actor {len(events) + 1}", act=act, body=body))
    return fold("m", events)


def trained(number: int, *failed: str) -> tuple[Act, dict[str, Any]]:
    body = {"version": number, "model_digest": "m", "bundle_digest": "b", "snapshot": "s", "summary": {}}
    return Act.TRAINED, body | {"failed_gates": list(failed)}


def deployed(number: int) -> tuple[Act, dict[str, Any]]:
    return Act.DEPLOYED, {"version": number}


def signal(identity: str, status: str = "open") -> dict[str, Any]:
    finding = Finding(code="F1", verdict=Verdict.FAIL, because="moved", subjects=("x",))
    made = Signal(id=identity, finding=finding, since="2026-03-01T00:00:00Z", cause="x", status=status)
    return {"signal": msgspec.to_builtins(made)}


def test_a_twin_is_an_older_version_with_the_same_model_that_may_serve() -> None:
    other = trained(2)[1] | {"model_digest": "other"}
    assert lived(trained(1), (Act.TRAINED, other)).twin(2) is None
    assert lived(trained(1), trained(2), trained(3)).twin(3) == 2, "the newest"
    assert lived(trained(1), deployed(1), trained(2), trained(3)).twin(3) == 1, "the live one"
    assert lived(trained(1, "F04-target-roc-auc"), trained(2)).twin(2) is None, "gates hold it back"


def test_nothing_happened_yet() -> None:
    life = lived()
    assert (life.live, life.versions, life.seq, life.open_signals) == (None, (), 0, ())


def test_a_trained_version_is_ready_or_held_until_it_is_live() -> None:
    life = lived(trained(1), trained(2, "targets"))
    assert [life.status(n) for n in (1, 2)] == ["ready", "held"]
    assert life.version(2) is not None
    assert life.version(3) is None


def test_the_live_version_tells_since_when_and_by_whom() -> None:
    life = lived(trained(1), deployed(1))
    assert (life.live, life.live_since, life.live_by) == (1, "2026-03-02T00:00:00Z", "actor 2")


def test_a_rollback_walks_back_what_was_live_before() -> None:
    before = lived(trained(1), trained(2), trained(3), deployed(1), deployed(2), deployed(3))
    assert (before.live, before.before) == (3, (1, 2))
    back = lived(
        trained(1), trained(2), trained(3), deployed(1), deployed(2), deployed(3),
        (Act.ROLLED_BACK, {"version": 2, "from_version": 3}),
    )  # fmt: skip
    assert (back.live, back.before) == (2, (1,))
    assert back.status(1) == "retired"


def test_deploying_what_is_live_already_changes_no_stack() -> None:
    life = lived(trained(1), trained(2), deployed(1), deployed(2), deployed(2))
    assert (life.live, life.before) == (2, (1,))


def test_approvals_gather() -> None:
    life = lived(trained(1), (Act.APPROVED, {"version": 1}), (Act.APPROVED, {"version": 1}))
    (version,) = life.versions
    assert version.approved_by == ("actor 2", "actor 3")


def test_a_signal_opens_changes_is_acknowledged_and_closes() -> None:
    opened = (Act.SIGNAL_OPENED, signal("s1"))
    assert [s.id for s in lived(opened).open_signals] == ["s1"]
    acknowledged = lived(opened, (Act.ACKNOWLEDGED, {"id": "s1"}))
    assert [s.status for s in acknowledged.open_signals] == ["acknowledged"]
    closed = lived(opened, (Act.SIGNAL_OPENED, signal("s2")), (Act.SIGNAL_CLOSED, {"id": "s1", "because": "over"}))
    assert [s.id for s in closed.open_signals] == ["s2"]
    assert closed.signals["s1"].status == "closed"


def test_acts_of_a_later_edition_change_nothing_but_the_count() -> None:
    life = lived(trained(1), (Act.REPORTED, {"version": 1}))
    assert life.seq == 2
    assert life.live is None
