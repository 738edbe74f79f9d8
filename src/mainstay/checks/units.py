"""A column whose unit changed inside the history: its numbers jump by a factor between two stretches of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import Draw, drawn
from mainstay.checks.examined import Examined
from mainstay.checks.sight import is_clock, names_rows, numbers_of
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.schema import Kind
from mainstay.stats.arrays import IntArray
from mainstay.stats.scale_jump import ScaleJump, scale_jump

UNIT = "F10-unit-change"
MOST_ROWS = 20_000
MIN_ROWS = 100
MIN_DISTINCT = 10  # below, numbers are counts or codes, and no unit is told by them
UNSURE = 2.0  # a factor that no unit has must be twice or half: smaller ones are what the world does
NEAR = 0.02
UNITS: Mapping[float, str] = {
    10: "ten: millimetres and centimetres, or a digit lost",
    100: "a hundred: cents and whole money, percent and share",
    1000: "a thousand: grams and kilograms, metres and kilometres",
    10_000: "ten thousand: square centimetres and square metres, basis points",
    1_000_000: "a million",
    2.54: "inches and centimetres",
    30.48: "feet and centimetres",
    3.28084: "feet and metres",
    1.609344: "miles and kilometres",
    2.20462: "pounds and kilograms",
    28.3495: "ounces and grams",
    60: "seconds and minutes, or minutes and hours",
    3600: "seconds and hours",
    24: "hours and days",
    7: "days and weeks",
    12: "months and years",
    86_400: "seconds and days",
}


def unit_change(exam: Examined) -> Iterable[Finding]:
    """Whether a column's numbers jump by a factor between stretches of rows, in the order of time or of the table."""
    rows = in_order(exam)
    if rows.size < MIN_ROWS:
        return [Finding(code=UNIT, verdict=Verdict.UNKNOWN, because=f"{rows.size} rows are too few to see a jump in")]
    found = [_told(name, jump, rows.size) for name, jump in jumps(exam, rows).items()]
    return found or [Finding(code=UNIT, verdict=Verdict.PASS, because="no column of numbers jumps by a factor")]


def in_order(exam: Examined) -> IntArray:
    """Return the rows of all parts, a fair draw, by their moments; in the order of the table where they have none."""
    rows = drawn(exam, np.sort(np.concatenate([exam.training, exam.calibration, exam.holdout])), MOST_ROWS)
    return rows if exam.moments is None else rows[np.argsort(exam.moments[rows], kind="stable")]


def jumps(exam: Examined, rows: IntArray) -> dict[str, ScaleJump]:
    """Return the inputs whose scale jumps, with where and by how much; `rows` in the order in which to look."""
    found = {}
    for field in exam.schema.fields:
        column = exam.used[field.name]
        told = numbers_of(column[rows])
        if field.kind is not Kind.NUMBER or told is None or names_rows(column) or is_clock(exam, field.name):
            continue
        if np.unique(told[~np.isnan(told)]).size < MIN_DISTINCT:
            continue
        jump = scale_jump(told)
        if jump is not None and (unit_of(jump) or not 1 / UNSURE < jump.factor < UNSURE):
            found[field.name] = jump
    return found


def unit_of(jump: ScaleJump) -> str | None:
    """Return which units are as far apart as a jump, None where none is.

    >>> unit_of(ScaleJump(0, 10, 2.541, 2.53, 2.55))
    'inches and centimetres'
    """
    up = jump if jump.factor > 1 else ScaleJump(jump.first, jump.last, 1 / jump.factor, 1 / jump.high, 1 / jump.low)
    near = [each for each in UNITS if up.low * (1 - NEAR) <= each <= up.high * (1 + NEAR)]
    return UNITS[min(near, key=lambda each: abs(np.log(each / up.factor)))] if near else None


def _told(name: str, jump: ScaleJump, n: int) -> Finding:
    unit = unit_of(jump)
    times = f"{jump.factor:.3g} times" if jump.factor > 1 else f"1/{1 / jump.factor:.3g} of"
    because = f"{name} is {times} what it is elsewhere, from {jump.first / n:.0%} to {jump.last / n:.0%} of the history"
    return Finding(
        code=UNIT,
        verdict=Verdict.FAIL if unit else Verdict.WARN,
        because=f"{because} ({unit})" if unit else f"{because}: no usual unit, perhaps a currency",
        subjects=(name,),
        measured=jump.factor,
        limit=1.0,
        low=jump.low,
        high=jump.high,
    )


UNIT_CHECKS: tuple[Check, ...] = (
    Check(
        code=UNIT,
        section=Section.DATA,
        asks="Does a column's unit change inside the history?",
        limit="All quantiles of a stretch of rows are surely (six standard errors) the same multiple of the rest, with "
        "a jump at its ends; a failure at a factor between usual units (10, 100, 1000, 2.54, 60 …), a warning at any "
        "other from 2 on: the world moves by degrees, and spreads as it moves.",
        remedy="Ask the source what changed, turn the stretch into the unit of today, and train again.",
        source="Kulldorff 1997, scan statistics",
        look=unit_change,
        draws=Draw(every=MOST_ROWS),
    ),
)
