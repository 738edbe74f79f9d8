"""The schema's fields as named columns with nothing learned: numbers, texts of levels, and parts of dates."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from mainstay.domain.plan import DatePart, Input, Level, Number
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.wall_clock import PARTS, date_part

Inputs = Mapping[str, Input]


def inputs_of(schema: Schema) -> dict[str, Input]:
    """Return what a model may read, by the name of its column: a date gives several, a free text none.

    The moment of the decision gives no `days`: a count that only ever grows tells past from future and nothing else.

    >>> list(inputs_of(Schema(fields=(Field(name="age", kind=Kind.NUMBER),), target="bought")))
    ['age']
    """
    found: dict[str, Input] = {}
    for field in schema.fields:
        for source in _sources(field, schema):
            name = f"{field.name}:{source.part}" if isinstance(source, DatePart) else field.name
            while name in found or (name in schema.names and name != field.name):
                name += "'"
            found[name] = source
    return found


def _sources(field: Field, schema: Schema) -> list[Input]:
    match field.kind:
        case Kind.NUMBER:
            return [Number(field=field.name)]
        case Kind.CATEGORY | Kind.BOOLEAN:
            return [Level(field=field.name, levels=field.levels)]
        case Kind.DATETIME:
            parts = [part for part in PARTS if not (part == "days" and field.name == schema.time)]
            return [DatePart(field=field.name, part=part, time_zone=schema.time_zone) for part in parts]
    return []


def features(used: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Return one column per input: Float64 for numbers and parts of dates, String for levels; null where missing.

    Raises polars' `ColumnNotFoundError` when a field is not in the used frame.
    """
    return pl.DataFrame([_column(used[source.field], source).alias(name) for name, source in inputs.items()])


def _column(column: pl.Series, source: Input) -> pl.Series:
    if not isinstance(source, DatePart):
        return column
    moments = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return pl.Series(date_part(moments, source.part, source.time_zone)).fill_nan(None)


def living(frame: pl.DataFrame) -> list[str]:
    """Return the columns with something to learn from: those that are not the same (or missing) in every row."""
    counts = frame.select(pl.all().n_unique()).row(0)
    return [name for name, n_values in zip(frame.columns, counts, strict=True) if n_values > 1]
