"""Whether the version will be kept true: how much of it is tested, and by what."""

from __future__ import annotations

from collections.abc import Iterable

from mainstay.checks.check import Check, Section
from mainstay.checks.examined import Examined
from mainstay.checks.ml_test_score import by_section, ml_test_score
from mainstay.domain.finding import Finding, Verdict

ML_TEST_SCORE = "F14-ml-test-score"
REASONABLY = 3.0
N_NAMED = 3


def upkept(exam: Examined) -> Iterable[Finding]:
    """Score what is tested, by the findings of the checks before this one, and by the brief."""
    if not exam.said:
        because = "asked alone: the score counts what the other checks found, so examine everything"
        yield Finding(code=ML_TEST_SCORE, verdict=Verdict.UNKNOWN, because=because, remedy="mainstay check")
        return
    met = ml_test_score((*exam.summary.findings, *exam.said), exam.brief, exam.summary)
    points = by_section(met)
    least = min(points, key=lambda section: points[section])
    lacking = [each for each in met if each.test.section == least and each.points < 1]
    told = ", ".join(f"{section} {got:g}" for section, got in points.items())
    because = f"of 7 points in each section it has {told}; the least of them counts"
    verdict = Verdict.PASS if points[least] > REASONABLY else Verdict.WARN
    remedy = "; ".join(f"{each.test.asks}: {each.test.by}" for each in lacking[:N_NAMED])
    yield Finding(
        code=ML_TEST_SCORE,
        verdict=verdict,
        because=because,
        measured=points[least],
        limit=REASONABLY,
        remedy=f"What {least} lacks first: {remedy}." if lacking else "",
    )


UPKEEP: tuple[Check, ...] = (
    Check(
        code=ML_TEST_SCORE,
        section=Section.UPKEEP,
        asks="How much of what can go wrong is tested?",
        limit="Above 3 points in the least of the four sections (28 tests: 1 automated, 0.5 by hand and written down): "
        "from there on a system counts as reasonably tested; above 5 as strong.",
        remedy="Set the targets, owners and dates that the brief leaves out, and examine again.",
        source="Breck et al. 2017, The ML Test Score",
        look=upkept,
    ),
)
