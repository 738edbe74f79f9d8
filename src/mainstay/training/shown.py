"""Candidates on the holdout: what each scored, decided and earned there, row by row."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mainstay.domain.evaluation import CandidateResult, Estimate
from mainstay.stats.arrays import BoolArray, FloatArray
from mainstay.stats.intervals import Interval, mean_interval, paired_difference
from mainstay.stats.scores import classification_report, metrics_binary
from mainstay.training.candidate import Candidate, View, calibrated
from mainstay.training.choose import Choice
from mainstay.training.prepared import Prepared

ALL_HIGH, ALL_LOW = "all_high", "all_low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One candidate on the holdout; arrays have one entry per holdout row, `money` is None without a value table."""

    name: str
    title: str
    high: BoolArray
    money: FloatArray | None
    scores: FloatArray | None = None
    threshold: float | None = None
    fit_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All candidates on the holdout, the simplest first, the winner among them, and their results in numbers."""

    prepared: Prepared
    choice: Choice
    shown: tuple[Shown, ...]
    winner: Shown
    results: tuple[CandidateResult, ...]

    @property
    def outcomes(self) -> FloatArray:
        """The outcomes of the holdout rows."""
        return self.prepared.outcomes[self.prepared.holdout]

    @property
    def chosen(self) -> CandidateResult:
        """The winner's result."""
        return next(result for result in self.results if result.chosen)


def gather(prepared: Prepared, candidates: tuple[Candidate, ...], choice: Choice, view: View) -> Evidence:
    """Show the holdout rows (`view`) to every candidate, and to the two decisions that need no score."""
    shown = (*(_scored(candidate, prepared, view) for candidate in candidates), *_without_scores(prepared))
    winner = next(one for one in shown if one.name == choice.winner)
    results = tuple(_result(one, winner, prepared) for one in shown)
    return Evidence(prepared=prepared, choice=choice, shown=shown, winner=winner, results=results)


def estimate(interval: Interval) -> Estimate:
    """Return an interval in the form that reports and JSON hold: bounds that are unknown are None."""
    low, high = (None if math.isnan(bound) else float(bound) for bound in (interval.low, interval.high))
    return Estimate(float(interval.value), low, high)


def _scored(candidate: Candidate, prepared: Prepared, view: View) -> Shown:
    scores = calibrated(candidate, view)
    high = scores >= candidate.threshold
    return Shown(
        name=candidate.name,
        title=candidate.title,
        high=high,
        money=_money(high, prepared),
        scores=scores,
        threshold=candidate.threshold,
        fit_s=candidate.fit_s,
    )


def _without_scores(prepared: Prepared) -> list[Shown]:
    words = prepared.brief.decision
    everyone = np.ones(prepared.holdout.size, dtype=np.bool_)
    simple = ((ALL_HIGH, words.when_high, everyone), (ALL_LOW, words.when_low, ~everyone))
    return [
        Shown(name=name, title=f"{word} everyone", high=high, money=_money(high, prepared))
        for name, word, high in simple
    ]


def _money(high: BoolArray, prepared: Prepared) -> FloatArray | None:
    return np.where(high, *prepared.money(prepared.holdout)) if prepared.has_money else None


def _result(one: Shown, winner: Shown, prepared: Prepared) -> CandidateResult:
    clusters = prepared.clusters_of(prepared.holdout)
    value = ahead = None
    if one.money is not None and winner.money is not None:
        value = estimate(mean_interval(one.money, clusters=clusters))
        ahead = estimate(paired_difference(winner.money, one.money, clusters=clusters))
    return CandidateResult(
        name=one.name,
        title=one.title,
        metrics=_metrics(one, prepared),
        threshold=one.threshold,
        value=value,
        winner_ahead=None if one is winner else ahead,
        chosen=one is winner,
        fit_s=one.fit_s,
    )


def _metrics(one: Shown, prepared: Prepared) -> dict[str, Estimate]:
    outcomes = prepared.outcomes[prepared.holdout]
    if one.scores is None or one.threshold is None:
        return {"accuracy": estimate(classification_report(outcomes, one.high).accuracy)}
    found = metrics_binary(outcomes, one.scores, one.threshold, seed=prepared.seed)
    return {name: estimate(interval) for name, interval in found.items() if not math.isnan(interval.value)}
