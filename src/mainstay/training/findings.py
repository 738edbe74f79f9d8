"""What a training finds beside the targets: each check is one function and one line in `CHECKS`."""

from __future__ import annotations

import math
from collections.abc import Callable

from msgspec.structs import replace

from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.schema import Kind
from mainstay.stats.calibration import calibration_test
from mainstay.stats.intervals import Interval, paired_difference
from mainstay.stats.value import top_share
from mainstay.training.crossfit import log_losses
from mainstay.training.shown import Evidence, Shown
from mainstay.training.targets import target_findings

SIGNIFICANCE = 0.05
MIN_OF_CLASS = 30  # holdout rows of each outcome, below which a calibration test would pass nearly anything
TAIL_SHARE, TAIL_LIMIT = 0.01, 0.25  # when a hundredth of the rows carries a quarter of the money, averages mislead
BASELINES = ("base_rate", "today", "logistic")


def findings_of(evidence: Evidence) -> tuple[Finding, ...]:
    """Return everything the training found, targets first."""
    found = [finding for check in CHECKS for finding in check(evidence)]
    return (*target_findings(evidence), *found)


def calibration(evidence: Evidence) -> list[Finding]:
    """`F02-calibration`: whether the winner's scores are consistent with perfect calibration at 95%."""
    scores = evidence.winner.scores
    n_positive = int(evidence.outcomes.sum())
    if scores is None or min(n_positive, evidence.outcomes.size - n_positive) < MIN_OF_CLASS:
        because = (
            f"{n_positive} positives among {evidence.outcomes.size} holdout rows are too few for a calibration test"
        )
        return [Finding(code="F02-calibration", verdict=Verdict.UNKNOWN, because=because)]
    test = calibration_test(evidence.outcomes, scores)
    verdict = Verdict.PASS if test.p_value >= SIGNIFICANCE else Verdict.WARN
    ways = {Verdict.PASS: "consistent with", Verdict.WARN: "not consistent with"}
    because = (
        f"scores are {ways[verdict]} perfect calibration (p = {test.p_value:.3g}; "
        f"slope {_shown(test.slope)}, intercept {_shown(test.intercept)})"
    )
    remedy = "" if verdict is Verdict.PASS else "Expect money by threshold to be off; calibrate on more or newer rows."
    finding = Finding(code="F02-calibration", verdict=verdict, because=because, remedy=remedy)
    return [replace(finding, measured=test.p_value, limit=SIGNIFICANCE)]


def baselines(evidence: Evidence) -> list[Finding]:
    """`F05-beats-…`: whether the winner is better than each simpler candidate, paired by row."""
    simpler = []
    for one in evidence.shown:
        if one is evidence.winner:
            break
        simpler.append(one)
    return [_beats(one, evidence) for one in simpler if one.name in BASELINES]


def simplest(evidence: Evidence) -> list[Finding]:
    """`F05-simplest-chosen`: said where a simpler candidate was chosen than the one that was best on average."""
    choice = evidence.choice
    if choice.winner == choice.best:
        return []
    titles = {one.name: one.title for one in evidence.shown}
    because = (
        f"{titles[choice.best]} did best in cross-fitting, but {titles[choice.winner]} is simpler and within one "
        "standard error of it"
    )
    measured = choice.gains[choice.best] - choice.gains[choice.winner]
    return [Finding(code="F05-simplest-chosen", verdict=Verdict.PASS, because=because, measured=measured)]


def money_stated(evidence: Evidence) -> list[Finding]:
    """`F03-money-not-stated`: without a value table thresholds and candidates are not chosen by what they are worth."""
    if evidence.prepared.has_money:
        return []
    wanted = evidence.prepared.brief.decision.threshold
    how = "0.5 (fewest errors)" if wanted == "best" else f"{wanted:g} (the brief's)"
    because = (
        f"the brief does not say what decisions are worth: the threshold is {how}, candidates compared by log loss"
    )
    remedy = "Fill in [value]: what each outcome of a decision is worth."
    return [Finding(code="F03-money-not-stated", verdict=Verdict.UNKNOWN, because=because, remedy=remedy)]


def value_tail(evidence: Evidence) -> list[Finding]:
    """`F03-value-tail`: how much of all money the top hundredth of rows carries."""
    if evidence.winner.money is None:
        return []
    share = top_share(evidence.winner.money, TAIL_SHARE)
    if math.isnan(share):
        return []
    verdict = Verdict.PASS if share <= TAIL_LIMIT else Verdict.WARN
    because = f"the top 1% of rows carries {share:.0%} of all money won or lost"
    remedy = "" if verdict is Verdict.PASS else "A few rows decide the result: look at them, and judge on more rows."
    finding = Finding(code="F03-value-tail", verdict=verdict, because=because, remedy=remedy)
    return [replace(finding, measured=share, limit=TAIL_LIMIT)]


def unused_texts(evidence: Evidence) -> list[Finding]:
    """`F15-text-unused`: free texts that no candidate can read yet."""
    texts = tuple(field.name for field in evidence.prepared.schema.fields if field.kind is Kind.TEXT)
    if not texts:
        return []
    because = f"free text is not learned from: {', '.join(texts)}"
    remedy = "Exclude it, or bring its meaning as a category or a number."
    return [Finding(code="F15-text-unused", verdict=Verdict.WARN, subjects=texts, because=because, remedy=remedy)]


CHECKS: tuple[Callable[[Evidence], list[Finding]], ...] = (
    calibration,
    baselines,
    simplest,
    money_stated,
    value_tail,
    unused_texts,
)


def _beats(one: Shown, evidence: Evidence) -> Finding:
    ahead, unit = _ahead(one, evidence)
    verdict = Verdict.PASS if ahead.low > 0 else Verdict.FAIL if ahead.high < 0 else Verdict.WARN
    verdict = verdict if ahead.known else Verdict.UNKNOWN
    words = {Verdict.PASS: "ahead of", Verdict.FAIL: "behind"}.get(verdict, "not shown to be ahead of")
    return Finding(
        code=f"F05-beats-{one.name.replace('_', '-')}",
        verdict=verdict,
        because=f"{evidence.winner.title} is {words} {one.title}: {_shown(ahead)} {unit} per decision, paired by row",
        measured=ahead.value,
        limit=0.0,
        low=ahead.low if ahead.known else None,
        high=ahead.high if ahead.known else None,
        remedy="" if verdict is Verdict.PASS else f"Prefer what is simpler, or judge on more rows: {one.title}.",
    )


def _ahead(one: Shown, evidence: Evidence) -> tuple[Interval, str]:
    """How far the winner is ahead per decision: in money, or in log loss where there is no money."""
    prepared = evidence.prepared
    clusters = prepared.clusters_of(prepared.holdout)
    if evidence.winner.money is not None and one.money is not None:
        unit = prepared.brief.value.currency or "units of money"
        return paired_difference(evidence.winner.money, one.money, clusters=clusters), unit
    assert evidence.winner.scores is not None  # the baselines and the winner all score
    assert one.scores is not None
    losses = (log_losses(evidence.outcomes, scores) for scores in (one.scores, evidence.winner.scores))
    return paired_difference(*losses, clusters=clusters), "of log loss"


def _shown(interval: Interval) -> str:
    if not interval.known:
        return f"{interval.value:.4g}"
    return f"{interval.value:.4g} ({interval.low:.4g} to {interval.high:.4g})"
