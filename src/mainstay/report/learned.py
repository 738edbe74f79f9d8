"""What training knows beyond its candidates: whether more rows would help, and what a later day will show."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mainstay.domain.evaluation import Curve, Estimate, Summary
from mainstay.report import pictures
from mainstay.report.cells import Cell, Column, Table
from mainstay.report.curve_words import curve_sentences, curve_unit, size_of
from mainstay.report.figure import Figure, figure
from mainstay.report.metrics import SHOWN, cells_of, name_of
from mainstay.report.small_print import cost_words
from mainstay.report.steps import splits_table, steps_table
from mainstay.report.words import apart, fixed


@dataclass(frozen=True, slots=True)
class DrawnCurve:
    """A learning curve as the page shows it: what it says, its picture, and the table behind it."""

    topic: str
    figure: Figure
    sentences: list[str]
    table: Table


@dataclass(frozen=True, slots=True)
class Learned:
    """What training knows; what an old version does not know is empty."""

    curves: tuple[DrawnCurve, ...]
    splits: Table | None
    splits_say: str
    splits_topic: str
    steps: Table | None
    cost: str


def learned(summary: Summary) -> Learned:
    """What the summary of a training knows, for the page."""
    return Learned(
        curves=tuple(_drawn(curve, summary.currency) for curve in summary.curves if _is_drawn(curve)),
        splits=splits_table(summary),
        splits_say=splits_sentence(summary),
        splits_topic="Later rows" if "order" in summary.splits else "Later days",
        steps=steps_table(summary),
        cost="" if summary.cost is None else cost_words(summary.cost, summary.currency),
    )


def splits_sentence(summary: Summary) -> str:
    """How far a random split flatters, in the task's first metric; empty without two splits."""
    later = next((way for way in summary.splits if way != "random"), None)
    metric = next((name for name in (SHOWN[summary.task]) if later and name in summary.splits[later]), None)
    if later is None or metric is None or metric not in summary.splits.get("random", {}):
        return ""
    first, then = summary.splits["random"][metric], summary.splits[later][metric]
    what = "what comes later" if later == "time" else "the last rows of the table"
    if not _differ(first, then):
        return f"Asked about {what}, it is as good as on rows drawn at random"
    digits = apart(first.value, then.value)
    now, usual = fixed(then.value, digits), fixed(first.value, digits)
    return f"Asked about {what}, its {name_of(metric)} is {now} instead of {usual}"


def _drawn(curve: Curve, currency: str) -> DrawnCurve:
    name = f"curve-{curve.over.replace('_', '-')}"
    heading, *more = curve_sentences(curve, currency)
    return DrawnCurve(
        topic="More rows" if curve.over == "rows" else "More history",
        figure=figure(name, lambda width: pictures.learning_curve(curve, heading, width=width)),
        sentences=more,
        table=_table(curve, name),
    )


def _is_drawn(curve: Curve) -> bool:
    """Whether enough was measured for a picture."""
    return sum(not point.foretold and point.n > 0 for point in curve.points) > 1


def _table(curve: Curve, name: str) -> Table:
    rows = tuple(
        (
            Cell(size_of(point.n, curve), point.n),
            *cells_of(curve.metric, point.metric),
            Cell("foretold" if point.foretold else "measured"),
        )
        for point in curve.points
    )
    columns = (
        Column(curve_unit(curve)),
        Column(name_of(curve.metric)),
        Column("likely"),
        Column("how", is_number=False),
    )
    return Table(name, f"{name_of(curve.metric)} by what it learned from", columns, rows)


def _differ(first: Estimate, then: Estimate) -> bool:
    """Whether two estimates on other rows surely differ; not where either has no range."""
    halves = [(each.high - each.low) / 2 for each in (first, then) if each.low is not None and each.high is not None]
    return len(halves) == 2 and abs(first.value - then.value) > math.hypot(*halves)
