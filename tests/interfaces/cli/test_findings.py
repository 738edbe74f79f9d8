"""Findings in the terminal: what asks for the same is said once, and all are counted."""

from __future__ import annotations

from mainstay.domain.finding import Finding, Verdict
from mainstay.interfaces.cli.findings import finding_lines


def found(verdict: Verdict, because: str, remedy: str = "", code: str = "F") -> Finding:
    return Finding(code=code, verdict=verdict, because=because, remedy=remedy)


def test_what_asks_for_the_same_is_said_once_and_all_are_counted() -> None:
    findings = [
        found(Verdict.PASS, "fine"),
        found(Verdict.WARN, "'a' is odd", "Look at it."),
        found(Verdict.WARN, "'b' is odd", "Look at it."),
        found(Verdict.UNKNOWN, "too few rows"),
        found(Verdict.PASS, "so many are enough", code="F11"),
    ]
    assert [*finding_lines(findings, said_anyway=("F11",))] == [
        "▲ warn  'a' is odd; 'b' is odd. Look at it.",
        "○ unknown  too few rows.",
        "So many are enough.",
        "Of 5 checks 2 passed, 2 ask for a look, 1 could not be made yet.",
    ]


def test_where_all_pass_nothing_else_is_said() -> None:
    assert [*finding_lines([found(Verdict.PASS, "fine")] * 3)] == ["All 3 checks passed."]
