"""Which training rows lie behind a gap between protected groups: counts, shares and positions, never values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import MOST_ROWS, Draw, drawn
from mainstay.checks.examined import Examined
from mainstay.checks.groups import (
    CHANCE,
    NAME_THEM,
    NONE_NAMED,
    Gap,
    Group,
    default_metric,
    groups_of,
    least_gap,
    limits_of,
    protected,
    widest,
)
from mainstay.checks.one_class import OneClass, each_class
from mainstay.checks.parted import numbers_of, texts_of
from mainstay.domain.fairness import metric_named, spoken
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.spelled import spelled
from mainstay.domain.task import Task
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.stats.nearest import nearest, standardised

GAP_ROWS = "F18-gap-rows"
MOST_ASKED, MOST_KNOWN = 300, 20_000
NEIGHBOURS = 10
MOST_LEVELS = 20
MOST_SHOWN = 5
SHARES = ("selection_rate", "true_positive_rate", "false_positive_rate", "false_negative_rate", "precision", "accuracy")
ERRORS = ("calibration_gap", "absolute_error")


@dataclass(frozen=True, slots=True)
class Asked:
    """A number that is compared between groups: of which version (of several classes one, or all), and its words."""

    exam: Examined
    metric: str
    words: str
    came: str


def gap_rows(exam: Examined) -> Iterable[Finding]:
    """Which training rows are nearest to those that make the surest gap of each protected column."""
    columns = protected(exam)
    if not columns:
        yield Finding(code=GAP_ROWS, verdict=Verdict.UNKNOWN, because=NONE_NAMED, remedy=NAME_THEM)
    for column in columns:
        yield _of_column(exam, column)


def _asked(exam: Examined, column: str) -> list[Asked]:
    """What is compared: the brief's metric where it is one of rows, of several classes for each of them."""
    named = metric_named(limits_of(exam, column).metric or "")
    if exam.task is Task.REGRESSION:
        metric = named if named in ERRORS else default_metric(exam)
        return [Asked(exam, metric, spoken(metric), "")]
    metric = named if named in SHARES else "selection_rate"
    if exam.task is Task.MULTICLASS and metric == "accuracy":
        return [Asked(exam, metric, spoken(metric), "")]
    return [_of_class(seen, metric) for seen in each_class(exam)]


def _of_class(seen: OneClass, metric: str) -> Asked:
    words = f"{spoken(metric)} of {seen.name}" if seen.name else spoken(metric)
    return Asked(seen.exam, metric, words, f"were {seen.name}" if seen.name else "had the positive outcome")


def _of_column(exam: Examined, column: str) -> Finding:
    groups = [group for group in groups_of(exam, column, exam.holdout)[0] if group.is_large]
    asked = _asked(exam, column)
    chance = CHANCE / 2 / len(asked)
    gaps = [(each, gap) for each in asked for gap in widest(each.exam, each.metric, groups, chance=chance)]
    if not gaps or not exam.inputs or not exam.training.size:
        because = f"{column}: the {spoken(asked[0].metric)} cannot be compared between groups"
        return Finding(code=GAP_ROWS, verdict=Verdict.UNKNOWN, because=because, subjects=(column,))
    least = least_gap(exam)
    sure = [(each, gap) for each, gap in gaps if gap.by.low > 0 and gap.by.value >= least]
    if not sure:
        told = f"no gap of {spoken(asked[0].metric)} is sure and at least {spelled(least)}: there is nothing to trace"
        return Finding(
            code=GAP_ROWS, verdict=Verdict.PASS, because=f"{column}: {told}", subjects=(column,), limit=least
        )
    of, gap = max(sure, key=lambda found: found[1].by.low)
    return _traced(of, column, gap, {group.name: group for group in groups})


def _traced(of: Asked, column: str, gap: Gap, groups: dict[str, Group]) -> Finding:
    """Trace the rows of the higher group that make its number high to the training rows nearest to them."""
    exam = of.exam
    asked = drawn(exam, _making(of, groups[gap.higher].rows), MOST_ASKED)
    known = drawn(exam, exam.training, MOST_KNOWN)
    near = known[nearest(*_placed(exam, known, asked), n=NEIGHBOURS)]
    own = np.zeros(exam.outcomes.size, dtype=np.bool_)
    own[_members(exam, column, gap.higher)] = True
    rows, times = np.unique(near, return_counts=True)
    order = np.argsort(-times, kind="stable")
    half = int(np.searchsorted(np.cumsum(times[order]), near.size / 2) + 1)
    shown = ", ".join(str(row) for row in rows[order][:MOST_SHOWN])
    because = (
        f"{column}: the {of.words} is {gap.by.value:.3g} higher for {gap.higher} than for {gap.lower}; "
        f"of the {NEIGHBOURS} training rows nearest to each of {asked.size} rows that make it, "
        f"{own[near].mean():.0%} are of {gap.higher} (of all training rows {own[known].mean():.0%})"
        f"{_came(of, near, known)}; half of these ties go to {half:,} rows, most often to rows {shown}"
    )
    return Finding(
        code=GAP_ROWS,
        verdict=Verdict.WARN,
        subjects=(gap.higher, gap.lower),
        measured=gap.by.value,
        limit=least_gap(exam),
        low=gap.by.low,
        high=gap.by.high,
        because=because,
    )


