"""An exam that was taken: what was asked of a version, by what threshold, and what was found."""

from __future__ import annotations

import msgspec

from mainstay.domain.finding import Finding, finding_json
from mainstay.domain.shown import Shown


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a check asked when it was asked: its section, the question, and when it fails and why there."""

    section: str = ""
    asks: str = ""
    threshold: str = ""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A finding with the question that it answers."""

    finding: Finding
    question: Question


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A whole exam of one version: `at` is ISO UTC; answers in the order in which they were asked.

    `shown` is what a report draws of it, None where an older exam kept nothing.
    """

    at: str
    answers: tuple[Answered, ...]
    shown: Shown | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, in order."""
        return tuple(each.finding for each in self.answers)


def answered_json(answer: Answered) -> dict[str, object]:
    """Return the form in which an exam is kept: the finding's keys, and the question's."""
    asked: dict[str, object] = msgspec.to_builtins(answer.question)
    return finding_json(answer.finding) | asked


def read_answers(raw: bytes) -> tuple[Answered, ...]:
    """Read what an exam kept; of one that kept no questions they are empty.

    >>> read_answers(b'[{"code": "F01-owned", "verdict": "pass", "because": "anna", "asks": "Who?"}]')[0].question.asks
    'Who?'
    """
    findings = msgspec.json.decode(raw, type=tuple[Finding, ...], strict=False)
    questions = msgspec.json.decode(raw, type=tuple[Question, ...])
    return tuple(
        Answered(finding=finding, question=question) for finding, question in zip(findings, questions, strict=True)
    )
