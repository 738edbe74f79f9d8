"""Asking every question: one that breaks is a finding of its own, and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import msgspec

from mainstay.checks.check import Check
from mainstay.checks.examined import Examined
from mainstay.domain.finding import Finding, Verdict

OnCheck = Callable[[Check, float], None]


def examine(exam: Examined, checks: Sequence[Check], on_check: OnCheck) -> tuple[Finding, ...]:
    """Return what every check finds, in order; `on_check` is told each check and the share of all that is done."""
    found: list[Finding] = []
    for place, check in enumerate(checks):
        on_check(check, place / len(checks))
        found.extend(_asked(check, replace(exam, said=tuple(found))))
    return tuple(found)


def _asked(check: Check, exam: Examined) -> Iterator[Finding]:
    try:
        found = list(check.look(exam))
    except Exception as error:  # noqa: BLE001 - the others go on; values of rows stay out of the message
        because = f"this check broke ({type(error).__name__}) and says nothing"
        remedy = "Report it with the kind of table it broke on; the other checks are not touched by it."
        yield Finding(code=check.code, verdict=Verdict.UNKNOWN, because=because, remedy=remedy)
        return
    if not found:
        yield Finding(code=check.code, verdict=Verdict.UNKNOWN, because="there was nothing to look at")
    for finding in found:
        needs_step = finding.verdict in (Verdict.WARN, Verdict.FAIL) and not finding.remedy
        yield msgspec.structs.replace(finding, remedy=check.remedy) if needs_step else finding
