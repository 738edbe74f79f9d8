"""A past table as a replay lives through it: rows as callers would have sent them, moments, outcomes, money."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from mainstay.data.coerce import moments, to_used
from mainstay.data.money import columns_of
from mainstay.data.outcome import Outcomes, outcomes
from mainstay.data.today import todays
from mainstay.data.worth import words_decided, worth
from mainstay.domain.brief import Brief
from mainstay.domain.errors import Asked, DataError
from mainstay.domain.moments import iso, parse_duration
from mainstay.domain.schema import Schema
from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth, Worth

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Timeline:
    """A table in order of time. `known` is false where a row has no outcome (its `outcomes` are NaN)."""

    table: pl.DataFrame
    moments: FloatArray
    told: Outcomes

    @property
    def outcomes(self) -> FloatArray:
        """What happened: 0 or 1, the number of a class of `told`, or an amount."""
        return self.told.values

    @property
    def known(self) -> BoolArray:
        """Rows whose outcome the table tells."""
        return ~np.isnan(self.outcomes)


@dataclass(frozen=True, slots=True)
class Earned:
    """What decisions about rows were worth, of those rows whose outcome and its worth are known."""

    worth: Worth
    places: IntArray  # of each row among those known, -1 elsewhere

    def at(self, decided: FloatArray) -> FloatArray:
        """Return the money of every row under what was decided (as in `Worth.at`); NaN where it is not known."""
        found = np.full(self.places.size, np.nan)
        rows = np.flatnonzero((self.places >= 0) & np.isfinite(decided))
        if isinstance(self.worth, ActionWorth):
            rows = rows[decided[rows] >= 0]  # nothing was decided of the others
        found[rows] = self.worth.at(self.places[rows], decided[rows])
        return found


@dataclass(frozen=True, slots=True)
class Future:
    """The rows to be lived through: everything has one entry per row, in order of time.

    `bodies` are rows as JSON without the outcome, `ids` what callers name them, `at_us` and `due_us` when they are
    decided and when their outcome is learned. `outcomes` are 0 or 1, numbers of `classes` (those of the schema, then
    those that came later) or amounts. `baseline` is what would be decided without the model: 1 for high, the number of
    one of `words`, or an amount.
    """

    bodies: list[msgspec.Raw]
    ids: list[str]
    at_us: npt.NDArray[np.int64]
    due_us: npt.NDArray[np.int64]
    outcomes: FloatArray
    baseline: FloatArray
    task: Task = Task.BINARY
    classes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    earned: Earned | None = None


def timeline(table: pl.DataFrame, brief: Brief) -> Timeline:
    """Put a table in order of time; raises `Asked` when the brief names no time column."""
    when = moments(table, brief)
    if when is None:
        raise Asked(
            "a replay needs to know when each row happened", remedy="Name the column: --time COLUMN, or data.time."
        )
    order = np.argsort(when, kind="stable")
    known = outcomes(table, brief)
    in_order = replace(known, values=known.values[order], kept=known.kept[order])
    return Timeline(table[order], when[order], in_order)


def before(line: Timeline, until: datetime, brief: Brief) -> pl.DataFrame:
    """Return the rows whose outcome was known at `until`: what a training could have seen then."""
    delay_s = parse_duration(brief.data.outcome_delay).total_seconds()
    seen = line.known & (line.moments + delay_s <= until.timestamp()) & (line.moments < until.timestamp())
    if not seen.any():
        first, last = (iso(datetime.fromtimestamp(s, until.tzinfo)) for s in (line.moments[0], line.moments[-1]))
        what = f"no row has a known outcome before {iso(until)}; the table runs from {first} to {last}"
        raise DataError(what, remedy="Choose a later --train-until, or a shorter data.outcome_delay.")
    return line.table.filter(seen)


def after(line: Timeline, until: datetime, *, brief: Brief, schema: Schema) -> Future:
    """Return the rows from `until` on, as they will be sent."""
    coming = line.moments >= until.timestamp()
    if not coming.any():
        raise DataError(
            f"the table ends before {iso(until)}: there is nothing to replay", remedy="Choose an earlier --train-until."
        )
    table, when = line.table.filter(coming), line.moments[coming]
    told = _as_in(schema, line.told.among(coming))
    columns = columns_of(to_used(table, schema))
    words = words_decided(brief.value, schema.classes)
    earned = _earned(columns, told, brief, len(schema.classes))
    at_us = np.round(when * MICROS).astype(np.int64)
    delay_us = round(parse_duration(brief.data.outcome_delay).total_seconds() * MICROS)
    known_before = line.outcomes[~coming & line.known]
    rule = todays(columns, brief, task=told.task, words=words, n_rows=table.height)
    same = _same_for_all(told, earned, known_before) if rule is None else 0.0
    return Future(
        bodies=_bodies(table.drop(brief.data.target)),
        ids=[f"row-{i}" for i in range(table.height)],
        at_us=at_us,
        due_us=at_us + delay_us,
        outcomes=told.values,
        baseline=np.full(table.height, same) if rule is None else rule.astype(np.float64),
        task=told.task,
        classes=told.classes,
        words=words,
        earned=earned,
    )


def _as_in(schema: Schema, told: Outcomes) -> Outcomes:
    """Number classes as the schema does; those that it never saw come after its own."""
    if told.task is not Task.MULTICLASS:
        return told
    classes = (*schema.classes, *(name for name in told.classes if name not in schema.classes))
    number = np.array([classes.index(name) for name in told.classes], dtype=np.float64)
    known = ~np.isnan(told.values)
    values = np.full(told.values.size, np.nan)
    values[known] = number[told.values[known].astype(np.int64)]
    return replace(told, values=values, classes=classes)


def _earned(columns: dict[str, Any], told: Outcomes, brief: Brief, n_classes: int) -> Earned | None:
    """Money of the rows whose outcome is known, and is no class that the model never saw."""
    if brief.value.task is None:
        return None
    known = ~np.isnan(told.values)
    if told.task is Task.MULTICLASS:
        known &= ~(told.values >= n_classes)
    places = np.where(known, np.cumsum(known) - 1, -1)
    seen = replace(told.among(known), classes=told.classes[:n_classes])
    found = worth({name: values[known] for name, values in columns.items()}, seen, brief)
    return None if found is None else Earned(found, places)


def _same_for_all(told: Outcomes, earned: Earned | None, before: FloatArray) -> float:
    """What would be decided of everyone alike: the action worth most, the commonest class, or the mean amount."""
    if told.task is Task.REGRESSION:
        return float(before.mean()) if before.size else 0.0
    if earned is not None and isinstance(earned.worth, ActionWorth):
        return float(np.argmax(earned.worth.amounts.sum(axis=0)))
    if told.task is Task.BINARY or not before.size:
        return 0.0
    return float(np.bincount(before.astype(np.int64)).argmax())


def _bodies(table: pl.DataFrame) -> list[msgspec.Raw]:
    temporal = [name for name, dtype in table.schema.items() if dtype.is_temporal()]
    texts = table.with_columns(pl.col(name).dt.to_string("iso") for name in temporal)
    return [msgspec.Raw(line) for line in texts.write_ndjson().encode().splitlines()]
