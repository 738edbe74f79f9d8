"""One look: the counts known at a moment, cut into stretches, and how far each lies from what was expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from mainstay.domain.finding import Finding, Judged, Verdict
from mainstay.domain.moments import iso
from mainstay.domain.signature import PAIR, SCRIPT, UNSEEN_BIN, WORDS, input_subject
from mainstay.monitoring.bins import Floats, Ints
from mainstay.monitoring.cells import WHOLE
from mainstay.monitoring.counts import Stretches, decided_starts, period_counts, rows_of, stretches
from mainstay.monitoring.periods import DAY_S, next_start, to_moment, to_us
from mainstay.monitoring.yardstick import Watched, Yardstick, phases_of, values_of
from mainstay.stats.expected import Departures, departures
from mainstay.stats.variation import Blocks

# How the promise on false alarms is spent; the rest is kept in hand, for what the reference itself could only estimate.
SUDDEN_SHARE = 0.4
CREEP_SHARE = 0.15
NEW_SHARE = 0.1
OUTCOME_SHARE = 0.2
JOINT_SHARE = 0.05
RELATION_PART = 0.2  # of what is spent on sudden and slow moves: relations do not make single inputs be seen later

LARGEST_ALPHA = 0.05  # of one watched number in one period, however many false alarms are welcome
COVERED_DAYS = 10.0  # a reference that pauses for a week and a half has still seen the season

WHOLE_SHARE = 0.75  # of the next stretch's rows: with fewer, the first was cut by the beginning

SYSTEM, DATA_PIPE, LABEL_PIPE, MODEL, WORLD = "system", "data pipe", "label pipe", "model", "world"
OWN_CAMPAIGN = "own campaign"


REMEMBERED = 200  # stretches looked back upon: what a look costs does not grow with history
QUIET = 3  # stretches without a finding after which its signal closes


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one look said: findings by stretch, the `codes` it can speak of, and which stretches it judged (ISO starts).

    A stretch that was judged and has no finding of a code passed. Findings are told from the stretch `told` on, the
    first if empty.
    """

    judged: tuple[Judged, ...]
    looked: tuple[str, ...]
    codes: frozenset[str]
    told: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What is known at a moment of one version. `cells` are those of all rows; `done` the stretches that have ended.

    `starts`, `ends` and `rows` tell of every period since the first decision, the last of which may still run;
    `counts` has shape (n_periods, n_columns). `found` has a row per stretch done, and those from `told` on are told of.
    """

    yardstick: Yardstick
    at_us: int
    cells: pl.DataFrame
    starts: Ints
    ends: Ints
    counts: Ints
    rows: Ints
    done: Stretches
    found: Departures
    alpha: Floats
    told: int

    @property
    def n_ended(self) -> int:
        """How many periods have ended."""
        return int(np.searchsorted(self.ends, self.at_us, side="right"))

    @property
    def waiting(self) -> slice:
        """The periods that are in no stretch yet: too thin, cut by the beginning, or still running."""
        first = np.searchsorted(self.starts, self.done.ends[-1]) if self.done.ends.size else 0
        return slice(int(first), None)

    def outside(self, subject: str) -> Floats:
        """The share of a number's rows outside the reference's range, by stretch done."""
        counts = self.done.counts[:, self.yardstick.layout.columns(subject)].astype(np.float64)
        outside: Floats = (counts[:, UNSEEN_BIN] + counts[:, -1]) / np.maximum(counts[:, UNSEEN_BIN:].sum(axis=1), 1.0)
        return outside


def look(yardstick: Yardstick, cells: pl.DataFrame, *, at: datetime, since: datetime | None = None) -> Look:
    """Gather what the cells of one version tell at a moment; later decisions are not looked at.

    With `since`, the moment of an earlier look, stretches that had ended by then are not told of again, but for the
    last three, which decide whether a signal is quiet.
    """
    at_us, reference = to_us(at), yardstick.reference
    known = cells.filter((pl.col("segment") == WHOLE) & (pl.col("decided") < at))
    starts = decided_starts(known, reference, until_us=at_us)
    length, zone = reference.period_s, reference.time_zone
    ends = np.array([*starts[1:], *(next_start(int(us), period_s=length, time_zone=zone) for us in starts[-1:])])
    counts = period_counts(known, yardstick.layout, starts)
    rows = rows_of(counts, yardstick.layout)
    n_ended = int(np.searchsorted(ends, at_us, side="right"))
    ended = slice(0, n_ended)
    done = stretches(counts[ended], rows[ended], starts=starts[ended], ends=ends[ended]).last(REMEMBERED)
    alpha = limits(yardstick, SUDDEN_SHARE)
    found = _departures(yardstick, done)
    told = first_told(done.ends, since)
    return Look(yardstick, at_us, known, starts, ends, counts, rows, done, found, alpha, told)


def limits(yardstick: Yardstick, share: float) -> Floats:
    """Return what each watched number may take of `share` of the promise in a period, shape (n_contrasts,).

    Shared evenly among single inputs, scores and decisions, and among relations, of which there are many.
    """
    of_pairs = np.array([c.watched is Watched.RELATION for c in yardstick.contrasts], dtype=np.bool_)
    parts = np.where(of_pairs, RELATION_PART / max(of_pairs.sum(), 1), 1.0 / max((~of_pairs).sum(), 1))
    if of_pairs.any():
        parts = np.where(of_pairs, parts, parts * (1 - RELATION_PART))
    alpha: Floats = np.minimum(yardstick.alpha(share) * parts, LARGEST_ALPHA)
    return alpha


def first_told(ends: Ints, since: datetime | None) -> int:
    """Return the first stretch to tell of: the last three that had ended at an earlier look, and all later ones.

    >>> first_told(np.arange(10), to_moment(5))
    3
    """
    return max(int(np.searchsorted(ends, to_us(since), side="right")) - QUIET, 0) if since is not None else 0


def judged(finding: Finding, start_us: int, end_us: int, cause: str) -> Judged:
    """Return a finding about the stretch between two moments."""
    return Judged(finding=finding, start=iso_us(start_us), end=iso_us(end_us), cause=cause)


def iso_us(us: int) -> str:
    """Write UTC microseconds as an ISO moment.

    >>> iso_us(0)
    '1970-01-01T00:00:00Z'
    """
    return iso(to_moment(int(us)))


def name_of(subject: str) -> str:
    """Return the column's name behind a subject; the score has none and keeps its own, a pair has two.

    >>> name_of("input:age"), name_of("pair:age*job")
    ('age', 'age*job')
    """
    return subject.removeprefix(input_subject("")).removeprefix(PAIR)


def column_of(subject: str) -> str:
    """Return the column that a subject tells of.

    >>> column_of("script:note"), column_of("input:note")
    ('note', 'note')
    """
    return name_of(subject).removeprefix(SCRIPT).removeprefix(WORDS)


def spoken(subject: str) -> str:
    """Return what people call a subject.

    >>> spoken("script:note"), spoken("input:age"), spoken("pair:age*job")
    ('the script of note', 'age', 'age with job')
    """
    if subject.startswith(PAIR):
        return name_of(subject).replace("*", " with ")
    said = {SCRIPT: "the script of ", WORDS: "the share of unknown words in "}
    return next((words for prefix, words in said.items() if subject.startswith(prefix)), "") + column_of(subject)


def is_input(subject: str) -> bool:
    """Whether a subject tells of a single input."""
    return subject.startswith((input_subject(""), SCRIPT, WORDS))


def listed(names: Iterable[str], *, most: int = 5) -> str:
    """List names for a sentence, the first few of them.

    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    known = list(names)
    shown = ", ".join(known[:most])
    return shown if len(known) <= most else f"{shown} and {len(known) - most} more"


