"""The first page says what the numbers say, no more."""

import re

import numpy as np
import pytest
from tests.report.conftest import MakeEvaluation

from mainstay.domain.brief import Brief
from mainstay.domain.finding import Finding, Verdict
from mainstay.report.actions import words_of
from mainstay.report.ahead import n_per_month
from mainstay.report.answer import accepted, asked, counts, decides, facts, how_sure, verdict_sentence, worth_sentences
from mainstay.report.ladder import ladder
from mainstay.report.rows import rows_of
from mainstay.report.words import number, step_of
from mainstay.stats.intervals import paired_difference
from mainstay.stats.value import decided_values

DAY = 86400.0


def sentences(made: MakeEvaluation, brief: Brief, **bent: object) -> list[str]:
    evaluation = made(bent.pop("n", 2000), **bent)
    rows = rows_of(evaluation)
    return worth_sentences(ladder(rows, evaluation.summary.threshold), rows, words_of(brief), evaluation.summary)


def test_worth_is_the_paired_difference_rounded_to_what_is_known(make_evaluation: MakeEvaluation, brief: Brief) -> None:
    rows = rows_of(make_evaluation(2000))
    assert rows.worth is not None
    values = decided_values(rows.scores, rows.worth.high, rows.worth.low, 0.2513)
    ahead = paired_difference(values, rows.worth.nothing)
    step = step_of(ahead.value, ahead.low, ahead.high)
    (said,) = sentences(make_evaluation, brief)
    wanted = f"Worth about TWD {number(ahead.value, step)} a decision more than declining every case"
    assert said.startswith(wanted)
    assert f"(likely {number(ahead.low, step)} to {number(ahead.high, step)})" in said
    assert "today's rule" in said


def test_a_loss_is_called_less(make_evaluation: MakeEvaluation, brief: Brief) -> None:
    low = np.full(2000, 10.0) + np.arange(2000) / 1000
    (said,) = sentences(make_evaluation, brief, value_low=low, value_high=np.zeros(2000), today=np.zeros(2000, bool))
    assert re.match(
        r"Worth about TWD [\d.]+ a decision less than approving every case \(likely [\d.]+ to [\d.]+\)", said
    )


def test_what_cannot_be_told_apart_is_said_so(make_evaluation: MakeEvaluation, brief: Brief) -> None:
    rng = np.random.default_rng(3)
    (said,) = sentences(make_evaluation, brief, value_high=rng.normal(0, 9, 2000), value_low=rng.normal(0, 9, 2000))
    assert said.startswith("Not to be told from ")


def test_deciding_all_alike_is_worth_the_same(make_evaluation: MakeEvaluation, brief: Brief) -> None:
    (said,) = sentences(make_evaluation, brief, threshold=None, value_low=np.ones(2000), today=np.zeros(2000, bool))
    assert said == "Worth the same as approving every case: every case is decided alike, and the same as today's rule."


def test_one_row_claims_nothing(make_evaluation: MakeEvaluation, brief: Brief) -> None:
    said = sentences(make_evaluation, brief, n=1)[0]
    assert said.startswith(("From too few cases to be sure", "Worth the same"))


def test_without_money_it_speaks_in_shares(make_evaluation: MakeEvaluation, brief_without_money: Brief) -> None:
    (said,) = sentences(make_evaluation, brief_without_money, money=False)
    assert re.match(r"Finds \d+% of cases with target\s=\s1 \(likely", said)
    assert "TWD" not in said


def test_a_months_volume_comes_from_the_time_column_alone(make_evaluation: MakeEvaluation, brief: Brief) -> None:
    year = np.linspace(0, 365.25 * DAY, 2000)
    by_time, at_random = (make_evaluation(2000, at=year, split=split) for split in ("time", "random"))
    assert n_per_month(rows_of(by_time).at, by_time.summary) == pytest.approx(2000 / 12)
    assert n_per_month(rows_of(at_random).at, at_random.summary) == pytest.approx(5 * 2000 / 12)
    short = make_evaluation(2000, at=np.linspace(0, 5 * DAY, 2000))
    assert n_per_month(rows_of(short).at, short.summary) is None
    assert "decisions a month" in sentences(make_evaluation, brief, at=year, split="time")[1]


def test_facts_without_anybody_decided_high(make_evaluation: MakeEvaluation, brief: Brief) -> None:
    rows = rows_of(make_evaluation(500))
    steps = ladder(rows, None)
    said = {fact.name: fact.says for fact in facts(steps, steps.chosen, words_of(brief), "TWD", "approving every case")}
    assert said["share"] == "0% of cases"
    assert said["right"] == "no case is declined"
    assert said["missed"].startswith("100% of")


