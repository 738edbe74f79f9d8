"""The 28 tests of the ML Test Score: which are met here and by what, points by section, and what would raise them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mainstay.checks.examined import Examined
from mainstay.domain.event import Act
from mainstay.domain.finding import Finding, Verdict

DATA, MODEL, INFRASTRUCTURE, MONITORING = "data", "model", "infrastructure", "monitoring"
SECTIONS = (DATA, MODEL, INFRASTRUCTURE, MONITORING)
Said = Callable[[Examined], bool]
SERVICE = "F16-service"
LATER = "No command of this edition does it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One of the 28 tests: what meets it (`by`), and what would raise it where that does not.

    A point where all of `codes` were judged, half a one where some were. Else `automated`: what is done by itself, or
    has been done and recorded, a point; `by_hand`: what a person must do, with a command that is there, half a one.
    """

    section: str
    asks: str
    by: str
    raised_by: str = LATER
    codes: tuple[str, ...] = ()
    automated: Said | None = None
    by_hand: Said | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """A test with its points: 1 automated, 0.5 by hand or in part, 0 not done."""

    test: Test
    points: float


def _always(exam: Examined) -> bool:
    return True


def _described(exam: Examined) -> bool:
    return any(part.source or part.owner or part.contract for part in exam.brief.fields.values())


def _is_bounded(exam: Examined) -> bool:
    told = any(part.personal or part.known_at for part in exam.brief.fields.values())
    return bool(exam.brief.data.exclude or exam.brief.data.protected) or told


def _lived(*acts: Act) -> Said:
    return lambda exam: not exam.acts.isdisjoint(acts)


