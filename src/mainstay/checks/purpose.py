"""Whether anybody knows what the model is for: the brief's own words, and dates that have passed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np

from mainstay.checks.check import Check, Section
from mainstay.checks.examined import Examined
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth

PURPOSE_STATED, OWNED, VALUED, REVIEWED = "F01-purpose-stated", "F01-owned", "F03-valued", "F41-review-date"


def purpose_stated(exam: Examined) -> Iterable[Finding]:
    """Whether the brief says what is decided, why, and for whom."""
    said = {"model.purpose": exam.brief.model.purpose, "model.consumers": exam.brief.model.consumers}
    yield _all_said(PURPOSE_STATED, said, "the brief says what is decided and who uses it")


def owned(exam: Examined) -> Iterable[Finding]:
    """Whether somebody answers for the model."""
    yield _all_said(OWNED, {"model.owner": exam.brief.model.owner}, f"{exam.brief.model.owner} answers for it")


def valued(exam: Examined) -> Iterable[Finding]:
    """Whether the brief says what decisions are worth and what is done today."""
    said: dict[str, object] = {"a table in [value]": exam.brief.value.task}
    if exam.task is not Task.REGRESSION:
        said["a rule in [today]"] = exam.brief.today.rule
    if not _tells_decisions_apart(exam):
        because = "by [value] every decision is worth the same in every row: money tells no good one from a bad one"
        yield Finding(code=VALUED, verdict=Verdict.WARN, because=because)
        return
    yield _all_said(VALUED, said, "decisions have a price, and today's way is known")


def _tells_decisions_apart(exam: Examined) -> bool:
    if exam.worth is None:
        return True  # there is no table, which is said elsewhere
    if isinstance(exam.worth, ActionWorth):
        return bool(np.any(exam.worth.amounts != exam.worth.amounts[:, :1]))
    rows = exam.holdout
    return not np.array_equal(exam.worth.at(rows, exam.outcomes[rows]), exam.worth.at(rows, exam.outcomes[rows] + 1))


def reviewed(exam: Examined) -> Iterable[Finding]:
    """Whether the day by which somebody must look again is set and not past."""
    by = exam.brief.model.review_by
    if by is None:
        because = "the brief sets no model.review_by: nobody is due to ask whether the model is still wanted"
        yield Finding(code=REVIEWED, verdict=Verdict.WARN, because=because, remedy="Set it: a year ahead at most.")
        return
    yield _dated(by, exam.at.date())


def _dated(by: date, today: date) -> Finding:
    if by < today:
        because = f"model.review_by, {by}, was {(today - by).days} days ago"
        remedy = "Ask its consumers whether they still want it; then move the date, or retire it."
        return Finding(code=REVIEWED, verdict=Verdict.FAIL, because=because, remedy=remedy)
    return Finding(code=REVIEWED, verdict=Verdict.PASS, because=f"it is to be reviewed by {by}")


def _all_said(code: str, said: Mapping[str, object], well: str) -> Finding:
    silent = [key for key, value in said.items() if not value]
    if not silent:
        return Finding(code=code, verdict=Verdict.PASS, because=well)
    because = f"the brief leaves out {' and '.join(silent)}"
    return Finding(code=code, verdict=Verdict.WARN, because=because)


PURPOSE: tuple[Check, ...] = (
    Check(
        code=PURPOSE_STATED,
        section=Section.PURPOSE,
        asks="Does the brief say what is decided with the score, and who uses it?",
        limit="model.purpose and model.consumers are written: a model without a reader is never missed.",
        remedy="Write one sentence and the names of teams or products into [model].",
        look=purpose_stated,
    ),
    Check(
        code=OWNED,
        section=Section.PURPOSE,
        asks="Does somebody answer for the model?",
        limit="model.owner is written.",
        remedy="Write a person or a team, with an address, into [model] owner.",
        look=owned,
    ),
    Check(
        code=VALUED,
        section=Section.PURPOSE,
        asks="Is it known what decisions are worth, and what is done today?",
        limit="[value] has a table that tells decisions apart, and [today] a rule.",
        remedy="Ask whoever pays for wrong decisions: an order of magnitude is enough to begin.",
        look=valued,
    ),
    Check(
        code=REVIEWED,
        section=Section.PURPOSE,
        asks="Is somebody due to look again, and not overdue?",
        limit="model.review_by is set and lies ahead.",
        remedy="Set model.review_by.",
        look=reviewed,
    ),
)
