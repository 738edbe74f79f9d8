"""What a corrected number carries along: differences between candidates and findings must agree with it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import CandidateResult, Estimate, Summary
from mainstay.domain.finding import Finding
from mainstay.stats.intervals import NAN, Interval
from mainstay.stats.reuse import widening
from mainstay.training.findings import beats
from mainstay.training.results import Ahead
from mainstay.training.targets import AT_LEAST, AT_MOST, FAMILY, judge_target

TODAY, CURSE, BEATS, OVER_TODAY = "today", "F05-winners-curse", "F05-beats-", "value_over_today"


def moved_by(plain: Summary, metrics: Mapping[str, Estimate], value: Estimate | None) -> float:
    """Return by how much the winner's gain per decision moved: in money, else in log loss or squared error."""
    if plain.value is not None and value is not None:
        return value.value - plain.value.value
    if plain.task == "regression":
        return plain.metrics["rmse"].value ** 2 - metrics["rmse"].value ** 2 if "rmse" in metrics else 0.0
    return plain.metrics["log_loss"].value - metrics["log_loss"].value if "log_loss" in metrics else 0.0


def candidates_after(
    plain: Summary, metrics: dict[str, Estimate], value: Estimate | None, look: int
) -> tuple[CandidateResult, ...]:
    """Return the candidates with the winner's corrected numbers, and every difference to it moved and widened alike."""
    moved = moved_by(plain, metrics, value)
    found = []
    before: CandidateResult | None = None
    for one in plain.candidates:
        ahead = None if one.winner_ahead is None else after(one.winner_ahead, moved, look)
        bought = _bought(one, before, moved, look)
        own = replace(one, metrics=metrics, value=value) if one.chosen else one
        found.append(replace(own, winner_ahead=ahead, bought=bought))
        before = one
    return tuple(found)


def after(plain: Estimate, moved: float, look: int) -> Estimate:
    """Return a difference that moved, in an interval as wide as the look asks; it holds the number.

    >>> after(Estimate(2.0, 1.0, 3.0), -0.5, 1)
    Estimate(value=1.5, low=1.0, high=3.0)
    """
    if plain.low is None or plain.high is None:
        return Estimate(plain.value + moved, None, None)
    wider, value = widening(look), plain.value + moved
    low, high = plain.value - wider * (plain.value - plain.low), plain.value + wider * (plain.high - plain.value)
    return Estimate(value, min(low, value), max(high, value))


def finding_after(
    finding: Finding, plain: Summary, candidates: tuple[CandidateResult, ...], look: int, brief: Brief
) -> Finding:
    """Return a finding about the winner's numbers as they are told."""
    winner = next(one for one in candidates if one.chosen)
    if finding.code == CURSE:
        return replace(finding, because=f"{finding.because} (as read, before the correction)")
    if finding.code.startswith(BEATS):
        return _beats_after(finding, plain, winner, look)
    return _target_after(finding, winner, candidates, brief)


def _beats_after(finding: Finding, plain: Summary, winner: CandidateResult, look: int) -> Finding:
    name = finding.code.removeprefix(BEATS).replace("-", "_")
    other = next((one for one in plain.candidates if one.name == name), None)
    unit = _unit(plain, winner, other)
    if other is None or unit is None or finding.measured is None:
        return finding
    moved = moved_by(plain, winner.metrics, winner.value)
    ahead = after(Estimate(finding.measured, finding.low, finding.high), moved, look)
    low, high = (NAN if bound is None else bound for bound in (ahead.low, ahead.high))
    return beats(winner.title, name, other.title, Ahead(Interval(ahead.value, low, high), unit))


def _unit(plain: Summary, winner: CandidateResult, other: CandidateResult | None) -> str | None:
    """What a difference to another candidate is in; None where it is in accuracy, which nothing was moved by."""
    if plain.value is not None:
        return plain.currency or "units of money"
    if plain.task == "regression":
        return "of squared error"
    has_loss = other is not None and "log_loss" in winner.metrics and "log_loss" in other.metrics
    return "of log loss" if has_loss else None


def _target_after(
    finding: Finding, winner: CandidateResult, candidates: tuple[CandidateResult, ...], brief: Brief
) -> Finding:
    if not finding.code.startswith(FAMILY):
        return finding
    name = finding.code.removeprefix(FAMILY).replace("-", "_")
    limit = getattr(brief.targets, name, None)
    if limit is None or name not in (*AT_LEAST, *AT_MOST, OVER_TODAY):
        return finding
    measured = _over_today(winner, candidates) if name == OVER_TODAY else winner.metrics.get(name)
    return judge_target(name, measured, limit, at_least=name not in AT_MOST)


def _over_today(winner: CandidateResult, candidates: tuple[CandidateResult, ...]) -> Estimate | None:
    if winner.name == TODAY:
        return Estimate(0.0, 0.0, 0.0)
    return next((one.winner_ahead for one in candidates if one.name == TODAY), None)


def _bought(one: CandidateResult, before: CandidateResult | None, moved: float, look: int) -> Estimate | None:
    """What a step bought: moved where the step leads to the winner, or away from it."""
    if one.bought is None or before is None or not (one.chosen or before.chosen):
        return one.bought
    if one.value is None and ("log_loss" in one.metrics) != ("log_loss" in before.metrics):
        return one.bought
    return after(one.bought, moved if one.chosen else -moved, look)
