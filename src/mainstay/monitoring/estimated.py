"""Performance and money before outcomes are known: estimated from scores, stretch by stretch, beside what came true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from mainstay.domain.brief import Brief
from mainstay.domain.estimates import VALUE, EstimatedPeriod, Estimates
from mainstay.domain.evaluation import Estimate
from mainstay.domain.moments import iso, parse_duration
from mainstay.domain.signature import MISSING_BIN, SCORE
from mainstay.domain.task import Task
from mainstay.monitoring.bins import Floats
from mainstay.monitoring.chunks import Chunks, chunks
from mainstay.monitoring.cohorts import Cohorts, cohorts, together
from mainstay.monitoring.foretold import ACCURACY, BRIER, FORETOLD, chances_of_bins
from mainstay.monitoring.look import iso_us
from mainstay.monitoring.outcomes import MISS, squared
from mainstay.monitoring.periods import to_us
from mainstay.monitoring.proved import proved
from mainstay.monitoring.truth import realised_metrics
from mainstay.monitoring.withdrawn import Withdrawn, withdrawn
from mainstay.monitoring.worth import MONEY, RIGHT
from mainstay.monitoring.yardstick import Yardstick
from mainstay.stats.calibration_curve import Curve, learn_curve, odds_of
from mainstay.stats.foretold import area_foretold, mean_by_bin, mean_foretold, share_foretold
from mainstay.stats.intervals import Interval

SHARES = (ACCURACY, BRIER)  # metrics between 0 and 1
OF_BINS: Mapping[Task, Mapping[str, str]] = {  # metrics by what the reference measured of each score bin
    Task.REGRESSION: {"mae": MISS, VALUE: MONEY},
    Task.MULTICLASS: {ACCURACY: RIGHT, VALUE: MONEY},
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known at a moment of one version: its decisions by stretch, and what came of them."""

    yardstick: Yardstick
    brief: Brief
    promised: Mapping[str, Estimate]
    done: Chunks
    came: Cohorts  # by period
    at_us: int

    @property
    def delay_us(self) -> int:
        """How long after a decision its outcome is known."""
        return round(parse_duration(self.brief.data.outcome_delay).total_seconds() * 1e6)

    def of(self, i: int) -> Cohorts:
        """Return what came of the decisions of one stretch."""
        mine = np.flatnonzero(self.done.member_of == i)
        return together(self.came, slice(int(mine[0]), int(mine[-1]) + 1))


def estimates(
    yardstick: Yardstick,
    cells: pl.DataFrame,
    *,
    brief: Brief,
    promised: Mapping[str, Estimate],
    version: str,
    at: datetime,
) -> Estimates:
    """Estimate how one version did in every stretch of time that has ended, as known at a moment.

    `cells` are those of the version (see `count.count`, `foretold.count_foretold` and `outcomes.count_outcomes`),
    `promised` what its holdout showed. Stretches are periods with at least fifty decisions, thin ones together. Same
    in, same out: what has come true since is told beside what was foretold.
    """
    known = gathered(yardstick, cells, brief=brief, promised=promised, at=at)
    curve = curve_of(yardstick)
    doubts = withdrawn(yardstick, cells, known.done, brief=brief, promised=promised, at=at)
    periods = tuple(_period(known, curve, doubts, i) for i in range(known.done.starts.size))
    return Estimates(
        version=version,
        at=iso(at),
        currency=brief.value.currency or "",
        periods=periods,
        record=proved(periods),
        promised=dict(promised),
        withdrawn=doubts.now,
        since=None if doubts.since_us is None else iso_us(doubts.since_us),
    )


def gathered(
    yardstick: Yardstick, cells: pl.DataFrame, *, brief: Brief, promised: Mapping[str, Estimate], at: datetime
) -> Known:
    """Gather what is known at a moment."""
    done = chunks(cells, yardstick.reference, at=at)
    told = cells.filter(pl.col("learned").is_null() | (pl.col("learned") <= at))
    n_bins = yardstick.layout.of(SCORE).n_bins
    came = cohorts(told, starts=done.member_starts, ends=done.member_ends, n_bins=n_bins)
    return Known(yardstick, brief, promised, done, came, to_us(at))


def curve_of(yardstick: Yardstick) -> Curve:
    """Return how far scores may be off as chances, by the rows of which the reference knows score and outcome.

    Where it kept none (a rule, or a bundle made before) scores are taken as they are, known as well as so many rows
    would tell.
    """
    chances, known = chances_of_bins(yardstick.reference), yardstick.reference.scored
    if not known:
        rows = yardstick.total[yardstick.layout.columns(SCORE)] * (np.arange(chances.size) > MISSING_BIN)
        return learn_curve(odds_of(chances), np.zeros(chances.size), rows * chances * (1 - chances))
    rows, score, variance, beyond = (np.array(known[name]) for name in ("rows", "score", "variance", "beyond"))
    return learn_curve(odds_of(np.where(rows > 0, score / np.maximum(rows, 1.0), chances)), beyond, variance)


def _period(known: Known, curve: Curve, doubts: Withdrawn, i: int) -> EstimatedPeriod:
    done, came = known.done, known.of(i)
    is_ripe = bool(done.ends[i] + known.delay_us <= known.at_us)
    decided = int(done.decided[i])
    return EstimatedPeriod(
        start=iso_us(done.starts[i]),
        end=iso_us(done.ends[i]),
        decisions=decided,
        estimated={name: _estimate(found) for name, found in foretold(known.yardstick, done, curve, i)},
        realised=realised_metrics(came, Task(known.yardstick.reference.task)) if is_ripe else {},
        ripe_share=min(int(came.came.sum()) / max(decided, 1), 1.0),
        withdrawn=doubts.of(int(done.starts[i]), int(done.ends[i])),
    )


def foretold(yardstick: Yardstick, done: Chunks, curve: Curve, i: int) -> Iterator[tuple[str, Interval]]:
    """Return what scores foretell of one stretch, by metric; what cannot be told is left out."""
    task = Task(yardstick.reference.task)
    found = _of_binary(done, curve, i) if task is Task.BINARY else _of_bins(yardstick, done.by_bin[i, :, 0], task)
    return ((name, each) for name, each in found if np.isfinite(each.value))


def _of_binary(done: Chunks, curve: Curve, i: int) -> Iterator[tuple[str, Interval]]:
    rows, scores, spreads = done.by_bin[i].T
    rows = np.where(np.arange(rows.size) == MISSING_BIN, 0.0, rows)
    yield "roc_auc", area_foretold(rows, scores, spreads, curve)
    for name in FORETOLD:
        sums = done.sums(name, i)
        if sums is not None:
            yield name, (share_foretold if name in SHARES else mean_foretold)(sums, curve)


def _of_bins(yardstick: Yardstick, rows: Floats, task: Task) -> Iterator[tuple[str, Interval]]:
    """Where scores do not say themselves what to expect: what their bins came to in the reference."""
    expected = yardstick.reference.expected
    known = yardstick.total[yardstick.layout.columns(SCORE)].astype(np.float64) / 2
    for metric, name in OF_BINS[task].items():
        if name in expected and squared(name) in expected:
            means, squares = (np.array(expected[each]) for each in (name, squared(name)))
            yield metric, mean_by_bin(rows[1:], known[1:], means[1:], squares[1:])


def _estimate(found: Interval) -> Estimate:
    return Estimate(found.value, found.low, found.high) if found.known else Estimate(found.value)
