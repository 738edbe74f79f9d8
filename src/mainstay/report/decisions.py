"""Right and wrong at the chosen threshold, in plain words: the confusion matrix and the classification report."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.domain.evaluation import Estimate
from mainstay.report.actions import Words
from mainstay.report.cells import Cell, Column, Table, count_cell, metric_cells, money_cells, share_cells
from mainstay.report.ladder import Ladder
from mainstay.report.rows import Flags, Rows
from mainstay.report.words import of_hundred, percent, share_range
from mainstay.stats.intervals import Interval, mean_interval, wilson
from mainstay.stats.scores import ClassReport, classification_report


def decision_sentences(high: Flags, rows: Rows, words: Words) -> tuple[str, str]:
    """A heading and what it rests on: how often decisions are right, beside always deciding alike."""
    report = classification_report(rows.outcomes, high)
    right, missed = report.positive.precision, 1 - report.positive.recall.value
    n_positive = int(rows.outcomes.sum())
    alike = words.low if 2 * n_positive <= rows.n else words.high
    base = max(n_positive, rows.n - n_positive) / rows.n
    of_high = f"{of_hundred(right.value)} {words.high.done} turn out {words.event}"
    heading = f"{of_high}; {percent(missed)} of {words.cases} are missed"
    if not high.any():
        heading = f"No case is {words.high.done}: all {words.cases} are missed"
    all_right = f"{percent(report.accuracy.value)} of decisions fit what happened ({_range(report.accuracy)})"
    beside = f"{alike.always} would fit in {percent(base)}, which is why this number says little"
    return heading, f"{all_right}; {beside}."


@dataclass(frozen=True, slots=True)
class FourCell:
    """One of the four kinds of decision beside the slider: its name for the script, how many, and of all."""

    name: str
    says: str
    share: str
    is_right: bool


def four_cells(steps: Ladder, i: int) -> tuple[FourCell, ...]:
    """Decided high and low by what came, at the i-th threshold, as the page's script says it too."""
    high, right = int(steps.n_high[i]), int(steps.n_right[i])
    missed = steps.n_positive - right
    counts = {
        "high-event": right,
        "high-other": high - right,
        "low-event": missed,
        "low-other": steps.n - high - missed,
    }
    right_ones = ("high-event", "low-other")
    return tuple(
        FourCell(name, f"{n:,}", f"{percent(n / steps.n)} of all", name in right_ones) for name, n in counts.items()
    )


def confusion_table(high: Flags, rows: Rows, words: Words, currency: str) -> Table:
    """The four kinds of decision: how many, and what each brings per decision of all."""
    sides = ((words.high.done, high, True), (words.low.done, ~high, False))
    ends = ((words.event, rows.outcomes), (f"not {words.event}", ~rows.outcomes))
    drawn = []
    for done, decided, is_high in sides:
        for end, happened in ends:
            both = decided & happened
            cells = (Cell(done), Cell(end), count_cell(int(both.sum())), *_shared(both))
            drawn.append(cells + _money_of(both, is_high, rows))
    plain = (
        Column("decided", is_number=False),
        Column("turned out", is_number=False),
        Column("number"),
        Column("of all"),
        Column("likely", "%"),
    )
    money = (Column("brings", f"{currency} a decision"), Column("likely", currency))
    return Table("confusion", "Decided against turned out", plain + (money if rows.worth else ()), tuple(drawn))


def classes_table(high: Flags, rows: Rows, words: Words) -> Table:
    """The classification report: of what was decided so, how much was so; of what was so, how much was decided so."""
    report = classification_report(rows.outcomes, high)
    drawn = (
        (Cell(f"{words.high.done}, {words.event}"), *class_cells(report.positive)),
        (Cell(f"{words.low.done}, not {words.event}"), *class_cells(report.negative)),
    )
    columns = (
        Column("kind", is_number=False),
        Column("right", "precision"),
        Column("likely", "%"),
        Column("found", "recall"),
        Column("likely", "%"),
        Column("both", "F1"),
        Column("likely"),
        Column("number", "support"),
    )
    return Table("classes", "Classification report at the chosen threshold", columns, drawn)


def _shared(both: Flags) -> tuple[Cell, Cell]:
    return share_cells(wilson(int(both.sum()), both.size))


def _money_of(both: Flags, is_high: bool, rows: Rows) -> tuple[Cell, ...]:
    if rows.worth is None:
        return ()
    return money_cells(mean_interval(np.where(both, rows.worth.high if is_high else rows.worth.low, 0.0)))


def class_cells(report: ClassReport) -> tuple[Cell, ...]:
    """A class's precision, recall and F1 with their ranges, and how many cases it has."""
    f1 = report.f1
    found = Estimate(f1.value, f1.low, f1.high) if f1.known else None
    return (
        *share_cells(report.precision),
        *share_cells(report.recall),
        *metric_cells(found, 2),
        count_cell(report.support),
    )


def _range(share: Interval) -> str:
    return share_range(share.low, share.high)
