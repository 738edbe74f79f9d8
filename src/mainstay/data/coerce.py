"""From raw tables to what a model sees: used values, moments, entities and keys of equal rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.data.columns import excerpt, nameless, plain, require, rows_said
from mainstay.data.dates import epoch_unit, require_one_style
from mainstay.data.numbers import PLAIN, PLAIN_WHOLE
from mainstay.domain.brief import Brief
from mainstay.domain.errors import DataError
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.held import Held, as_held
from mainstay.domain.reading import LARGEST, NOT_FINITE, Reading, Unreadable, level_text, read_value
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.stats.arrays import FloatArray

PLAIN_ISO = r"^[12]\d{3}-\d{2}-\d{2}([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?)?$"  # read by Polars alike
EXACT_US = 2**53  # microseconds beyond this (the year 2255) are not exact in float64: such dates are read one by one
OLDEST_S, NEWEST_S = -30_610_224_000.0, 221_845_392_000.0  # years 1000 to 8999: periods around them have dates, too
FIRST_US, LAST_US = -62_135_596_800_000_000, 253_402_300_799_999_999  # years 1 to 9999: what Python's dates can hold


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column as its field reads it (Float64 or String, missing null) and the masks of what could not be read."""

    values: pl.Series
    unreadable: pl.Series
    not_finite: pl.Series


@dataclass(frozen=True, slots=True)
class Coerced:
    """The used rows of a table, and what was found on the way."""

    used: Held
    findings: tuple[Finding, ...]


