"""Findings as the terminal says them: those that ask for something, then how many there were of each kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.grouping import grouped
from mainstay.interfaces.cli.show import sentences, verdict

KINDS = (
    (Verdict.FAIL, "failed", "failed"),
    (Verdict.WARN, "asks for a look", "ask for a look"),
    (Verdict.UNKNOWN, "could not be made yet", "could not be made yet"),
)


def finding_lines(findings: Sequence[Finding], *, said_anyway: Sequence[str] = ()) -> Iterator[str]:
    """Yield a line for each finding that did not pass (one for several that ask for the same), and their count.

    >>> [*finding_lines([Finding(code="F", verdict=Verdict.PASS, because="fine")])]
    ['The 1 check passed.']
    """
    told = grouped(findings)
    for (kind, code, remedy), alike in groupby(told, lambda each: (each.verdict, each.code, each.remedy)):
        because = "; ".join(finding.because for finding in alike)
        if kind is not Verdict.PASS:
            yield f"{verdict(kind.value)}  {sentences(because, remedy)}"
        elif code in said_anyway:
            yield sentences(because[0].upper() + because[1:], remedy)
    yield _counted([finding.verdict for finding in told])


def _counted(verdicts: Sequence[Verdict]) -> str:
    n_all, n_passed = len(verdicts), verdicts.count(Verdict.PASS)
    if n_all == n_passed:
        return "The 1 check passed." if n_all == 1 else f"All {n_all} checks passed."
    others = [f"{n} {one if n == 1 else many}" for kind, one, many in KINDS if (n := verdicts.count(kind))]
    return f"Of {n_all} checks {n_passed} passed, {', '.join(others)}."
