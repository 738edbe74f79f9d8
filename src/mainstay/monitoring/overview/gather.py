"""Everything that the watch knows of a version since a moment, gathered from its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import polars as pl

from mainstay.domain.brief import Brief
from mainstay.domain.estimates import Estimates
from mainstay.domain.evaluation import Estimate
from mainstay.domain.finding import Signal, weight
from mainstay.domain.moments import iso, parse_duration, parse_moment
from mainstay.domain.overview import Moved, Overview, SignalTold
from mainstay.domain.signature import SCORE
from mainstay.domain.task import Task
from mainstay.domain.version import VersionName
from mainstay.monitoring.bins import Ints
from mainstay.monitoring.cells import WHOLE
from mainstay.monitoring.count import unseen_subject
from mainstay.monitoring.counts import period_counts, rows_of
from mainstay.monitoring.estimated import estimates
from mainstay.monitoring.look import is_input, name_of
from mainstay.monitoring.overview import costs
from mainstay.monitoring.overview.arrival import Waited, arrival_of
from mainstay.monitoring.overview.costs import MONTH_US
from mainstay.monitoring.overview.earned import earned_of, performance_of, ripe_cohorts
from mainstay.monitoring.overview.grid import Grid, grid
from mainstay.monitoring.overview.moved import Held, moved_of
from mainstay.monitoring.overview.traffic import decided_in, traffic_of
from mainstay.monitoring.periods import DAY_S, to_moment, to_us
from mainstay.monitoring.yardstick import Yardstick

MOST_UNSEEN = 10
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Which version a page is of, and what is known of it besides cells: what its holdout promised, and its signals.

    `share_high` is the share that the holdout decided high, where there are two decisions.
    """

    model: str
    version: int
    live_since: str
    brief: Brief
    promised: Mapping[str, Estimate]
    share_high: float | None
    signals: Sequence[Signal]

    @property
    def delay(self) -> timedelta:
        """How long after a decision its outcome is known."""
        return parse_duration(self.brief.data.outcome_delay)

    @property
    def by_silence(self) -> bool:
        """Whether silence becomes an outcome."""
        return self.brief.data.no_outcome_means == "negative"


@dataclass(frozen=True, slots=True)
class Priced:
    """What signals are priced by: refused rows, decisions a month, and what one gains."""

    faults: pl.DataFrame
    pace: float
    gain: Estimate | None


def read_from(subject: Subject, since: datetime) -> datetime:
    """From which moment on faults are needed: what a page tells since `since`, and what open signals cost."""
    begun = [parse_moment(signal.since) for signal in subject.signals]
    return min([since - subject.delay, *begun])


