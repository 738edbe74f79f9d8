"""What the past cannot tell is asked for, and needs a control group or a written plan."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.made import changed, exam
from tests.checks.served import amounts

from mainstay.checks.examined import Examined
from mainstay.checks.judgeable import acts, declined
from mainstay.domain.finding import Finding, Verdict


def decided(words: str) -> Examined:
    examined = exam()
    decision = examined.brief.decision.model_copy(update=dict(pair.split("=") for pair in words.split()))
    return changed(examined, brief=examined.brief.model_copy(update={"decision": decision}))


def one(look: object, examined: Examined) -> Finding:
    (found,) = look(examined)  # type: ignore[operator]
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("hides_outcome=neither", Verdict.PASS),
        ("hides_outcome=when_high", Verdict.FAIL),
        ("hides_outcome=when_low", Verdict.FAIL),
        ("hides_outcome=when_high judged_online=shadow", Verdict.PASS),
    ],
)
def test_a_decision_that_hides_outcomes_needs_a_plan(words: str, verdict: Verdict) -> None:
    assert one(declined, decided(words)).verdict is verdict


def test_a_control_group_tells_the_difference() -> None:
    examined = decided("hides_outcome=when_high")
    decision = examined.brief.decision.model_copy(update={"control_share": 0.05, "changes_outcome": True})
    held = changed(examined, brief=examined.brief.model_copy(update={"decision": decision}))
    assert one(declined, held).verdict is Verdict.PASS
    assert one(acts, held).verdict is Verdict.PASS
    decision = decision.model_copy(update={"control_share": 0.0})
    assert one(acts, changed(held, brief=held.brief.model_copy(update={"decision": decision}))).verdict is Verdict.FAIL


def test_a_silent_brief_is_asked_and_rows_that_were_never_seen_are_told() -> None:
    for examined in (exam(), amounts()):
        assert {one(look, examined).verdict for look in (declined, acts)} == {Verdict.UNKNOWN}
    never = changed(exam(), today=np.zeros(6000, dtype=bool))
    assert one(declined, never).verdict is Verdict.WARN
    assert "'decline'" in one(declined, never).because
