"""Used values as the named columns that recipes learn from: numbers, levels, and parts of dates."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from mainstay.domain.plan import DatePart, Input, Level, Number
from mainstay.domain.schema import Field, Kind, Schema

Inputs = Mapping[str, Input]

PARTS = ("month", "day", "weekday", "hour", "days")
DAY_S = 86_400


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
    return used.select(**{name: _column(source) for name, source in inputs.items()})


def _column(source: Input) -> pl.Expr:
    column = pl.col(source.field)
    return _part(column, source) if isinstance(source, DatePart) else column


def _part(column: pl.Expr, source: DatePart) -> pl.Expr:
    if source.part == "days":
        return column / DAY_S
    wall = pl.from_epoch(column.floor().cast(pl.Int64), time_unit="s").dt.replace_time_zone("UTC")
    wall = wall.dt.convert_time_zone(source.time_zone)
    match source.part:
        case "month":
            part = wall.dt.month()
        case "day":
            part = wall.dt.day()
        case "weekday":
            part = wall.dt.weekday() - 1
        case _:
            part = wall.dt.hour()
    return part.cast(pl.Float64)


def living(frame: pl.DataFrame) -> list[str]:
    """Return the columns with something to learn from: those that are not the same (or missing) in every row."""
    counts = frame.select(pl.all().n_unique()).row(0)
    return [name for name, n_values in zip(frame.columns, counts, strict=True) if n_values > 1]
