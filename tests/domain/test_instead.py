"""A version that is not surely worth more than what is there is not followed by deploying it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.workflows.lives import summary

from mainstay.domain.evaluation import CandidateResult, Estimate, Summary
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.instead import instead_of_deploying

SHARE = Estimate(0.3, 0.25, 0.35)


def seen(name: str = "boosting", share: Estimate = SHARE, **findings: Verdict) -> Summary:
    found = tuple(
        Finding(code=f"F05-beats-{code.replace('_', '-')}", verdict=verdict, because="")
        for code, verdict in findings.items()
    )
    winner = CandidateResult(
        name=name, title=name, metrics={}, threshold=0.5, value=None, winner_ahead=None, chosen=True
    )
    return replace(summary(1), candidates=(winner,), findings=found, share_high=share)


def test_a_clear_gain_is_deployed() -> None:
    assert instead_of_deploying(seen(base_rate=Verdict.PASS, today=Verdict.PASS, logistic=Verdict.WARN)) == ""


@pytest.mark.parametrize("name", ["today", "base_rate", "mean"])
def test_what_learned_nothing_is_not(name: str) -> None:
    assert ("keep today's rule" if name == "today" else "change nothing") in instead_of_deploying(seen(name))


@pytest.mark.parametrize(("verdict", "says"), [(Verdict.FAIL, "does better"), (Verdict.WARN, "until more rows")])
def test_the_rule_stays_until_something_is_better(verdict: Verdict, says: str) -> None:
    assert says in instead_of_deploying(seen(base_rate=Verdict.PASS, today=verdict))


def test_deciding_every_case_alike_needs_no_model() -> None:
    assert "every case alike" in instead_of_deploying(seen(share=Estimate(0.0, 0.0, 0.01)))
    everyone = CandidateResult(
        name="all_low",
        title="",
        metrics={},
        threshold=None,
        value=None,
        winner_ahead=Estimate(1.0, -1.0, 3.0),
        chosen=False,
    )
    near = seen()
    assert "not surely better" in instead_of_deploying(replace(near, candidates=(*near.candidates, everyone)))


def test_what_failed_is_mended_first() -> None:
    assert "mend what failed (F05-beats-last-value)" in instead_of_deploying(seen(last_value=Verdict.FAIL))


def test_an_open_question_comes_first() -> None:
    asked = Finding(code="F10-too-strong", verdict=Verdict.WARN, because="", subjects=("seconds",))
    clear = seen(base_rate=Verdict.PASS)
    assert "when seconds can be known" in instead_of_deploying(replace(clear, findings=(*clear.findings, asked)))