TESTS: tuple[Test, ...] = (
    Test(
        section=DATA,
        asks="What inputs look like is written as a schema",
        by="training writes schema.json",
        automated=_always,
    ),
    Test(
        section=DATA,
        asks="Every input earns its place",
        by="F17-importance",
        raised_by="a holdout large enough to tell what an input carries",
        codes=("F17-importance",),
    ),
    Test(
        section=DATA,
        asks="No input costs more than it brings",
        by="F17-importance for what each brings, F16-service for what all cost",
        raised_by="p99_latency_ms and memory_mb in [targets]: what inputs may cost",
        codes=("F17-importance", SERVICE),
    ),
    Test(
        section=DATA,
        asks="Inputs obey rules of law and policy",
        by="data.exclude, data.protected, and known_at and personal under [fields.NAME]: kept to in every training",
        raised_by="one of these in the brief",
        automated=_is_bounded,
    ),
    Test(
        section=DATA,
        asks="Privacy is kept along the way",
        by="findings, logs and reports hold no values of rows; columns that are personal are never shown",
        raised_by="personal = true under [fields.NAME]",
        automated=lambda exam: any(part.personal for part in exam.brief.fields.values()),
        by_hand=_always,
    ),
    Test(
        section=DATA,
        asks="A new input is quick to add",
        by="mainstay train: another column is another input",
        automated=_always,
    ),
    Test(
        section=DATA,
        asks="The code of inputs is tested",
        by="F19-schema-made",
        raised_by="a whole exam",
        codes=("F19-schema-made",),
    ),
    Test(
        section=MODEL,
        asks="Every model is reviewed and kept with its versions",
        by="the ledger keeps brief, rows and code of each; none but lifecycle.approvers may deploy it",
        raised_by="lifecycle.approvers",
        automated=lambda exam: bool(exam.brief.lifecycle.approvers),
        by_hand=_always,
    ),
    Test(
        section=MODEL,
        asks="What is better offline is better online",
        by="decision.control_share: cases decided as today tell the effect",
        raised_by="decision.control_share",
        automated=lambda exam: exam.brief.decision.control_share > 0,
    ),
    Test(
        section=MODEL,
        asks="Settings were tuned",
        by="mainstay train searches",
        raised_by="mainstay train --minutes N",
        automated=lambda exam: any(each.search_s > 0 for each in exam.summary.candidates),
    ),
    Test(
        section=MODEL,
        asks="What an old model costs is known",
        by="F10-time-gap, or mainstay replay beside never retraining",
        raised_by="data.time, or mainstay replay",
        codes=("F10-time-gap",),
        automated=_lived(Act.REPLAYED),
    ),
    Test(
        section=MODEL,
        asks="No simpler model is as good",
        by="F05-beats",
        raised_by="more rows",
        codes=("F05-beats",),
    ),
    Test(
        section=MODEL,
        asks="Quality is fine on every slice",
        by="F08: segments, periods, and slices found by search",
        raised_by="data.segments, or more rows",
        codes=("F08",),
    ),
    Test(
        section=MODEL,
        asks="Fairness was looked at",
        by="F18",
        raised_by="data.protected",
        codes=("F18",),
    ),
    Test(
        section=INFRASTRUCTURE,
        asks="Training twice gives the same model",
        by="F14-same-model",
        raised_by="a whole exam",
        codes=("F14-same-model",),
    ),
    Test(
        section=INFRASTRUCTURE,
        asks="Model code is tested",
        by="golden rows, to the bit, whenever a version is loaded",
        automated=_always,
    ),
    Test(
        section=INFRASTRUCTURE,
        asks="The whole way is tested",
        by="F19-bent, through the admission that serves",
        raised_by="a whole exam",
        codes=("F19-bent",),
    ),
    Test(
        section=INFRASTRUCTURE,
        asks="Quality is checked before a model serves",
        by="gates: deploying is refused where one fails",
        raised_by="gates in the brief",
        automated=lambda exam: bool(exam.brief.gates),
    ),
    Test(
        section=INFRASTRUCTURE,
        asks="One row can be stepped through",
        by="F17-reasons-add-up",
        raised_by="a learner whose plan is data: its reasons add up",
        codes=("F17-reasons-add-up",),
    ),
    Test(
        section=INFRASTRUCTURE,
        asks="A canary comes before full traffic",
        by="nothing: a version goes live for all at once",
    ),
    Test(
        section=INFRASTRUCTURE,
        asks="The way back is quick and safe",
        by="mainstay rollback, which proves the version before it answers",
        raised_by="having gone it once: mainstay rollback",
        automated=_lived(Act.ROLLED_BACK),
        by_hand=_always,
    ),
    Test(
        section=MONITORING,
        asks="Somebody is told when a source changes",
        by="source, owner or contract under [fields.NAME], and mainstay init --update, which says whom it hits",
        raised_by="these in the brief; nobody is told without asking yet",
        by_hand=_described,
    ),
    Test(
        section=MONITORING,
        asks="Data rules hold in training and serving",
        by="one admission for both, which refuses or warns row by row",
        automated=_always,
    ),
    Test(
        section=MONITORING,
        asks="Training and serving compute the same inputs",
        by="one plan; golden rows to the bit",
        automated=_always,
    ),
    Test(
        section=MONITORING,
        asks="No model is too old",
        by="model.review_by: mainstay status says when a review is due",
        raised_by="model.review_by",
        automated=lambda exam: exam.brief.model.review_by is not None,
    ),
    Test(
        section=MONITORING,
        asks="Numbers stay finite",
        by="F02-scores-finite; admission",
        raised_by="20 rows in the holdout",
        codes=("F02-scores-finite",),
    ),
    Test(
        section=MONITORING,
        asks="Speed, memory and size do not get worse",
        by="F16-service, under [targets]",
        raised_by="p99_latency_ms, memory_mb and size_mb in [targets]",
        codes=tuple(f"{SERVICE}-{what}" for what in ("p99", "memory", "size")),
    ),
    Test(
        section=MONITORING,
        asks="Quality on live rows does not get worse",
        by="mainstay watch, once it has told of live rows, or lived through a replay",
        raised_by="mainstay replay on past rows; then outcomes and watch",
        automated=_lived(Act.REPLAYED, Act.SIGNAL_OPENED),
        by_hand=_always,
    ),
)


def ml_test_score(findings: Sequence[Finding], exam: Examined) -> tuple[Met, ...]:
    """Return every test with its points, in the order of sections; for a report's table.

    A check counts where it was judged, whatever it said: the score is of what is tested, not of how it went. Source:
    Breck et al. (2017), The ML Test Score.
    """
    every = (*exam.summary.findings, *findings)
    return tuple(Met(test, _points(test, every, exam)) for test in TESTS)


def by_section(met: Sequence[Met]) -> dict[str, float]:
    """Return the points of each section, 0 to 7; the score is the least of them."""
    return {section: sum(each.points for each in met if each.test.section == section) for section in SECTIONS}


def _points(test: Test, findings: Sequence[Finding], exam: Examined) -> float:
    judged = [_is_judged(code, findings) for code in test.codes]
    if (judged and all(judged)) or (test.automated is not None and test.automated(exam)):
        return 1.0
    return 0.5 if any(judged) or (test.by_hand is not None and test.by_hand(exam)) else 0.0


def _is_judged(code: str, findings: Sequence[Finding]) -> bool:
    return any(f"{each.code}-".startswith(f"{code}-") and each.verdict is not Verdict.UNKNOWN for each in findings)
