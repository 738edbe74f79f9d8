"""Rows of the holdout that training has seen: as equal twins, beyond what few distinct rows explain."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from mainstay.checks.check import Check, Section
from mainstay.checks.examined import Examined
from mainstay.checks.sight import drawn
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
    held, taught = drawn(exam, exam.holdout), drawn(exam, exam.training)
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
        "by chance, as few as the values are"
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
    columns = [exam.used[name].hash(seed=place).to_numpy() for place, name in enumerate(exam.inputs)]
    columns.append(np.asarray(exam.outcomes + 0.0).view(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    marks = [_mixed(column, place) for place, column in enumerate(columns)]
    total: Marks = np.add.reduce(marks)
    _, firsts = np.unique(total[held], return_index=True)
    some = held[np.sort(firsts)]
    twins = _n_equal(total[some], total[taught])
    expected = np.zeros(some.size)
    for mark in marks:
        near = _n_equal(total[some] - mark[some], total[taught] - mark[taught]) - twins
        share = np.minimum(_n_equal(mark[some], mark[taught]) / taught.size, 0.999)
        expected = np.maximum(expected, near * share / (1 - share))
    return twins > 0, 1 - np.exp(-expected)


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
    ),
)
