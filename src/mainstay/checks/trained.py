"""What training said already, asked again by the exam: its findings are evidence, and are not worked out twice."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from mainstay.checks.check import Check, Section
from mainstay.checks.examined import Examined
from mainstay.domain.finding import Finding, Verdict

SILENT = "training said nothing of it: there were too few rows"
SIMPLEST = "the simplest candidate was chosen: there is nothing simpler to compare it with"


def told(exam: Examined, code: str, *, silent: str = SILENT) -> Iterable[Finding]:
    """Return training's findings under a code or under its family (`F04-target` has one for each target)."""
    found = [each for each in exam.summary.findings if each.code == code or each.code.startswith(f"{code}-")]
    return found or [Finding(code=code, verdict=Verdict.UNKNOWN, because=silent)]


def told_if_any(exam: Examined, code: str, otherwise: str) -> Iterable[Finding]:
    """Return training's findings under a code; where there is none, all is well, in the words of `otherwise`."""
    found = [each for each in exam.summary.findings if each.code == code or each.code.startswith(f"{code}-")]
    return found or [Finding(code=code, verdict=Verdict.PASS, because=otherwise)]


def against_simpler(exam: Examined, code: str) -> Iterable[Finding]:
    """What training said of the version beside simpler ones, of which there are none where it is the simplest."""
    is_simplest = any(each.chosen for each in exam.summary.candidates[:1])
    return told(exam, code, silent=SIMPLEST if is_simplest else SILENT)


def targets(exam: Examined) -> Iterable[Finding]:
    """Whether the brief's targets are met, as training judged them; nobody can tell where it sets none."""
    if not exam.brief.targets.model_fields_set:
        because = "the brief sets no target in [targets]: nobody has said how good is good enough"
        return [Finding(code="F04-target", verdict=Verdict.UNKNOWN, because=because)]
    return told(exam, "F04-target")


def time_gap(exam: Examined) -> Iterable[Finding]:
    """How much worse the version is on later rows, as training measured it where rows have a moment."""
    if exam.moments is None:
        because = "the rows have no moment (data.time): nobody can tell what later rows would bring"
        return [Finding(code="F10-time-gap", verdict=Verdict.UNKNOWN, because=because)]
    return told(exam, "F10-time-gap")


TRAINED: tuple[Check, ...] = (
    Check(
        code="F02-calibration",
        section=Section.SKILL,
        asks="Do scores mean what they say?",
        limit="Consistent with perfect calibration at 95%, or off by at most 0.02: else money by threshold is off. "
        "Amounts: right on average at 95%, or off by at most 1% of their mean size; where misses on one side cost more "
        "and a quantile was fitted, covering its share of outcomes, or off by at most 0.02.",
        remedy="Calibrate on more or newer rows: bring them, and train again.",
        source="Blasiok & Nakkiran 2023, smooth calibration error; Cox 1958, slope and intercept",
        look=partial(told, code="F02-calibration"),
    ),
    Check(
        code="F05-beats",
        section=Section.SKILL,
        asks="Is it better than every simpler candidate, row by row?",
        limit="The whole 95% interval of the paired difference lies above nothing.",
        remedy="Take the simpler one: it costs less to keep.",
        look=partial(against_simpler, code="F05-beats"),
    ),
    Check(
        code="F05-winners-curse",
        section=Section.SKILL,
        asks="Is it as good where nobody chose it?",
        limit="What it lost on the holdout against cross-fitting is within the noise of both, and less than it gained.",
        remedy="Trust the holdout's number; compare fewer candidates or bring more rows.",
        look=partial(against_simpler, code="F05-winners-curse"),
    ),
    Check(
        code="F04-target",
        section=Section.SKILL,
        asks="Are the brief's targets met?",
        limit="The whole 95% interval lies on the right side of the target.",
        remedy="Bring better inputs or more rows, or reconsider the target in [targets].",
        look=targets,
    ),
    Check(
        code="F07-looks-spent",
        section=Section.SKILL,
        asks="Was the holdout looked at no more often than the brief allows?",
        limit="[holdouts] looks.",
        remedy="Bring newer rows: they make a fresh holdout.",
        look=partial(told_if_any, code="F07-looks-spent", otherwise="looks are left on the holdout"),
    ),
    Check(
        code="F10-time-gap",
        section=Section.SKILL,
        asks="Is it as good on what comes later as on rows drawn at random?",
        limit="The two intervals overlap.",
        remedy="Expect the later number; retrain as often as the watch says.",
        look=time_gap,
    ),
)
