"""The candidates side by side: how good each is, what its step of complexity bought, and what that costs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mainstay.domain.evaluation import CandidateResult, Summary
from mainstay.domain.holdout import VALUE
from mainstay.domain.task import Task
from mainstay.report.cells import NONE, Cell, Column, Table, money_cells
from mainstay.report.metrics import LOWER_IS_BETTER, SAYS, SHOWN, cells_of, name_of
from mainstay.report.words import number, step_of

LOSSES: dict[str, str] = {Task.REGRESSION: "squared error"}
SAME = "≈"  # stands before a number that is told as the best answer so far
SIZES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def candidates_table(summary: Summary) -> Table:
    """Every candidate, decided its own way on the same cases: money, metrics, threshold."""
    columns = [Column("candidate", is_number=False)]
    if has_money := any(result.value for result in summary.candidates):
        unit = f"{summary.currency} a decision".strip()
        columns += [Column("money", unit), Column("likely", summary.currency)]
        columns += [Column("behind", unit), Column("likely", summary.currency)]
    for metric in SHOWN[summary.task]:
        columns += [Column(name_of(metric)), Column("likely")]
    if is_binary := summary.task == Task.BINARY:
        columns.append(Column("threshold"))
    rows = []
    for result in summary.candidates:
        mine, is_moved = summary.corrected if result.chosen else (), VALUE in summary.corrected
        worth = marked(money_cells(result.value), VALUE in mine)
        money = (*worth, *marked(money_cells(result.winner_ahead), is_moved)) if has_money else ()
        metrics = (
            cell
            for metric in SHOWN[summary.task]
            for cell in marked(cells_of(metric, result.metrics.get(metric)), metric in mine)
        )
        rows.append((_named(result), *money, *metrics, *([_threshold(result)] if is_binary else [])))
    return Table("candidates", "Candidates side by side", tuple(columns), tuple(rows), _marked(summary.candidates))


def steps_table(summary: Summary) -> Table | None:
    """What each step of complexity bought over the one before it, and what it costs; None where nothing was fitted."""
    steps = [result for result in summary.candidates if result.explained or result.fit_s or result.bought]
    if not steps:
        return None
    has_money = any(result.value for result in steps)
    other = in_accuracy(steps, summary.task)
    bought = f"{summary.currency} a decision".strip() if has_money else f"less {LOSSES.get(summary.task, 'log loss')}"
    if other and all(step.name in other for step in steps if step.bought):
        bought, other = "accuracy", set()
    columns = (
        Column("candidate", is_number=False),
        Column("step bought", bought),
        Column("likely"),
        Column("one row", "µs"),
        Column("size"),
        Column("searched", "s"),
        Column("fitted", "s"),
        Column("explained as", is_number=False),
    )
    caption = "What each step of complexity bought over the one before it, and what it costs"
    return Table(
        "steps", caption, columns, tuple(_step_row(step, step.name in other) for step in steps), _marked(steps)
    )


def in_accuracy(results: Sequence[CandidateResult], task: str) -> set[str]:
    """The names of steps whose gain is in accuracy: without money, a rule of several classes has no log loss.

    Neither has the step that follows it, which is measured against the rule.
    """
    if task != Task.MULTICLASS or any(result.value for result in results):
        return set()
    steps = [result for result in results if result.metrics]
    silent = ["log_loss" not in result.metrics for result in steps]
    return {after.name for i, after in enumerate(steps) if silent[i] or (i and silent[i - 1])}


def metrics_table(summary: Summary) -> Table:
    """The chosen one's metrics on the holdout under their usual names."""
    rows = []
    for name in sorted(summary.metrics, key=lambda name: (*SAYS, name).index(name)):
        says, digits = SAYS.get(name, ("", 3))
        value = marked(cells_of(name, summary.metrics[name], digits), name in summary.corrected)
        rows.append((Cell(name), *value, Cell(says)))
    columns = (Column("metric", is_number=False), Column("value"), Column("likely"), Column("says", is_number=False))
    return Table("metrics", "Metrics on the holdout", columns, tuple(rows))


def splits_table(summary: Summary) -> Table | None:
    """What the chosen learner reaches when rows are parted at random, and by time (or their order); None without."""
    ways = sorted(summary.splits, key=lambda way: way != "random")
    if len(ways) < 2:
        return None
    metrics = [metric for metric in SAYS if all(metric in summary.splits[way] for way in ways)]
    rows = tuple(
        (Cell(name_of(metric)), *(cell for way in ways for cell in cells_of(metric, summary.splits[way][metric])))
        for metric in metrics
    )
    columns = [Column("metric", is_number=False)]
    for way in ways:
        columns += [Column("at random" if way == "random" else f"by {way}"), Column("likely")]
    return Table(
        "splits", "The same learner, asked about rows drawn at random and about later ones", tuple(columns), rows
    )


def corrected_words(summary: Summary) -> str:
    """Say what the mark before a number means, and what is shown as it was read; empty where nothing is marked."""
    if not summary.corrected:
        return ""
    told = "is told as the best answer so far: what was read here differs from it by no more than luck explains"
    read = "Sentences, pictures and tables by threshold, bucket or group show what was read."
    return f"Look {summary.looks} at these rows. What is marked {SAME} {told}. {read}"


def marked(cells: Sequence[Cell], is_corrected: bool) -> tuple[Cell, ...]:
    """The cells of a number, the first with a mark where it is told as the best answer so far."""
    first, *rest = cells
    if not is_corrected or first.text in ("", NONE):
        return (first, *rest)
    return (Cell(f"{SAME} {first.text}", first.value), *rest)


def better_is_lower(metric: str) -> bool:
    """Whether less of a metric is better.

    >>> better_is_lower("log_loss"), better_is_lower("r2")
    (True, False)
    """
    return metric in LOWER_IS_BETTER


def size_words(n_bytes: int) -> str:
    """A number of bytes with its unit.

    >>> size_words(532_480), size_words(12)
    ('532 kB', '12 B')
    """
    by, unit = next(((by, unit) for by, unit in SIZES if n_bytes >= by), (1.0, "B"))
    return f"{n_bytes / by:,.3g} {unit}"


def _step_row(step: CandidateResult, is_accuracy: bool) -> tuple[Cell, ...]:
    bought, likely = money_cells(step.bought)
    return (
        _named(step),
        Cell(f"{bought.text} of accuracy", bought.value) if is_accuracy and step.bought else bought,
        likely,
        _measured(step.latency_us),
        Cell(NONE) if step.size_bytes is None else Cell(size_words(step.size_bytes), step.size_bytes),
        Cell(number(step.search_s, 0.1), step.search_s),
        Cell(number(step.fit_s, 0.1), step.fit_s),
        Cell(step.explained or NONE),
    )


def _named(result: CandidateResult) -> Cell:
    return Cell(f"{result.title} (chosen)" if result.chosen else result.title)


def _threshold(result: CandidateResult) -> Cell:
    at = result.threshold
    return Cell(NONE) if at is None or math.isinf(at) else Cell(number(at, 0.001), at)


def _measured(value: float | None) -> Cell:
    return Cell(NONE) if value is None else Cell(number(value, max(step_of(value), 0.1)), value)


def _marked(results: tuple[CandidateResult, ...] | list[CandidateResult]) -> int | None:
    return next((i for i, result in enumerate(results) if result.chosen), None)
