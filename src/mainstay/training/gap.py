"""Random against time: how well the winner foretells rows drawn at random, and how well what comes later.

A random split estimates the average case, a split by time tomorrow. Both are fitted here once more, on equally many
rows that do not judge, with the winner's learner and settings; the difference is a finding. Without a time, the order
of rows in the source stands in for it: tables are often written as things happen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from mainstay.domain.evaluation import Estimate
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.metric_names import name_of
from mainstay.domain.moments import parse_duration
from mainstay.domain.task import Task
from mainstay.stats.amounts import metrics_regression
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.buckets import snapped_ends
from mainstay.stats.classes import metrics_multiclass
from mainstay.stats.intervals import Interval
from mainstay.stats.scores import metrics_binary
from mainstay.training.learner import Learner, Settings
from mainstay.training.lessons import lesson_of
from mainstay.training.prepared import Prepared
from mainstay.training.results import estimate
from mainstay.training.subsets import fewer_rows

LEADING = ("roc_auc", "r2", "accuracy")  # the first of these that both splits have is told
FITTED_SHARE = 0.8  # of the rows; the rest is foretold
MOST_ROWS = 60_000  # with more the two numbers are told no better, but later
LEAST_ROWS = 400  # with fewer the intervals would hide any fall
LEAST_KEPT = 0.5  # of the rows to fit, where those of entities that are foretold are left out
CLEAR = 0.01  # of the metric: a fall that is surely smaller than this changes nothing
SHOWN = {
    Task.BINARY: ("roc_auc", "average_precision"),
    Task.MULTICLASS: ("roc_auc", "accuracy", "f1_macro", "log_loss"),
    Task.REGRESSION: ("r2", "rmse", "mae"),
}
RANDOM, TIME, ORDER = "random", "time", "order"


@dataclass(frozen=True, slots=True)
class Gap:
    """Metrics by how rows were parted: `random`, and `time` (or `order` of rows where there is no time)."""

    splits: dict[str, dict[str, Estimate]]
    findings: tuple[Finding, ...]


NO_GAP = Gap({}, ())


@dataclass(frozen=True, slots=True)
class Parting:
    """Positions of rows to fit, and of those to foretell."""

    fitted: IntArray
    foretold: IntArray


def measure_gap(prepared: Prepared, learner: Learner, settings: Settings, *, n_rows: int = MOST_ROWS) -> Gap:
    """Fit twice on rows that do not judge, parted at random and by time (else by their order); say what the gap is.

    `n_rows` bounds the rows that are taken. Nothing comes back where there are too few rows, or where a part would
    hold one outcome only.
    """
    rows = _rows(prepared, n_rows)
    timed = prepared.moments is not None
    later = forward(prepared, rows) if rows.size >= LEAST_ROWS else None
    if later is None:
        return NO_GAP
    drawn = at_random(prepared, rows, later)
    with threadpool_limits(limits=1):
        found = [_measured(prepared, parting, learner, settings) for parting in (drawn, later)]
    if not all(found):
        return NO_GAP
    name = TIME if timed else ORDER
    splits = {RANDOM: found[0], name: found[1]}
    shown = {way: {each: estimate(interval) for each, interval in metrics.items()} for way, metrics in splits.items()}
    return Gap(shown, tuple(_findings(found[0], found[1], timed=timed)))


def affordable(prepared: Prepared, *, fit_s: float, seconds: float | None) -> int:
    """Return how many rows two fits can take in the seconds allowed (None: no limit), as the winner's own fit took."""
    if seconds is None or fit_s <= 0:
        return MOST_ROWS
    each = fit_s / max(prepared.training.size, 1)
    return int(min(MOST_ROWS, seconds / (2 * FITTED_SHARE * each)))


def _rows(prepared: Prepared, n_rows: int) -> IntArray:
    """Rows that do not judge, at most so many, in the order of time or of the source."""
    free = np.sort(np.concatenate([prepared.training, prepared.calibration]))
    if free.size > n_rows:
        free = fewer_rows(replace(prepared, training=free), n_rows, seed=prepared.seed).training
    if prepared.moments is None:
        return free
    return free[np.argsort(prepared.moments[free], kind="stable")]


def forward(prepared: Prepared, rows: IntArray) -> Parting | None:
    """Return the oldest rows to fit, those not known in time left out, and the newest to foretell; None without both.

    `rows` are positions in the order of time, or of the source.
    """
    cut = int(FITTED_SHARE * rows.size)
    fitted = np.arange(rows.size) < cut
    if prepared.moments is not None:
        moments = prepared.moments[rows]
        cut = int(snapped_ends(moments, [cut])[0])
        delay_s = parse_duration(prepared.brief.data.outcome_delay).total_seconds()
        if cut >= rows.size:
            return None
        known = moments + delay_s <= moments[cut]
        fitted = (np.arange(rows.size) < cut) & (known if delay_s else True)
    foretold = rows[cut:]
    return _apart(prepared, rows[fitted], foretold)


