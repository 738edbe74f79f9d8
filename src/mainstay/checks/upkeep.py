"""Whether the version will be kept true: how much of it is tested, and by what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mainstay.checks.check import Check, Section
from mainstay.checks.examined import Examined
from mainstay.checks.ml_test_score import Met, by_section, ml_test_score
from mainstay.domain.finding import Finding, Verdict

ML_TEST_SCORE = "F14-ml-test-score"
REASONABLY = 3.0


def upkept(exam: Examined) -> Iterable[Finding]:
    """Score what is tested, by the findings of the checks before this one, and by the brief."""
    if not exam.said:
        because = "asked alone: the score counts what the other checks found, so examine everything"
        yield Finding(code=ML_TEST_SCORE, verdict=Verdict.UNKNOWN, because=because, remedy="mainstay check")
        return
    met = ml_test_score(exam.said, exam)
    points = by_section(met)
    told = ", ".join(f"{section} {got:g}" for section, got in points.items())
    because = f"of 7 points in each section it has {told}; the least of them counts"
    yield _scored(ML_TEST_SCORE, min(points.values()), because)
    for section, got in points.items():
        yield _of_section(section, got, [each for each in met if each.test.section == section and each.points < 1])


def _of_section(section: str, got: float, lacking: Sequence[Met]) -> Finding:
    """What a section lacks, and what would raise it, test by test."""
    named = "; ".join(f"{each.test.asks.lower()} ({each.points:g})" for each in lacking)
    raised = " ".join(f"{each.test.asks}: {each.test.raised_by.rstrip('.')}." for each in lacking)
    because = f"{section}: {got:g} of 7 points; not met in full: {named}" if lacking else f"{section}: all 7 tests"
    return _scored(f"{ML_TEST_SCORE}-{section}", got, because, raised)


def _scored(code: str, points: float, because: str, remedy: str = "") -> Finding:
    verdict = Verdict.PASS if points > REASONABLY else Verdict.WARN
    return Finding(code=code, verdict=verdict, because=because, measured=points, limit=REASONABLY, remedy=remedy)


UPKEEP: tuple[Check, ...] = (
    Check(
        code=ML_TEST_SCORE,
        section=Section.UPKEEP,
        asks="How much of what can go wrong is tested?",
        limit="Above 3 points in the least of the four sections (28 tests: 1 automated, 0.5 by hand or in part): "
        "from there on a system counts as reasonably tested; above 5 as strong.",
        remedy="Set the targets, owners and dates that the brief leaves out, and examine again.",
        source="Breck et al. 2017, The ML Test Score",
        look=upkept,
    ),
)
