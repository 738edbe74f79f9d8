"""What two versions do with cases: lift of both, who is decided otherwise, and misses or classes side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mainstay.domain.task import Task
from mainstay.report import pictures
from mainstay.report.actions import words_of
from mainstay.report.cells import NONE, Cell, Column, Table, count_cell, money_cells, share_cells
from mainstay.report.classes import class_rows
from mainstay.report.figure import Figure, figure
from mainstay.report.rows import Flags, Floats, numbers
from mainstay.report.versus.sides import Side, money_of
from mainstay.report.words import fixed, number, percent, step_of
from mainstay.stats.intervals import Interval, mean_interval, wilson
from mainstay.stats.lift import lift_at, lift_table

TOPS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5)
FEWEST = 30  # cases of a row of the table of those decided otherwise; fewer tell no share
QUANTILES = (("half", 0.5), ("nine of ten", 0.9), ("99 of 100", 0.99))
N_POINTS = 100  # of a drawn curve

Codes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What is shown of how both behave: a heading, a picture where one is drawn, and tables.

    `renamed` says which words of the decision changed, empty where none did: other words decide nobody otherwise, but
    two that changed places decide everybody otherwise who keeps a side.
    """

    topic: str
    heading: str
    figure: Figure | None
    table: Table
    otherwise: Table | None
    renamed: str = ""


def behaviour_of(first: Side, then: Side, *, paired: bool) -> Behaviour:
    """Lift of two outcomes, misses of amounts, classes of several: both versions side by side."""
    task = then.summary.task
    if task == Task.BINARY:
        return _ranked(first, then, _moved(first, then) if paired else None)
    if task == Task.REGRESSION:
        return Behaviour(
            topic="Misses", heading=_miss_heading(first, then), figure=None, table=_misses(first, then), otherwise=None
        )
    table = _classes(first, then)
    other = _otherwise(first, then, *_named(first, then)) if paired else None
    return Behaviour(topic="Classes", heading="What of each class is found", figure=None, table=table, otherwise=other)


def _ranked(first: Side, then: Side, otherwise: Table | None) -> Behaviour:
    cases = words_of(then.brief).cases
    found = [_top(side, 0.1) for side in (first, then)]
    told = [percent(0.1 * lift.value) for lift in found]
    heading = f"The top tenth of cases holds {told[1]} of all {cases}; by {first.name} it holds {told[0]}"
    if not np.isfinite(found[1].value):
        heading = f"No {cases} among these cases: lift cannot be told"
    curves = [_curve(side) for side in (first, then)]
    drawn = figure("found", lambda width: pictures.found(curves, heading, cases, width=width))
    return Behaviour(
        topic="Lift",
        heading=heading,
        figure=drawn,
        table=_tops(first, then),
        otherwise=otherwise,
        renamed=_renamed(first, then),
    )


def _curve(side: Side) -> tuple[str, Floats, Floats]:
    rows = side.evaluation.rows
    table = lift_table(numbers(rows, "outcome"), numbers(rows, "score"), n_buckets=N_POINTS)
    return side.name, table.row_share, np.nan_to_num(table.gain)


def _top(side: Side, share: float) -> Interval:
    rows = side.evaluation.rows
    return lift_at(numbers(rows, "outcome"), numbers(rows, "score"), share)


def _tops(first: Side, then: Side) -> Table:
    columns = [Column("highest scores", "of cases")]
    for side in (first, then):
        columns += [Column("lift", side.name), Column("likely"), Column("found", side.name)]
    rows = []
    for share in TOPS:
        found = [_top(side, share) for side in (first, then)]
        cells = (cell for lift in found for cell in _lift_cells(lift, share))
        rows.append((Cell(percent(share), share), *cells))
    return Table("lift", "Lift of both: how many more are found than by picking at random", tuple(columns), tuple(rows))


def _lift_cells(lift: Interval, share: float) -> tuple[Cell, ...]:
    if not np.isfinite(lift.value):
        return Cell(NONE), Cell(NONE), Cell(NONE)
    likely = f"{fixed(lift.low, 2)} to {fixed(lift.high, 2)}" if lift.known else NONE
    return Cell(fixed(lift.value, 2), lift.value), Cell(likely), Cell(percent(lift.value * share), lift.value * share)


def _moved(first: Side, then: Side) -> Table | None:
    """Which cases are decided otherwise, in the words of the second: sides count, unless the words changed places."""
    words, before = words_of(then.brief), _is_high(first)
    names = words.low.done, words.high.done
    return _otherwise(first, then, names, 1 - before if _are_swapped(first, then) else before, _is_high(then))


def _is_high(side: Side) -> Codes:
    return (numbers(side.evaluation.rows, "score") >= side.threshold).astype(np.intp)


