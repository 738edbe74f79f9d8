"""What was never there before: new levels, a constant that came alive, gaps, and numbers beyond all that was seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import bdtrc

from mainstay.domain.finding import Finding, Judged, Verdict
from mainstay.domain.signature import MISSING_BIN, SCRIPT, UNSEEN_BIN, WORDS, Bins
from mainstay.monitoring.bins import Ints
from mainstay.monitoring.count import unseen_subject
from mainstay.monitoring.counts import MIN_ROWS
from mainstay.monitoring.look import (
    DATA_PIPE,
    NEW_SHARE,
    WORLD,
    Look,
    column_of,
    is_input,
    judged,
    listed,
    name_of,
    worse,
)
from mainstay.monitoring.yardstick import ANY_SPEED, Watched
from mainstay.stats.intervals import wilson

UNSEEN, ALIVE, MISSING, RANGE = (
    "F15-unseen-category",
    "F29-constant-alive",
    "F29-missing-surge",
    "F29-out-of-range",
)
LEAST_ROWS = 3  # one or two odd rows are a typing error
LEAST_SHARE = {UNSEEN: 0.01, ALIVE: 0.01, MISSING: 0.02, RANGE: 0.02}
LARGE_SHARE = 0.05
RUNNING_CAUTION = 0.1  # a period that still runs is looked at again and again
MOST_NAMED = 5
NAMED_SHARE = 0.1  # of all rows with a new level, for a level to be named


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch to judge, done or still running: its counts, bounds, and how sure one must be."""

    counts: Ints
    start_us: int
    end_us: int
    caution: float
    number: int | None


def novelties(look: Look) -> Iterator[Judged]:
    """Return what each stretch holds that the reference never had; on strong evidence also while it gathers."""
    done = look.done
    for t in range(look.told, done.rows.size):
        yield from _of_part(look, Part(done.counts[t], int(done.starts[t]), int(done.ends[t]), 1.0, t))
    waiting = look.waiting
    busy = np.flatnonzero(look.rows[waiting])
    if look.rows[waiting].sum() >= MIN_ROWS:
        start = int(look.starts[waiting][busy[0]])
        yield from _of_part(look, Part(look.counts[waiting].sum(axis=0), start, look.at_us, RUNNING_CAUTION, None))


def _of_part(look: Look, part: Part) -> Iterator[Judged]:
    for bins in look.yardstick.layout.bins:
        if not is_input(bins.subject):
            continue
        counts = part.counts[look.yardstick.layout.columns(bins.subject)]
        if bins.subject.startswith(WORDS):
            continue  # any share of words may be unknown
        if not bins.is_number and counts[UNSEEN_BIN] >= LEAST_ROWS:
            yield from _unseen(look, part, bins, counts)
        if bins.is_number:
            yield from (_outside if bins.edges else _alive)(look, part, bins, counts)
        if counts[MISSING_BIN] >= LEAST_ROWS and not bins.subject.startswith(SCRIPT):
            yield from _gone(look, part, bins, counts)


def _unseen(look: Look, part: Part, bins: Bins, counts: Ints) -> Iterator[Judged]:
    n, n_new = int(counts.sum() - counts[MISSING_BIN]), int(counts[UNSEEN_BIN])
    expected = look.yardstick.natural_unseen[bins.subject]
    if n_new < LEAST_SHARE[UNSEEN] * n or not _surprising(look, part, n_new, n, expected):
        return
    name, levels = column_of(bins.subject), _named(look, part, bins, n_new)
    what = "are in a script" if bins.subject.startswith(SCRIPT) else "have a level"
    share = wilson(n_new, n)
    named = f": {listed(f'{level} ({rows} rows)' for level, rows in levels.items())}" if levels else ""
    finding = Finding(
        code=UNSEEN,
        verdict=worse(fails=share.value >= LARGE_SHARE),
        because=f"{share.value:.1%} of {n} rows {what} of {name} that training never saw{named}",
        subjects=tuple(f"{name}={level}" for level in levels) or (name,),
        measured=share.value,
        limit=max(LEAST_SHARE[UNSEEN], expected),
        low=share.low,
        high=share.high,
        remedy=f"Ask what the new {name} means. The model treats it as unknown until retrained on rows that have it.",
    )
    yield judged(finding, part.start_us, part.end_us, WORLD)


def _named(look: Look, part: Part, bins: Bins, n_new: int) -> Mapping[str, int]:
    """The new levels that many of the new rows have, by rows; none where each is in few: then the column speaks."""
    prefix = unseen_subject(name_of(bins.subject), "")
    words = look.cells.lazy().filter(pl.col("subject").str.starts_with(prefix))
    decided = pl.col("decided").dt.timestamp("us")
    inside = (
        words.filter((decided >= part.start_us) & (decided < part.end_us)).group_by("subject").agg(pl.col("n").sum())
    )
    ranked = inside.sort("n", "subject", descending=[True, False]).head(MOST_NAMED).collect()
    return {subject.removeprefix(prefix): n for subject, n in ranked.rows() if n >= NAMED_SHARE * n_new}


