"""How an exam is shown: what is wrong first, what could not be told, what is well in one line; then the next step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mainstay.domain.finding import NOT_APPLICABLE, Finding, Verdict, finding_json
from mainstay.interfaces.cli.edge import ends_in_order
from mainstay.interfaces.cli.show import answer, next_step, print_json, progress, sentences, verdict
from mainstay.interfaces.cli.who import actor
from mainstay.workflows.exam import Exam, exam_of
from mainstay.workflows.place import home_and_model, newest, now, open_project, version_meant

MOST_SHOWN = 40


def examine_version(version: str | None, only: Sequence[str], project: Path, *, as_json: bool) -> int:
    """Examine a version (the newest, if none is named), show what was found, and return the exit code."""
    if version is None:
        home, model = home_and_model(project, None)
        name = newest(home, model)
    else:
        _, name = version_meant(version, project)
    with ends_in_order():
        found = exam_of(open_project(project), name, only=only, actor=actor(), at=now(), on_check=progress())
    if as_json:
        print_json(exam_json(found))
    else:
        show_exam(found, whole=not only)
    return 1 if found.failed_gates else 0


def exam_json(exam: Exam) -> dict[str, object]:
    """Return the JSON form of an exam."""
    return {
        "version": str(exam.version),
        "verdict": exam.verdict.value,
        "failed_gates": list(exam.failed_gates),
        "findings": [finding_json(finding) for finding in exam.findings],
    }


def show_exam(exam: Exam, *, whole: bool) -> None:
    """Print what was found, the worst first; what does not apply is told, and is none of what could be well."""
    for word in (Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN, NOT_APPLICABLE):
        lines = told([finding for finding in exam.findings if finding.word == word])
        for line in lines[:MOST_SHOWN]:
            answer(f"{verdict(word)}  {line}")
        if len(lines) > MOST_SHOWN:
            answer(f"  and {len(lines) - MOST_SHOWN} more: see mainstay check --json")
    n_well = sum(finding.verdict is Verdict.PASS for finding in exam.findings)
    n_apply = sum(finding.applies for finding in exam.findings)
    mark = f"{verdict('pass')}  " if n_well else ""
    answer(f"{mark}{n_well} of {n_apply} findings are as they should be.")
    if exam.failed_gates:
        answer(f"\n{exam.version} is not ready: the brief's gates fail by {', '.join(exam.failed_gates)}.")
        next_step("mend what fails, then mainstay train and mainstay check")
    elif whole:
        next_step(f"mainstay report {exam.version} --out report.html")
    else:
        next_step(f"mainstay check {exam.version}, which asks every question and keeps the answers for the report")


def told(findings: Sequence[Finding]) -> list[str]:
    """Write findings for people, a line each; those that say the same for the same reason share one.

    >>> one = Finding(code="F18-worse", verdict=Verdict.UNKNOWN, because="no column is named")
    >>> told([one, one])
    ['F18-worse, F18-worse  no column is named.']
    """
    alike: dict[str, list[str]] = {}
    for finding in findings:
        alike.setdefault(sentences(finding.because, finding.remedy), []).append(finding.code)
    return [f"{', '.join(codes)}  {said}" for said, codes in alike.items()]
