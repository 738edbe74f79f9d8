"""One column as a field: what training saw of it, amended by what people say in the brief."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import numpy as np
import polars as pl

from mainstay.data.coerce import ReadColumn, read_column
from mainstay.data.numbers import NumberStyle
from mainstay.data.profile import ColumnProfile
from mainstay.domain.brief.parts import FieldPart
from mainstay.domain.errors import DataError
from mainstay.domain.moments import iso
from mainstay.domain.reading import Unreadable, level_text, read_value
from mainstay.domain.schema import Field, Kind
from mainstay.domain.traffic import Value

MAX_LEVELS = 10_000  # rarer ones read as unseen: a model learns little from them, and plans and signatures stay small
MIN_EXAMPLE_ROWS = 5  # a level of fewer rows could point at a person
MAX_UNREADABLE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class LearnedField:
    """A field with the values that it was learned from."""

    field: Field
    read: ReadColumn


def learn_field(column: pl.Series, seen: ColumnProfile, part: FieldPart, *, time_zone: str) -> LearnedField:
    """Learn a field from the training rows of its column; what `part` says in the brief comes first.

    Raises `DataError` where more than half of the column cannot be read as the kind that the brief states.
    """
    kind = part.kind or seen.kind or Kind.TEXT
    numbers = seen.numbers or NumberStyle()
    bare = Field(
        name=column.name,
        kind=kind,
        levels=part.levels or (),
        date_format=seen.dates.pattern if seen.dates else "",
        decimal=part.decimal or numbers.decimal,
        affix=numbers.affix,
        missing=missing_of(part),
        unit=part.unit,
        level_aliases=tuple((alias, level_text(level)) for alias, level in part.level_aliases.items()),
    )
    bare = msgspec.structs.replace(bare, default=_default(bare, part, time_zone))
    read = read_column(column, bare, time_zone=time_zone)
    _require_readable(bare, read, part)
    return LearnedField(_amended(_described(bare, read.values, part), part), read)


def missing_of(part: FieldPart) -> tuple[str, ...]:
    """Return the values that a person says mean missing, as a field holds them.

    >>> missing_of(FieldPart(missing=("Unknown", 999)))
    ('unknown', '999')
    """
    return tuple(level_text(value).strip().lower() for value in part.missing)


def _default(bare: Field, part: FieldPart, time_zone: str) -> Value:
    """What the brief says a missing value is taken as, read as any other value of the column."""
    if part.default is None:
        return None
    try:
        value = read_value(bare, part.default, time_zone=time_zone).value
    except Unreadable as error:
        what = f"fields.{bare.name}.default: {part.default!r} is no {bare.kind.value}"
        raise DataError(what, remedy=f"Write {error.wanted}, or leave default out.") from error
    if value is None:
        what = f"fields.{bare.name}.default: {part.default!r} means missing itself"
        raise DataError(what, remedy="Write what a missing value is to be taken as, or leave default out.")
    return value


def _described(bare: Field, values: pl.Series, part: FieldPart) -> Field:
    present = values.drop_nulls()
    nullable = present.len() < values.len()
    if bare.kind in (Kind.NUMBER, Kind.DATETIME):
        return _described_number(bare, present, part, nullable=nullable)
    levels = _levels(bare, present, part)
    return msgspec.structs.replace(bare, levels=levels, nullable=nullable, example=_frequent(bare, present))


def _described_number(bare: Field, present: pl.Series, part: FieldPart, *, nullable: bool) -> Field:
    numbers = present.to_numpy()
    low, high = (float(numbers.min()), float(numbers.max())) if numbers.size else (None, None)
    whole = bare.kind is Kind.NUMBER and numbers.size > 0 and bool((numbers == np.round(numbers)).all())
    if bare.kind is Kind.DATETIME:
        high = None  # time goes on: a date after the last training row is no surprise
    return msgspec.structs.replace(
        bare,
        low=low if part.low is None else part.low,
        high=high if part.high is None else part.high,
        nullable=nullable,
        whole=whole,
        example=_middle(bare, numbers, whole=whole),
    )


def _levels(bare: Field, present: pl.Series, part: FieldPart) -> tuple[str, ...]:
    if bare.kind is Kind.BOOLEAN:
        return ("false", "true")
    if bare.kind is not Kind.CATEGORY:
        return ()
    counts = pl.DataFrame({"level": present}).group_by("level").len("n")
    ordered = counts.sort(["n", "level"], descending=[True, False])["level"].head(MAX_LEVELS).to_list()
    return (*ordered, *[level for level in part.levels or () if level not in ordered])


def _frequent(bare: Field, present: pl.Series) -> str | bool | None:
    if present.is_empty() or bare.kind is Kind.TEXT:
        return None
    top = pl.DataFrame({"level": present}).group_by("level").len("n").sort(["n", "level"], descending=[True, False])
    if int(top["n"][0]) < MIN_EXAMPLE_ROWS:
        return None
    level = str(top["level"][0])
    return level == "true" if bare.kind is Kind.BOOLEAN else level


def _middle(bare: Field, numbers: np.ndarray[tuple[int], np.dtype[np.float64]], *, whole: bool) -> float | str | None:
    """A round number near the median, inside the range: nobody's own value."""
    if not numbers.size:
        return None
    median = float(np.quantile(numbers, 0.5, method="lower"))
    if bare.kind is Kind.DATETIME:
        return iso(datetime.fromtimestamp(median // 86400 * 86400, UTC))
    rounded = float(round(median)) if whole and abs(median) < 100 else float(f"{median:.2g}")
    return min(max(rounded, float(numbers.min())), float(numbers.max()))


def _amended(field: Field, part: FieldPart) -> Field:
    said = {
        "unit": part.unit or field.affix,
        "meaning": part.meaning,
        "aliases": part.aliases,
        "personal": part.personal,
        "example": None if part.personal and field.kind is not Kind.BOOLEAN else field.example,
        "on_unseen": part.on_unseen or field.on_unseen,
        "on_missing": part.on_missing or field.on_missing,
        "on_out_of_range": part.on_out_of_range or field.on_out_of_range,
        "on_wrong_type": part.on_wrong_type or field.on_wrong_type,
    }
    return msgspec.structs.replace(field, **said)


def _require_readable(field: Field, read: ReadColumn, part: FieldPart) -> None:
    n_unreadable = int(read.unreadable.sum())
    if part.kind is not None and n_unreadable > MAX_UNREADABLE_SHARE * read.values.len():
        what = f"fields.{field.name}.kind: {n_unreadable} of {read.values.len()} values are no {part.kind.value}"
        raise DataError(what, remedy="Leave kind out to let Mainstay find it, or mend the column.")