def _apart(prepared: Prepared, fitted: IntArray, foretold: IntArray) -> Parting | None:
    """Leave rows of those who are foretold out of the fit; where that leaves too few, foretell half of the clusters."""
    if prepared.clusters is not None:
        theirs = prepared.clusters[fitted]
        apart = ~np.isin(theirs, prepared.clusters[foretold])
        if apart.mean() < LEAST_KEPT:
            half = np.random.default_rng(prepared.seed).random(int(prepared.clusters.max()) + 1) < LEAST_KEPT
            foretold, apart = foretold[half[prepared.clusters[foretold]]], ~half[theirs]
        fitted = fitted[apart]
    told = min(np.unique(prepared.outcomes[part]).size for part in (fitted, foretold))
    return Parting(fitted, foretold) if told > 1 else None


def at_random(prepared: Prepared, rows: IntArray, forward: Parting) -> Parting:
    """Return as many rows to fit and to foretell as by time, drawn at random; whole clusters."""
    random = np.random.default_rng(prepared.seed + 1)
    if prepared.clusters is None:
        drawn = random.permutation(rows)
        return Parting(np.sort(drawn[forward.foretold.size :][: forward.fitted.size]), drawn[: forward.foretold.size])
    luck = random.random(int(prepared.clusters.max()) + 1)[prepared.clusters[rows]]
    order = rows[np.argsort(luck, kind="stable")]
    cut = int(snapped_ends(np.sort(luck), [forward.foretold.size])[0])
    return Parting(np.sort(order[cut:][: forward.fitted.size]), order[:cut])


def _measured(prepared: Prepared, parting: Parting, learner: Learner, settings: Settings) -> dict[str, Interval]:
    outcomes = prepared.outcomes[parting.foretold]
    if np.unique(prepared.outcomes[parting.fitted]).size < 2 or np.unique(outcomes).size < 2:
        return {}
    fitted = learner.fit(lesson_of(prepared, parting.fitted), settings)
    scores = fitted.scores(prepared.used[parting.foretold])
    found = _metrics(prepared, outcomes, scores, prepared.clusters_of(parting.foretold))
    return {name: found[name] for name in SHOWN[prepared.task] if name in found and not math.isnan(found[name].value)}


def _metrics(
    prepared: Prepared, outcomes: FloatArray, scores: FloatArray, clusters: IntArray | None
) -> dict[str, Interval]:
    if prepared.task is Task.REGRESSION:
        return metrics_regression(outcomes, scores, clusters=clusters)
    if prepared.task is Task.MULTICLASS:
        decided = scores.argmax(axis=1)
        return metrics_multiclass(outcomes, scores, decided, seed=prepared.seed, clusters=clusters)
    return metrics_binary(outcomes, scores, 0.5, seed=prepared.seed, clusters=clusters)


def _findings(at_random: dict[str, Interval], forward: dict[str, Interval], *, timed: bool) -> list[Finding]:
    name = next((each for each in LEADING if each in at_random and each in forward), None)
    if name is None:
        return []
    fall = fall_of(at_random[name], forward[name])
    clear = fall.known and fall.low > CLEAR
    if not clear and not timed:
        return []
    asked = "the model is asked about its future" if timed else "it is asked about the last rows of the table"
    told = f"{name_of(name)} {at_random[name].value:.2f} when rows are parted at random, {forward[name].value:.2f} when"
    return [
        Finding(
            code="F10-time-gap" if timed else "F10-order-gap",
            verdict=Verdict.WARN if clear else Verdict.PASS if fall.known else Verdict.UNKNOWN,
            measured=fall.value,
            limit=CLEAR,
            low=fall.low if fall.known else None,
            high=fall.high if fall.known else None,
            because=f"{told} {asked}",
            remedy=(TIMED if timed else UNTIMED) if clear else "",
        )
    ]


TIMED = "Expect the lower number, retrain often, and look for inputs that mean something else over time."
UNTIMED = (
    "If rows stand in the order in which they came, name the time (data.time): the newest then judge, and the lower "
    "number is the one to expect. If the table is sorted by something else, shuffle it."
)


def fall_of(first: Interval, second: Interval) -> Interval:
    """Return by how much a number fell from one set of rows to another, with its 95% interval.

    The sets are taken as independent, which is on the safe side where they share rows. Source: Zou & Donner (2008).

    >>> fall_of(Interval(0.9, 0.87, 0.93), Interval(0.8, 0.76, 0.84)).low.__round__(3)
    0.05
    """
    fall = first.value - second.value
    below = math.hypot(first.value - first.low, second.high - second.value)
    above = math.hypot(first.high - first.value, second.value - second.low)
    return Interval(fall, fall - below, fall + above)
