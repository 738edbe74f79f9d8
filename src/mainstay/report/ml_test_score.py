"""The ML Test Score for the auditor: which of its 28 tests are met, by what, and the points of each section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mainstay.domain.shown import MetShown
from mainstay.report.cells import Cell, Column, Table

SAYS = "Breck et al. (2017). A point for a test that runs by itself, half a one for what is done by hand or in part."


@dataclass(frozen=True, slots=True)
class Score:
    """The score in a sentence, how it is counted, and the table of all tests."""

    says: str
    how: str
    table: Table


def score_of(tests: Sequence[MetShown]) -> Score | None:
    """What an exam kept of it; None where it kept nothing.

    >>> score_of(()) is None
    True
    """
    if not tests:
        return None
    points: dict[str, float] = {}
    for test in tests:
        points[test.section] = points.get(test.section, 0.0) + test.points
    least = min(points.values())
    by_section = ", ".join(f"{section} {got:g}" for section, got in points.items())
    rows = tuple(_row(test) for test in tests)
    columns = (
        Column("section", is_number=False),
        Column("test", is_number=False),
        Column("points", "0 to 1"),
        Column("met by", is_number=False),
        Column("what would raise it", is_number=False),
    )
    says = f"ML Test Score {least:g} of 7, that of the weakest section: {by_section}"
    return Score(says, SAYS, Table("test-score", "The 28 tests", columns, rows))


def _row(test: MetShown) -> tuple[Cell, ...]:
    points = Cell(f"{test.points:g}", test.points)
    return Cell(test.section), Cell(test.asks), points, Cell(test.by), Cell(test.raised_by or "–")