def worse(*, fails: bool) -> Verdict:
    """Return fail or warn."""
    return Verdict.FAIL if fails else Verdict.WARN


def _departures(yardstick: Yardstick, done: Stretches) -> Departures:
    reference, timed = yardstick.blocks, yardstick.reference.timed
    if not done.rows.size or not reference.days.size:
        nothing = np.zeros((done.rows.size, yardstick.n_contrasts))
        return Departures(nothing, nothing + 1, nothing + 1, nothing, nothing == 0)
    values, rows = values_of(done.counts, yardstick.contrasts, yardstick.layout)
    rows[0] *= not _is_cut(yardstick, done)
    current = Blocks(values, rows, done.days, phases_of(done, yardstick.reference))
    if not timed:
        # Without time the reference is taken for what went just before, and nothing is known of any season.
        just_before = np.full(reference.days.size, done.days[0] - yardstick.reference.period_s / DAY_S)
        reference = Blocks(reference.values, reference.rows, just_before, reference.phases)
    covered_days = _covered_days(yardstick) if timed else -1.0
    return departures(reference, current, yardstick.variation, covered_days=covered_days)


def _is_cut(yardstick: Yardstick, done: Stretches) -> bool:
    """Whether the first stretch was cut by the beginning: part of a week is not like a week, and says nothing."""
    usual = float(np.median(yardstick.blocks.rows.max(axis=1)))
    return bool(done.rows[0] < WHOLE_SHARE * (done.rows[1] if done.rows.size > 1 else usual))


def _covered_days(yardstick: Yardstick) -> float:
    return COVERED_DAYS + yardstick.reference.period_s / DAY_S
