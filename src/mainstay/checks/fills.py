"""Values that were filled in with the outcome in mind, and gaps that tell it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import MOST_ROWS, Draw, drawn
from mainstay.checks.examined import Examined
from mainstay.checks.sight import clusters_of, indicators, level_numbers, numbers_of
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.task import Task
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.stats.intervals import Interval
from mainstay.stats.mean_gap import standard_gap

FILLED, GAPS = "F10-class-means", "F10-missing-tells"
MIN_PILE = 10
MIN_OF_CLASS = 30
MOST_PILES = 50  # values looked at in a column: the most frequent ones
STANDS_OUT = 5.0  # times as often as the values beside it
NEAR = 0.1  # of a standard deviation is the most between the pile and the mean of its class
NEAR_MEAN, NEAR_MIDDLE = 3.0, 0.02  # standard errors of the mean; shares of rows
PURE, BY_CHANCE = 0.99, 1e-6
MIN_MISSING = 30
GAP_FLOOR = 0.5
Z_SURE = 4.0  # one look in 16,000: holds over a thousand columns at 95%


def class_means(exam: Examined) -> Iterable[Finding]:
    """Whether gaps of a column were filled with the mean or median of each class."""
    if exam.task is Task.REGRESSION:
        because = "asked of classes alone: amounts have no classes"
        return [Finding(code=FILLED, verdict=Verdict.UNKNOWN, because=because, applies=False)]
    rows = drawn(exam, np.arange(exam.outcomes.size))
    classes, counts = np.unique(exam.outcomes[rows], return_counts=True)
    known = classes[counts >= MIN_OF_CLASS]
    if known.size < 2:
        because = f"fewer than two outcomes came in {MIN_OF_CLASS} rows or more"
        return [Finding(code=FILLED, verdict=Verdict.UNKNOWN, because=because)]
    found = []
    for name in exam.inputs:
        numbers = numbers_of(exam.used[name][rows])
        piles = [] if numbers is None else list(_piles(numbers, exam.outcomes[rows], known))
        if _is_told(piles):
            found.append(_filled(name, piles))
    well = "no column repeats a value that is the mean of one outcome's rows and sits in those rows alone"
    return found or [Finding(code=FILLED, verdict=Verdict.PASS, because=well)]


def missing_tells(exam: Examined) -> Iterable[Finding]:
    """Whether it tells the outcome that a column is missing."""
    rows = drawn(exam, exam.training)
    found, n_asked = [], 0
    for name in exam.inputs:
        missing = level_numbers(exam.used[name][rows]) == 0
        if min(int(missing.sum()), int((~missing).sum())) < MIN_MISSING:
            continue
        n_asked += 1
        gap = _widest(_gaps(exam, missing, rows))
        if gap is not None and _nearest(gap) >= GAP_FLOOR:
            found.append(_told(name, gap, float(missing.mean())))
    few = f"no column is missing in {MIN_MISSING} training rows and known in as many"
    well = f"what is missing hardly tells the outcome ({n_asked} columns with gaps)" if n_asked else few
    return found or [Finding(code=GAPS, verdict=Verdict.PASS, because=well)]


@dataclass(frozen=True, slots=True)
class Pile:
    """A value that repeats, its rows, and the outcome they have."""

    value: float
    n: int
    outcome: float


def _piles(numbers: FloatArray, outcomes: FloatArray, classes: FloatArray) -> Iterator[Pile]:
    """Values that stand out, sit in one class alone and are the mean or median of that class."""
    known = ~np.isnan(numbers)
    values, counts = np.unique(numbers[known], return_counts=True)
    spread = float(numbers[known].std()) if known.any() else 0.0
    if values.size < 3 or spread == 0.0:
        return
    for place in np.argsort(-counts, kind="stable")[:MOST_PILES]:
        beside = counts[max(place - 5, 0) : place + 6]
        if counts[place] < MIN_PILE or counts[place] < STANDS_OUT * float(np.median(beside)):
            continue
        in_pile = numbers == values[place]
        for one in classes:
            share, of_all = float((outcomes[in_pile] == one).mean()), float((outcomes[known] == one).mean())
            rest = numbers[known & ~in_pile & (outcomes == one)]
            is_alone = share >= PURE and of_all ** int(counts[place]) < BY_CHANCE
            if is_alone and rest.size and _is_centre(rest, float(values[place]), spread):
                yield Pile(float(values[place]), int(counts[place]), float(one))


def _is_centre(rest: FloatArray, value: float, spread: float) -> bool:
    """Whether a value is the mean of the rest, as near as that of some of them comes, or parts them in the middle."""
    error = float(rest.std()) / rest.size**0.5
    below, above = float((rest < value).mean()), float((rest > value).mean())
    is_median = abs(below - 0.5) <= NEAR_MIDDLE and abs(above - 0.5) <= NEAR_MIDDLE
    return is_median or abs(value - float(rest.mean())) <= min(NEAR_MEAN * error, NEAR * spread)


def _is_told(piles: list[Pile]) -> bool:
    """Whether two outcomes have such a value each: one alone may be a price that is near a mean by chance."""
    return len({pile.outcome for pile in piles}) > 1


def _filled(name: str, piles: list[Pile]) -> Finding:
    n = sum(pile.n for pile in piles)
    because = (
        f"{name} has {len(piles)} values in {n:,} rows that are each the mean or median of one outcome's rows and "
        "sit in those rows alone: gaps were filled with the outcome in hand"
    )
    return Finding(code=FILLED, verdict=Verdict.FAIL, because=because, subjects=(name,), measured=float(n))


def _gaps(exam: Examined, missing: BoolArray, rows: IntArray) -> list[Interval]:
    """The gap of each outcome's share (of amounts: of their mean rank) between rows that miss a column or not."""
    clusters = clusters_of(exam, rows)
    told = indicators(exam, rows).values()
    return [standard_gap(missing, outcomes, z=Z_SURE, clusters=clusters) for outcomes in told]


