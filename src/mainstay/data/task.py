"""Which kind of outcome a target holds: what the brief says, else what the data shows."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from mainstay.data.columns import excerpt, nameless, plain
from mainstay.data.levels import Level, named
from mainstay.data.profile import ColumnProfile, profile_column
from mainstay.domain.brief import Brief
from mainstay.domain.errors import DataError
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.reading import is_yes_and_no
from mainstay.domain.schema import Kind
from mainstay.domain.task import Task

MAX_CODES = 10  # more distinct whole numbers are amounts
MIN_ROWS_OF_CODE = 20  # with fewer rows each, whole numbers are small amounts rather than codes of classes
MAX_CLASSES = 100


def task_of(target: pl.Series, levels: Sequence[Level], brief: Brief) -> tuple[Task, tuple[Finding, ...]]:
    """Return what kind of outcome a target holds; what was chosen without a word of the brief is a finding.

    The brief's `data.task` decides, else what else it says (`data.positive` or a value table). Else two levels are
    binary; texts, and at most 10 whole numbers of 20 rows each or more, are classes; other numbers are amounts. Raises
    `DataError` for dates, and for texts of more than 100 levels.
    """
    stated = brief.task
    if stated is not None:
        return stated, ()
    if len(levels) <= 2 or is_yes_and_no([level.text for level in levels]):
        return Task.BINARY, ()
    seen = profile_column(target)
    if seen.kind is Kind.DATETIME:
        what = f"data.target: {target.name!r} holds dates; wanted two outcomes, classes or amounts"
        raise DataError(what, remedy="Make a column of what shall be foretold, such as the days until then.")
    if seen.kind is not Kind.NUMBER:
        _require_few(levels, target, seen)
        return Task.MULTICLASS, (_chosen(target.name, Task.MULTICLASS, f"{len(levels)} different texts", Verdict.PASS),)
    if are_codes(levels, seen):
        said = f"{len(levels)} different whole numbers"
        return Task.MULTICLASS, (_chosen(target.name, Task.MULTICLASS, said, Verdict.WARN),)
    return Task.REGRESSION, (
        _chosen(target.name, Task.REGRESSION, f"{seen.n_distinct} different numbers", Verdict.PASS),
    )


def are_codes(levels: Sequence[Level], seen: ColumnProfile) -> bool:
    """Whether numbers are few, whole and often repeated, so that they may be codes of classes.

    >>> are_codes([Level(str(n), str(n), 50) for n in range(3)], profile_column(pl.Series([0, 1, 2])))
    True
    """
    n_rows = sum(level.n for level in levels)
    return seen.whole and len(levels) <= MAX_CODES and n_rows >= MIN_ROWS_OF_CODE * len(levels)


def _require_few(levels: Sequence[Level], target: pl.Series, seen: ColumnProfile) -> None:
    if len(levels) <= MAX_CLASSES:
        return
    what = f"data.target: {target.name!r} holds {len(levels)} different texts: {named(levels)}"
    texts = nameless(plain(target)).cast(pl.String)
    numbers = texts.cast(pl.Float64, strict=False).is_not_null()
    if int(numbers.sum()) > seen.n / 2:
        strange = texts.filter(~numbers).drop_nulls()
        what = f"data.target: {target.name!r} holds numbers, and among them {excerpt(strange[0])}"
    remedy = f'At most {MAX_CLASSES} classes can be told apart: join rare ones. For amounts: data.task = "regression".'
    raise DataError(what, remedy=remedy)


def _chosen(target: str, task: Task, what: str, verdict: Verdict) -> Finding:
    taken = "classes" if task is Task.MULTICLASS else "amounts"
    return Finding(
        code="F01-task-chosen",
        verdict=verdict,
        subjects=(target,),
        because=f"{target} holds {what}, which were taken as {taken}: the brief does not say",
        remedy=f'Say it in the brief: [data] task = "{task.value}".',
    )
