"""Whether the brief's targets are met on the holdout, with the interval in mind: met, missed, or not yet told."""

from __future__ import annotations

from collections.abc import Iterable

from mainstay.domain.evaluation import Estimate
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.metric_names import name_of
from mainstay.domain.spelled import spelled_range
from mainstay.training.shown import Evidence

AT_LEAST = ("roc_auc", "average_precision", "accuracy", "f1_macro", "r2")
AT_MOST = ("log_loss", "brier_score", "calibration_error", "rmse", "mae")
FAMILY = "F04-target-"
OVER_TODAY = "value_over_today"


def target_findings(evidence: Evidence) -> tuple[Finding, ...]:
    """Return one finding per target of the brief that a holdout can tell (`F04-target-…`)."""
    targets = evidence.prepared.brief.targets
    metrics = evidence.chosen.metrics
    asked = [(name, getattr(targets, name), name in AT_LEAST) for name in (*AT_LEAST, *AT_MOST)]
    found = [
        judge_target(name, metrics.get(name), limit, at_least=at_least)
        for name, limit, at_least in asked
        if limit is not None
    ]
    if targets.value_over_today is not None:
        found.append(judge_target(OVER_TODAY, _over_today(evidence), targets.value_over_today, at_least=True))
    return tuple(found)


def good_enough(findings: Iterable[Finding]) -> bool | None:
    """Return whether every target is met with its whole interval; None where the brief sets none.

    >>> good_enough([judge_target("r2", Estimate(0.9, 0.88, 0.92), 0.85, at_least=True)])
    True
    """
    verdicts = [finding.verdict for finding in findings if finding.code.startswith(FAMILY)]
    return all(verdict is Verdict.PASS for verdict in verdicts) if verdicts else None


def judge_target(name: str, measured: Estimate | None, limit: float, *, at_least: bool) -> Finding:
    """Judge one target: passed when the whole 95% interval meets it, failed when none of it does, else a warning.

    >>> judge_target("roc_auc", Estimate(0.78, 0.76, 0.80), 0.75, at_least=True).verdict.value
    'pass'
    """
    code, named = (
        f"{FAMILY}{name.replace('_', '-')}",
        "worth over today's rule" if name == OVER_TODAY else name_of(name),
    )
    if measured is None or measured.low is None or measured.high is None:
        because = f"{named} could not be measured with its uncertainty; the target is {limit:g}"
        value = None if measured is None else measured.value
        return Finding(code=code, verdict=Verdict.UNKNOWN, because=because, measured=value, limit=limit)
    verdict = _verdict(measured.low - limit, measured.high - limit, at_least)
    side = "at least" if at_least else "at most"
    said = spelled_range(measured.value, measured.low, measured.high)
    return Finding(
        code=code,
        verdict=verdict,
        because=f"{named} is {said}; the target is {side} {limit:g}",
        measured=measured.value,
        limit=limit,
        low=measured.low,
        high=measured.high,
        remedy=REMEDIES[verdict],
    )


REMEDIES = {
    Verdict.PASS: "",
    Verdict.WARN: "The holdout cannot tell: judge on more rows.",
    Verdict.FAIL: "Bring better inputs or more rows, or reconsider the target in [targets].",
}


def _verdict(low: float, high: float, at_least: bool) -> Verdict:
    worst, best = (low, high) if at_least else (-high, -low)
    if worst >= 0:
        return Verdict.PASS
    return Verdict.WARN if best >= 0 else Verdict.FAIL


def _over_today(evidence: Evidence) -> Estimate | None:
    if evidence.chosen.name == "today":
        return Estimate(0.0, 0.0, 0.0)
    today = next((result for result in evidence.results if result.name == "today"), None)
    return None if today is None else today.winner_ahead
