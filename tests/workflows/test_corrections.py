"""Corrected numbers and the differences shown beside them add up."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.workflows.lives import summary

from mainstay.domain.brief import parse_brief
from mainstay.domain.evaluation import CandidateResult, Estimate, Summary
from mainstay.domain.finding import Finding, Verdict
from mainstay.workflows.corrections import candidates_after, finding_after

WORTH = """when_high_and_positive = 0
when_high_and_negative = 0
when_low_and_positive = -2
when_low_and_negative = 1
[targets]
value_over_today = 1
"""
BRIEF = parse_brief('[model]\nname = "m"\n[data]\ntarget = "t"\n[today]\nrule = "x > 1"\n[value]\n' + WORTH)


def candidate(name: str, value: float, ahead: Estimate | None, bought: Estimate | None, loss: float) -> CandidateResult:
    return CandidateResult(
        name=name,
        title=name,
        metrics={"log_loss": Estimate(loss, loss - 0.01, loss + 0.01)},
        threshold=0.5,
        value=Estimate(value, value - 1, value + 1),
        winner_ahead=ahead,
        chosen=ahead is None,
        bought=bought,
    )


RULE = candidate("today", 4.0, Estimate(2.0, 1.5, 2.5), None, 0.5)
LINE = candidate("logistic", 6.0, None, Estimate(2.0, 1.5, 2.5), 0.4)
TREES = candidate("boosting", 5.0, Estimate(1.0, 0.5, 1.5), Estimate(-1.0, -1.5, -0.5), 0.45)


def seen(*, money: bool = True) -> Summary:
    rows: tuple[CandidateResult, ...] = (RULE, LINE, TREES)
    if not money:
        rows = tuple(replace(one, value=None, winner_ahead=None) for one in rows)
    made = replace(summary(1), candidates=rows, metrics=LINE.metrics, value=LINE.value if money else None)
    beaten = Finding(code="F05-beats-today", verdict=Verdict.PASS, because="", measured=2.0, low=1.5, high=2.5)
    met = Finding(code="F04-target-value-over-today", verdict=Verdict.PASS, because="")
    return replace(made, task="binary", currency="EUR", findings=(beaten, met))


def number(found: Estimate | None) -> float:
    assert found is not None
    return found.value


def bounds(found: Estimate | None) -> tuple[float, float, float]:
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    return found.low, found.value, found.high


def test_money_and_its_differences_add_up() -> None:
    rule, line, trees = candidates_after(seen(), LINE.metrics, Estimate(4.5, 3.0, 7.0), 3)
    worths = [number(one.value) for one in (rule, line, trees)]
    assert number(rule.winner_ahead) == worths[1] - worths[0] == 0.5
    assert number(trees.winner_ahead) == worths[1] - worths[2] == -0.5
    assert number(line.bought) == worths[1] - worths[0]
    assert number(trees.bought) == worths[2] - worths[1]
    for each in (rule.winner_ahead, trees.winner_ahead):
        low, value, high = bounds(each)
        assert low <= value <= high
        assert high - low > 1.0, "wider than at the first look"


def test_findings_say_what_the_table_says() -> None:
    plain = seen()
    after = candidates_after(plain, LINE.metrics, Estimate(4.5, 3.0, 7.0), 3)
    beaten, met = (finding_after(each, plain, after, 3, BRIEF) for each in plain.findings)
    assert beaten.measured == met.measured == 0.5
    assert "ahead of today: EUR 0.5" in beaten.because
    assert met.verdict is not Verdict.PASS


def test_without_money_the_loss_moves() -> None:
    metrics = {"log_loss": Estimate(0.42, 0.4, 0.44)}
    plain = seen(money=False)
    rule, line, trees = candidates_after(plain, metrics, None, 2)
    assert rule.winner_ahead is None
    assert number(line.bought) == pytest.approx(2.0 - 0.02)
    assert number(trees.bought) == pytest.approx(-1.0 + 0.02)
    beaten = finding_after(plain.findings[0], plain, (rule, line, trees), 2, BRIEF)
    assert beaten.measured == pytest.approx(1.98)
    assert "of log loss" in beaten.because
