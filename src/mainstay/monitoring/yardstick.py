"""The reference, made ready to judge by: which contrasts are watched, and how its periods differ in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

import numpy as np

from mainstay.domain.brief import Brief
from mainstay.domain.moments import parse_moment
from mainstay.domain.signature import (
    FIRST_BIN,
    MISSING_BIN,
    MOSTLY_UNKNOWN,
    UNSEEN_BIN,
    WORDS,
    Bins,
    Pair,
    ReferenceSignature,
    input_subject,
)
from mainstay.monitoring.bins import Floats, Ints
from mainstay.monitoring.counts import Layout, Stretches, layout_of, reference_counts, rows_of, stretches
from mainstay.monitoring.periods import DAY_S, next_start, period_numbers, to_us
from mainstay.stats.contrasts import share_angle, smooth_scores
from mainstay.stats.expected import MOST_SEEN_SLOWNESS, SEASON_SPEED
from mainstay.stats.relation import beyond_margins, joint_shares, relation_patterns
from mainstay.stats.translation import Translation, translation
from mainstay.stats.variation import MIN_PER_PHASE, Blocks, Variation, cycle_phases, variation

MANY_ROWS = 1_000  # of a period: from there on a move that a season explains shows in spread, too
MAX_LEVELS = 30  # levels watched one by one; rarer ones are watched together
RARE_SHARE = 0.005
UNTIMED_BETWEEN = 0.1**2  # how periods differ where the reference has no time to tell: a tenth of a row's sd
CLOCK_LIKE = 0.95  # rank correlation with time from which on an input is a clock ...
CLOCK_SHARE = 0.8  # ... if so much of its variance lies between periods: a temperature varies within them, too
MONTH_DAYS = 30.0
ANY_SPEED = np.inf  # an input that moves by itself may leave its range by any amount in a season nobody saw


class Watched(StrEnum):
    """What a contrast watches of its subject."""

    MOVED = "moved"
    MISSING = "missing"
    RANGE = "range"
    RELATION = "relation"


@dataclass(frozen=True, slots=True)
class Contrast:
    """One watched number: a subject's bins weighed by `top` over those weighed by `bottom`, as a mean or a share.

    Of a pair `joint` are the reference's shares of its table: then `top` weighs what lies beyond the table's margins,
    a difference from the `usual` correlation of the two that is `unit` times the value. The means
    of a number's scores go together: `moved` takes out of all but the first what moving alone explains.
    """

    subject: str
    watched: Watched
    top: Floats
    bottom: Floats
    is_share: bool
    joint: Floats | None = None
    usual: float = 0.0
    unit: float = 1.0
    moved: Translation | None = None


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What periods are judged by; learned once per version, the same for every look.

    `total` are the reference's counts, shape (n_columns,), `clocks` subjects that follow the calendar, and
    `natural_unseen` the share of rows with a level never seen before that the reference itself makes expect.
    """

    reference: ReferenceSignature
    layout: Layout
    contrasts: tuple[Contrast, ...]
    blocks: Blocks
    variation: Variation
    total: Ints
    clocks: frozenset[str]
    natural_unseen: Mapping[str, float]
    false_alarms_per_month: float

    @property
    def n_contrasts(self) -> int:
        """How many numbers are watched in every period."""
        return len(self.contrasts)

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subject of each contrast."""
        return tuple(contrast.subject for contrast in self.contrasts)

    def alpha(self, share: float) -> float:
        """The chance of a false alarm that one period may take for `share` of the monthly promise."""
        return share * self.false_alarms_per_month * self.reference.period_s / (MONTH_DAYS * DAY_S)

    def columns(self, subject: str, watched: Watched) -> Ints:
        """Return which contrasts watch this of a subject."""
        wanted = [i for i, c in enumerate(self.contrasts) if c.subject == subject and c.watched is watched]
        return np.array(wanted, dtype=np.int64)


def learn(reference: ReferenceSignature, brief: Brief) -> Yardstick:
    """Make a reference ready to judge by the brief's promise on false alarms."""
    layout = layout_of(reference)
    counts = reference_counts(reference, layout)
    known = _stretches(reference, counts, layout)
    total: Ints = known.counts.sum(axis=0)
    many = bool(known.rows.size) and float(np.median(known.rows)) >= MANY_ROWS
    contrasts = [c for bins in reference.bins for c in _contrasts(bins, total[layout.columns(bins.subject)], many=many)]
    contrasts += [c for pair in reference.pairs for c in _relations(pair, layout, total)]
    days = known.days if reference.timed else np.zeros(known.rows.size)
    phases = phases_of(known, reference)
    blocks = Blocks(*values_of(known.counts, contrasts, layout), days, phases)
    least = 0.0 if reference.timed else UNTIMED_BETWEEN
    return Yardstick(
        reference=reference,
        layout=layout,
        contrasts=tuple(contrasts),
        blocks=blocks,
        variation=_with_free_ranges(variation(blocks, least_between=least), contrasts),
        total=total,
        clocks=frozenset(_clocks(contrasts, blocks)) if reference.timed else frozenset(),
        natural_unseen={
            b.subject: _natural_unseen(total[layout.columns(b.subject)]) for b in layout.bins if not b.is_number
        },
        false_alarms_per_month=brief.watch.false_alarms_per_month,
    )


