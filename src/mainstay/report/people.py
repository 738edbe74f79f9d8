"""Protected groups: how many they are, what came in each beside what is decided, and the brief's limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import altair as alt

from mainstay.domain.evaluation import Estimate
from mainstay.domain.shown import GroupShown, GroupsShown, RatioShown
from mainstay.domain.task import Task
from mainstay.report import pictures
from mainstay.report.actions import Words, cut
from mainstay.report.cells import Cell, Column, Table, count_cell
from mainstay.report.estimates import cells, how_likely, said, span, times
from mainstay.report.figure import Figure, figure
from mainstay.report.words import counted

MOST_DRAWN = 12
PERCENT = 100.0
WHOLE = 1.0  # shares are said in whole percent at the coarsest: 23 of a hundred, however unsure, is not 20
SHARES = frozenset(
    {"selection_rate", "true_positive_rate", "false_positive_rate", "false_negative_rate", "precision", "accuracy"}
)
ENDED = {
    "fail": ": it is surely exceeded",
    "warn": ": it is exceeded, though not surely",
    "unknown": ": the rows are too few to be sure that it is kept",
    "pass": ": it is kept",
}
UP, DOWN = -4, 5  # pixels off the middle of a line: what came above what is decided


@dataclass(frozen=True, slots=True)
class Called:
    """What came and what is decided in the reader's words, `unit` of both; `factor` from numbers to that unit."""

    came: str
    decided: str
    unit: str
    factor: float
    currency: str

    @property
    def most(self) -> float:
        """The coarsest step that numbers are rounded to."""
        return WHOLE if self.unit == "%" else math.inf


@dataclass(frozen=True, slots=True)
class People:
    """One protected column: a finding, a picture where two numbers can be compared, limits and the table."""

    topic: str
    column: str
    says: str
    likely: str
    figure: Figure | None
    limits: str
    found: tuple[str, ...]
    table: Table


def called(task: str, words: Words, currency: str) -> Called:
    """The words of a task."""
    if task == Task.BINARY:
        return Called(words.event, words.high.done, "%", PERCENT, currency)
    return Called("came", "foretold", "", 1.0, currency)


def people_of(groups: Sequence[GroupsShown], names: Called) -> tuple[People, ...]:
    """What an exam kept of each protected column."""
    return tuple(_people(k, each, names) for k, each in enumerate(groups))


def _people(k: int, shown: GroupsShown, names: Called) -> People:
    says = _says(shown, names)
    return People(
        topic=f"Groups by {cut(shown.column)}",
        column=shown.column,
        says=says,
        likely=_likely(shown.ratio, names),
        figure=_figure(f"groups-{k}", says, shown, names),
        limits=_limits(shown),
        found=shown.says,
        table=_table(f"groups-{k}", shown, names),
    )


def _says(shown: GroupsShown, names: Called) -> str:
    pair = shown.ratio
    if pair is None:
        return _furthest(shown, names)
    first, second = cut(pair.first), cut(pair.second)
    came = said(times(pair.came, PERCENT), WHOLE)
    if names.unit != "%":
        return f"For every 100 that came for {second}, {came} came for {first}{_as_well(pair, 'foretold')}"
    return f"For every 100 of {second} with {names.came} there are {came} of {first}{_as_well(pair, names.decided)}"


def _furthest(shown: GroupsShown, names: Called) -> str:
    """The two groups that lie furthest apart, in what came or else in the metric."""
    came = [(each.came, each.decided, each.name) for each in shown.groups if each.came and each.decided]
    if len(came) > 1:
        ends = [pick(came, key=lambda each: each[0].value) for pick in (min, max)]
        told = [
            f"{said(times(then, names.factor), names.most)}{names.unit} for {cut(name)} ({names.decided} "
            f"{said(times(decided, names.factor), names.most)}{names.unit})"
            for then, decided, name in ends
        ]
        return f"On average {' and '.join(told)}"
    factor, sign = (PERCENT, "%") if shown.metric in SHARES else (1.0, "")
    known = sorted(((each.metric, each.name) for each in shown.groups if each.metric), key=lambda each: each[0].value)
    if len(known) < 2:
        return f"{cut(shown.column)}: {counted(len(shown.groups), 'group')}, too few rows to compare"
    (low, lowest), (high, highest) = known[0], known[-1]
    return (
        f"{_plain(shown.metric).capitalize()} lies between {said(times(low, factor))}{sign} for {cut(lowest)} "
        f"and {said(times(high, factor))}{sign} for {cut(highest)}"
    )


def _as_well(pair: RatioShown, done: str) -> str:
    return "" if pair.decided is None else f"; for every 100 {done}, {said(times(pair.decided, PERCENT), WHOLE)}"


