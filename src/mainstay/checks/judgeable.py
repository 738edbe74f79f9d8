"""What rows of the past cannot tell: outcomes that a decision hides, and acts that change what was foretold."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mainstay.checks.check import Check, Section
from mainstay.checks.examined import Examined
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.task import Task

DECLINED, ACTS = "F40-hidden-outcomes", "F40-acts-change-outcomes"
SEEN, SEEN_SHARE = 50, 0.01  # rows of a decision whose outcomes are known: below, nothing is learned of such rows
LEAST_ROWS = 100


def declined(exam: Examined) -> Iterable[Finding]:
    """Whether outcomes will be known whatever is decided; else whether something is done to see them all the same."""
    hides = exam.brief.decision.hides_outcome
    if hides is None:
        yield _by_history(exam)
    elif hides == "neither":
        yield _finding(DECLINED, Verdict.PASS, "the brief says that outcomes come to be known whatever is decided")
    else:
        word = getattr(exam.brief.decision, hides)
        yield _planned(exam, DECLINED, f"once {word!r} is decided its outcome is never seen", _seen(exam))


def acts(exam: Examined) -> Iterable[Finding]:
    """Whether acting on a score changes the outcome that it foretells."""
    changes = exam.brief.decision.changes_outcome
    if changes is None:
        because = "the brief does not say whether acting on the score changes the outcome it foretells"
        yield _finding(ACTS, Verdict.UNKNOWN, because, "Set decision.changes_outcome to true or false.")
    elif not changes:
        yield _finding(ACTS, Verdict.PASS, "the brief says that acting on the score does not change the outcome")
    else:
        yield _planned(exam, ACTS, "acting on the score changes the outcome, so rows acted on make it look wrong")


def _planned(exam: Examined, code: str, problem: str, seen: str = "") -> Finding:
    """Judge by what is done about it: a control group, or a plan that a person wrote down."""
    decision = exam.brief.decision
    told = f"{problem}{seen}"
    if decision.control_share > 0:
        because = f"{told}; a control group of {decision.control_share:.1%} gets today's rule and tells the difference"
        return _finding(code, Verdict.PASS, because)
    if decision.judged_online:
        return _finding(code, Verdict.PASS, f"{told}; decision.judged_online says how it is judged all the same")
    return _finding(code, Verdict.FAIL, f"{told}, and nothing is planned that would still tell")


def _by_history(exam: Examined) -> Finding:
    """Where the brief is silent: whether past rows have outcomes of both that today's rule decides."""
    ask = "Set decision.hides_outcome to 'when_high', 'when_low' or 'neither'."
    silent = "the brief does not say whether a decision hides its outcome"
    if exam.task is not Task.BINARY or exam.today is None or exam.today.size < LEAST_ROWS:
        return _finding(DECLINED, Verdict.UNKNOWN, silent, ask)
    n_high = int(np.count_nonzero(exam.today == 1))
    least = min(n_high, exam.today.size - n_high)
    word = exam.brief.decision.when_high if n_high == least else exam.brief.decision.when_low
    if least < max(SEEN, SEEN_SHARE * exam.today.size):
        because = (
            f"{silent}, and {least:,} of {exam.today.size:,} rows with an outcome are such as today's rule decides "
        )
        return _finding(DECLINED, Verdict.WARN, f"{because}{word!r}: others' outcomes may never have been seen", ask)
    because = (
        f"{silent}; the past holds outcomes of {least:,} rows that today's rule decides {word!r}, and of the others"
    )
    return _finding(DECLINED, Verdict.UNKNOWN, because, ask)


def _seen(exam: Examined) -> str:
    if exam.task is not Task.BINARY or exam.today is None or not exam.today.size:
        return ""
    high = float(np.mean(exam.today == 1))
    share = high if exam.brief.decision.hides_outcome == "when_high" else 1 - high
    return f" ({share:.1%} of the rows with an outcome are such as today's rule decides so)"


def _finding(code: str, verdict: Verdict, because: str, remedy: str = "") -> Finding:
    return Finding(code=code, verdict=verdict, because=because, remedy=remedy)


PLAN = "Set decision.control_share (with [today] rule), or write into decision.judged_online how a shadow or an A/B "
PLAN += "test will tell."

JUDGEABLE: tuple[Check, ...] = (
    Check(
        code=DECLINED,
        section=Section.JUDGEABLE,
        asks="Will outcomes be known whatever is decided?",
        limit="decision.hides_outcome is 'neither', or there is a control share or a written plan: a model that learns "
        "only from those it approved never learns that it declines the wrong ones. Where the brief is silent, warns "
        "where under 1% of the past rows are such as today's rule decides one way.",
        remedy=PLAN,
        source="Lakkaraju et al. 2017, selective labels",
        look=declined,
    ),
    Check(
        code=ACTS,
        section=Section.JUDGEABLE,
        asks="Can the effect of our acts be told from the model's mistakes?",
        limit="decision.changes_outcome is false, or there is a control share or a written plan.",
        remedy=PLAN,
        source="Perdomo et al. 2020, performative prediction",
        look=acts,
    ),
)
