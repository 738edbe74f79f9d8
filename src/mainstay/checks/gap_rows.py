"""Which training rows lie behind a gap between protected groups: counts, shares and positions, never values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import MOST_ROWS, Draw, drawn
from mainstay.checks.examined import Examined
from mainstay.checks.group_metrics import metric_named, spoken
from mainstay.checks.groups import CHANCE, NAME_THEM, NONE_NAMED, Gap, Group, groups_of, limits_of, protected, widest
from mainstay.checks.parted import numbers_of, texts_of
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.nearest import nearest, standardised

GAP_ROWS = "F18-gap-rows"
LEAST_GAP = 0.05  # of a share: less is not worth going after
MOST_ASKED, MOST_KNOWN = 300, 20_000
NEIGHBOURS = 10
MOST_LEVELS = 20
MOST_SHOWN = 5
SHARES = ("selection_rate", "true_positive_rate", "false_positive_rate", "false_negative_rate", "precision", "accuracy")


def gap_rows(exam: Examined) -> Iterable[Finding]:
    """Which training rows are nearest to those that make the surest gap of each protected column."""
    columns = protected(exam)
    if not columns or exam.task is not Task.BINARY:
        because = "asked where there are two outcomes" if columns else NONE_NAMED
        yield Finding(code=GAP_ROWS, verdict=Verdict.UNKNOWN, because=because, remedy="" if columns else NAME_THEM)
        return
    for column in columns:
        yield _of_column(exam, column)


def _of_column(exam: Examined, column: str) -> Finding:
    groups = [group for group in groups_of(exam, column, exam.holdout)[0] if group.is_large]
    metric = metric_named(limits_of(exam, column).metric or "selection_rate")
    metric = metric if metric in SHARES else "selection_rate"
    gaps = widest(exam, metric, groups, chance=CHANCE / 2)
    if not gaps or not exam.inputs or not exam.training.size:
        because = f"{column}: the {spoken(metric)} cannot be compared between groups"
        return Finding(code=GAP_ROWS, verdict=Verdict.UNKNOWN, because=because, subjects=(column,))
    sure = [gap for gap in gaps if gap.by.low > 0 and gap.by.value >= LEAST_GAP]
    if not sure:
        because = f"{column}: no gap of {spoken(metric)} is sure and at least {LEAST_GAP:g}: there is nothing to trace"
        return Finding(code=GAP_ROWS, verdict=Verdict.PASS, because=because, subjects=(column,), limit=LEAST_GAP)
    return _traced(exam, column, metric, sure[0], {group.name: group for group in groups})


def _traced(exam: Examined, column: str, metric: str, gap: Gap, groups: dict[str, Group]) -> Finding:
    """Trace the rows of the higher group that make its number high to the training rows nearest to them."""
    asked = drawn(exam, _making(exam, metric, groups[gap.higher].rows), MOST_ASKED)
    known = drawn(exam, exam.training, MOST_KNOWN)
    near = known[nearest(*_placed(exam, known, asked), n=NEIGHBOURS)]
    own = np.zeros(exam.outcomes.size, dtype=np.bool_)
    own[_members(exam, column, gap.higher)] = True
    rows, times = np.unique(near, return_counts=True)
    order = np.argsort(-times, kind="stable")
    half = int(np.searchsorted(np.cumsum(times[order]), near.size / 2) + 1)
    shown = ", ".join(str(row) for row in rows[order][:MOST_SHOWN])
    because = (
        f"{column}: the {spoken(metric)} is {gap.by.value:.3g} higher for {gap.higher} than for {gap.lower}; "
        f"of the {NEIGHBOURS} training rows nearest to each of {asked.size} rows that make it, "
        f"{own[near].mean():.0%} are of {gap.higher} (of all training rows {own[known].mean():.0%}) and "
        f"{exam.outcomes[near].mean():.0%} had the positive outcome (of all {exam.outcomes[known].mean():.0%}); "
        f"half of these ties go to {half:,} rows, most often to rows {shown}"
    )
    return Finding(
        code=GAP_ROWS,
        verdict=Verdict.WARN,
        subjects=(gap.higher, gap.lower),
        measured=gap.by.value,
        limit=LEAST_GAP,
        low=gap.by.low,
        high=gap.by.high,
        because=because,
    )


def _making(exam: Examined, metric: str, rows: IntArray) -> IntArray:
    """The rows that a metric counts; all, where it counts none."""
    outcomes, decided = exam.outcomes[rows], exam.decided[rows]
    counted = {
        "selection_rate": decided == 1,
        "true_positive_rate": (decided == 1) & (outcomes == 1),
        "false_positive_rate": (decided == 1) & (outcomes == 0),
        "false_negative_rate": (decided == 0) & (outcomes == 1),
        "precision": (decided == 1) & (outcomes == 1),
        "accuracy": decided == outcomes,
    }[metric]
    return rows[counted] if counted.any() else rows


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
        limit="Warns where a gap of the brief's metric (else the selection rate) is sure (1 in 200, over all pairs) "
        "and at least 0.05, and names the rows nearest to those that make it.",
        remedy="Look at these rows in the training table: are their outcomes right, and enough of them of each group?",
        look=gap_rows,
        draws=Draw(training=MOST_KNOWN, holdout=MOST_ROWS),
        source="nearest neighbours, Cover & Hart 1967; influence by example, Koh & Liang 2017, in its simplest form",
    ),
)
