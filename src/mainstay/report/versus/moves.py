"""Findings of two versions beside each other: which are new, gone, worse or better."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from mainstay.domain.finding import ORDER, Finding, Verdict, worst_first
from mainstay.report.checked import checks_of
from mainstay.report.versus.sides import Side

Key = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """Findings by what became of them; `worse` and `better` hold them before and after. `says` is on what it rests."""

    new: tuple[Finding, ...] = ()
    gone: tuple[Finding, ...] = ()
    worse: tuple[tuple[Finding, Finding], ...] = ()
    better: tuple[tuple[Finding, Finding], ...] = ()
    says: str = field(default="")


def moves_of(first: Side, then: Side) -> Moves:
    """What became of each finding. Where only one version was examined, what training said of both is compared."""
    examined = first.exam is not None and then.exam is not None
    before, after = (_findings(side, examined) for side in (first, then))
    before = _under(after, before)
    both = [(before[key], after[key]) for key in after if key in before]
    rank = ORDER.index
    return Moves(
        new=tuple(worst_first(after[key] for key in after if key not in before and _is_open(after[key]))),
        gone=tuple(worst_first(before[key] for key in before if key not in after and _is_open(before[key]))),
        worse=tuple(pair for pair in both if rank(pair[1].verdict) > rank(pair[0].verdict)),
        better=tuple(pair for pair in both if rank(pair[1].verdict) < rank(pair[0].verdict)),
        says=_says(first, then),
    )


def _findings(side: Side, examined: bool) -> dict[Key, Finding]:
    checks = checks_of(side.summary.findings, side.exam if examined else None)
    return {(finding.code, finding.subjects): finding for finding in checks.findings}


def _under(after: dict[Key, Finding], before: dict[Key, Finding]) -> dict[Key, Finding]:
    """Findings from before under the keys they have now: where a check found one thing each time, but not in the same
    columns, it is one finding that moved, not one that is gone and one that is new.
    """
    lone = {code: key for code, key in _lone(before).items() if key not in after}
    now = {code: key for code, key in _lone(after).items() if key not in before}
    moved = {lone[code]: now[code] for code in lone.keys() & now.keys()}
    return {moved.get(key, key): finding for key, finding in before.items()}


def _lone(findings: dict[Key, Finding]) -> dict[str, Key]:
    """The codes that one finding has, each with its key."""
    n = Counter(code for code, _ in findings)
    return {key[0]: key for key in findings if n[key[0]] == 1}


def _is_open(finding: Finding) -> bool:
    return finding.verdict is not Verdict.PASS and finding.applies


def _says(first: Side, then: Side) -> str:
    missing = [side.name for side in (first, then) if side.exam is None]
    if not missing:
        return "By the newest whole exam of each."
    todo = " and ".join(f"mainstay check {name}" for name in missing)
    return f"By what training said of each: {' and '.join(missing)} not examined. An exam asks far more: {todo}"