def _are_swapped(first: Side, then: Side) -> bool:
    """Whether each of the two words now stands for the other's side."""
    before, after = words_of(first.brief), words_of(then.brief)
    is_other = before.high.word != after.high.word
    return is_other and (before.high.word, before.low.word) == (after.low.word, after.high.word)


def _renamed(first: Side, then: Side) -> str:
    """Which words of the decision changed, in a sentence; empty where none did."""
    before, after = words_of(first.brief), words_of(then.brief)
    if _are_swapped(first, then):
        return (
            f"The two words of the decision changed places: scores that are high were “{before.high.word}” and are now "
            f"“{after.high.word}”. Whoever acts on the word does the opposite in each case that keeps its side, which "
            "money, counted by sides, does not tell: ask which is meant before this goes live."
        )
    pairs = (("high", before.high, after.high), ("low", before.low, after.low))
    told = [f"“{old.word}” is now “{new.word}” (scores that are {side})" for side, old, new in pairs if old != new]
    return f"The words of the decision changed, which decides nobody otherwise: {' and '.join(told)}." if told else ""


def _named(first: Side, then: Side) -> tuple[Sequence[str], Codes, Codes]:
    """The names of all classes that either decided, and which of them each row was given by both."""
    before, after = (class_rows(side.evaluation).decided for side in (first, then))
    names, codes = np.unique(np.concatenate([before, after]), return_inverse=True)
    return [str(name) for name in names], codes[: before.size], codes[before.size :]


def _otherwise(first: Side, then: Side, names: Sequence[str], before: Codes, after: Codes) -> Table | None:
    """Which cases are decided otherwise, and what that brings; None where all are decided alike."""
    ways = before * len(names) + after
    found, counts = np.unique(ways[before != after], return_counts=True)
    if not found.size:
        return None
    worth = _gained(first, then)
    rows = tuple(
        _otherwise_row([names[code] for code in divmod(int(found[i]), len(names))], ways == found[i], worth)
        for i in np.argsort(-counts, kind="stable")
    )
    columns = [
        Column(first.name, is_number=False),
        Column(then.name, is_number=False),
        Column("cases"),
        Column("of all"),
        Column("likely", "%"),
    ]
    if worth is not None:
        unit = then.summary.currency
        columns += [Column("brings", f"{unit} a decision of all".strip()), Column("likely", unit)]
    return Table("otherwise", "Who is decided otherwise", tuple(columns), rows)


def _otherwise_row(way: Sequence[str], rows: Flags, worth: Floats | None) -> tuple[Cell, ...]:
    n = int(np.count_nonzero(rows))
    cells = (Cell(way[0]), Cell(way[1]), count_cell(n), *share_cells(wilson(n, rows.size)))
    if worth is None:
        return cells
    if n < FEWEST:
        return (*cells, Cell("too few"), Cell(NONE))
    return (*cells, *money_cells(mean_interval(np.where(rows, worth, 0.0))))


def _gained(first: Side, then: Side) -> Floats | None:
    before, after = money_of(first), money_of(then)
    if before is None or after is None or first.summary.currency != then.summary.currency:
        return None
    return after - before


def _misses(first: Side, then: Side) -> Table:
    rows = []
    sizes = [np.abs(_miss(side)) for side in (first, then)]
    for name, level in QUANTILES:
        found = [float(np.quantile(size, level)) for size in sizes]
        rows.append((Cell(f"{name} are off by at most"), *(Cell(number(at, step_of(at)), at) for at in found)))
    bias = [mean_interval(_miss(side)) for side in (first, then)]
    rows.append((Cell("too high on average"), *(money_cells(found)[0] for found in bias)))
    columns = (Column("misses", is_number=False), Column(first.name), Column(then.name))
    return Table("misses", "How far both miss", columns, tuple(rows))


def _miss_heading(first: Side, then: Side) -> str:
    at = [float(np.quantile(np.abs(_miss(side)), 0.9)) for side in (first, then)]
    told = [number(each, step_of(each)) for each in at]
    return f"By {then.name} nine of ten come within {told[1]} of what was foretold, by {first.name} within {told[0]}"


def _miss(side: Side) -> Floats:
    rows = side.evaluation.rows
    return numbers(rows, "score") - numbers(rows, "outcome")


def _classes(first: Side, then: Side) -> Table:
    sides = [class_rows(side.evaluation) for side in (first, then)]
    names = sorted({*sides[0].came.tolist(), *sides[1].came.tolist()})
    rows = []
    for name in names:
        cells: list[Cell] = [Cell(str(name))]
        for side in sides:
            of_it = side.came == name
            right = int(np.count_nonzero(side.decided[of_it] == name))
            cells += share_cells(wilson(right, int(np.count_nonzero(of_it))))
        rows.append(tuple(cells))
    columns = [Column("class", is_number=False)]
    for each in (first, then):
        columns += [Column("found", each.name), Column("likely", "%")]
    return Table("classes", "What of each class is found (recall)", tuple(columns), tuple(rows))