def _came(of: Asked, near: IntArray, known: IntArray) -> str:
    """What came in the nearest rows, beside what came in all: a share or a mean; of all classes together neither."""
    outcomes = of.exam.outcomes
    if of.exam.task is Task.REGRESSION:
        return f" and their mean outcome is {spelled(outcomes[near].mean())} (of all {spelled(outcomes[known].mean())})"
    return f" and {outcomes[near].mean():.0%} {of.came} (of all {outcomes[known].mean():.0%})" if of.came else ""


def _making(of: Asked, rows: IntArray) -> IntArray:
    """The rows that a metric counts, of amounts those that raise its mean; all, where it counts none."""
    counted = _raising(of, rows) if of.exam.task is Task.REGRESSION else _counted(of, rows)
    return rows[counted] if counted.any() else rows


def _raising(of: Asked, rows: IntArray) -> BoolArray:
    missed = of.exam.scores - of.exam.outcomes
    errors = np.abs(missed) if of.metric == "absolute_error" else missed
    return np.asarray(errors[rows] > errors[of.exam.holdout].mean())


def _counted(of: Asked, rows: IntArray) -> BoolArray:
    outcomes, decided = of.exam.outcomes[rows], of.exam.decided[rows]
    if of.exam.task is Task.MULTICLASS:
        decided = of.exam.scores[rows].argmax(axis=1)
    counted: dict[str, BoolArray] = {
        "selection_rate": decided == 1,
        "true_positive_rate": (decided == 1) & (outcomes == 1),
        "false_positive_rate": (decided == 1) & (outcomes == 0),
        "false_negative_rate": (decided == 0) & (outcomes == 1),
        "precision": (decided == 1) & (outcomes == 1),
        "accuracy": decided == outcomes,
    }
    return counted[of.metric]


def _members(exam: Examined, column: str, name: str) -> IntArray:
    """Training rows of the group of that name."""
    groups = groups_of(exam, column, drawn(exam, exam.training, MOST_KNOWN))[0]
    return next((group.rows for group in groups if group.name == name), np.empty(0, dtype=np.int64))


def _placed(exam: Examined, known: IntArray, asked: IntArray) -> tuple[FloatArray, FloatArray]:
    """Both sets of rows as coordinates on one scale: every input counts about alike."""
    parts = [part for name in exam.inputs for part in _coordinates(exam.used[name], known, asked)]
    if not parts:
        return np.zeros((known.size, 1)), np.zeros((asked.size, 1))
    first, second = zip(*parts, strict=True)
    return np.column_stack(first), np.column_stack(second)


def _coordinates(values: pl.Series, known: IntArray, asked: IntArray) -> Iterator[tuple[FloatArray, FloatArray]]:
    if values.dtype.is_nested() or values.dtype in (pl.Object, pl.Binary):
        return
    if values.dtype.is_numeric() or values.dtype.is_temporal():
        kept, wanted = _numbers(values, known), _numbers(values, asked)
        middle, spread = _middle_and_spread(kept[np.isfinite(kept)])
        clipped = (np.clip(each, middle - 3 * spread, middle + 3 * spread) for each in (kept, wanted))
        first, second = (standardised(each, middle=middle, spread=spread) for each in clipped)
        yield first, second
        return
    kept_texts, wanted_texts = texts_of(values, known), texts_of(values, asked)
    for level in kept_texts.drop_nulls().value_counts(sort=True)[values.name].head(MOST_LEVELS).to_list():
        # two levels that differ are then 1 apart, as numbers a quartile range apart are
        first, second = ((t == level).fill_null(False).to_numpy() / np.sqrt(2) for t in (kept_texts, wanted_texts))
        yield first, second


def _middle_and_spread(numbers: FloatArray) -> tuple[float, float]:
    """The median and the quartile range; the standard deviation where half of the rows say the same."""
    if not numbers.size:
        return 0.0, 1.0
    low, middle, high = np.quantile(numbers, [0.25, 0.5, 0.75])
    return float(middle), float(high - low) or float(numbers.std()) or 1.0


def _numbers(values: pl.Series, rows: IntArray) -> FloatArray:
    return numbers_of(values.to_physical() if values.dtype.is_temporal() else values, rows)


GAP_ROW_CHECKS: tuple[Check, ...] = (
    Check(
        code=GAP_ROWS,
        section=Section.GROUPS,
        asks="Which training rows lie behind a gap between protected groups?",
        limit="Warns where a gap of the brief's metric (else the selection rate; of several classes that of each, of "
        "amounts the calibration gap) is sure (1 in 200, over all pairs and classes) and at least 0.05 (of amounts a "
        "tenth of their standard deviation), and names the rows nearest to those that make it.",
        remedy="Look at these rows in the training table: are their outcomes right, and enough of them of each group?",
        look=gap_rows,
        draws=Draw(training=MOST_KNOWN, holdout=MOST_ROWS),
        source="nearest neighbours, Cover & Hart 1967; influence by example, Koh & Liang 2017, in its simplest form",
    ),
)
