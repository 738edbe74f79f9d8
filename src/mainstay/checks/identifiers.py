"""Numbers of rows and other identifiers that tell the outcome: what they tell is how the table was put together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import Draw
from mainstay.checks.examined import Examined
from mainstay.checks.sight import FOLLOWS, level_numbers, names_rows, numbers_of, rank_correlation
from mainstay.checks.strong import MOST_ROWS, Asked, asked_rows, measure_name, strength_of_cells
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray
from mainstay.stats.intervals import Interval
from mainstay.stats.telling import quantile_cells

TELLS = "F10-identifier-tells"
FLOORS = {Task.BINARY: 0.6, Task.MULTICLASS: 0.6, Task.REGRESSION: 0.05}
SURE = 0.999
MOST_COLUMNS = 200
NOT_READ = (
    "Ask how the rows were gathered: if in the order of time, name data.time; if one outcome came from another source, "
    "inputs know it."
)


def identifier_tells(exam: Examined) -> Iterable[Finding]:
    """Whether a row's place or its identifier tells the outcome, beyond what its time does."""
    asked = asked_rows(exam)
    if asked is None:
        because = "there are fewer than 100 training rows, or too few of all outcomes but one"
        return [Finding(code=TELLS, verdict=Verdict.UNKNOWN, because=because)]
    found = [each for name in _identifiers(exam) if (each := _asked_of(exam, name, exam.table[name], asked))]
    if not found:
        places = pl.Series("", np.arange(exam.table.height))
        by_place = _asked_of(exam, None, places, asked)
        found = [] if by_place is None else [by_place]
    well = "neither the place of a row nor an identifier tells the outcome"
    return found or [Finding(code=TELLS, verdict=Verdict.PASS, because=well)]


def _identifiers(exam: Examined) -> list[str]:
    others = (exam.schema.target, exam.brief.data.target, exam.schema.time, exam.brief.data.time)
    names = [name for name in exam.table.columns if name not in others][:MOST_COLUMNS]
    return [name for name in names if names_rows(exam.table[name])]


def _asked_of(exam: Examined, name: str | None, column: pl.Series, asked: Asked) -> Finding | None:
    """A finding where the order of a column tells the outcome; None where it does not, or time explains it."""
    order = _order(column[asked.rows])
    if exam.moments is not None and abs(rank_correlation(order, exam.moments[asked.rows])) >= FOLLOWS:
        return None
    strength = strength_of_cells(exam, quantile_cells(order), asked, level=SURE)
    if not strength.low >= FLOORS[exam.task]:
        return None
    return _finding(exam, name, strength)


def _order(column: pl.Series) -> FloatArray:
    numbers = numbers_of(column)
    if numbers is not None:
        return numbers
    levels = level_numbers(column).astype(np.float64)
    return np.where(levels == 0, np.nan, levels)


def _finding(exam: Examined, name: str | None, strength: Interval) -> Finding:
    is_read = name in exam.inputs
    who = "the place of a row in the table" if name is None else f"{name}, which names rows,"
    because = f"{who} tells the outcome ({measure_name(exam)} {strength.value:.2f})"
    because += "; the model reads it" if is_read else "; the model does not read it"
    remedy = "" if is_read else NOT_READ
    return Finding(
        code=TELLS,
        verdict=Verdict.FAIL if is_read else Verdict.WARN,
        because=because,
        subjects=() if name is None else (name,),
        measured=strength.value,
        limit=FLOORS[exam.task],
        low=strength.low,
        high=strength.high,
        remedy=remedy,
    )


IDENTIFIER_CHECKS: tuple[Check, ...] = (
    Check(
        code=TELLS,
        section=Section.DATA,
        asks="Does the number or the place of a row tell its outcome?",
        limit="The 99.9% interval of its cross-fitted ROC AUC lies above 0.6 (the 95% of R²: above 0.05), and the "
        "order is not that of time: an identifier means nothing, so it may tell nothing. A warning if it is no input.",
        remedy="Leave it out (data.exclude) and ask how the rows were gathered.",
        source="Rosset and others 2010, leakage by identifiers in medical data",
        look=identifier_tells,
        draws=Draw(training=MOST_ROWS),
    ),
)
