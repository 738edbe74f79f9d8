"""The sentence about money leads with the difference that a version makes."""

import msgspec
from tests.workflows.lives import summary

from mainstay.domain.evaluation import CandidateResult, Estimate, Summary
from mainstay.interfaces.cli.worth import worth_words


def other(name: str, title: str, value: float, ahead: float) -> CandidateResult:
    return CandidateResult(
        name=name,
        title=title,
        metrics={},
        threshold=None,
        value=Estimate(value),
        winner_ahead=Estimate(ahead, ahead - 200, ahead + 200),
        chosen=False,
    )


HIGH, LOW = other("all_high", "decline everyone", 0.0, 4518.0), other("all_low", "approve everyone", 2518.0, 2000.0)
TODAY = other("today", "today's rule: x > 1", 3872.0, 646.0)


def with_others(*others: CandidateResult) -> Summary:
    plain = summary(1)
    return msgspec.structs.replace(plain, candidates=(*plain.candidates, *others))


def test_today_s_rule_is_what_counts() -> None:
    said = worth_words(with_others(HIGH, LOW, TODAY))
    assert said == "TWD 646 a decision more than today's rule (likely 446 to 846); TWD 4,518 a decision in all"


def test_without_a_rule_the_better_of_everyone_is() -> None:
    assert worth_words(with_others(HIGH, LOW)).startswith(
        "TWD 2,000 a decision more than deciding 'approve' in every case (likely"
    )


def test_other_tasks_are_compared_with_what_looks_at_no_case() -> None:
    said = worth_words(with_others(other("mean", "mean", 10.0, 4508.0)))
    assert said.startswith("TWD 4,508 a decision more than always foretelling the mean (likely")
    assert "deciding every case alike" in worth_words(with_others(other("base_rate", "base rate", 10.0, 4508.0)))


def test_with_nothing_beside_it_the_money_stands_alone() -> None:
    assert worth_words(summary(1)) == "TWD 4,518 a decision (likely 4,318 to 4,718)"
    assert not worth_words(summary(1, value=None))
