"""One shape of judgement, before and after deployment: a finding; and its life over time: a signal."""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """What a check or a monitor says; `unknown` where there is too little data, never a silent pass."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


ORDER = (Verdict.PASS, Verdict.UNKNOWN, Verdict.WARN, Verdict.FAIL)
NOT_APPLICABLE = "not applicable"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A judgement with its evidence: numbers first, a sentence and the next step beside them.

    `code` is stable (for example `F15-unseen-category`); `subjects` are exact column names or `column=level`.
    `measured`, `limit`, `low` and `high` share one unit, named in `because`; None where there is no number. Where the
    question has no meaning for such a task or table `applies` is false: the verdict is unknown, and no row will tell.
    """

    code: str
    verdict: Verdict
    because: str
    subjects: tuple[str, ...] = ()
    measured: float | None = None
    limit: float | None = None
    low: float | None = None
    high: float | None = None
    remedy: str = ""
    applies: bool = True

    @property
    def word(self) -> str:
        """The verdict as people read it: a question without a meaning here is not one that is open."""
        return self.verdict.value if self.applies else NOT_APPLICABLE

    @property
    def subject(self) -> str | None:
        """The first subject, or None for a judgement about the whole."""
        return self.subjects[0] if self.subjects else None


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """A finding of the watch that has a life: it opens, changes and closes in the ledger."""

    id: str
    finding: Finding
    since: str
    cause: str
    status: str = "open"


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A finding about one stretch of time: what the watch writes into the journal and folds into signals.

    `start` and `end` are ISO moments: one period, several thin ones together, or one that still runs. `cause` is one of
    system, data pipe, label pipe, model, world or own campaign, empty where nothing is wrong.
    """

    finding: Finding
    start: str
    end: str
    cause: str = ""


def finding_json(finding: Finding) -> dict[str, object]:
    """Return the JSON form that scripts rely on."""
    return {
        "code": finding.code,
        "subject": finding.subject,
        "subjects": list(finding.subjects),
        "verdict": finding.verdict.value,
        "measured": _finite(finding.measured),
        "limit": _finite(finding.limit),
        "low": _finite(finding.low),
        "high": _finite(finding.high),
        "because": finding.because,
        "remedy": finding.remedy,
        "applies": finding.applies,
    }


def signal_json(signal: Signal) -> dict[str, object]:
    """Return the JSON form of a signal: the finding's keys plus id, since, cause and status."""
    life = {"id": signal.id, "since": signal.since, "cause": signal.cause, "status": signal.status}
    return finding_json(signal.finding) | life


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings with the worst first and those that do not apply after the unknown ones; else as they came."""
    return sorted(findings, key=weight, reverse=True)


def weight(finding: Finding) -> tuple[int, bool]:
    """How much a finding asks for a reader: what sorts findings."""
    return ORDER.index(finding.verdict), finding.applies


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst verdict; nothing judged is unknown.

    >>> worst([Verdict.PASS, Verdict.WARN]).value
    'warn'
    >>> worst([]).value
    'unknown'
    """
    return max(verdicts, key=ORDER.index, default=Verdict.UNKNOWN)


def _finite(number: float | None) -> float | None:
    return None if number is None or not math.isfinite(number) else float(number)
