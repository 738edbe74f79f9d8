"""Gates: codes of findings that must not fail before a version may go live."""

from __future__ import annotations

from collections.abc import Iterable

from mainstay.domain.finding import Finding, Verdict

FAMILIES = {"targets": "F04-target"}  # names of the brief for families of codes


def failed_gates(gates: Iterable[str], findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return the codes of findings that fail and that a gate names, by code or by family.

    >>> bad = Finding(code="F04-target-roc-auc", verdict=Verdict.FAIL, because="too low")
    >>> failed_gates(("targets",), [bad])
    ('F04-target-roc-auc',)
    """
    starts = tuple(FAMILIES.get(gate, gate) for gate in gates)
    failed = (finding.code for finding in findings if finding.verdict is Verdict.FAIL)
    return tuple(dict.fromkeys(code for code in failed if code.startswith(starts)))
