"""The checks: what was asked, what was found with its evidence, and what to do; by section, what fails first."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mainstay.domain.finding import NOT_APPLICABLE, ORDER, Finding, Verdict, weight, worst
from mainstay.domain.taken import Answered, Question, Taken
from mainstay.report.answer import SHAPES
from mainstay.report.words import counted, day, number, step_of

TRAINING = "training"
NAMES = {
    "purpose": "Purpose",
    "skill": "How good it is",
    "data": "The data",
    "locality": "Where it is worse",
    "robustness": "Inputs that are bent",
    "groups": "Groups of people",
    "explanation": "Reasons",
    "service": "Service",
    "judgeable": "What can be judged",
    "upkeep": "Upkeep",
    "own": "Your own checks",
    TRAINING: "Said while training",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One finding as the page shows it: the shape and word of its verdict, what was asked, and its evidence.

    `others` are the codes of further questions that have the same answer: then `asks` holds all of them.
    """

    finding: Finding
    shape: str
    asks: str
    threshold: str
    evidence: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionShown:
    """The findings of one section: those that need a reader, the worst first, and those that passed."""

    title: str
    says: str
    open: tuple[Shown, ...]
    passed: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Checks:
    """Everything that was checked: `says` is the one sentence of the first page, `examined` on which day, or empty."""

    findings: tuple[Finding, ...]
    sections: tuple[SectionShown, ...]
    says: str
    examined: str


def checks_of(said: Sequence[Finding], exam: Taken | None) -> Checks:
    """Join what training said with what an exam found: the exam asks much of it again, and its answer counts."""
    answers = exam.answers if exam else ()
    asked = {answer.finding.code for answer in answers}
    alone = [Answered(finding=each, question=Question(section=TRAINING)) for each in said if each.code not in asked]
    every = (*answers, *alone)
    findings = tuple(answer.finding for answer in every)
    return Checks(
        findings=findings,
        sections=_sections(every),
        says=how_many(findings),
        examined="" if exam is None else day(datetime.fromisoformat(exam.at)),
    )


def how_many(findings: Sequence[Finding]) -> str:
    """How the checks ended, in one sentence, the worst first.

    >>> how_many([])
    'Nothing has been checked.'
    >>> bad = Finding(code="F02", verdict=Verdict.FAIL, because="off")
    >>> how_many([bad, Finding(code="F03", verdict=Verdict.PASS, because="fine")])
    'Of two checks one fails and one passes.'
    """
    if not findings:
        return "Nothing has been checked."
    if len(findings) == 1:
        return f"The only check {ended(findings).removeprefix('one ')}."
    return f"Of {counted(len(findings), 'check')} {ended(findings)}."


def ended(findings: Sequence[Finding]) -> str:
    """How many ended how, the worst first: 'one fails and three pass'."""
    n = Counter(finding.word for finding in findings)
    ends = (
        (Verdict.FAIL, "fails", "fail"),
        (Verdict.WARN, "warns", "warn"),
        (Verdict.UNKNOWN, "cannot be told", "cannot be told"),
        (Verdict.PASS, "passes", "pass"),
        (NOT_APPLICABLE, "does not apply", "do not apply"),
    )
    parts = [counted(n[word], one, many) for word, one, many in ends if n[word]]
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]


def evidence(finding: Finding) -> str:
    """What was measured, how surely, and the limit, in the unit that the sentence names; empty without a number.

    >>> evidence(Finding(code="F02", verdict=Verdict.FAIL, because="", measured=0.361, low=0.33, high=0.39, limit=0.8))
    'measured 0.36, likely 0.33 to 0.39; limit 0.8'
    >>> evidence(Finding(code="F07", verdict=Verdict.WARN, because="", measured=2.0, limit=20.0))
    'measured 2; limit 20'
    """
    held = (finding.measured, finding.low, finding.high, finding.limit)
    measured, low, high, limit = (None if each is None or not math.isfinite(each) else each for each in held)
    parts = []
    if measured is not None:
        is_count = low is None and high is None and measured.is_integer()
        step = 1.0 if is_count else step_of(measured, low, high)
        said = f"measured {number(measured, step)}"
        bounds = "" if low is None or high is None else f", likely {number(low, step)} to {number(high, step)}"
        parts.append(said + bounds)
    if limit is not None:
        parts.append(f"limit {limit:,.6g}".replace("-", "−"))
    return "; ".join(parts)


def _sections(answers: Sequence[Answered]) -> tuple[SectionShown, ...]:
    """Sections with the worst first; of equal ones as they were asked."""
    by_name: dict[str, list[Answered]] = {}
    for answer in answers:
        by_name.setdefault(answer.question.section or TRAINING, []).append(answer)
    ranked = sorted(by_name.items(), key=lambda part: -ORDER.index(worst(each.finding.verdict for each in part[1])))
    return tuple(_section(name, part) for name, part in ranked)


def _section(name: str, answers: Sequence[Answered]) -> SectionShown:
    ranked = sorted(answers, key=lambda each: weight(each.finding), reverse=True)
    before = [Question(), *(each.question for each in ranked)]
    shown = [_shown(each, is_new=each.question != last) for each, last in zip(ranked, before, strict=False)]
    return SectionShown(
        title=NAMES.get(name, name[:1].upper() + name[1:]),
        says=ended([each.finding for each in answers]),
        open=_once([each for each in shown if each.finding.verdict is not Verdict.PASS]),
        passed=tuple(each for each in shown if each.finding.verdict is Verdict.PASS),
    )


def _once(shown: Sequence[Shown]) -> tuple[Shown, ...]:
    """Questions with the very same answer together, in the place of the first: what is not known is told once."""
    same: dict[tuple[str, ...], list[Shown]] = {}
    for each in shown:
        of = each.finding
        same.setdefault((of.word, of.because, of.remedy, *of.subjects), []).append(each)
    return tuple(alike[0] if len(alike) == 1 else _joined(alike) for alike in same.values())


def _joined(alike: Sequence[Shown]) -> Shown:
    first, *rest = alike
    codes = dict.fromkeys(each.finding.code for each in rest if each.finding.code != first.finding.code)
    asks = " ".join(dict.fromkeys(each.asks for each in alike if each.asks))
    return replace(first, asks=asks, threshold="", others=tuple(codes))


def _shown(answer: Answered, *, is_new: bool) -> Shown:
    """One finding; what was asked is said once where several findings in a row answer it."""
    finding, question = answer.finding, answer.question if is_new else Question()
    return Shown(finding, SHAPES[finding.word], question.asks, question.threshold, evidence(finding))
