"""The checks on the page: by section, what fails first, with evidence and remedy, none lost."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape

import msgspec
import pytest
from tests.report.conftest import FINDINGS
from tests.report.worlds import AMOUNTS, TRIAGE, amounts_world, brief_of, classes_world

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Evaluation
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.taken import Answered, Question, Taken, answered_json, read_answers
from mainstay.report.answer import counts, verdict_sentence
from mainstay.report.checked import checks_of, evidence
from mainstay.report.page import MOST_CONDITIONS, render


def answered(code: str, verdict: str, section: str, **more: object) -> Answered:
    finding = Finding(code=code, verdict=Verdict(verdict), because=f"because of {code}", **more)  # type: ignore[arg-type]
    return Answered(finding=finding, question=Question(section=section, asks=f"Is {code} so?", threshold="At 95%."))


EXAM = Taken(
    at="2026-11-20T10:00:00Z",
    answers=(
        answered("F01-owned", "pass", "purpose"),
        answered("F02-roc-auc", "pass", "skill"),
        answered("F10-twins", "unknown", "data"),
        answered("F10-leak", "warn", "data", remedy="say when it is known"),
        answered("F18-gap", "fail", "groups", measured=0.36, low=0.31, high=0.42, limit=0.8, subjects=("sex=women",)),
        answered("F99-mine", "pass", "<own & new>"),
    ),
)


@pytest.fixture(scope="module")
def html(evaluation: Evaluation, brief: Brief, made_at: datetime) -> str:
    return render(evaluation, brief, version="credit/3", made_at=made_at, exam=EXAM)


def test_sections_with_failures_come_first_and_training_is_not_lost() -> None:
    found = checks_of(FINDINGS, EXAM)
    titles = [section.title for section in found.sections]
    assert titles == ["Groups of people", "The data", "Said while training", "Purpose", "How good it is", "<own & new>"]
    assert [each.finding.code for each in found.sections[1].open] == ["F10-leak", "F10-twins"]
    assert [each.finding.code for each in found.sections[2].open] == ["F08-segment", "F09-season"]
    assert len(found.findings) == 8  # the exam asked F02 again: it counts once
    assert found.says == "Of eight checks one fails, two warn, two cannot be told and three pass."
    assert found.examined == "20 Nov 2026"


def test_the_page_shows_evidence_remedy_and_folds_what_passes(html: str) -> None:
    part = html[html.index('<section id="checks">') : html.index('<section id="small-print"')]
    assert part.index("Because of F18-gap") < part.index("Because of F10-leak")
    assert "Measured 0.36, likely 0.31 to 0.42; limit 0.8." in part
    assert "→ say when it is known" in part
    assert "Is F18-gap so?" in part
    assert 'F18-gap · sex=women<span class="by"> · threshold: At 95%.</span>' in part
    folded = "".join(re.findall(r"(?s)<details>.*?</details>", part))
    assert "F01-owned" in folded
    assert "F18-gap" not in folded
    assert "&lt;own &amp; new&gt;" in part


def test_a_question_with_many_answers_is_said_once() -> None:
    question = Question(section="data", asks="Is it so?", threshold="At 95%.")
    answers = [Answered(finding=answered(f"F10-{i}", "warn", "").finding, question=question) for i in range(3)]
    (section,) = checks_of((), Taken(at=EXAM.at, answers=tuple(answers))).sections
    assert [each.asks for each in section.open] == ["Is it so?", "", ""]


def test_many_questions_with_one_answer_are_told_once() -> None:
    why = Finding(code="F18-worse", verdict=Verdict.UNKNOWN, because="no columns are named", remedy="Name them.")
    asked = (("F18-worse", "Is it worse?"), ("F18-costs", "What does it cost?"), ("F18-costs", "What does it cost?"))
    answers = [
        Answered(
            finding=msgspec.structs.replace(why, code=code),
            question=Question(section="groups", asks=asks, threshold="At 95%."),
        )
        for code, asks in asked
    ]
    other = Answered(finding=msgspec.structs.replace(why, because="too few rows"), question=Question(section="groups"))
    (section,) = checks_of((), Taken(at=EXAM.at, answers=(*answers, other))).sections
    assert section.says == "four cannot be told"
    first, second = section.open
    assert (first.asks, first.others, first.threshold) == ("Is it worse? What does it cost?", ("F18-costs",), "")
    assert (second.finding.because, second.others) == ("too few rows", ())


def test_what_does_not_apply_is_no_open_question(evaluation: Evaluation, brief: Brief, made_at: datetime) -> None:
    apart = Finding(code="F10-label-noise", verdict=Verdict.UNKNOWN, because="asked of classes alone", applies=False)
    few = Finding(code="F10-seasons", verdict=Verdict.UNKNOWN, because="too few rows")
    answers = tuple(Answered(finding=each, question=Question(section="data")) for each in (apart, few))
    kept = tuple(read_answers(msgspec.json.encode([answered_json(each) for each in answers])))
    assert [each.finding.applies for each in kept] == [False, True]
    found = checks_of((), Taken(at=EXAM.at, answers=kept))
    assert found.says == "Of two checks one cannot be told and one does not apply."
    (section,) = found.sections
    assert [(each.shape, each.finding.word) for each in section.open] == [("○", "unknown"), ("–", "not applicable")]
    assert verdict_sentence([apart], []) == (Verdict.PASS, "Ready.")
    assert verdict_sentence([apart, few], [])[1] == "Ready as far as can be told, with one open question."
    assert [(each.verdict, each.says) for each in counts([apart, few])[3:]] == [
        ("unknown", "1 cannot be told"),
        ("unknown", "1 not applicable"),
    ]
    page = render(evaluation, brief, version="credit/3", made_at=made_at, exam=Taken(at=EXAM.at, answers=kept))
    assert '<span class="verdict unknown"><span aria-hidden="true">–</span> not applicable</span>' in page


def test_the_first_page_says_how_many_fail_in_one_sentence(html: str) -> None:
    first = unescape(html[: html.index("</header>")])
    assert "Of eight checks one fails, two warn, two cannot be told and three pass." in first
    assert "Ready by the brief's own gates, but one check failed." in first
    assert "not examined" not in first


def test_without_an_exam_the_command_is_named(evaluation: Evaluation, brief: Brief, made_at: datetime) -> None:
    html = render(evaluation, brief, version="credit/3", made_at=made_at)
    assert "<code>mainstay check credit/3</code>" in html
    assert "It was not examined beyond its training." in html
    assert "<strong>Have it examined.</strong>" in html, "nobody is asked to approve before"
    assert "Not examined yet; " in html


def test_only_the_worst_stand_on_the_first_page(evaluation: Evaluation, brief: Brief, made_at: datetime) -> None:
    many = (*(answered(f"F10-{i}", "warn", "data") for i in range(20)), answered("F99", "fail", "data"))
    html = render(evaluation, brief, version="c/1", made_at=made_at, exam=Taken(at=EXAM.at, answers=many))
    first = html[: html.index("</header>")]
    assert first.count("Because of") == MOST_CONDITIONS
    assert first.index("Because of F99") < first.index("Because of F10-0")
    assert "17 more" in first


def test_other_tasks_show_their_exam(made_at: datetime) -> None:
    for made, text in ((amounts_world(), AMOUNTS), (classes_world(), TRIAGE)):
        html = render(made, brief_of(text), version="m/1", made_at=made_at, exam=EXAM)
        assert "Because of F18-gap" in html
        assert "What it decides" in html


def test_evidence_that_is_not_a_number_is_left_out() -> None:
    bare = Finding(code="F", verdict=Verdict.PASS, because="", measured=float("nan"), limit=float("inf"))
    assert evidence(bare) == ""
    assert evidence(Finding(code="F", verdict=Verdict.PASS, because="", measured=12.0, limit=-3.0)) == (
        "measured 12; limit −3"
    )
