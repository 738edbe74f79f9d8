"""The outcome of every row, as its task reads it; which rows have none, and what each row weighs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from mainstay.data.amounts import amounts
from mainstay.data.classes import classes_of, left_out, two_common
from mainstay.data.coerce import moments
from mainstay.data.columns import is_nested, nameless, plain, require, require_rows, rows_said
from mainstay.data.field import missing_of
from mainstay.data.levels import Level, choose_positive, present_levels, require_two
from mainstay.data.profile import without
from mainstay.data.task import task_of
from mainstay.domain.brief import Brief
from mainstay.domain.brief.parts import FieldPart
from mainstay.domain.errors import DataError
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.moments import parse_duration
from mainstay.domain.outcome import outcome_key
from mainstay.domain.task import Task
from mainstay.stats.arrays import BoolArray, FloatArray

CHECK = "Check that it is not missing for one kind of row only: the model would not know that kind."


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What happened in every row of a table.

    `values` has shape (n_rows,), NaN where there is none: 1.0 positive and 0.0 negative (binary), the number of the
    class in `classes` (multiclass), or the amount (regression). `kept` is true where there is one. `positive` and
    `negative` are the two levels of a binary one as the table writes them. `weights` are the sampling weights, None
    where the brief names no such column. `n_missing` rows had no outcome.
    """

    task: Task
    values: FloatArray
    kept: BoolArray
    weights: FloatArray | None = None
    findings: tuple[Finding, ...] = ()
    positive: str | None = None
    negative: str | None = None
    classes: tuple[str, ...] = ()
    n_missing: int = 0

    def among(self, rows: BoolArray) -> Outcomes:
        """Return the same of some rows alone, given as a mask of shape (n_rows,)."""
        weights = None if self.weights is None else self.weights[rows]
        return replace(self, values=self.values[rows], kept=self.kept[rows], weights=weights)


def outcomes(table: pl.DataFrame, brief: Brief) -> Outcomes:
    """Return the outcomes of a table; rows without one are not kept.

    The task is the brief's, else as the data shows (see `task_of`). Where the brief says that silence means the
    negative outcome, a missing one counts as negative once the outcome's delay has passed (as of the newest moment in
    the table). Rows of classes too rare to learn are not kept either. Raises `DataError` for a target that is no
    column, says always the same or cannot be read as its task wants, and for missing outcomes where
    `data.missing_target` is `refuse`.
    """
    target = brief.data.target
    require(table.columns, target, key="data.target")
    require_rows(table)
    if is_nested(table[target].dtype):
        what = f"data.target: {target!r} holds {table[target].dtype}; wanted two outcomes, classes or amounts"
        raise DataError(what, remedy="Unpack it at the source.")
    column = without(table[target], missing_of(brief.fields.get(target, FieldPart())))
    counts = nameless(plain(column)).value_counts(sort=True, name="n")
    levels: Sequence[Level] = present_levels(counts["value"], counts["n"])
    task, chosen = task_of(column, levels, brief)
    rare: Sequence[Level] = ()
    if task is Task.BINARY or (task is Task.MULTICLASS and brief.task is None):
        levels, rare = two_common(levels)
        task, chosen = (Task.BINARY, ()) if rare else (task, chosen)
    _require_silence_means(task, brief)
    if task is Task.REGRESSION:
        told = _amounts(column)
    elif task is Task.MULTICLASS:
        told = _classes(column, levels)
    else:
        told = _binary(table.with_columns(column), levels, rare, brief)
    missing = _missing_findings(column, told, brief)
    return replace(told, weights=weights(table, brief), findings=(*chosen, *told.findings, *missing))


def weights(table: pl.DataFrame, brief: Brief) -> FloatArray | None:
    """Return the sampling weight of every row, shape (n_rows,), or None where the brief names no such column.

    Raises `DataError` for weights that are missing, negative, infinite or all zero.
    """
    name = brief.data.weight
    if name is None:
        return None
    require(table.columns, name, key="data.weight")
    numbers = nameless(plain(table[name])).cast(pl.Float64, strict=False).fill_null(math.nan).to_numpy()
    n_wrong = int(np.count_nonzero(~(np.isfinite(numbers) & (numbers >= 0))))
    if n_wrong or not numbers.sum() > 0:
        what = f"data.weight: {n_wrong} of {numbers.size} weights in {name!r} are missing, negative or no number"
        raise DataError(what if n_wrong else f"data.weight: every weight in {name!r} is 0", remedy="Mend them first.")
    return np.asarray(numbers, dtype=np.float64)