def _likely(pair: RatioShown | None, names: Called) -> str:
    """How sure both ratios are."""
    if pair is None:
        return ""
    came = (
        f"Groups counted alike in number. Of what came: {how_likely(times(pair.came, PERCENT), WHOLE)}, over all rows"
    )
    if pair.decided is None:
        return f"{came}."
    return f"{came}; of what is decided: {how_likely(times(pair.decided, PERCENT), WHOLE)}, over the holdout."


def _figure(name: str, says: str, shown: GroupsShown, names: Called) -> Figure | None:
    """What came and what is decided, else the metric, of the largest groups."""
    two = [each for each in shown.groups if each.came is not None and each.decided is not None]
    one = [each for each in shown.groups if each.metric is not None]
    if two:
        return figure(name, partial(_beside, _largest(two), says, names))
    return figure(name, partial(_alone, _largest(one), says, shown.metric)) if one else None


def _largest(groups: Sequence[GroupShown]) -> list[GroupShown]:
    return sorted(groups, key=lambda each: -each.n)[:MOST_DRAWN]


def _beside(groups: Sequence[GroupShown], says: str, names: Called, width: int) -> alt.LayerChart:
    lines = []
    for each in groups:
        assert each.came is not None
        assert each.decided is not None
        came, decided = times(each.came, names.factor), times(each.decided, names.factor)
        both = f": {said(came, names.most)}{names.unit} and {said(decided, names.most)}{names.unit}"
        text = pictures.ended(cut(each.name), both)
        lines.append(pictures.Line(text, (span(came, "other", "diamond", UP), span(decided, down=DOWN))))
    shows = f"Diamonds above: {names.came}; circles below: {names.decided}; holdout rows, with 95% intervals"
    axis = pictures.Axis("% of the group" if names.unit else "mean of the group")
    return pictures.lines(lines, axis, says=says, shows=shows, width=width)


def _alone(groups: Sequence[GroupShown], says: str, metric: str, width: int) -> alt.LayerChart:
    factor, sign = (PERCENT, "%") if metric in SHARES else (1.0, "")
    found = [(each, times(each.metric, factor)) for each in groups if each.metric is not None]
    lines = [
        pictures.Line(pictures.ended(cut(each.name), f": {said(number)}{sign}"), (span(number),))
        for each, number in found
    ]
    named = _plain(metric)
    shows = f"{named.capitalize()} of each group, with 95% intervals"
    axis = pictures.Axis(f"{named}{', %' if sign else ''}", from_zero=False)
    return pictures.lines(lines, axis, says=says, shows=shows, width=width)


def _plain(metric: str) -> str:
    return metric.replace("_", " ")


def _limits(shown: GroupsShown) -> str:
    """What the brief allows."""
    limits = [
        f"a {name} of {limit:g}"
        for name, limit in (("gap", shown.max_gap), ("ratio", shown.max_ratio))
        if limit is not None
    ]
    if not limits:
        return "" if shown.says else "The brief sets no limit for this column."
    allowed = f"The brief allows {' and '.join(limits)} between groups in the {_plain(shown.metric)}"
    return f"{allowed}{ENDED.get(shown.verdict, '')}."


def _table(name: str, shown: GroupsShown, names: Called) -> Table:
    has = _has(shown)
    sign = "%" if shown.metric in SHARES else ""
    columns = (
        Column("group", is_number=False),
        Column("number", "of holdout rows"),
        *(_pair(names.came, names.unit) + _pair(names.decided, names.unit) if "came" in has else ()),
        *(_pair(_plain(shown.metric), sign) if "metric" in has else ()),
        *(_pair("money", f"{names.currency} a decision") if "money" in has else ()),
    )
    rows = tuple(_row(each, has, PERCENT if sign else 1.0, names) for each in shown.groups)
    pooled = f"; the {shown.n_pooled} smallest levels stand together" if shown.n_pooled else ""
    return Table(name, f"Groups by {shown.column}{pooled}; fewer than 30 rows tell nothing", columns, rows)


def _has(shown: GroupsShown) -> set[str]:
    """Which numbers any group has; a metric that is one of the others is not shown twice."""
    twice = {"metric"} if shown.metric in ("selection_rate", "money_per_decision") else set()
    return {
        part
        for part in {"came", "metric", "money"} - twice
        if any(getattr(each, part) is not None for each in shown.groups)
    }


def _row(each: GroupShown, has: set[str], factor: float, names: Called) -> tuple[Cell, ...]:
    came, decided = (_in(found, names.factor) for found in (each.came, each.decided))
    return (
        Cell(each.name),
        count_cell(each.n),
        *(cells(came, names.most) + cells(decided, names.most) if "came" in has else ()),
        *(cells(_in(each.metric, factor)) if "metric" in has else ()),
        *(cells(each.money) if "money" in has else ()),
    )


def _pair(heading: str, unit: str) -> tuple[Column, Column]:
    return Column(cut(heading), unit), Column("likely", unit)


def _in(found: Estimate | None, factor: float) -> Estimate | None:
    return None if found is None else times(found, factor)
