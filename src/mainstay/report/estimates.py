"""Numbers with their bounds as cells and as marks, whatever their unit."""

from __future__ import annotations

import math

from mainstay.domain.evaluation import Estimate
from mainstay.report.cells import NONE, Cell
from mainstay.report.pictures import Span
from mainstay.report.words import likely, number, step_of


def times(found: Estimate, factor: float) -> Estimate:
    """The same number in another unit.

    >>> times(Estimate(0.25, 0.2, 0.3), 100).value
    25.0
    """
    low, high = (None if bound is None else bound * factor for bound in (found.low, found.high))
    return Estimate(found.value * factor, low, high)


def said(found: Estimate, most: float = math.inf, *, least: float = 0.0) -> str:
    """A number as it is known, rounded to `most` at the most and to `least` at the least (powers of ten).

    >>> said(Estimate(25.13, 22.0, 28.0)), said(Estimate(23.0, 8.0, 39.0)), said(Estimate(23.0, 8.0, 39.0), 1.0)
    ('25', '20', '23')
    >>> said(Estimate(1.652, 0.03, 3.2)), said(Estimate(1.652, 0.03, 3.2), least=0.1)
    ('1.65', '1.7')
    """
    return number(found.value, max(min(step_of(found.value, found.low, found.high), most), least))


def how_likely(found: Estimate, most: float = math.inf) -> str:
    """Its bounds in words.

    >>> how_likely(Estimate(25.13, 22.0, 28.0))
    'likely 22 to 28'
    """
    return likely(found.low, found.high, min(step_of(found.value, found.low, found.high), most))


def cells(found: Estimate | None, most: float = math.inf) -> tuple[Cell, Cell]:
    """A number and its likely range, as two cells.

    >>> [cell.text for cell in cells(Estimate(25.13, 22.0, 28.0))]
    ['25', '22 to 28']
    """
    if found is None:
        return Cell(NONE), Cell(NONE)
    if found.low is None or found.high is None:
        return Cell(said(found, most), found.value), Cell(NONE)
    return Cell(said(found, most), found.value), Cell(how_likely(found, most).removeprefix("likely "), found.low)


def span(found: Estimate, role: str = "ours", shape: str = "circle", down: int = 0) -> Span:
    """A number as a mark; where bounds are not known it stands alone."""
    low, high = (found.value if bound is None else bound for bound in (found.low, found.high))
    return Span(found.value, low, high, role, shape, down)