def _alive(look: Look, part: Part, bins: Bins, counts: Ints) -> Iterator[Judged]:
    """A number that was constant, or never there, in the reference and now is something else."""
    total = look.yardstick.total[look.yardstick.layout.columns(bins.subject)]
    n, was_there = int(counts.sum() - counts[MISSING_BIN]), bool(total[MISSING_BIN] < total.sum())
    n_alive = int(counts[UNSEEN_BIN] + counts[-1]) if was_there else n
    if n_alive < max(LEAST_ROWS, LEAST_SHARE[ALIVE] * n) or not _surprising(look, part, n_alive, n, 0.0):
        return
    share, name = wilson(n_alive, n), name_of(bins.subject)
    was = f"always {bins.low:g}" if was_there else "never filled"
    finding = Finding(
        code=ALIVE,
        verdict=Verdict.FAIL,
        because=f"{name} was {was} in the reference; now it differs in {share.value:.1%} of {n} rows",
        subjects=(name,),
        measured=share.value,
        limit=LEAST_SHARE[ALIVE],
        low=share.low,
        high=share.high,
        remedy=f"Ask the owner of {name} what was switched on; the model has learned nothing from it.",
    )
    yield judged(finding, part.start_us, part.end_us, DATA_PIPE)


def _outside(look: Look, part: Part, bins: Bins, counts: Ints) -> Iterator[Judged]:
    n, n_outside = int(counts.sum() - counts[MISSING_BIN]), int(counts[UNSEEN_BIN] + counts[-1])
    if bins.subject in look.yardstick.clocks or n_outside < max(LEAST_ROWS, LEAST_SHARE[RANGE] * n):
        return
    if not _alarmed(look, part, bins, Watched.RANGE, (n_outside, n, 0.0)):
        return
    share, name = wilson(n_outside, n), name_of(bins.subject)
    sides = f"{counts[UNSEEN_BIN]} below {bins.low:g}, {counts[-1]} above {bins.high:g}"
    finding = Finding(
        code=RANGE,
        verdict=worse(fails=share.value >= LARGE_SHARE),
        because=f"{share.value:.1%} of {n} rows have a {name} outside what training saw ({sides})",
        subjects=(name,),
        measured=share.value,
        limit=LEAST_SHARE[RANGE],
        low=share.low,
        high=share.high,
        remedy=f"Ask the owner of {name} whether its unit, scale or meaning changed.",
    )
    yield judged(finding, part.start_us, part.end_us, DATA_PIPE)


def _gone(look: Look, part: Part, bins: Bins, counts: Ints) -> Iterator[Judged]:
    n, n_missing = int(counts.sum()), int(counts[MISSING_BIN])
    total = look.yardstick.total[look.yardstick.layout.columns(bins.subject)]
    usual = float(total[MISSING_BIN] / max(total.sum(), 1))
    if n_missing < (usual + LEAST_SHARE[MISSING]) * n:
        return
    if not _alarmed(look, part, bins, Watched.MISSING, (n_missing, n, usual)):
        return
    share, name = wilson(n_missing, n), name_of(bins.subject)
    finding = Finding(
        code=MISSING,
        verdict=worse(fails=share.value >= usual + LARGE_SHARE),
        because=f"{name} is missing in {share.value:.1%} of {n} rows; in the reference it was {usual:.1%}",
        subjects=(name,),
        measured=share.value,
        limit=usual + LEAST_SHARE[MISSING],
        low=share.low,
        high=share.high,
        remedy=f"Ask the owner of {name} whether its source or its way in broke.",
    )
    yield judged(finding, part.start_us, part.end_us, DATA_PIPE)


def _alarmed(look: Look, part: Part, bins: Bins, watched: Watched, seen: tuple[int, int, float]) -> bool:
    """Whether a share is beyond what the reference makes expect; while a period runs, only what it never had counts."""
    column = int(look.yardstick.columns(bins.subject, watched)[0])
    if part.number is not None:
        chance = look.found.chance[part.number, column]
        return bool(chance < look.alpha[column] and look.found.shift[part.number, column] > 0)
    n_now, n, usual = seen
    moves_by_itself = look.yardstick.variation.speed[column] >= ANY_SPEED
    return usual == 0.0 and not moves_by_itself and _surprising(look, part, n_now, n, 0.0)


def _surprising(look: Look, part: Part, n_now: int, n: int, expected: float) -> bool:
    """Whether so many rows are too many to be chance; what was never seen counts as one row of the reference."""
    n_reference = int(look.yardstick.blocks.rows.max(axis=1).sum()) if look.yardstick.blocks.rows.size else 0
    share = min(expected + 1 / (n_reference + 1), 1.0)
    n_inputs = max(len(look.yardstick.layout.bins), 1)
    limit = look.yardstick.alpha(NEW_SHARE) * part.caution / n_inputs
    return float(bdtrc(n_now - 1, n, share)) < limit
