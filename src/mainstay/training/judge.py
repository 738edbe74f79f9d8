"""The one look at the holdout: every candidate at its own threshold, in metrics and in money, paired by row."""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl

from mainstay.domain.evaluation import CandidateResult, Estimate
from mainstay.domain.finding import Finding
from mainstay.domain.worth import ActionWorth
from mainstay.stats.arrays import BoolArray, FloatArray
from mainstay.stats.intervals import mean_interval
from mainstay.stats.value import threshold_interval
from mainstay.training.candidate import Candidate, View, calibrated
from mainstay.training.choose import Choice
from mainstay.training.findings import findings_of
from mainstay.training.prepared import Prepared
from mainstay.training.shown import Evidence, Shown, estimate, gather


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the holdout showed: the winner's numbers, all candidates side by side, findings, and the rows themselves.

    `rows` are those of `Evaluation`. `value` is money per decision; `threshold_interval` says how far the calibration
    rows leave the best threshold open. Both are None without money.
    """

    metrics: dict[str, Estimate]
    threshold: float
    threshold_interval: Estimate | None
    value: Estimate | None
    share_high: Estimate
    results: tuple[CandidateResult, ...]
    findings: tuple[Finding, ...]
    rows: pl.DataFrame


def judge(
    prepared: Prepared, candidates: tuple[Candidate, ...], choice: Choice, *, calibration: View, holdout: View
) -> Judgement:
    """Judge candidates on the holdout rows; the views hold the rows of both parts as candidates see them."""
    evidence = gather(prepared, candidates, choice, holdout)
    winner = next(candidate for candidate in candidates if candidate.name == choice.winner)
    share_high = mean_interval(evidence.winner.high.astype(float), clusters=prepared.clusters_of(prepared.holdout))
    return Judgement(
        metrics=evidence.chosen.metrics,
        threshold=winner.threshold,
        threshold_interval=_threshold_interval(winner, prepared, calibration),
        value=evidence.chosen.value,
        share_high=estimate(share_high),
        results=evidence.results,
        findings=findings_of(evidence),
        rows=_rows(evidence, evidence.winner),
    )


def _threshold_interval(winner: Candidate, prepared: Prepared, view: View) -> Estimate | None:
    if not prepared.has_money or winner.rule is not None or prepared.brief.decision.threshold != "best":
        return None
    high, low = prepared.money(prepared.calibration)
    clusters = prepared.clusters_of(prepared.calibration)
    found = threshold_interval(calibrated(winner, view), high, low, seed=prepared.seed, clusters=clusters)
    bounds = (None if math.isnan(bound) else min(bound, 1.0) for bound in (found.low, found.high))
    return Estimate(winner.threshold, *bounds)


def _rows(evidence: Evidence, winner: Shown) -> pl.DataFrame:
    prepared = evidence.prepared
    worth = prepared.worth if isinstance(prepared.worth, ActionWorth) else None
    low, high = (None, None) if worth is None else worth.amounts.T
    columns: dict[str, FloatArray | BoolArray | None] = {
        "outcome": evidence.outcomes,
        "score": winner.scores,
        "value_high": high,
        "value_low": low,
        "today": prepared.today,
        "at": prepared.moments,
    }
    rows = prepared.holdout
    of_holdout = {
        name: values if name in ("outcome", "score") else values[rows]
        for name, values in columns.items()
        if values is not None
    }
    frame = pl.DataFrame(of_holdout)
    if prepared.segments is None:
        return frame
    return frame.hstack(prepared.segments[rows].select(pl.all().name.prefix("segment:")))
