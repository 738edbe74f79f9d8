"""Small worlds for the tests of the watch: schemas, briefs and decision tables made from simulated streams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.signature import ReferenceSignature
from mainstay.monitoring.reference import build_reference

BRIEF = """
[model]
name = "m"
[data]
target = "outcome"
positive = 1
time = "at"
outcome_delay = "{delay}"
[value]
currency = "EUR"
when_high_and_positive = 10
when_high_and_negative = -2
when_low_and_positive = 0
when_low_and_negative = 0
[watch]
false_alarms_per_month = {budget}
{watch}
"""


def brief(*, watch: str = "", budget: float = 1.0, delay: str = "0d") -> Brief:
    """A brief with a value table."""
    return parse_brief(BRIEF.format(watch=watch, budget=budget, delay=delay))


def schema_of(rows: pl.DataFrame, *, skip: tuple[str, ...] = ("row_id", "at", "outcome")) -> Schema:
    """A schema learned the plain way: texts are categories with the levels seen, the rest are numbers."""
    names = [name for name in rows.columns if name not in skip]
    return Schema(fields=tuple(_field(rows[name]) for name in names), target="outcome", time="at")


def _field(values: pl.Series) -> Field:
    if values.dtype == pl.String:
        return Field(name=values.name, kind=Kind.CATEGORY, levels=tuple(values.drop_nulls().unique().sort()))
    return Field(name=values.name, kind=Kind.NUMBER)


def seconds(rows: pl.DataFrame) -> np.ndarray:
    """UTC seconds of the rows' moments."""
    return rows["at"].dt.timestamp("us").to_numpy() / 1e6


def used(rows: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """The used frame of the rows."""
    numbers = [f.name for f in schema.admitted if f.kind is Kind.NUMBER]
    return rows.select(schema.names).with_columns(pl.col(numbers).cast(pl.Float64))


def decisions(rows: pl.DataFrame, scores: np.ndarray, *, version: int = 1) -> pl.DataFrame:
    """Rows as the journal holds them once decided at 0.5."""
    return rows.with_columns(
        version=pl.lit(version),
        arm=pl.lit("champion"),
        key=pl.lit(""),
        id=pl.int_range(pl.len()).cast(pl.String),
        entity=pl.int_range(pl.len()).cast(pl.String),
        score=pl.Series(scores),
        decision=pl.Series(np.where(scores >= 0.5, "yes", "no")),
    )


def reference_of(
    rows: pl.DataFrame, scores: np.ndarray, schema: Schema, told: Brief | None = None
) -> ReferenceSignature:
    """The reference of the rows, with scores of the later half only."""
    judged = np.where(np.arange(scores.size) < scores.size // 2, np.nan, scores)
    return build_reference(used(rows, schema), judged, seconds(rows), schema=schema, brief=told or brief(), seed=1)


def same_columns(schema: Schema) -> dict[str, str]:
    """Every field in the column of its own name."""
    return {name: name for name in schema.names}


@dataclass(frozen=True)
class Calm:
    """A calm world: 60 days of reference, 30 days of decisions."""

    schema: Schema
    reference: ReferenceSignature
    decided: pl.DataFrame