def overview(
    yardstick: Yardstick,
    cells: pl.DataFrame,
    *,
    subject: Subject,
    faults: pl.DataFrame,
    since: datetime,
    at: datetime,
) -> Overview:
    """Gather what a page tells, as known at a moment; `cells` are those of all rows of the version, and
    `faults` its input faults from `read_from` on.

    Inputs, scores and traffic are of decisions made since `since`; what hangs on outcomes is of those that became ripe
    since then, so decided up to the outcome's delay earlier.
    """
    reference = yardstick.reference
    known = cells.filter((pl.col("segment") == WHOLE) & (pl.col("decided") < at))
    known = known.filter(pl.col("learned").is_null() | (pl.col("learned") <= at))
    now = grid(reference, since=since, until=at)
    counts = period_counts(known, yardstick.layout, now.starts)
    rows = rows_of(counts, yardstick.layout)
    decided_until = to_us(at - subject.delay)
    before = grid(reference, since=since - subject.delay, until=at)
    ripe = ripe_cohorts(yardstick, known, starts=before.starts, ends=before.ends, ripe_until_us=decided_until)
    earned = earned_of(ripe, subject.promised)
    moved = _moved(yardstick, known, now, counts)
    seen = known.filter(pl.col("decided") >= to_moment(int(now.starts[0])))
    gain = next(iter(earned.ahead.values()), earned.value)
    pace = float(rows.sum()) * MONTH_US / max(to_us(at) - to_us(since), 1)
    return Overview(
        **_named(yardstick, subject),
        since=iso(since),
        at=iso(at),
        spans=now.spans,
        traffic=traffic_of(seen, faults, now, rows=rows, decided_before=_decided_before(yardstick, subject)),
        score=moved[SCORE],
        inputs=tuple(each for subject_, each in moved.items() if is_input(subject_)),
        earned=earned,
        performance=performance_of(ripe, subject.promised, reference.task),
        arrival=arrival_of(known, before, Waited(to_us(at), subject.delay // MICROSECOND, subject.by_silence)),
        estimates=_estimated(yardstick, cells, subject, since=to_moment(int(before.starts[0])), at=at),
        signals=_signals(yardstick, known, subject, Priced(faults, pace, gain), at),
    )


def _named(yardstick: Yardstick, subject: Subject) -> dict[str, Any]:
    """What a page is of, and what it is compared with."""
    reference, layout = yardstick.reference, yardstick.layout
    has_time = reference.timed and bool(reference.periods)
    return {
        "model": subject.model,
        "version": subject.version,
        "live_since": subject.live_since,
        "task": reference.task,
        "currency": subject.brief.value.currency,
        "time_zone": reference.time_zone,
        "period_days": reference.period_s / DAY_S,
        "n_reference": int(yardstick.total[layout.columns(layout.bins[0].subject)].sum()),
        "reference_from": reference.periods[0] if has_time else "",
        "reference_to": reference.periods[-1] if has_time else "",
        "timed": reference.timed,
    }


def _estimated(
    yardstick: Yardstick, cells: pl.DataFrame, subject: Subject, *, since: datetime, at: datetime
) -> Estimates:
    """The estimates of stretches since a moment, with the record of all there ever were."""
    version = str(VersionName(subject.model, subject.version))
    found = estimates(yardstick, cells, brief=subject.brief, promised=subject.promised, version=version, at=at)
    recent = tuple(period for period in found.periods if parse_moment(period.end) > since)
    return msgspec.structs.replace(found, periods=recent)


def _moved(yardstick: Yardstick, cells: pl.DataFrame, now: Grid, counts: Ints) -> dict[str, Moved]:
    """Every subject with bins of its own, by subject."""
    by_span, total = now.summed(counts), counts.sum(axis=0)
    named = _unseen(cells.filter(pl.col("decided") >= to_moment(int(now.starts[0]))))
    found = {}
    for bins in yardstick.layout.bins:
        columns = yardstick.layout.columns(bins.subject)
        held = Held(bins, yardstick.total[columns], total[columns], by_span[:, columns])
        found[bins.subject] = moved_of(held, unseen=named.get(name_of(bins.subject)))
    return found


def _unseen(cells: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Levels that the reference never had, the most frequent of each input with their rows."""
    prefix = unseen_subject("", "").partition("=")[0]
    new = cells.filter(pl.col("subject").str.starts_with(prefix)).group_by("subject").agg(pl.col("n").sum())
    found: dict[str, dict[str, int]] = {}
    for subject, n in new.sort("n", "subject", descending=[True, False]).rows():
        name, _, level = subject.removeprefix(prefix).partition("=")
        levels = found.setdefault(name, {})
        if len(levels) < MOST_UNSEEN:
            levels[level] = n
    return found


def _decided_before(yardstick: Yardstick, subject: Subject) -> dict[str, float]:
    """Which share of each decision was to be expected."""
    if yardstick.reference.task == Task.BINARY and subject.share_high is not None:
        decision = subject.brief.decision
        return {decision.when_high: subject.share_high, decision.when_low: 1.0 - subject.share_high}
    return decided_in(yardstick)


def _signals(
    yardstick: Yardstick, cells: pl.DataFrame, subject: Subject, priced: Priced, at: datetime
) -> tuple[SignalTold, ...]:
    """Open signals with what they cost, the worst first."""
    if not subject.signals:
        return ()
    since = min(parse_moment(signal.since) for signal in subject.signals)
    every = grid(yardstick.reference, since=min(since, at), until=at)
    due = to_us(at - subject.delay)
    ripe = ripe_cohorts(yardstick, cells, starts=every.starts, ends=every.ends, ripe_until_us=due)
    known = costs.Known(ripe, priced.faults, priced.pace, priced.gain, to_us(at))
    ordered = sorted(subject.signals, key=lambda signal: (*(-each for each in weight(signal.finding)), signal.since))
    return tuple(costs.told(signal, known) for signal in ordered)