def to_used(table: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Return the used frame of a raw table: one column per admitted field, each value as `read_value` reads it.

    Numbers and dates are Float64 (dates UTC seconds), everything else String; missing and unreadable values are null. A
    column may stand under an alias of its field; one that is not there is null throughout. Further columns are ignored.
    Raises `DataError` for columns of lists, structs, objects, times of day and durations.
    """
    return coerce(table, schema).used.whole()


def coerce(table: pl.DataFrame, schema: Schema) -> Coerced:
    """Return the used rows as `to_used` does, with a finding for every column that could not be read in full.

    What the table holds in less room than `to_used` gives it is shared with the table (see `Held`).
    """
    columns: list[pl.Series] = []
    findings: list[Finding] = []
    for field in schema.admitted:
        source = _source(table, field)
        if source is None:
            columns.append(pl.Series(field.name, [field.default] * table.height, dtype=_dtype(field)))
            findings.append(_absent(field))
            continue
        if _is_held(table[source], field):
            columns.append(table[source].alias(field.name))
            continue
        read = read_column(table[source], field, time_zone=schema.time_zone)
        columns.append(read.values.alias(field.name))
        findings.extend(reading_findings(field.name, read))
    return Coerced(Held(pl.DataFrame(columns)), tuple(findings))


def _is_held(raw: pl.Series, field: Field) -> bool:
    """Whether a number is read as the table has it: then it is held so."""
    return field.kind is Kind.NUMBER and as_held(raw) and not field.missing and field.default is None


def read_column(column: pl.Series, field: Field, *, time_zone: str = "UTC") -> ReadColumn:
    """Read a raw column as `field` wants it, equal to `read_value` on every value.

    >>> read_column(pl.Series(["1", " 2", "x"]), Field(name="n", kind=Kind.NUMBER)).values.to_list()
    [1.0, 2.0, None]
    """
    read = _read(column, field, time_zone)
    if field.default is None:
        return read
    return ReadColumn(read.values.fill_null(field.default), read.unreadable, read.not_finite)


def _read(column: pl.Series, field: Field, time_zone: str) -> ReadColumn:
    raw = nameless(plain(column))
    if field.kind is Kind.NUMBER and (raw.dtype.is_numeric() or raw.dtype == pl.Boolean):
        return _reread(_read_numbers(raw.cast(pl.Float64)), raw, field, _suspects(raw, field))
    if field.kind is Kind.NUMBER and raw.dtype == pl.String:
        quick, odd = _read_number_texts(raw, field)
        return _reread(quick, raw, field, odd | _suspects(quick.values, field))
    if field.kind is Kind.DATETIME and _is_exact_utc(raw, time_zone):
        none = _nowhere(raw)
        return ReadColumn(_divided(raw.cast(pl.Datetime("us")).to_physical(), 1e6), none, none)
    if field.kind is Kind.DATETIME and raw.dtype == pl.String and time_zone == "UTC":
        iso, odd = _read_iso_texts(raw)
        return _reread(iso, raw, field, odd | bool(field.missing))
    return _read_distinct(raw, field, time_zone)


def moments(table: pl.DataFrame, brief: Brief) -> FloatArray | None:
    """Return the moment of every row in UTC seconds, shape (n_rows,), or None where the brief names no time column.

    Dates without an offset are in `data.time_zone`. Numbers are read as seconds, milliseconds or microseconds since
    1970 where they can be nothing else, or as YYYYMMDD. Raises `DataError`, naming rows, for missing moments, for what
    is no date, for two formats in one column and where day and month cannot be told apart.
    """
    name = brief.data.time
    if name is None:
        return None
    require(table.columns, name, key="data.time")
    return moments_of(table[name], key=f"data.time {name!r}", time_zone=brief.data.time_zone)


def moments_of(column: pl.Series, *, key: str, time_zone: str) -> FloatArray:
    """Return a time column in UTC seconds as `moments` does; `key` names it in errors."""
    raw = nameless(plain(column))
    if raw.dtype == pl.String:
        raw = raw.str.strip_chars().replace("", None)
    if raw.null_count():
        what = f"{key}: the moment is missing in {raw.null_count()} of {raw.len()} rows ({rows_said(raw.is_null())})"
        raise DataError(what, remedy="Fill them in or leave those rows out; without data.time the split is random.")
    at = np.asarray(_moments(raw, key=key, time_zone=time_zone).to_numpy(), dtype=np.float64)
    strange = (at < OLDEST_S) | (at >= NEWEST_S)
    if strange.any():
        what = f"{key}: {int(strange.sum())} of {at.size} moments lie before the year 1000 or after 8999"
        remedy = "Such dates stand for a missing one: fill them in or leave those rows out."
        raise DataError(f"{what} ({rows_said(pl.Series(strange))})", remedy=remedy)
    return at


def _moments(raw: pl.Series, *, key: str, time_zone: str) -> pl.Series:
    if raw.dtype.is_numeric():
        per_s = epoch_unit(raw)
        if per_s is not None:
            return _divided(raw, per_s)
        whole = raw.cast(pl.Int64, strict=False)
        raw = whole.cast(pl.String).zip_with((whole == raw).fill_null(False), raw.cast(pl.String))
    if raw.dtype == pl.Boolean:
        raise DataError(
            f"{key}: the column holds true and false; wanted dates", remedy="Name the column with the date."
        )
    pattern = require_one_style(raw, key=key).pattern if raw.dtype == pl.String and raw.len() else ""
    read = read_column(raw, Field(name=key, kind=Kind.DATETIME, date_format=pattern), time_zone=time_zone)
    if read.unreadable.any():
        first = excerpt(raw.filter(read.unreadable).head(1).cast(pl.String)[0])  # Python has no year 12921
        raise DataError(
            f"{key}: {first} is not a date ({rows_said(read.unreadable)})", remedy="Mend or leave them out."
        )
    return read.values


def entities(table: pl.DataFrame, brief: Brief) -> list[str] | None:
    """Return who or what each row is about, as text (3 and 3.0 are the same), or None where the brief does not say.

    A row without an entity has the empty text: it belongs to nobody else's group.
    """
    name = brief.data.entity
    if name is None:
        return None
    require(table.columns, name, key="data.entity")
    raw = nameless(plain(table[name]))
    known = raw.drop_nulls().unique()
    texts = pl.Series([level_text(value).strip() for value in known.to_list()], dtype=pl.String)
    return raw.replace_strict(known, texts, default=None, return_dtype=pl.String).fill_null("").to_list()


def reading_findings(name: str, read: ReadColumn) -> list[Finding]:
    """Say how many values of a column were unreadable or infinite, and so count as missing."""
    told = (
        (read.unreadable, "F15-unreadable-values", "could not be read"),
        (read.not_finite, "F15-not-finite", "were infinite or beyond 1e150"),
    )
    return [
        Finding(
            code=code,
            verdict=Verdict.WARN,
            subjects=(name,),
            measured=n / mask.len(),
            limit=0.0,
            because=f"{n} of {mask.len()} values of {name} {what} and count as missing ({rows_said(mask)})",
            remedy=f"Mend them at the source, or say what the column holds: [fields.{name}] kind = …",
        )
        for mask, code, what in told
        if (n := int(mask.sum()))
    ]


def _absent(field: Field) -> Finding:
    return Finding(
        code="F15-absent-column",
        verdict=Verdict.WARN,
        subjects=(field.name,),
        because=f"there is no column {field.name}: it counts as missing in every row",
        remedy="Add the column, or name it among the aliases of the field.",
    )


def _source(table: pl.DataFrame, field: Field) -> str | None:
    return next((name for name in (field.name, *field.aliases) if name in table.columns), None)


def _dtype(field: Field) -> pl.DataType:
    return pl.Float64() if field.kind in (Kind.NUMBER, Kind.DATETIME) else pl.String()


def _read_numbers(numbers: pl.Series) -> ReadColumn:
    found = numbers.to_numpy()
    if (np.abs(found) <= LARGEST).all():
        return ReadColumn(numbers, _nowhere(numbers), _nowhere(numbers))  # shared with the table, not copied
    infinite = np.abs(found) > LARGEST
    values = pl.Series(np.where(infinite, np.nan, found), dtype=pl.Float64, nan_to_null=True)
    return ReadColumn(values, _nowhere(numbers), pl.Series(infinite))


def _read_number_texts(raw: pl.Series, field: Field) -> tuple[ReadColumn, pl.Series]:
    """Read numbers that are written plainly; the others are null, and where they are."""
    is_plain = raw.str.contains(PLAIN if field.decimal == "." else PLAIN_WHOLE).fill_null(True)
    return _read_numbers(raw.zip_with(is_plain, pl.Series([None], dtype=pl.String)).cast(pl.Float64)), ~is_plain


def _read_iso_texts(raw: pl.Series) -> tuple[ReadColumn, pl.Series]:
    """Read dates written in the plainest ISO; the others are null, and where they are."""
    text = raw.zip_with(raw.str.contains(PLAIN_ISO).fill_null(False), pl.Series([None], dtype=pl.String))
    whole = text.str.replace(" ", "T", literal=True).str.replace(r"^(.{10})$", "${1}T00:00:00")
    clocked = whole.str.replace(r"^(.{16})$", "${1}:00")
    micros = clocked.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False).to_physical()
    is_exact = (micros.abs() <= EXACT_US).fill_null(False)
    exact = micros.zip_with(is_exact, pl.Series([None], dtype=pl.Int64))
    none = _nowhere(raw)
    return ReadColumn(_divided(exact, 1e6), none, none), ~is_exact & raw.is_not_null()


def _suspects(numbers: pl.Series, field: Field) -> pl.Series:
    """Where a number may be one that means missing."""
    if not field.missing or numbers.dtype == pl.Boolean:
        return pl.Series(np.full(numbers.len(), bool(field.missing)))
    amounts = [number for word in field.missing if (number := _amount(word)) is not None]
    return numbers.cast(pl.Float64).is_in(amounts).fill_null(False)


def _amount(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _reread(quick: ReadColumn, raw: pl.Series, field: Field, again: pl.Series) -> ReadColumn:
    """What was read quickly, but for some rows that are read one by one; dates are none of them."""
    if not again.any():
        return quick
    slow = _read_distinct(raw.zip_with(again, pl.Series([None], dtype=raw.dtype)), field, "UTC")
    return ReadColumn(
        values=slow.values.zip_with(again, quick.values),
        unreadable=slow.unreadable,
        not_finite=slow.not_finite.zip_with(again, quick.not_finite),
    )


def _is_exact_utc(raw: pl.Series, time_zone: str) -> bool:
    """Whether the dates are plain UTC microseconds that float64 holds exactly."""
    if raw.dtype == pl.Date or (isinstance(raw.dtype, pl.Datetime) and raw.dtype.time_zone is None):
        if time_zone != "UTC":
            return False
    elif not isinstance(raw.dtype, pl.Datetime):
        return False
    far = raw.cast(pl.Datetime("us")).to_physical().abs().max()
    return far is None or int(str(far)) <= EXACT_US


def _read_distinct(raw: pl.Series, field: Field, time_zone: str) -> ReadColumn:
    beyond = _beyond_calendar(raw)
    known = raw.filter(~beyond).drop_nulls().unique()
    written = known.to_list()
    readings = [_reading(field, value, time_zone) for value in written]
    dtype = _dtype(field)
    said = [reading.value if reading else None for reading in readings]
    values = pl.Series(said, dtype=dtype)
    is_itself = raw.dtype == dtype and said == written  # then it is shared with the table, not copied
    unreadable = pl.Series([reading is None for reading in readings], dtype=pl.Boolean)
    infinite = pl.Series([reading is not None and reading.code == NOT_FINITE for reading in readings], dtype=pl.Boolean)
    return ReadColumn(
        values=raw if is_itself else raw.replace_strict(known, values, default=None, return_dtype=dtype),
        unreadable=raw.replace_strict(known, unreadable, default=False, return_dtype=pl.Boolean) | beyond,
        not_finite=raw.replace_strict(known, infinite, default=False, return_dtype=pl.Boolean),
    )


def _reading(field: Field, value: object, time_zone: str) -> Reading | None:
    try:
        return read_value(field, value, time_zone=time_zone)
    except Unreadable:
        return None


def _beyond_calendar(raw: pl.Series) -> pl.Series:
    if not isinstance(raw.dtype, pl.Date | pl.Datetime):
        return _nowhere(raw)
    physical = raw.cast(pl.Datetime("us")).to_physical()
    return ~physical.is_between(FIRST_US, LAST_US).fill_null(True)


def _divided(numbers: pl.Series, by: float) -> pl.Series:
    """Divide as IEEE 754 does: Polars multiplies by the reciprocal, which can differ in the last bit."""
    return pl.Series(numbers.cast(pl.Float64).fill_null(float("nan")).to_numpy() / by).fill_nan(None)


def _nowhere(raw: pl.Series) -> pl.Series:
    return pl.Series(np.zeros(raw.len(), dtype=np.bool_))