def values_of(counts: Ints, contrasts: Sequence[Contrast], layout: Layout) -> tuple[Floats, Floats]:
    """Return the value of every contrast in every stretch, and the rows behind it; both (n, n_contrasts)."""
    parts = [np.zeros((2, counts.shape[0], 0))]
    for subject, group in groupby(contrasts, key=lambda contrast: contrast.subject):
        mine = list(group)
        held = counts[:, layout.columns(subject)].astype(np.float64)
        rows = held @ np.stack([c.bottom for c in mine], axis=1)
        if (joint := mine[0].joint) is not None:
            tables = held[:, FIRST_BIN:].reshape(-1, *joint.shape)
            held[:, FIRST_BIN:] = beyond_margins(tables, joint).reshape(held.shape[0], -1)
        above = held @ np.stack([c.top for c in mine], axis=1)
        is_share = np.array([c.is_share for c in mine])
        means = above / np.maximum(rows, 1.0)
        values = np.where(is_share, share_angle(np.where(is_share, above, 0.0), rows), means)
        together = [i for i, c in enumerate(mine) if c.moved is not None]
        for moved in {c.moved for c in mine if c.moved is not None}:
            values[:, together], rows[:, together] = moved.beyond(values[:, together], rows[:, together])
        parts.append(np.stack([values, rows]))
    values, rows = np.concatenate(parts, axis=2)
    return values, rows


def phases_of(known: Stretches, reference: ReferenceSignature) -> Floats:
    """Return which part of the week (or the day) each stretch is, shape (n, n_phases)."""
    n_phases = _n_phases(reference)
    if n_phases == 1 or not known.member_starts.size:
        return np.ones((known.rows.size, 1))
    numbers = period_numbers(known.member_starts, period_s=reference.period_s, time_zone=reference.time_zone)
    gathered = np.zeros((known.rows.size, n_phases))
    np.add.at(gathered, known.member_of, cycle_phases(numbers, n_phases))
    shares: Floats = gathered / gathered.sum(axis=1, keepdims=True)
    return shares


def _stretches(reference: ReferenceSignature, counts: Ints, layout: Layout) -> Stretches:
    first = layout.bins[0].subject
    if reference.timed:
        starts = np.array([to_us(parse_moment(text)) for text in reference.periods], dtype=np.int64)
    else:
        starts = np.arange(len(reference.periods), dtype=np.int64) * round(reference.period_s * 1e6)
    length, zone = reference.period_s, reference.time_zone
    ends = np.array([next_start(int(us), period_s=length, time_zone=zone) for us in starts], dtype=np.int64)
    return stretches(counts, rows_of(counts, layout, first), starts=starts, ends=ends)


def _n_phases(reference: ReferenceSignature) -> int:
    """The phases of the longest cycle, week or day, of which the reference knows each part four times."""
    length = round(reference.period_s)
    for cycle in (round(7 * DAY_S), round(DAY_S)):
        n_phases = int(np.lcm(length, cycle)) // length
        if reference.timed and length < cycle and len(reference.periods) >= MIN_PER_PHASE * n_phases:
            return n_phases
    return 1


def _contrasts(bins: Bins, total: Ints, *, many: bool) -> Iterator[Contrast]:
    """Everything that is watched of one subject; what never varied in the reference has less to watch."""
    everyone = np.ones(bins.n_bins)
    there = np.where(np.arange(bins.n_bins) == MISSING_BIN, 0.0, 1.0)
    yield from _moved_number(bins, total, there, many=many) if bins.is_number else _moved_levels(bins, total)
    if bins.subject.startswith(WORDS):
        yield _mostly_unknown(bins, there)
    if not bins.subject.startswith(input_subject("")):
        return
    yield Contrast(bins.subject, Watched.MISSING, everyone - there, everyone, is_share=True)
    if bins.is_number:
        outside = np.zeros(bins.n_bins)
        outside[[UNSEEN_BIN, -1]] = 1.0
        yield Contrast(bins.subject, Watched.RANGE, outside, there, is_share=True)