def _widest(gaps: list[Interval]) -> Interval | None:
    return max((gap for gap in gaps if gap.known), key=_nearest, default=None)


def _nearest(gap: Interval) -> float:
    """The end of the interval that is nearer to no gap, 0 where it holds none."""
    return max(gap.low, -gap.high, 0.0)


def _told(name: str, gap: Interval, share: float) -> Finding:
    because = (
        f"rows without {name} ({share:.0%}) have outcomes {abs(gap.value):.1f} standard deviations "
        f"{'above' if gap.value > 0 else 'below'} those with it: that it is missing tells the outcome"
    )
    return Finding(
        code=GAPS,
        verdict=Verdict.FAIL,
        because=because,
        subjects=(name,),
        measured=gap.value,
        limit=GAP_FLOOR if gap.value > 0 else -GAP_FLOOR,
        low=gap.low,
        high=gap.high,
    )


FILL_CHECKS: tuple[Check, ...] = (
    Check(
        code=FILLED,
        section=Section.DATA,
        asks="Were gaps filled with the mean of each outcome's rows?",
        limit="A value five times as frequent as those beside it sits in one outcome's rows alone (by chance less than "
        "one in a million), three standard errors from these rows' mean or by their median; in two outcomes or more.",
        remedy="Take the column as it was before: training fills gaps itself, without looking at the outcome.",
        source="Kaufman and others 2012, leakage in data mining",
        look=class_means,
        draws=Draw(every=MOST_ROWS),
    ),
    Check(
        code=GAPS,
        section=Section.DATA,
        asks="Does it tell the outcome that a column is missing?",
        limit="The outcomes of rows with and without it surely (four standard errors) differ by half a standard "
        "deviation: more than forgetting explains, and what the process writes afterwards does that.",
        remedy='Ask who fills it in, and when: if after the outcome, leave it out (known_at = "later").',
        source="Rubin 1976, missing not at random; Cohen 1988",
        look=missing_tells,
        draws=Draw(training=MOST_ROWS),
    ),
)
