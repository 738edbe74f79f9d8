"""Protected groups over time: gaps that widen against the reference, or lie beyond the brief's limits.

What is decided is known at once; error rates, calibration and money by group only of ripe outcomes. Every pair of the
larger groups of a column is asked, and a declared part of the promise on false alarms pays for all of them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.domain.brief import Brief
from mainstay.domain.brief.parts import FairnessView
from mainstay.domain.fairness import default_metric, limits_of, metric_named, protected_columns
from mainstay.domain.finding import Finding, Judged, Verdict
from mainstay.domain.signature import ReferenceSignature, input_subject
from mainstay.domain.task import Task
from mainstay.monitoring.ended import Ended
from mainstay.monitoring.evidence import KNOWN_COHORTS
from mainstay.monitoring.group_gaps import LEAST_ROWS, Gaps, gaps, pairs_of, window
from mainstay.monitoring.group_said import gap_said
from mainstay.monitoring.group_sums import CALIBRATION, MONEY_EACH, SELECTION, Sums, selected, turned_out
from mainstay.monitoring.look import DATA_PIPE, LARGEST_ALPHA, WORLD, Judgement, iso_us, judged, listed
from mainstay.monitoring.segments import OTHERS, Parting, partings
from mainstay.monitoring.yardstick import Yardstick

SELECTION_GAP, OUTCOME_GAP = "F33-selection-gap", "F33-outcome-gap"
THIN, NOT_SENT = "F33-groups-thin", "F33-groups-not-sent"
SELECTION_CODES, OUTCOME_CODES = frozenset({SELECTION_GAP, THIN, NOT_SENT}), frozenset({OUTCOME_GAP})

SELECTION_SHARE, GAP_SHARE = 0.02, 0.03  # of the promise on false alarms
MOST_GROUPS = 8  # the largest of a column: 28 pairs; what more of them say is paid for by all
MOST_MISSING = 0.5  # of the rows: beyond it, groups are those of whoever happens to say

WATCHED: Mapping[Task, tuple[str, ...]] = {
    Task.BINARY: ("false_negative_rate", "false_positive_rate", CALIBRATION, MONEY_EACH),
    Task.REGRESSION: (CALIBRATION, "absolute_error", MONEY_EACH),
    Task.MULTICLASS: ("accuracy", MONEY_EACH),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A protected column: its parts, which of them are compared, and what the brief allows of which metric."""

    how: Parting
    groups: tuple[int, ...]
    limits: FairnessView
    limited: str


def judge_groups(yardstick: Yardstick, known: Ended, due: Ended, *, brief: Brief) -> tuple[Judgement, Judgement]:
    """Judge gaps between protected groups of one version: of decisions, and of outcomes in the periods `due`."""
    columns = _columns(yardstick.reference, brief)
    if not columns:
        return Judgement((), (), SELECTION_CODES), Judgement((), (), OUTCOME_CODES)
    decided = [found for column in columns for found in _of_decisions(yardstick, column, known, brief, len(columns))]
    came = [found for column in columns for found in _of_outcomes(yardstick, column, due, brief, len(columns))]
    return (
        Judgement(tuple(decided), tuple(map(iso_us, known.starts)), SELECTION_CODES),
        Judgement(tuple(came), tuple(map(iso_us, due.starts)), OUTCOME_CODES),
    )


def _columns(reference: ReferenceSignature, brief: Brief) -> list[Column]:
    found = []
    for how in partings(reference, protected_columns(brief)):
        counts = np.array(reference.counts[input_subject(how.name)], dtype=np.float64).sum(axis=0)
        rows = np.bincount(how.part_of_bin, weights=counts, minlength=len(how.parts))
        levels = [i for i in range(1, len(how.parts)) if not how.parts[i].endswith(f"={OTHERS}")]
        groups = tuple(sorted(sorted(levels, key=lambda i, rows=rows: -rows[i])[:MOST_GROUPS]))  # type: ignore[misc]
        limits = limits_of(brief, how.name)
        limited = metric_named(limits.metric or default_metric(reference.task)) or ""
        found.append(Column(how, groups, limits, limited))
    return found


