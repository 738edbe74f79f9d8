"""The 28 tests are all there, points follow findings and brief, and the least section counts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tests.checks.made import changed, exam

from mainstay.checks.every import EVERY
from mainstay.checks.examined import Examined
from mainstay.checks.ml_test_score import SECTIONS, TESTS, by_section, ml_test_score
from mainstay.checks.upkeep import upkept
from mainstay.domain.finding import Finding, Verdict


def found(verdict: Verdict) -> tuple[Finding, ...]:
    codes = {code for test in TESTS for code in test.codes}
    return tuple(Finding(code=code, verdict=verdict, because="as it is") for code in codes)


def test_there_are_seven_in_each_section_and_codes_are_those_of_checks() -> None:
    assert [sum(test.section == section for test in TESTS) for section in SECTIONS] == [7, 7, 7, 7]
    known = [check.code for check in EVERY]
    named = {code for test in TESTS for code in (*test.codes, *re.findall(r"F\d\d-[a-z-]+", test.by))}
    begun = {code for code in named if any(f"{each}-".startswith(f"{code}-") for each in known)}
    assert {code for code in named - begun if not any(code.startswith(f"{each}-") for each in known)} == set()


def scored(made: Examined, verdict: Verdict) -> dict[str, float]:
    return by_section(ml_test_score(found(verdict), made))


def points(made: Examined, findings: Sequence[Finding] = ()) -> dict[str, float]:
    return {each.test.asks: each.points for each in ml_test_score(findings, made)}


def test_what_was_judged_counts_and_what_is_unknown_does_not() -> None:
    examined = exam()
    judged, unknown = scored(examined, Verdict.FAIL), scored(examined, Verdict.UNKNOWN)
    assert all(judged[section] > unknown[section] for section in SECTIONS)
    assert max(judged.values()) <= 7
    whole, *sections = upkept(changed(examined, said=found(Verdict.PASS)))
    assert whole.measured == min(each.measured or 0.0 for each in sections)
    assert [each.code.rpartition("-")[2] for each in sections] == list(SECTIONS)


def test_alone_it_is_unknown_and_each_section_says_what_would_raise_it() -> None:
    assert [each.verdict for each in upkept(exam())] == [Verdict.UNKNOWN]
    poor, *sections = upkept(changed(exam(), said=found(Verdict.UNKNOWN)))
    assert poor.verdict is Verdict.WARN
    assert all(each.remedy for each in sections)
    (model,) = (each for each in sections if each.code.endswith("model"))
    assert "Fairness was looked at: data.protected." in model.remedy


def test_points_are_earned_by_what_was_done_and_recorded_not_by_commands_that_nobody_ran() -> None:
    before, after = points(exam()), points(changed(exam(), acts=frozenset({"replayed", "rolled-back"})))
    risen = {asks: (before[asks], after[asks]) for asks in before if before[asks] != after[asks]}
    assert risen == {
        "What an old model costs is known": (0.0, 1.0),
        "The way back is quick and safe": (0.5, 1.0),
        "Quality on live rows does not get worse": (0.5, 1.0),
    }
    assert before["A canary comes before full traffic"] == 0


def test_a_review_that_nobody_is_due_to_make_earns_nothing() -> None:
    late = Finding(code="F41-review-date", verdict=Verdict.WARN, because="there is no date")
    nobody = exam()
    nobody = changed(
        nobody,
        brief=nobody.brief.model_copy(update={"model": nobody.brief.model.model_copy(update={"review_by": None})}),
    )
    assert points(nobody, (late,))["No model is too old"] == 0
    assert points(exam())["No model is too old"] == 1


def test_a_part_of_what_is_asked_is_half_a_point() -> None:
    latency = Finding(code="F16-service-p99", verdict=Verdict.PASS, because="2 ms")
    assert points(exam(), (latency,))["Speed, memory and size do not get worse"] == 0.5