def _mostly_unknown(bins: Bins, there: Floats) -> Contrast:
    """The share of texts of which nobody knew most words: seen even where the reference knew every one."""
    unknown = np.where(np.arange(bins.n_bins) > FIRST_BIN + bins.edges.index(MOSTLY_UNKNOWN), 1.0, 0.0)
    return Contrast(bins.subject, Watched.MOVED, unknown, there, is_share=True)


def _moved_number(bins: Bins, total: Ints, there: Floats, *, many: bool) -> Iterator[Contrast]:
    """Location, spread, skewness and tails of a number; of periods of few rows as they are.

    On few rows what a season's move does to spread is less than chance, and what a jump does is a sign that it jumped.
    """
    scores = smooth_scores(total[FIRST_BIN:-1])
    # What lies outside the range is as far out as anything the reference knows.
    padded = np.concatenate([np.zeros((1, scores.shape[1])), scores[:1], scores, scores[-1:]])
    moved = translation(total[FIRST_BIN:-1], scores) if many and scores.size else None
    for column in padded.T:
        yield Contrast(bins.subject, Watched.MOVED, column, there, is_share=False, moved=moved)


def _moved_levels(bins: Bins, total: Ints) -> Iterator[Contrast]:
    known = np.where(np.arange(bins.n_bins) >= FIRST_BIN, 1.0, 0.0)
    n_known = float(total @ known)
    order = FIRST_BIN + np.argsort(-total[FIRST_BIN:], kind="stable")
    common = [int(i) for i in order[:MAX_LEVELS] if total[i] >= RARE_SHARE * n_known and total[i] < n_known]
    for i in common[1:] if len(common) == 2 else common:
        yield Contrast(
            bins.subject, Watched.MOVED, np.where(np.arange(bins.n_bins) == i, 1.0, 0.0), known, is_share=True
        )
    rare = known.copy()
    rare[common] = 0.0
    if 0 < total @ rare < n_known:
        yield Contrast(bins.subject, Watched.MOVED, rare, known, is_share=True)


def _relations(pair: Pair, layout: Layout, total: Ints) -> Iterator[Contrast]:
    """Ways in which two inputs may go together otherwise than they did, whatever each does alone."""
    shape = (pair.n_first, pair.n_second)
    joint = joint_shares(total[layout.columns(pair.subject)][FIRST_BIN:].reshape(shape))
    is_ordered = [layout.of(input_subject(name)).is_number for name in (pair.first, pair.second)]
    found = relation_patterns(joint, is_ordered=(is_ordered[0], is_ordered[1]))
    there = np.concatenate([np.zeros(FIRST_BIN), np.ones(joint.size)])
    for weights, unit, usual in zip(found.weights, found.units, found.usual, strict=True):
        top = np.concatenate([np.zeros(FIRST_BIN), weights.ravel()])
        yield Contrast(
            pair.subject,
            Watched.RELATION,
            top,
            there,
            is_share=False,
            joint=joint,
            usual=float(usual),
            unit=float(unit),
        )


def _natural_unseen(total: Ints) -> float:
    """The share of rows with a new level to expect where nothing changes: levels seen once, over rows (Good 1953)."""
    n = int(total[UNSEEN_BIN:].sum())
    once = int(np.count_nonzero(total[FIRST_BIN:] == 1))
    return (once + int(total[UNSEEN_BIN])) / n if n else 0.0


def _with_free_ranges(known: Variation, contrasts: list[Contrast]) -> Variation:
    """Let the range of an input that moves slowly by itself move with it."""
    slow = {c.subject for c, v in zip(contrasts, known.speed, strict=True) if v * MOST_SEEN_SLOWNESS > SEASON_SPEED}
    free = np.array([c.watched is Watched.RANGE and c.subject in slow for c in contrasts], dtype=np.bool_)
    return replace(known, speed=np.where(free, ANY_SPEED, known.speed))


def _between(blocks: Blocks, column: int) -> float:
    """The share of a contrast's variance (1 in all) that lies between periods."""
    rows, values = blocks.rows[:, column], blocks.values[:, column]
    return float(rows @ (values - rows @ values / rows.sum()) ** 2 / rows.sum()) if rows.sum() else 0.0


def _clocks(contrasts: list[Contrast], blocks: Blocks) -> Iterator[str]:
    """Inputs whose location followed the days almost perfectly, such as dates and counters."""
    if blocks.days.size < 2 * MIN_PER_PHASE:
        return
    days = np.argsort(np.argsort(blocks.days))
    for subject, group in groupby(enumerate(contrasts), key=lambda pair: pair[1].subject):
        first, contrast = next(group)
        if contrast.watched is Watched.MOVED and not contrast.is_share:
            ranks = np.argsort(np.argsort(blocks.values[:, first], kind="stable"), kind="stable")
            if abs(np.corrcoef(days, ranks)[0, 1]) >= CLOCK_LIKE and _between(blocks, first) >= CLOCK_SHARE:
                yield subject