def _of_decisions(
    yardstick: Yardstick, column: Column, periods: Ended, brief: Brief, n_columns: int
) -> Iterator[Judged]:
    high = brief.decision.when_high
    sums = selected(periods.cells, column.how.parts, periods.starts, high=high)
    yield from _untold(yardstick.reference, column, sums[SELECTION], periods)
    if yardstick.reference.task == Task.BINARY:
        alpha = min(yardstick.alpha(SELECTION_SHARE), LARGEST_ALPHA) / n_columns
        found = _gaps(yardstick.reference, column, sums, (SELECTION,), alpha)
        yield from _alarms(SELECTION_GAP, column, found, periods, brief)


def _of_outcomes(
    yardstick: Yardstick, column: Column, periods: Ended, brief: Brief, n_columns: int
) -> Iterator[Judged]:
    task, words = Task(yardstick.reference.task), (brief.decision.when_high, brief.decision.when_low)
    sums = turned_out(periods.cells, column.how.parts, periods.starts, task=task, words=words)
    watched = tuple(name for name in dict.fromkeys((*WATCHED[task], column.limited)) if name in sums)
    alpha = min(yardstick.alpha(GAP_SHARE), LARGEST_ALPHA) / n_columns
    found = _gaps(yardstick.reference, column, sums, watched, alpha)
    yield from _alarms(OUTCOME_GAP, column, found, periods, brief)


def _gaps(
    reference: ReferenceSignature, column: Column, sums: Mapping[str, Sums], metrics: Sequence[str], alpha: float
) -> Gaps:
    known = {
        metric: {
            i: reference.groups[column.how.parts[i]].measured[metric]
            for i in column.groups
            if metric in getattr(reference.groups.get(column.how.parts[i]), "measured", {})
        }
        for metric in metrics
    }
    pairs = tuple(pairs_of(metrics, column.groups, reference=known, limits=column.limits, limited=column.limited))
    return gaps(pairs, sums, alpha=alpha)


def _alarms(code: str, column: Column, found: Gaps, periods: Ended, brief: Brief) -> Iterator[Judged]:
    """One finding for each point of a pair that alarms; it holds until the next point could tell otherwise."""
    for i, (pair, points) in enumerate(zip(found.pairs, found.points, strict=True)):
        until = [*(points.last[1:] - 1), periods.ends.size - 1] if points.last.size else []
        for t in np.flatnonzero(found.gathered.alarmed[: points.last.size, i]):
            first = int(found.gathered.begun[t, i])
            names = (column.how.parts[pair.one], column.how.parts[pair.other])
            finding = gap_said(code, pair, names, window(points, first, int(t)), currency=brief.value.currency)
            if finding is not None:
                start, end = periods.starts[points.first[first]], periods.ends[until[t]]
                yield judged(finding, int(start), int(end), WORLD)


def _untold(reference: ReferenceSignature, column: Column, seen: Sums, periods: Ended) -> Iterator[Judged]:
    """Say which groups cannot be told of: too few rows, or a column that callers do not send."""
    rows = seen.n.sum(axis=0)
    if np.count_nonzero(seen.n.sum(axis=1)) < KNOWN_COHORTS or rows.sum() < LEAST_ROWS:
        return
    name, start, end = column.how.name, int(periods.starts[0]), int(periods.ends[-1])
    if rows[0] > MOST_MISSING * rows.sum():
        finding = Finding(
            code=NOT_SENT,
            verdict=Verdict.UNKNOWN,
            because=f"{name} is missing in {rows[0] / rows.sum():.0%} of {rows.sum():,.0f} decisions: gaps between its "
            "groups are those of whoever happens to say it",
            subjects=(name,),
            measured=float(rows[0] / rows.sum()),
            limit=MOST_MISSING,
            remedy=f"Let callers send {name}; the model need not read it ([data] exclude).",
        )
        yield judged(finding, start, end, DATA_PIPE)
        return
    thin = [i for i in column.groups if rows[i] < LEAST_ROWS or column.how.parts[i] not in reference.groups]
    if thin:
        names = [column.how.parts[i] for i in thin]
        finding = Finding(
            code=THIN,
            verdict=Verdict.UNKNOWN,
            because=f"{listed(names)}: fewer than {LEAST_ROWS} rows here, or in what the version was made of: their "
            "gaps cannot be told",
            subjects=tuple(names),
            measured=float(min(rows[i] for i in thin)),
            limit=float(LEAST_ROWS),
            remedy="Nothing is wrong by itself: wait for rows, name a coarser column, or train again if it was never "
            "trained with protected columns named.",
        )
        yield judged(finding, start, end, WORLD)
