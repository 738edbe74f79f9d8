"""Tables as the page shows them: texts that are ready to read, and the numbers they are sorted by."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mainstay.domain.evaluation import Estimate
from mainstay.report.words import fixed, number, percent, step_of
from mainstay.stats.intervals import Interval

NONE = "–"  # what a cell shows where there is nothing to show


@dataclass(frozen=True, slots=True)
class Column:
    """A heading with the unit of its numbers; numbers are set to the right."""

    heading: str
    unit: str = ""
    is_number: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, and the number it is sorted by where there is one."""

    text: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table by name: `marked` is the index of the row that is ours."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    marked: int | None = None


def share_cells(interval: Interval) -> tuple[Cell, Cell]:
    """A share and its likely range, as two cells.

    >>> [cell.text for cell in share_cells(Interval(0.27, 0.258, 0.281))]
    ['27%', '26 to 28']
    """
    if math.isnan(interval.value):
        return Cell(NONE), Cell(NONE)
    if not interval.known:
        return Cell(percent(interval.value), interval.value), Cell(NONE)
    digits = 0 if min(interval.low, 1 - interval.high) >= 0.0095 else 1
    bounds = " to ".join(fixed(100 * bound, digits) for bound in (interval.low, interval.high))
    return Cell(percent(interval.value), interval.value), Cell(bounds, interval.low)


def money_cells(found: Interval | Estimate | None, step: float | None = None) -> tuple[Cell, Cell]:
    """Money and its likely range, as two cells, rounded to a step or to what is known.

    >>> [cell.text for cell in money_cells(Interval(1952.0, 1760.0, 2140.0))]
    ['2,000', '1,800 to 2,100']
    """
    if found is None or math.isnan(found.value):
        return Cell(NONE), Cell(NONE)
    low, high = found.low, found.high
    to = step or step_of(found.value, low, high)
    shown = Cell(number(found.value, to), found.value)
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return shown, Cell(NONE)
    return shown, Cell(f"{number(low, to)} to {number(high, to)}", low)


def metric_cells(found: Estimate | None, digits: int = 3) -> tuple[Cell, Cell]:
    """A metric and its likely range, as two cells.

    >>> [cell.text for cell in metric_cells(Estimate(0.7813, 0.766, 0.796))]
    ['0.781', '0.766 to 0.796']
    """
    if found is None or not math.isfinite(found.value):
        return Cell(NONE), Cell(NONE)
    shown = Cell(fixed(found.value, digits), found.value)
    if found.low is None or found.high is None:
        return shown, Cell(NONE)
    return shown, Cell(f"{fixed(found.low, digits)} to {fixed(found.high, digits)}", found.low)


def count_cell(n: int) -> Cell:
    """A count, thousands apart.

    >>> count_cell(6000).text
    '6,000'
    """
    return Cell(f"{n:,}", float(n))
