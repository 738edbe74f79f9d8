"""The 28 tests are all there, points follow findings and brief, and the least section counts."""

from __future__ import annotations

import re

from tests.checks.made import changed, exam

from mainstay.checks.every import EVERY
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
    assert [code for code in named - {"F18"} if not any(f"{each}-".startswith(f"{code}-") for each in known)] == []


def test_what_was_judged_counts_and_what_is_unknown_does_not() -> None:
    examined = exam()
    judged = by_section(ml_test_score(found(Verdict.FAIL), examined.brief, examined.summary))
    unknown = by_section(ml_test_score(found(Verdict.UNKNOWN), examined.brief, examined.summary))
    assert all(judged[section] > unknown[section] for section in SECTIONS)
    assert max(judged.values()) <= 7
    (finding,) = upkept(changed(examined, said=found(Verdict.PASS)))
    assert finding.measured == min(judged.values())


def test_alone_it_is_unknown_and_what_lacks_is_named() -> None:
    assert [each.verdict for each in upkept(exam())] == [Verdict.UNKNOWN]
    (poor,) = upkept(changed(exam(), said=found(Verdict.UNKNOWN)))
    assert poor.verdict is Verdict.WARN
    assert poor.remedy.startswith("What ")
