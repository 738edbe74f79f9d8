"""The exam of a version: every check is asked, the findings are kept beside the bundle, and the ledger knows which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from mainstay.checks.check import Check
from mainstay.checks.every import EVERY
from mainstay.checks.examine import asked_now, examine
from mainstay.checks.examined import Examined
from mainstay.checks.running import SAME
from mainstay.checks.shown import shown_of
from mainstay.domain.canonical import canonical, digest
from mainstay.domain.errors import Asked, did_you_mean
from mainstay.domain.event import Act
from mainstay.domain.finding import Finding, Verdict, worst
from mainstay.domain.gates import failed_gates, is_own
from mainstay.domain.shown import Shown, shown_json
from mainstay.domain.taken import Answered, Question, Taken, answered_json
from mainstay.domain.version import VersionName
from mainstay.store.memory import give_back
from mainstay.store.project import Project
from mainstay.workflows.examined import examined
from mainstay.workflows.footprint import footprint
from mainstay.workflows.own_checks import own_checks

OnCheck = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Exam:
    """What an exam found: findings in the order of the checks, and the codes of gates that fail by them."""

    version: VersionName
    findings: tuple[Finding, ...]
    failed_gates: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """Fail where a gate fails; else the worst that was found, a failing check that is no gate as a warning."""
        if self.failed_gates:
            return Verdict.FAIL
        found = worst(finding.verdict for finding in self.findings if finding.applies)
        return Verdict.WARN if found is Verdict.FAIL else found


def chosen_checks(only: Sequence[str], own: Sequence[Check] = ()) -> tuple[Check, ...]:
    """Return the checks whose codes are named, whole or by their first words; all, where none is. Raises `Asked`.

    `own` are those of the project itself; they are asked last.
    """
    every = (*EVERY, *own)
    if not only:
        return every
    for name in only:
        if not any(_is_named(check, name) for check in every):
            raise Asked(f"there is no check {name!r}", remedy=_nearest(name, every, has_own=bool(own)))
    return tuple(check for check in every if any(_is_named(check, name) for name in only))


def _asks_own(only: Sequence[str]) -> bool:
    """Whether checks of the project itself may be among those named: where none can be, its file is not read."""
    return not only or any(not any(_is_named(check, name) for check in EVERY) for name in only)


def _nearest(name: str, every: Sequence[Check], *, has_own: bool) -> str:
    if is_own(name) and not has_own:
        return "There is no checks.py beside the brief: write one, see docs/checks.md."
    return did_you_mean(name, [check.code for check in every])


def exam_of(
    project: Project, version: VersionName, *, only: Sequence[str], actor: str, at: datetime, on_check: OnCheck
) -> Exam:
    """Examine a version. A whole exam is kept and told to the ledger; one of some checks only is neither."""
    with own_checks(project, version, at=at) if _asks_own(only) else nullcontext(()) as own:
        checks = chosen_checks(only, own)
        on_check("reading the rows it was made from", 0.0)
        asked: list[Check] = []
        exam = examined(
            project,
            version,
            at=at,
            measure=partial(footprint, project, version),
            before_rows=lambda bare: asked.extend(_before_rows(bare, checks, on_check)),
        )
        findings = examine(exam, asked, partial(_before_check, on_check))
    failed = failed_gates(exam.brief.gates, findings)
    if not only:
        on_check("drawing what a report shows", 1.0)
        taken = Taken(at=at.isoformat(), answers=_answered(checks, findings), shown=shown_of(exam, findings))
        _keep(project, version, taken, failed, actor=actor, at=at)
    on_check("examined", 1.0)
    return Exam(version, findings, failed)


def _before_check(on_check: OnCheck, check: Check, share: float) -> None:
    """What one check has let go of, the next one need not stand beside."""
    give_back()
    on_check(check.asks, share)


def _before_rows(bare: Examined, checks: Sequence[Check], on_check: OnCheck) -> list[Check]:
    """Ask what needs much memory and no rows of the exam, while none are held: a fit copies what it learns from."""
    asked = []
    for check in checks:
        if check.code == SAME:
            on_check(check.asks, 0.0)
        asked.append(asked_now(check, bare) if check.code == SAME else check)
    return asked


def _keep(
    project: Project, version: VersionName, taken: Taken, failed: tuple[str, ...], *, actor: str, at: datetime
) -> None:
    name, made = _put(project, version, [answered_json(answer) for answer in taken.answers])
    shown, drawn = _put(project, version, shown_json(taken.shown or Shown()))
    body = {
        "version": version.number,
        "artifact": name,
        "digest": made,
        "failed_gates": list(failed),
        "shown": shown,
        "shown_digest": drawn,
    }
    project.home.ledger.append(version.model, Act.EXAMINED, body, actor=actor, at=at)


def _put(project: Project, version: VersionName, what: object) -> tuple[str, str]:
    """Keep a page beside the bundle; its name and its digest."""
    page = canonical(what)
    made = digest(page)
    name = f"exams/{made.removeprefix('sha256:')[:16]}.json"
    project.home.artifacts.put_artifact(version.model, version.number, name, page)
    return name, made


def _answered(checks: Sequence[Check], findings: Sequence[Finding]) -> tuple[Answered, ...]:
    """Put each finding beside the question of its check, so that a reader later knows what was asked then."""
    asked = {check.code: Question(section=check.section, asks=check.asks, threshold=check.limit) for check in checks}
    found = []
    for finding in findings:
        own = [code for code in asked if f"{finding.code}-".startswith(f"{code}-")]
        found.append(Answered(finding=finding, question=asked[max(own, key=len)] if own else Question()))
    return tuple(found)


def _is_named(check: Check, name: str) -> bool:
    return f"{check.code}-".startswith(f"{name}-")