def _require_silence_means(task: Task, brief: Brief) -> None:
    if task is not Task.BINARY and brief.data.no_outcome_means == "negative":
        what = f"data.no_outcome_means: 'negative' is one of two outcomes, and {brief.data.target!r} is {task.value}"
        raise DataError(what, remedy="Leave it out: rows without an outcome are left out and counted.")


def _amounts(target: pl.Series) -> Outcomes:
    values = amounts(target)
    missing = np.isnan(values)
    return Outcomes(Task.REGRESSION, values, ~missing, n_missing=int(missing.sum()))


def _classes(target: pl.Series, levels: Sequence[Level]) -> Outcomes:
    found = classes_of(levels, target.name)
    values = _numbered(nameless(plain(target)), found.number_of)
    kept = ~np.isnan(values)
    n_missing = values.size - sum(level.n for level in levels)
    return Outcomes(Task.MULTICLASS, values, kept, findings=found.findings, classes=found.names, n_missing=n_missing)


def _binary(table: pl.DataFrame, levels: Sequence[Level], rare: Sequence[Level], brief: Brief) -> Outcomes:
    target = brief.data.target
    require_two(levels, target)
    positive, chosen = choose_positive(levels, brief)
    negative = levels[1] if positive is levels[0] else levels[0]
    raw = nameless(plain(table[target]))
    values = _numbered(raw, {positive.key: 1.0, negative.key: 0.0})
    is_rare = ~np.isnan(_numbered(raw, dict.fromkeys((level.key for level in rare), 1.0)))
    implied = _implied(np.isnan(values) & ~is_rare, table, brief)
    values[implied] = 0.0
    kept = ~np.isnan(values)
    return Outcomes(
        Task.BINARY,
        values,
        kept,
        findings=(*chosen, *([left_out(rare, target)] if rare else []), *_implied_findings(target, implied)),
        positive=positive.text,
        negative=negative.text,
        n_missing=int((~kept & ~is_rare).sum()),
    )


def _numbered(raw: pl.Series, number_of: Mapping[str, float]) -> FloatArray:
    """The number of every value's level, NaN where it has none."""
    known = raw.drop_nulls().unique()
    numbers = [number_of.get(outcome_key(value), math.nan) for value in known.to_list()]
    found = raw.replace_strict(known, pl.Series(numbers, dtype=pl.Float64), default=math.nan, return_dtype=pl.Float64)
    return found.to_numpy().copy()


def _implied(missing: BoolArray, table: pl.DataFrame, brief: Brief) -> BoolArray:
    """Where silence counts as negative: the outcome is missing and its delay has passed at the newest moment."""
    if brief.data.no_outcome_means != "negative" or not missing.any():
        return np.zeros(missing.size, dtype=np.bool_)
    at = moments(table, brief)
    if at is None:
        return missing
    ripe: BoolArray = at + parse_duration(brief.data.outcome_delay).total_seconds() <= at.max()
    return missing & ripe


def _implied_findings(target: str, implied: BoolArray) -> tuple[Finding, ...]:
    if not implied.any():
        return ()
    finding = Finding(
        code="F10-implied-outcomes",
        verdict=Verdict.PASS,
        subjects=(target,),
        measured=float(implied.mean()),
        because=f"{int(implied.sum()):,} of {implied.size:,} rows have none: the delay has passed, so it is negative",
        remedy=CHECK,
    )
    return (finding,)


def _missing_findings(target: pl.Series, told: Outcomes, brief: Brief) -> tuple[Finding, ...]:
    """Say how many rows have no outcome, or refuse them where the brief does."""
    if not told.n_missing:
        return ()
    if brief.data.missing_target == "refuse":
        where = f" ({rows_said(nameless(target).is_null())})" if target.null_count() else ""
        what = f"data.target: {told.n_missing:,} of {target.len():,} rows of {target.name!r} have no outcome{where}"
        raise DataError(what, remedy='Fill them in, or leave them out: data.missing_target = "drop".')
    finding = Finding(
        code="F10-missing-outcomes",
        verdict=Verdict.WARN,
        subjects=(target.name,),
        measured=told.n_missing / target.len(),
        because=f"{told.n_missing:,} of {target.len():,} rows have no outcome and were left out",
        remedy=CHECK,
    )
    return (finding,)
