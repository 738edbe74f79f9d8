"""Slices found by search: short readable rules whose rows do worse than the baseline, told on rows not searched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import MOST_ROWS, Draw
from mainstay.checks.examined import Examined
from mainstay.checks.gains import LEAST_ROWS, Gains, gains_of
from mainstay.checks.parted import numbers_of, quartiles, texts_of, values_of
from mainstay.checks.places import CHANCE, LIMIT, Place, bad, is_worse, unknown_places
from mainstay.domain.expression import term
from mainstay.domain.finding import Finding, Verdict
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray, group_numbers
from mainstay.stats.beam import losing, rows_of, widened
from mainstay.stats.intervals import Interval

SLICES = "F08-slices"
MOST_CONDITIONS, BEAM = 3, 20
MOST_LEVELS = 20  # of a column: the largest; rarer ones hold too few rows to tell
MOST_COLUMNS = 60
MOST_TOLD = 5  # candidates that go to the other half: each makes the bound there wider
LEAST_SURETY = 2.0  # in the half that was searched: below, the other half will not confirm it


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule over one column (its place), in words and as an expression, and which rows of the holdout it holds."""

    of: int
    says: str
    where: str
    rows: BoolArray


def slices(exam: Examined) -> Iterable[Finding]:
    """Search one half of the holdout for rules that hold losing rows, and judge the rules found on the other half."""
    gains = gains_of(exam)
    searched = _half(gains, seed=exam.seed)
    if min(searched.sum(), (~searched).sum()) < 4 * LEAST_ROWS:
        n = gains.rows.size
        yield unknown_places(SLICES, f"{n} rows in the holdout are too few to search one half and confirm on the other")
        return
    conditions = list(_conditions(exam, gains, searched))
    if not conditions:
        yield unknown_places(SLICES, "no column of the holdout can be parted")
        return
    yield from _judged(gains, searched, conditions)


def worse_slices(exam: Examined) -> tuple[Gains, list[Place]]:
    """Return the slices in which the exam finds a version worse than the baseline, with the gains they are told by."""
    gains = gains_of(exam)
    searched = _half(gains, seed=exam.seed)
    enough = min(searched.sum(), (~searched).sum()) >= 4 * LEAST_ROWS
    conditions = list(_conditions(exam, gains, searched)) if enough else []
    told = _told(gains, searched, conditions) if conditions else []
    return gains, [place for place, gain in told if is_worse(gains, gain, place.n)]


def _told(gains: Gains, searched: BoolArray, conditions: Sequence[Condition]) -> list[tuple[Place, Interval]]:
    """The rules that one half of the rows suggests, with what the other half says of each."""
    held = np.stack([condition.rows for condition in conditions])
    level = 1 - 2 * CHANCE / MOST_TOLD
    chosen = _chosen(gains, searched, conditions, held)
    return [(place, _confirmed(gains, place.members & ~searched, level)) for place in chosen]


def _judged(gains: Gains, searched: BoolArray, conditions: Sequence[Condition]) -> Iterator[Finding]:
    told = _told(gains, searched, conditions)
    worse = [(place, gain) for place, gain in told if is_worse(gains, gain, place.n)]
    yield from (bad(SLICES, gains, place, gain) for place, gain in worse)
    if not worse:
        because = (
            f"a search over {len(conditions)} conditions on one half of the holdout, up to {MOST_CONDITIONS} together, "
            f"found {len(told)} rules that may lose; the other half confirmed none"
        )
        yield Finding(code=SLICES, verdict=Verdict.PASS, because=because, measured=0.0, limit=0.0)


def _chosen(gains: Gains, searched: BoolArray, conditions: Sequence[Condition], held: BoolArray) -> Iterator[Place]:
    """The surest slice, then the surest of the rows it leaves, and so on: one cause is told once."""
    of, left = [condition.of for condition in conditions], np.ones(gains.rows.size, dtype=np.bool_)
    for _ in range(MOST_TOLD):
        among = searched & left
        found = losing(gains.per_row[among], held[:, among], of, most=MOST_CONDITIONS, width=BEAM, least=LEAST_ROWS)
        if not found or found[0].surety < LEAST_SURETY:
            return
        whole = widened(found[0], gains.per_row[among], held[:, among], surety=LEAST_SURETY)
        rows = rows_of(whole, held)
        joined = [conditions[place] for place in whole.conditions]
        where = " and ".join(condition.where for condition in joined)
        yield Place(tuple(condition.says for condition in joined), rows & left, where)
        left &= ~rows


def _confirmed(gains: Gains, fair: BoolArray, level: float) -> Interval:
    """A slice's gain by the rows that were not searched alone."""
    if np.count_nonzero(fair) < LEAST_ROWS:
        return Interval(0.0, float("-inf"), float("inf"))
    return gains.among(fair, level=level)


def _half(gains: Gains, *, seed: int) -> BoolArray:
    """A random half of the rows, rows of one entity together."""
    groups = group_numbers(gains.clusters, gains.rows.size)
    n_groups = int(groups.max(initial=-1)) + 1
    order = np.random.default_rng(seed).permutation(n_groups)
    return np.asarray(order[groups] < n_groups // 2, dtype=np.bool_)


def _conditions(exam: Examined, gains: Gains, searched: BoolArray) -> Iterator[Condition]:
    data = exam.brief.data
    names = dict.fromkeys((*data.segments, *data.protected, *exam.inputs))
    for place, column in enumerate(list(names)[:MOST_COLUMNS]):
        for says, where, rows in _over(exam, column, gains.rows):
            if LEAST_ROWS <= rows[searched].sum() < searched.sum():
                yield Condition(place, says, where, rows)


def _over(exam: Examined, column: str, rows: IntArray) -> Iterator[tuple[str, str, BoolArray]]:
    values = values_of(exam, column)
    if values is None or values.dtype.is_temporal():
        return
    missing = (f"{column} missing", f"missing({term(column)})")
    if values.dtype.is_numeric():
        numbers = numbers_of(values, rows)
        yield from _cut(column, numbers)
        yield *missing, ~np.isfinite(numbers)
        return
    texts = texts_of(values, rows)
    counts = texts.drop_nulls().value_counts(sort=True)
    for level in counts[texts.name].head(MOST_LEVELS).to_list():
        held = (texts == level).fill_null(False).to_numpy()
        yield f"{column}={level}"[:60], f"{term(column)} == {level!r}", held
    yield *missing, texts.is_null().to_numpy()


def _cut(column: str, numbers: FloatArray) -> Iterator[tuple[str, str, BoolArray]]:
    """Below, from, and between the quartiles."""
    cuts, name = quartiles(numbers), term(column)
    for cut in cuts:
        yield f"{column}<{cut:g}", f"{name} < {cut:g}", numbers < cut
        yield f"{column}>={cut:g}", f"{name} >= {cut:g}", numbers >= cut
    for low, high in pairwise(cuts):
        between = (numbers >= low) & (numbers < high)
        yield f"{low:g}<={column}<{high:g}", f"{name} >= {low:g} and {name} < {high:g}", between


SLICE_CHECKS: tuple[Check, ...] = (
    Check(
        code=SLICES,
        section=Section.LOCALITY,
        asks="Is there a kind of rows, told by a short rule, where it is worse than what is done without it?",
        limit=f"{LIMIT} Rules of at most three conditions, searched on one half of the holdout, judged on the other.",
        remedy="Keep today's way where the rule holds, or bring rows and inputs that tell these apart.",
        look=slices,
        draws=Draw(holdout=MOST_ROWS),
        source="Chung et al. 2019, SliceFinder; Sagadeeva & Boehm 2021, SliceLine",
    ),
)