def finding(verdict: str) -> Finding:
    return Finding(code="F00", verdict=Verdict(verdict), because="because")


@pytest.mark.parametrize(
    ("verdicts", "says"),
    [
        ([], "Nothing has been checked yet."),
        (["pass"], "Ready."),
        (["pass", "warn", "warn"], "Ready, with two conditions."),
        (["warn", "fail"], "Not ready: one check failed."),
        (["pass", "unknown"], "Ready as far as can be told, with one open question."),
    ],
)
def test_verdict(verdicts: list[str], says: str) -> None:
    assert verdict_sentence(tuple(map(finding, verdicts)))[1] == says


def test_every_verdict_has_a_word_and_a_shape() -> None:
    found = counts(tuple(map(finding, ["pass", "pass", "warn", "unknown"])))
    assert [count.says for count in found] == ["2 passed", "1 warning", "0 failed", "1 cannot be told"]
    assert len({count.shape for count in found}) == 4


def test_only_gates_stop_it_where_they_are_known() -> None:
    found = tuple(map(finding, ["pass", "fail", "fail"]))
    assert verdict_sentence(found, ["F00"]) == (Verdict.FAIL, "Not ready: one check failed that must pass.")
    assert verdict_sentence(found, []) == (Verdict.WARN, "Ready by the brief's own gates, but two checks failed.")


def test_what_is_asked(make_evaluation: MakeEvaluation, brief: Brief, brief_without_money: Brief) -> None:
    steps, words = ladder(rows_of(make_evaluation(500)), 0.25), words_of(brief)
    sign = accepted(steps, words)
    word, steps_asked = asked(brief, (finding("warn"), finding("fail")), accepted=sign, unpriced="")
    assert word == "Mend"
    assert steps_asked[0].startswith("have the failed checks mended")
    assert steps_asked[1:] == ["accept the threshold 0.250", "say who acts on the one condition"]
    assert (
        "say what each outcome is worth"
        in asked(brief_without_money, (), accepted=sign, unpriced="what each outcome is worth")[1]
    )


@pytest.mark.parametrize(
    ("verdicts", "gated", "wanted"),
    [
        (["pass"], [], "Approve"),
        (["pass", "unknown"], [], "Approve"),
        (["warn"], [], "Decide"),
        (["fail"], [], "Decide"),
        (["fail"], ["F00"], "Mend"),
        ([], [], "Decide"),
    ],
)
def test_the_reader_approves_decides_or_mends(verdicts: list[str], gated: list[str], wanted: str, brief: Brief) -> None:
    found = tuple(map(finding, verdicts))
    assert asked(brief, found, accepted="it", unpriced="", gated=gated)[0] == wanted


def test_what_it_decides_and_how_sure_we_are(make_evaluation: MakeEvaluation, brief: Brief) -> None:
    made = make_evaluation(1000, split="time", looks=3)
    steps, words = ladder(rows_of(made), 0.25), words_of(brief)
    wanted = (
        r"A case is declined where target\s=\s1 is at least 25% likely: \d+ of 100 cases \(likely .*\)\. All others"
    )
    assert re.match(wanted + r" are approved\.", decides(steps, words))
    assert decides(ladder(rows_of(made), None), words) == "No case is declined: no score reaches the threshold."
    sure = how_sure(made.summary, brief)
    assert sure.startswith("Judged on 1,000 cases that came after all it learned from; none of them had a part in")
    assert "This is look 3 of 20 at them." in sure


def test_what_was_not_examined_is_not_called_ready_plainly() -> None:
    fine = Finding(code="F", verdict=Verdict.PASS, because="")
    says = "Not examined yet; by what training asked it is ready."
    assert verdict_sentence((fine,), examined=False) == (Verdict.UNKNOWN, says)


def test_where_there_is_no_case_for_deploying_it_is_not_called_ready() -> None:
    fine = Finding(code="F", verdict=Verdict.PASS, because="")
    assert verdict_sentence((fine,), deployed=False) == (
        Verdict.WARN,
        "No check failed, but there is no case for deploying it.",
    )
    told = verdict_sentence((fine,), deployed=False, unsaid=("job", "duration"))
    assert told == (Verdict.WARN, "No check failed, but nobody has said when job and duration are known.")
