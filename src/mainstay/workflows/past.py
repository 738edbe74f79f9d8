"""A past table as a replay lives through it: rows as callers would have sent them, moments, outcomes, money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from mainstay.data.coerce import moments, to_used
from mainstay.data.money import columns_of, money
from mainstay.data.outcome import outcomes
from mainstay.data.today import today
from mainstay.domain.brief import Brief
from mainstay.domain.errors import Asked, DataError
from mainstay.domain.moments import iso, parse_duration
from mainstay.domain.schema import Schema

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Timeline:
    """A table in order of time. `known` is false where a row has no outcome (its `outcomes` are NaN)."""

    table: pl.DataFrame
    moments: FloatArray
    outcomes: FloatArray
    positive: str
    negative: str

    @property
    def known(self) -> BoolArray:
        """Rows whose outcome the table tells."""
        return ~np.isnan(self.outcomes)


@dataclass(frozen=True, slots=True)
class Future:
    """The rows to be lived through: everything has one entry per row, in order of time.

    `bodies` are rows as JSON without the outcome, `ids` what callers name them, `at_us` and `due_us` when they are
    decided and when their outcome is learned.
    """

    bodies: list[msgspec.Raw]
    ids: list[str]
    at_us: npt.NDArray[np.int64]
    due_us: npt.NDArray[np.int64]
    outcomes: FloatArray
    baseline: BoolArray
    value_high: FloatArray | None
    value_low: FloatArray | None


def timeline(table: pl.DataFrame, brief: Brief) -> Timeline:
    """Put a table in order of time; raises `Asked` when the brief names no time column."""
    when = moments(table, brief)
    if when is None:
        raise Asked(
            "a replay needs to know when each row happened", remedy="Name the column: --time COLUMN, or data.time."
        )
    known = outcomes(table, brief)
    if known.positive is None or known.negative is None:
        what = f"a replay lives through two outcomes; those of {brief.data.target!r} are {known.task.value}"
        raise Asked(what, remedy="Replay a table whose outcome has two levels.")
    order = np.argsort(when, kind="stable")
    return Timeline(table[order], when[order], known.values[order], known.positive, known.negative)


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
    table, when, happened = line.table.filter(coming), line.moments[coming], line.outcomes[coming]
    used = to_used(table, schema)
    columns = columns_of(used)
    worth = _worth(columns, happened, brief)
    at_us = np.round(when * MICROS).astype(np.int64)
    delay_us = round(parse_duration(brief.data.outcome_delay).total_seconds() * MICROS)
    return Future(
        bodies=_bodies(table.drop(brief.data.target)),
        ids=[f"row-{i}" for i in range(table.height)],
        at_us=at_us,
        due_us=at_us + delay_us,
        outcomes=happened,
        baseline=_baseline(columns, brief, table.height, worth),
        value_high=worth[0] if worth else None,
        value_low=worth[1] if worth else None,
    )


def _worth(columns: dict[str, Any], happened: FloatArray, brief: Brief) -> tuple[FloatArray, FloatArray] | None:
    """Money per row, NaN where the outcome is not known."""
    if not brief.value.is_binary:
        return None
    known = ~np.isnan(happened)
    found = money({name: values[known] for name, values in columns.items()}, happened[known], brief.value)
    high, low = np.full(happened.size, np.nan), np.full(happened.size, np.nan)
    high[known], low[known] = found.high, found.low
    return high, low


def _baseline(
    columns: dict[str, Any], brief: Brief, n_rows: int, worth: tuple[FloatArray, FloatArray] | None
) -> BoolArray:
    """What would be decided without the model: today's rule, else the same for everybody, whichever is worth more."""
    rule = today(columns, brief, n_rows=n_rows)
    if rule is not None:
        return rule
    all_high = worth is not None and float(np.nansum(worth[0])) > float(np.nansum(worth[1]))
    return np.full(n_rows, all_high)


def _bodies(table: pl.DataFrame) -> list[msgspec.Raw]:
    temporal = [name for name, dtype in table.schema.items() if dtype.is_temporal()]
    texts = table.with_columns(pl.col(name).dt.to_string("iso") for name in temporal)
    return [msgspec.Raw(line) for line in texts.write_ndjson().encode().splitlines()]
