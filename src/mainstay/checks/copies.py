"""Rows of the holdout that training has seen: as equal twins, beyond what few distinct rows explain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import MOST_ROWS, Draw, drawn
from mainstay.checks.examined import Examined
from mainstay.checks.sight import nameless
from mainstay.domain.finding import Finding, Verdict
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.intervals import wilson

COPIES = "F10-copies-across"
FLOOR = 0.01
MIN_ROWS = 100
SURE = 0.999
Marks = npt.NDArray[np.uint64]


def copies_across(exam: Examined) -> Iterable[Finding]:
    """Whether rows of the holdout are in the training rows too, inputs and outcome alike."""
    held, taught = drawn(exam, exam.holdout), exam.training  # a draw of both would part twins
    if held.size < MIN_ROWS or taught.size < MIN_ROWS or not exam.inputs:
        because = (
            f"{held.size} rows of the holdout and {taught.size} of training are too few to tell copies from chance"
        )
        return [Finding(code=COPIES, verdict=Verdict.UNKNOWN, because=because)]
    has_twin, by_chance = _twins(exam, held, taught)
    n, expected = has_twin.size, float(by_chance.sum())
    share = wilson(max(float(has_twin.sum()) - expected, 0.0), n, level=SURE)
    because = (
        f"{float(has_twin.mean()):.1%} of the holdout's distinct rows are in training too; {expected / n:.1%} would be "
        "by chance, as there are so few values"
    )
    verdict = Verdict.FAIL if share.low >= FLOOR else Verdict.PASS
    found = Finding(
        code=COPIES,
        verdict=verdict,
        because=because,
        measured=share.value,
        limit=FLOOR,
        low=share.low,
        high=share.high,
    )
    return [found]


def _twins(exam: Examined, held: IntArray, taught: IntArray) -> tuple[npt.NDArray[np.bool_], FloatArray]:
    """Whether each distinct held row has a twin, and how likely one is by chance, shape (n_distinct,).

    By chance a row has as many twins as it has near twins (equal but for one column, of which the likeliest explains)
    times the odds of its value in that column: where rows repeat because values are few, near twins are there too.
    """
    of_held, of_taught = (_summed(exam, rows) for rows in (held, taught))
    firsts = np.sort(np.unique(of_held, return_index=True)[1])
    some, whole = held[firsts], of_held[firsts]
    twins = _n_equal(whole, of_taught)
    expected = np.zeros(some.size)
    for mark, learned in zip(_marks(exam, some), _marks(exam, taught), strict=True):
        near = _n_equal(whole - mark, of_taught - learned) - twins
        share = np.minimum(_n_equal(mark, learned) / taught.size, 0.999)
        expected = np.maximum(expected, near * share / (1 - share))
    return twins > 0, 1 - np.exp(-expected)


def _summed(exam: Examined, rows: IntArray) -> Marks:
    """A mark of each row as a whole."""
    total: Marks = np.zeros(rows.size, dtype=np.uint64)
    for mark in _marks(exam, rows):
        total += mark
    return total


def _marks(exam: Examined, rows: IntArray) -> Iterator[Marks]:
    """Marks of rows, column by column (the outcome last): all at once would take as much room as the table."""
    for place, name in enumerate(exam.inputs):
        yield _mixed(nameless(exam.used[name][rows]).hash(seed=place).to_numpy(), place)
    outcomes = np.asarray(exam.outcomes[rows] + 0.0).view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    yield _mixed(outcomes, len(exam.inputs))


def _mixed(marks: Marks, place: int) -> Marks:
    """Marks of a column that may be added up with those of others: an odd multiplier of its own, and a shift."""
    mixed: Marks = (marks ^ (marks >> np.uint64(31))) * np.uint64(2 * place + 0xBF58476D1CE4E5B9)
    return mixed ^ (mixed >> np.uint64(27))


def _n_equal(wanted: Marks, among: Marks) -> FloatArray:
    ordered = np.sort(among)
    counts = np.searchsorted(ordered, wanted, "right") - np.searchsorted(ordered, wanted, "left")
    return counts.astype(np.float64)


COPY_CHECKS: tuple[Check, ...] = (
    Check(
        code=COPIES,
        section=Section.DATA,
        asks="Are rows of the holdout in training too, so that it judges what was learned by heart?",
        limit="Surely (99.9%) more than 1% of the holdout's distinct rows have a twin beyond those that few distinct "
        "values explain: a hundredth moves no number that matters.",
        remedy="Drop the copies, or name what they share as data.entity so that they stay on one side; train again.",
        source="Barz and Denzler 2020, near-duplicates across splits; chance by near twins",
        look=copies_across,
        draws=Draw(holdout=MOST_ROWS),
    ),
)
