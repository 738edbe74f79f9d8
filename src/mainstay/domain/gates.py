"""Gates: codes of findings that must not fail before a version may go live."""

from __future__ import annotations

from collections.abc import Iterable

from mainstay.domain.finding import Finding, Verdict

OWN = "F00-own"  # first words of the codes of a project's own checks
SERVICE = "F16-service"
MEASURED = {
    "p50_latency_ms": "p50",
    "p99_latency_ms": "p99",
    "memory_mb": "memory",
    "size_mb": "size",
    "start_s": "start",
}
SPEEDS = {target: f"{SERVICE}-{name}" for target, name in MEASURED.items()}  # targets that only an exam can measure
FAMILIES = {"targets": ("F04-target", *SPEEDS.values())}  # names of the brief for families of codes
CODES = (
    "F01-not-judged-yet",
    "F01-positive-chosen",
    "F01-task-chosen",
    "F02-calibration",
    "F03-error-tail",
    "F03-money-not-stated",
    "F03-value-tail",
    "F04-target-accuracy",
    "F04-target-average-precision",
    "F04-target-brier-score",
    "F04-target-calibration-error",
    "F04-target-f1-macro",
    "F04-target-log-loss",
    "F04-target-mae",
    "F04-target-r2",
    "F04-target-rmse",
    "F04-target-roc-auc",
    "F04-target-value-over-today",
    "F05-beats-base-rate",
    "F05-beats-last-value",
    "F05-beats-logistic",
    "F05-beats-mean",
    "F05-beats-ridge",
    "F05-beats-today",
    "F05-simplest-chosen",
    "F05-winners-curse",
    "F07-few-outcomes",
    "F07-holdout-resealed",
    "F07-holdout-reused",
    "F07-holdout-rows-gone",
    "F07-looks-spent",
    "F10-ambiguous-dates",
    "F10-ambiguous-numbers",
    "F10-constant-in-training",
    "F10-entities-kept-apart",
    "F10-equal-rows",
    "F10-identifier",
    "F10-implied-outcomes",
    "F10-missing-outcomes",
    "F10-order-gap",
    "F10-outcome-delay-gap",
    "F10-part-of-target",
    "F10-rare-classes",
    "F10-split-by-time",
    "F10-time-gap",
    "F10-too-strong",
    "F10-weight-as-input",
    "F11-enough-history",
    "F11-enough-rows",
    "F11-fit-on-sample",
    "F11-law-held",
    "F11-more-data",
    "F11-rows-chosen",
    "F14-search-interrupted",
    "F14-snapshot-damaged",
    "F15-absent-column",
    "F15-inexact-numbers",
    "F15-not-finite",
    "F15-text-unused",
    "F15-unreadable-values",
    "F16-packed-model",
)  # of every finding that a training can give


EXAM_CODES = (
    "F01-owned",
    "F01-purpose-stated",
    "F02-base-rate",
    "F02-overfit",
    "F02-scores-finite",
    "F02-stable-over-seeds",
    "F03-valued",
    "F08-periods",
    "F08-segments",
    "F08-slices",
    "F09-seasons",
    "F10-class-means",
    "F10-copies-across",
    "F10-drift-inside",
    "F10-identifier-tells",
    "F10-known-later",
    "F10-label-noise",
    "F10-missing-tells",
    "F10-representative",
    "F10-target-in-disguise",
    "F10-told-apart",
    "F10-undocumented-levels",
    "F10-unit-change",
    "F14-ml-test-score",
    "F14-same-model",
    "F15-renamed-column",
    "F16-service",
    "F17-importance",
    "F17-reasons-add-up",
    "F18-costs",
    "F18-fairness",
    "F18-gap-rows",
    "F18-label-ratio",
    "F18-protected-input",
    "F18-scores-off",
    "F18-worse",
    "F19-bent",
    "F19-expectation",
    "F19-schema-made",
    "F21-pinned",
    "F25-licences",
    "F25-types",
    "F40-acts-change-outcomes",
    "F40-hidden-outcomes",
    "F41-review-date",
)  # of every finding that an exam gives beyond those of training


ALWAYS = ("F07-looks-spent",)  # counts whatever the brief says: a brief that leaves it out could spend looks for ever


def failed_gates(gates: Iterable[str], findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return the codes of findings that fail and that a gate names, by code or by family, or that always count.

    A check of the project's own that broke has not passed: as a gate it fails.

    >>> bad = Finding(code="F04-target-roc-auc", verdict=Verdict.FAIL, because="too low")
    >>> broken = Finding(code="F00-own-fair", verdict=Verdict.UNKNOWN, because="checks.py:3: KeyError")
    >>> failed_gates(("targets", "F00-own"), [bad, broken])
    ('F04-target-roc-auc', 'F00-own-fair')
    """
    starts = (*(code for gate in gates for code in FAMILIES.get(gate, (gate,))), *ALWAYS)
    failed = (finding.code for finding in findings if _fails(finding))
    return tuple(dict.fromkeys(code for code in failed if code.startswith(starts)))


def _fails(finding: Finding) -> bool:
    return finding.verdict is Verdict.FAIL or (finding.verdict is Verdict.UNKNOWN and is_own(finding.code))


def gates_of_exam(gates: Iterable[str], targets: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the gates that only an exam can answer; `targets` are the names of those that the brief sets.

    >>> gates_of_exam(("targets", "F01-owned", "F02-calibration"))
    ('F01-owned',)
    >>> gates_of_exam(("targets",), ("roc_auc", "p99_latency_ms")) == (SPEEDS["p99_latency_ms"],)
    True
    """
    speeds = [SPEEDS[name] for name in targets if name in SPEEDS]
    named = [code for gate in gates for code in (speeds if gate in FAMILIES else (gate,))]
    return tuple(dict.fromkeys(code for code in named if is_own(code) or _is_of_exam(code)))


def _is_of_exam(gate: str) -> bool:
    return gate in SPEEDS.values() or any(f"{code}-".startswith(f"{gate}-") for code in EXAM_CODES)


def is_own(gate: str) -> bool:
    """Whether a gate names checks of the project's own.

    >>> [is_own(gate) for gate in ("F00-own", "F00-own-no-gap", "F01-owned")]
    [True, True, False]
    """
    return f"{gate}-".startswith(f"{OWN}-")


def is_gate(name: str) -> bool:
    """Whether a training or an exam can give what a gate names: a family, a code, or the first words of codes.

    >>> [is_gate(name) for name in ("targets", "F02-calibration", "F05-beats", "F10", "target", "F1", "")]
    [True, True, True, True, False, False, False]
    """
    codes = (*CODES, *EXAM_CODES, *SPEEDS.values())
    return name in FAMILIES or is_own(name) or any(f"{code}-".startswith(f"{name}-") for code in codes)
