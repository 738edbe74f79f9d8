"""The 28 tests of the ML Test Score: which are met here, by what, and the points of each section."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Summary
from mainstay.domain.finding import Finding, Verdict

DATA, MODEL, INFRASTRUCTURE, MONITORING = "data", "model", "infrastructure", "monitoring"
SECTIONS = (DATA, MODEL, INFRASTRUCTURE, MONITORING)
Said = Callable[[Brief, Summary], bool]


@dataclass(frozen=True, slots=True)
class Test:
    """One of the 28 tests. It is met by all of `codes` having been judged, or `always`, or by what the brief says.

    `automated`: what is done by itself because the brief (or the training) says so, worth a point; `by_hand`: what a
    person does and has written down, worth half. `by` says it in words.
    """

    section: str
    asks: str
    by: str
    codes: tuple[str, ...] = ()
    always: bool = False
    automated: Said | None = None
    by_hand: Said | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """A test with its points: 1 automated, 0.5 by hand and written down, 0 not done."""

    test: Test
    points: float


def _described(brief: Brief) -> bool:
    return any(part.source or part.owner or part.contract for part in brief.fields.values())


TESTS: tuple[Test, ...] = (
    Test(DATA, "What inputs look like is written as a schema", "training writes schema.json", always=True),
    Test(DATA, "Every input earns its place", "F17-importance", ("F17-importance",)),
    Test(
        DATA,
        "No input costs more than it brings",
        "F17-importance in money, beside F16-service under targets; else sources under [fields.NAME]",
        ("F17-importance", "F16-service"),
        by_hand=lambda brief, summary: _described(brief),
    ),
    Test(
        DATA,
        "Inputs obey rules of law and policy",
        "data.exclude and data.protected, kept out of every training",
        automated=lambda brief, summary: bool(brief.data.exclude or brief.data.protected),
    ),
    Test(
        DATA,
        "Privacy is kept along the way",
        "fields.NAME.personal; findings, logs and reports hold no values of rows",
        automated=lambda brief, summary: any(part.personal for part in brief.fields.values()),
        by_hand=lambda brief, summary: True,
    ),
    Test(DATA, "A new input is quick to add", "mainstay train: another column is another input", always=True),
    Test(DATA, "The code of inputs is tested", "F19-schema-made", ("F19-schema-made",)),
    Test(
        MODEL,
        "Every model is reviewed and kept with its versions",
        "the ledger keeps brief, rows and code of each; lifecycle.approvers must sign",
        automated=lambda brief, summary: bool(brief.lifecycle.approvers),
        by_hand=lambda brief, summary: True,
    ),
    Test(
        MODEL,
        "What is better offline is better online",
        "decision.control_share tells the effect; else decision.judged_online",
        automated=lambda brief, summary: brief.decision.control_share > 0,
        by_hand=lambda brief, summary: bool(brief.decision.judged_online),
    ),
    Test(
        MODEL,
        "Settings were tuned",
        "mainstay train searches",
        automated=lambda brief, summary: any(each.search_s > 0 for each in summary.candidates),
    ),
    Test(MODEL, "What an old model costs is known", "F10-time-gap", ("F10-time-gap",)),
    Test(MODEL, "No simpler model is as good", "F05-beats", ("F05-beats",)),
    Test(MODEL, "Quality is fine on every slice", "F08", ("F08",)),
    Test(MODEL, "Fairness was looked at", "F18", ("F18",)),
    Test(INFRASTRUCTURE, "Training twice gives the same model", "F14-same-model", ("F14-same-model",)),
    Test(INFRASTRUCTURE, "Model code is tested", "golden rows, to the bit, whenever a version is loaded", always=True),
    Test(INFRASTRUCTURE, "The whole way is tested", "F19-bent, through the admission that serves", ("F19-bent",)),
    Test(
        INFRASTRUCTURE,
        "Quality is checked before a model serves",
        "gates: deploying is refused where one fails",
        automated=lambda brief, summary: bool(brief.gates),
    ),
    Test(INFRASTRUCTURE, "One row can be stepped through", "F17-reasons-add-up", ("F17-reasons-add-up",)),
    Test(
        INFRASTRUCTURE,
        "A canary comes before full traffic",
        "no command yet; a plan in decision.judged_online",
        by_hand=lambda brief, summary: bool(brief.decision.judged_online),
    ),
    Test(INFRASTRUCTURE, "The way back is quick and safe", "mainstay rollback", always=True),
    Test(
        MONITORING,
        "Somebody is told when a source changes",
        "source, owner or contract under [fields.NAME]",
        by_hand=lambda brief, summary: _described(brief),
    ),
    Test(MONITORING, "Data rules hold in training and serving", "one admission for both; mainstay watch", always=True),
    Test(MONITORING, "Training and serving compute the same inputs", "one plan; golden rows to the bit", always=True),
    Test(MONITORING, "No model is too old", "F41-review-date", ("F41-review-date",)),
    Test(MONITORING, "Numbers stay finite", "F02-scores-finite; admission", ("F02-scores-finite",)),
    Test(MONITORING, "Speed, memory and size do not get worse", "F16-service, under targets", ("F16-service",)),
    Test(MONITORING, "Quality on live rows does not get worse", "mainstay outcomes, mainstay watch", always=True),
)


def ml_test_score(findings: Sequence[Finding], brief: Brief, summary: Summary) -> tuple[Met, ...]:
    """Return every test with its points, in the order of sections; for a report's table.

    A check counts where it was judged, whatever it said: the score is of what is tested, not of how it went. Source:
    Breck et al. (2017), The ML Test Score.
    """
    return tuple(Met(test, _points(test, findings, brief, summary)) for test in TESTS)


def by_section(met: Sequence[Met]) -> dict[str, float]:
    """Return the points of each section, 0 to 7; the score is the least of them."""
    return {section: sum(each.points for each in met if each.test.section == section) for section in SECTIONS}


def _points(test: Test, findings: Sequence[Finding], brief: Brief, summary: Summary) -> float:
    judged = bool(test.codes) and all(_is_judged(code, findings) for code in test.codes)
    if test.always or judged or (test.automated is not None and test.automated(brief, summary)):
        return 1.0
    return 0.5 if test.by_hand is not None and test.by_hand(brief, summary) else 0.0


def _is_judged(code: str, findings: Sequence[Finding]) -> bool:
    return any(f"{each.code}-".startswith(f"{code}-") and each.verdict is not Verdict.UNKNOWN for each in findings)
