"""`mainstay doctor`: what is wrong around the model, each fault with its cure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from mainstay.domain.finding import Finding, Verdict, finding_json, worst
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json, verdict
from mainstay.workflows.doctor.examine import examine
from mainstay.workflows.place import now

SAID = {
    Verdict.FAIL: "{n} fault{s} to mend first.",
    Verdict.WARN: "Nothing is broken; {n} thing{s} to look at.",
    Verdict.PASS: "All is well.",
}


@click.command()
@options.project
@options.as_json
def doctor(project: str, as_json: bool) -> int:
    """Examine environment, store, spool, disk and clock."""
    findings = examine(Path(project), at=now())
    overall = worst(f.verdict for f in findings if f.verdict is not Verdict.UNKNOWN)
    if as_json:
        print_json({"verdict": overall.value, "findings": [finding_json(f) for f in findings]})
    else:
        _show(findings, overall)
    return 1 if overall is Verdict.FAIL else 0


def _show(findings: Sequence[Finding], overall: Verdict) -> None:
    n = sum(f.verdict is overall for f in findings)
    answer(SAID[overall].format(n=n, s="s" * (n != 1)))
    answer("")
    for finding in findings:
        answer(f"{verdict(finding.verdict.value):<9}  {finding.code.removeprefix('doctor-'):<10}  {finding.because}")
        if finding.remedy:
            answer(f"{'':<23}→ {finding.remedy}")
    cures = [f.remedy for wanted in (overall, Verdict.UNKNOWN) for f in findings if f.verdict is wanted and f.remedy]
    next_step(cures[0] if cures else "mainstay status")
