"""What the model is really worth: ripe cohorts against what its own scores made expect and what its holdout promised.

A cohort is ripe once its whole period and the outcome's delay have passed: early outcomes are no fair sample. The
evidence is what outcomes and money say beyond the scores, so that a season or another mix of cases, which scores
foresee, is not taken for a model that fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Estimate
from mainstay.domain.finding import Finding, Judged, Verdict
from mainstay.domain.moments import parse_duration
from mainstay.domain.signature import SCORE
from mainstay.domain.task import Task
from mainstay.monitoring.bins import Floats
from mainstay.monitoring.cells import WHOLE
from mainstay.monitoring.cohorts import Cohorts, cohorts, pooled, roc_auc, together
from mainstay.monitoring.counts import decided_starts
from mainstay.monitoring.evidence import (
    CAREFUL,
    KNOWN_COHORTS,
    LEAST_MONEY,
    VALUE_FELL,
    Evidence,
    Say,
    n_learned_of,
    standardised,
    value_fell,
)
from mainstay.monitoring.look import (
    LABEL_PIPE,
    LARGEST_ALPHA,
    OUTCOME_SHARE,
    WORLD,
    Judgement,
    first_told,
    iso_us,
    judged,
)
from mainstay.monitoring.measured import REALISED_CODES, SAY_MEASURED, measured_evidence
from mainstay.monitoring.periods import next_start, to_us
from mainstay.monitoring.yardstick import Yardstick
from mainstay.stats.creep import Gathered, gather

__all__ = ["CALIBRATION", "CODES", "LABELS_LATE", "NO_LABELS", "PERFORMANCE_FELL", "VALUE_FELL", "judge_outcomes"]

PERFORMANCE_FELL, CALIBRATION = "F32-performance-fell", "F32-calibration-moved"
LABELS_LATE, NO_LABELS = "F31-outcomes-missing", "F31-no-outcomes"
CODES = frozenset({VALUE_FELL, PERFORMANCE_FELL, CALIBRATION, LABELS_LATE, NO_LABELS}) | REALISED_CODES

MIN_OUTCOMES = 100  # of a cohort; thinner ones are judged together with the next
LEAST_LOGIT = 0.1  # a base rate off by a tenth in log-odds, or scores a tenth too sure, harm no decision
LEAST_AUC_FALL = 0.02
LEAST_ARRIVED = 0.5  # of the usual share


def judge_outcomes(
    yardstick: Yardstick,
    cells: pl.DataFrame,
    *,
    brief: Brief,
    promised: Mapping[str, Estimate],
    at: datetime,
    since: datetime | None = None,
) -> Judgement:
    """Judge what became of the decisions of one version, as known at a moment.

    `promised` is what the holdout showed: `value` (money per decision) and metrics by name; what is not there is not
    compared. Each cohort is judged once ripe, thin ones together; looking again and again is paid for by evidence that
    adds up with a bounded rate of false alarms, a fifth of the brief's promise. `since`, the moment of an earlier look,
    spares telling again of what was ripe by then.
    """
    every = ripe_cohorts(yardstick, cells, brief, at)
    ripe = pooled(every, at_least=MIN_OUTCOMES)
    before = None if since is None else since - parse_duration(brief.data.outcome_delay)
    told = first_told(ripe.ends, before)
    said = [*_fallen(yardstick, ripe, brief, promised, told), *_arrival(every, first_told(every.ends, before))]
    looked = sorted(
        {*ripe.starts.tolist(), *(every.starts[every.decided > 0].tolist() if not ripe.starts.size else [])}
    )
    return Judgement(tuple(said), tuple(map(iso_us, looked)), CODES, told=iso_us(ripe.starts[told]) if told else "")


def ripe_cohorts(yardstick: Yardstick, cells: pl.DataFrame, brief: Brief, at: datetime) -> Cohorts:
    """Return the cohorts whose outcomes are all due at a moment."""
    reference = yardstick.reference
    known = cells.filter(pl.col("segment") == WHOLE)
    starts = decided_starts(known.filter(subject=SCORE), reference, until_us=to_us(at))
    length, zone = reference.period_s, reference.time_zone
    ends = np.array([next_start(int(us), period_s=length, time_zone=zone) for us in starts], dtype=np.int64)
    delay_us = parse_duration(brief.data.outcome_delay) // timedelta(microseconds=1)
    due = ends + delay_us <= to_us(at)
    n_bins = yardstick.layout.of(SCORE).n_bins
    return cohorts(
        known.filter(pl.col("learned").is_null() | (pl.col("learned") <= at)),
        starts=starts[due],
        ends=ends[due],
        n_bins=n_bins,
    )


def contradictions(yardstick: Yardstick, ripe: Cohorts, promised: Mapping[str, Estimate]) -> tuple[Evidence, Gathered]:
    """Return what ripe cohorts say beyond their scores, and where that has added up to more than chance would.

    Without change the mean time to an alarm of any column is what a fifth of the brief's promise allows.
    """
    is_binary = yardstick.reference.task == Task.BINARY
    found = evidence(yardstick, ripe, promised) if is_binary else measured_evidence(yardstick, ripe, promised)
    alpha = min(yardstick.alpha(OUTCOME_SHARE) / found.standard.shape[1], LARGEST_ALPHA)
    return found, gather(found.standard, slack=found.slack, alpha=np.full(found.standard.shape[1], alpha))


def _fallen(
    yardstick: Yardstick, ripe: Cohorts, brief: Brief, promised: Mapping[str, Estimate], told: int
) -> Iterator[Judged]:
    if not ripe.starts.size:
        return
    found, gathered = contradictions(yardstick, ripe, promised)
    task = Task(yardstick.reference.task)
    say = SAY if task == Task.BINARY else SAY_MEASURED[task]
    for row, column in np.argwhere(gathered.alarmed[told:]):
        t = told + int(row)
        first = int(gathered.begun[t, column])
        since = slice(first, t + 1)
        lower = float(found.standard[since, column].sum()) < 0
        one = together(ripe, since)
        finding = say[int(column)](one, lower, promised, brief)
        if finding is not None:
            yield judged(finding, int(one.starts[0]), int(one.ends[0]), WORLD)


def evidence(yardstick: Yardstick, ripe: Cohorts, promised: Mapping[str, Estimate]) -> Evidence:
    """Measure what cohorts say beyond their scores.

    With scores p that mean what they say, the outcomes less p, summed plain and weighed by log-odds, have mean 0 and
    variance p (1 - p), so weighed; ranking that is lost makes the weighed sum negative. Money likewise, by its own
    squares. Scatter between cohorts beyond that is taken from their successive differences.
    """
    rows, score, variance = (ripe.by_score[..., i].sum(axis=1) for i in range(3))
    happened, expected, spread = rows[..., 1], score.sum(axis=2), variance.sum(axis=2)
    weight = log_odds(rows.sum(axis=(0, 2)), expected.sum(axis=0), spread.sum(axis=0))
    n = rows.sum(axis=(1, 2))
    base, base_variance = (happened - expected).sum(axis=1), spread.sum(axis=1)
    ranking, ranking_variance = (happened - expected) @ weight, spread @ weight**2
    money_n, beyond, squares = (ripe.beyond[..., i].sum(axis=1) for i in range(3))
    n_learned = max(n_learned_of(yardstick), 1.0)
    worth = abs(promised["value"].value) if "value" in promised else 0.0
    sums = np.stack([base, ranking, beyond], axis=1)
    variances = np.maximum(np.stack([base_variance, ranking_variance, squares], axis=1), 1e-12)
    least = np.stack(
        [LEAST_LOGIT * base_variance, LEAST_LOGIT * ranking_variance, LEAST_MONEY * worth * money_n], axis=1
    )
    learned = CAREFUL * np.sqrt(variances * np.stack([n, n, np.maximum(money_n, 1)], axis=1) / n_learned)
    return standardised(sums, variances, least + learned)


def log_odds(rows: Floats, expected: Floats, spread: Floats) -> Floats:
    """Return the log-odds of each score bin, centred so that a move of the base rate alone is no lost ranking."""
    share = np.clip(expected / np.maximum(rows, 1.0), 1e-4, 1 - 1e-4)
    odds = np.where(rows > 0, np.log(share / (1 - share)), 0.0)
    centred: Floats = odds - float(spread @ odds) / max(float(spread.sum()), 1e-12)
    return centred


def _performance_fell(one: Cohorts, lower: bool, promised: Mapping[str, Estimate], brief: Brief) -> Finding | None:
    area, told = roc_auc(one), promised.get("roc_auc")
    if not lower or (told is not None and area.value > told.value - LEAST_AUC_FALL):
        return None
    said = f", on the holdout {told.value:.3f}" if told is not None else ""
    return Finding(
        code=PERFORMANCE_FELL,
        verdict=Verdict.FAIL,
        because=f"ROC AUC {area.value:.3f} over {int(one.came[0])} ripe outcomes{said}: scores rank worse than before",
        measured=area.value,
        limit=float(told.value) if told is not None else None,
        low=area.low,
        high=area.high,
        remedy=f"Ask what else changed for {brief.model.name} then (prices, rules, rivals); retrain on outcomes since.",
    )


def _calibration_moved(one: Cohorts, lower: bool, promised: Mapping[str, Estimate], brief: Brief) -> Finding | None:
    n = max(int(one.came[0]), 1)
    happened, expected = float(one.by_score[..., 1, 0].sum()) / n, float(one.by_score[..., 1].sum()) / n
    return Finding(
        code=CALIBRATION,
        verdict=Verdict.WARN,
        because=f"{happened:.1%} of {n} ripe outcomes were positive where scores made expect {expected:.1%}",
        measured=happened,
        limit=expected,
        remedy="Calibrate anew on ripe outcomes: the threshold is worth less when scores do not mean what they say.",
    )


SAY: tuple[Say, ...] = (
    _calibration_moved,
    _performance_fell,
    value_fell,
)


def _arrival(every: Cohorts, told: int) -> Iterator[Judged]:
    """Whether outcomes come as they used to, and whether any come at all."""
    due = np.flatnonzero(every.decided > 0)
    if due.size < KNOWN_COHORTS or every.decided[due].sum() < MIN_OUTCOMES:
        return
    share = every.came[due] / every.decided[due]
    if not every.came.any():
        n_due = int(every.decided[due].sum())
        finding = Finding(
            code=NO_LABELS,
            verdict=Verdict.UNKNOWN,
            because=f"no outcome came for {n_due} decisions that are due: what the model is worth cannot be told",
            measured=0.0,
            remedy="Send outcomes to the service or import them: mainstay outcomes FILE.",
        )
        yield judged(finding, int(every.starts[due[0]]), int(every.ends[due[-1]]), LABEL_PIPE)
        return
    for place in range(max(KNOWN_COHORTS, int(np.searchsorted(due, told))), due.size):
        usual = float(np.median(share[:place]))
        if every.decided[due[place]] >= MIN_OUTCOMES / 2 and share[place] < LEAST_ARRIVED * usual:
            yield _late(every, int(due[place]), float(share[place]), usual)


def _late(every: Cohorts, row: int, share: float, usual: float) -> Judged:
    n_due = int(every.decided[row])
    finding = Finding(
        code=LABELS_LATE,
        verdict=Verdict.WARN,
        because=f"outcomes came for {share:.0%} of {n_due} decisions that are due; usually {usual:.0%} do",
        measured=share,
        limit=LEAST_ARRIVED * usual,
        remedy="Check the way that outcomes take; performance since then is judged on a part that may not be fair.",
    )
    return judged(finding, int(every.starts[row]), int(every.ends[row]), LABEL_PIPE)
