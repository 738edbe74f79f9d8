"""The one look at the holdout: every candidate at its own threshold, in metrics and in money, paired by row."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from mainstay.domain.evaluation import CandidateResult, Estimate
from mainstay.domain.finding import Finding
from mainstay.stats.intervals import mean_interval
from mainstay.training.candidate import Candidate, View
from mainstay.training.choose import Choice
from mainstay.training.findings import findings_of
from mainstay.training.last_value import last_value
from mainstay.training.prepared import Prepared
from mainstay.training.results import estimate, results_of
from mainstay.training.rows import rows_of
from mainstay.training.shown import Evidence, scored, without_scores
from mainstay.training.targets import good_enough
from mainstay.training.weight import Weigh


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the holdout showed: the winner's numbers, all candidates side by side, findings, and the rows themselves.

    `rows` are those of `Evaluation`. `value` is money per decision; `threshold_interval` says how far the calibration
    rows leave the best threshold open. Both are None without money, and what belongs to a threshold where none decides.
    `good_enough` says whether all targets are met, None where the brief sets none.
    """

    metrics: dict[str, Estimate]
    threshold: float | None
    threshold_interval: Estimate | None
    value: Estimate | None
    share_high: Estimate | None
    results: tuple[CandidateResult, ...]
    findings: tuple[Finding, ...]
    rows: pl.DataFrame
    good_enough: bool | None


def judge(
    prepared: Prepared,
    candidates: tuple[Candidate, ...],
    choice: Choice,
    *,
    holdout: View,
    threshold_interval: Estimate | None = None,
    weigh: Weigh | None = None,
) -> Judgement:
    """Judge candidates, the simplest first, on the holdout rows (`holdout`, as they see them).

    `threshold_interval` is the winner's, from where its threshold was chosen (see `open_threshold`). `weigh` says what
    a candidate costs to run; without it the table of candidates leaves that open.
    """
    evidence = gather(prepared, candidates, choice, holdout, weigh=weigh)
    winner, findings = _named(candidates, choice.winner), findings_of(evidence)
    return Judgement(
        metrics=evidence.chosen.metrics,
        threshold=winner.threshold,
        threshold_interval=threshold_interval,
        value=evidence.chosen.value,
        share_high=_share_high(evidence, winner.threshold),
        results=evidence.results,
        findings=findings,
        rows=rows_of(evidence),
        good_enough=good_enough(findings),
    )


def gather(
    prepared: Prepared, candidates: tuple[Candidate, ...], choice: Choice, view: View, *, weigh: Weigh | None = None
) -> Evidence:
    """Show the holdout rows (`view`) to every candidate, to the decisions that need no score and to the last value."""
    models = [scored(candidate, prepared, view) for candidate in candidates]
    shown = (*models, *without_scores(prepared), *last_value(prepared))
    winner = next(one for one in shown if one.name == choice.winner)
    results = results_of(shown, winner, prepared, weigh=weigh)
    return Evidence(prepared=prepared, choice=choice, shown=shown, winner=winner, results=results)


def _named(candidates: tuple[Candidate, ...], name: str) -> Candidate:
    return next(candidate for candidate in candidates if candidate.name == name)


def _share_high(evidence: Evidence, threshold: float | None) -> Estimate | None:
    scores = evidence.winner.scores
    if threshold is None or scores is None:
        return None
    return estimate(mean_interval((scores >= threshold).astype(float), clusters=evidence.clusters))
