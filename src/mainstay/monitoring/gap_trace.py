"""A gap between groups followed back: to the rows learned from, their labels, and the inputs that make it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.domain.signature import SCORE, Bins, ReferenceSignature, input_subject
from mainstay.monitoring.bins import Floats, Ints
from mainstay.monitoring.group_gaps import LEAST_ROWS
from mainstay.monitoring.outcomes import decided
from mainstay.monitoring.segments import partings
from mainstay.monitoring.worth import CHAMPION
from mainstay.stats.distance import jensen_shannon
from mainstay.stats.intervals import Interval, unknown, wilson

MOST_INPUTS = 5


@dataclass(frozen=True, slots=True)
class Since:
    """One group before the gap began, or since: decisions, the share decided high, the mean score, and what came.

    `outcome` is the share of positive outcomes among those that are known, `missed` of the positive the share decided
    low, `wrong` of the negative the share decided high. What is not known, or no task has, is without bounds.
    """

    n_decided: int
    selected: Interval
    score: float
    n_outcomes: int
    outcome: Interval
    missed: Interval
    wrong: Interval


@dataclass(frozen=True, slots=True)
class TracedGroup:
    """A group: how many rows the version learned from, the mean of their labels, and its life before and since."""

    name: str
    n_learned: int | None
    outcome_learned: float | None
    before: Since
    since: Since


@dataclass(frozen=True, slots=True)
class TracedInput:
    """How an input differs: in the bin that makes most of it lie `share` of the group and `other_share` of the others.

    `distance` is Jensen-Shannon's between both (0 to 1); `before` says whether they are the group itself before the
    gap, or else the other groups since. `bin_` is the bin's number, to count rows that were learned from in it.
    """

    group: str
    name: str
    bin_: int
    where: str
    share: float
    other_share: float
    distance: float
    before: bool


def traced_groups(
    cells: pl.DataFrame, reference: ReferenceSignature, groups: Sequence[str], *, since_us: int, words: tuple[str, str]
) -> tuple[TracedGroup, ...]:
    """Return what is known of groups before a moment and since; `words` are those of a high and a low score."""
    found = []
    for name in groups:
        own = cells.filter((pl.col("segment") == name) & (pl.col("arm") == CHAMPION))
        late = own["decided"].dt.timestamp("us") >= since_us
        before, since = (_since(own.filter(rows), words) for rows in (~late, late))
        known = reference.groups.get(name)
        n_learned, outcome = (None, None) if known is None else (known.n_learned, known.outcome)
        found.append(TracedGroup(name, n_learned, outcome, before, since))
    return tuple(found)


def traced_inputs(
    cells: pl.DataFrame,
    reference: ReferenceSignature,
    groups: Sequence[str],
    *,
    since_us: int,
    withheld: Collection[str] = (),
) -> tuple[TracedInput, ...]:
    """Return the inputs that differ most, of each group against itself before, or against the other groups.

    Against itself where there are thirty decisions from before: that is what has changed. The largest distance first;
    inputs `withheld`, whose values are nobody's business, are left out.
    """
    inputs = [bins.subject for bins in reference.bins if bins.subject.startswith(input_subject(""))]
    subjects = [subject for subject in inputs if _name(subject) not in withheld]
    parted_by = {how.name: how.parts for how in partings(reference, tuple(map(_name, subjects)))}
    held = cells.filter(pl.col("segment").is_in(list(groups)), pl.col("subject").is_in(subjects))
    late = pl.col("decided").dt.timestamp("us") >= since_us
    folded = held.group_by("segment", late.alias("late"), "subject", "bin").agg(pl.col("n").sum())
    found = [
        each
        for name in groups
        for bins in reference.bins
        if bins.subject in subjects
        and name not in parted_by[_name(bins.subject)]  # a group has one level of its own column, of course
        and (each := _input(folded.filter(subject=bins.subject), bins, name)) is not None
    ]
    by_group = [sorted((e for e in found if e.group == name), key=lambda e: -e.distance) for name in groups]
    return tuple(each for own in by_group for each in own[:MOST_INPUTS])


def _since(own: pl.DataFrame, words: tuple[str, str]) -> Since:
    scored = own.filter((pl.col("subject") == SCORE) & (pl.col("bin") > 0))
    said = {word: int(own.filter(subject=f"decision={word}")["n"].sum()) for word in words}
    came = {(w, o): int(own.filter(subject=decided(w), outcome=o)["n"].sum()) for w in words for o in (0, 1)}
    high, low = words
    n, n_scored = sum(said.values()), int(scored["n"].sum())
    positive, negative = came[high, 1] + came[low, 1], came[high, 0] + came[low, 0]
    return Since(
        n_decided=n,
        selected=_share(said[high], n),
        score=float(scored["sum_score"].sum()) / n_scored if n_scored else float("nan"),
        n_outcomes=positive + negative,
        outcome=_share(positive, positive + negative),
        missed=_share(came[low, 1], positive),
        wrong=_share(came[high, 0], negative),
    )


def _share(part: int, whole: int) -> Interval:
    return wilson(part, whole) if whole > 0 else unknown()


def _input(folded: pl.DataFrame, bins: Bins, group: str) -> TracedInput | None:
    own = pl.col("segment") == group
    now = _histogram(folded.filter(own & pl.col("late")), bins)
    earlier = _histogram(folded.filter(own & ~pl.col("late")), bins)
    others = _histogram(folded.filter(~own & pl.col("late")), bins)
    before = bool(earlier.sum() >= LEAST_ROWS)
    with_it = earlier if before else others
    if now.sum() < LEAST_ROWS or with_it.sum() < LEAST_ROWS:
        return None
    shares, other_shares = now / now.sum(), with_it / with_it.sum()
    at = int(np.argmax(shares - other_shares))
    distance, name = jensen_shannon(with_it, now), _name(bins.subject)
    return TracedInput(group, name, at, bins.labels[at], float(shares[at]), float(other_shares[at]), distance, before)


def _name(subject: str) -> str:
    return subject.removeprefix(input_subject(""))


def _histogram(folded: pl.DataFrame, bins: Bins) -> Floats:
    place: Ints = folded["bin"].to_numpy()
    counts: Floats = np.bincount(place, weights=folded["n"].to_numpy(), minlength=bins.n_bins).astype(np.float64)
    return counts
