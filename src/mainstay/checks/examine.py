"""Asking every question: one that breaks is a finding of its own, and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import msgspec
from threadpoolctl import threadpool_limits

from mainstay.checks.check import Check
from mainstay.checks.draws import said_of_draw
from mainstay.checks.examined import Examined
from mainstay.domain.finding import Finding, Verdict

OnCheck = Callable[[Check, float], None]


def examine(exam: Examined, checks: Sequence[Check], on_check: OnCheck) -> tuple[Finding, ...]:
    """Return what every check finds, in order; `on_check` is told each check and the share of all that is done.

    Learners get one thread: they are small, and several wait for each other longer than they work.
    """
    found: list[Finding] = []
    with threadpool_limits(limits=1):
        for place, check in enumerate(checks):
            on_check(check, place / len(checks))
            found.extend(_asked(check, replace(exam, said=tuple(found))))
    return tuple(found)


def asked_now(check: Check, exam: Examined) -> Check:
    """Return a check that was asked already, of this exam: whenever it is asked again, it finds the same."""
    found = tuple(_asked(check, exam))
    return replace(check, look=lambda later: found)


def _asked(check: Check, exam: Examined) -> Iterator[Finding]:
    try:
        found = list(check.look(exam))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - the others go on, after a panic of a library too; no values of rows
        because = f"this check broke ({type(error).__name__}) and says nothing"
        remedy = "Report it with the kind of table it broke on; the other checks are not touched by it."
        yield Finding(code=check.code, verdict=Verdict.UNKNOWN, because=because, remedy=remedy)
        return
    if not found:
        yield Finding(code=check.code, verdict=Verdict.UNKNOWN, because="there was nothing to look at")
    yield from (_in_full(check, finding, exam) for finding in found)


def _in_full(check: Check, finding: Finding, exam: Examined) -> Finding:
    """A finding with what to do next, and with how many rows were asked where it is not what training told already."""
    needs_step = finding.verdict in (Verdict.WARN, Verdict.FAIL) and not finding.remedy
    is_of_rows = finding.verdict is not Verdict.UNKNOWN and finding not in exam.summary.findings
    return msgspec.structs.replace(
        finding,
        remedy=check.remedy if needs_step else finding.remedy,
        because=finding.because + said_of_draw(check.draws, exam) if is_of_rows else finding.because,
    )
