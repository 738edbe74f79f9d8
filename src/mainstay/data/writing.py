"""How columns were written when rows were sealed: what says the same is known again, however it is written later.

A date may come as text from one source and as a moment from the next, an amount as `1.234,50 €` and as a number. What a
column was is told once, when rows are sealed, from all of its values; later tables are read by that, for what a growing
table looks like may change. The reading itself is that of `data.coerce`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from mainstay.data.coerce import read_column
from mainstay.data.columns import nameless, plain
from mainstay.data.dates import EPOCH_UNITS, date_style
from mainstay.data.numbers import NumberStyle, number_sight
from mainstay.domain.kind import MISSING_WORDS, Kind
from mainstay.domain.reading import FALSE_WORDS, TRUE_WORDS
from mainstay.domain.schema import Field

DATE, NUMBER, TRUTH = "date:", "number:", "truth"  # a date's pattern follows, or a number's decimal sign and its unit
BASIC_DATES = (1_00_00, 9999_12_31)  # as numbers: YYYYMMDD
MAX_WORDS = 16  # distinct texts among which a column of yes and no is looked for


@dataclass(frozen=True, slots=True)
class Writing:
    """What columns hold (`how`, by name: dates, numbers, yes and no; others are texts) and the zone of bare dates."""

    how: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"


def writing_of(table: pl.DataFrame, columns: Sequence[str], *, zone: str, time: str | None = None) -> Writing:
    """Return how some columns of a table are written; `time` names the one that holds moments, be it as numbers.

    >>> writing_of(pl.DataFrame({"a": ["31/01/2026", "01/02/2026"], "b": ["x", "y"]}), ["a", "b"], zone="UTC").how
    {'a': 'date:%d/%m/%Y'}
    """
    said = {name: _how(nameless(plain(table[name])), is_time=name == time) for name in columns}
    return Writing({name: how for name, how in said.items() if how}, zone)


def read_as(column: pl.Series, writing: Writing) -> pl.Series | None:
    """Return a column's values as numbers (dates in UTC seconds, yes as 1), null where they are none.

    None where the column is not known to hold any.

    >>> read_as(pl.Series("a", ["2026-01-31"]), Writing({"a": "date:%d/%m/%Y"})).to_list()
    [1769817600.0]
    """
    how, raw = writing.how.get(column.name, ""), nameless(plain(column))
    if how.startswith(DATE):
        return _dates(raw, how.removeprefix(DATE), writing.zone)
    if how.startswith(NUMBER) and raw.dtype == pl.String:
        return _numbers(raw, how.removeprefix(NUMBER))
    if how == TRUTH and raw.dtype == pl.String:
        words = raw.str.strip_chars().str.to_lowercase()
        truth = pl.when(words.is_in(list(TRUE_WORDS))).then(1.0).when(words.is_in(list(FALSE_WORDS))).then(0.0)
        return pl.select(truth.alias("value"))["value"]
    return None


def _how(raw: pl.Series, *, is_time: bool) -> str:
    if raw.dtype.is_temporal():
        return DATE
    if raw.dtype == pl.Boolean:
        return TRUTH
    if raw.dtype != pl.String:
        return DATE if is_time else NUMBER
    texts = _said(raw)
    if texts.is_empty():
        return ""
    style = date_style(texts)
    if style is not None:
        return "" if style.ambiguous else f"{DATE}{style.pattern}"
    number = number_sight(texts).style
    if number is not None:
        return f"{NUMBER}{number.decimal}{number.affix}"
    words = {text.lower() for text in texts.head(MAX_WORDS).to_list()}
    return TRUTH if texts.len() <= MAX_WORDS and words <= TRUE_WORDS | FALSE_WORDS else ""


def _said(raw: pl.Series) -> pl.Series:
    """The distinct texts that say anything."""
    texts = raw.drop_nulls().str.strip_chars().unique(maintain_order=True)
    return texts.filter(~texts.str.to_lowercase().is_in(list(MISSING_WORDS)))


def _dates(raw: pl.Series, pattern: str, zone: str) -> pl.Series:
    if raw.dtype.is_numeric():
        return _epochs(raw, zone)
    wanted = Field(name="value", kind=Kind.DATETIME, date_format=pattern)
    read = read_column(raw, wanted, time_zone=zone).values
    if raw.dtype != pl.String:
        return read
    others = raw.zip_with(read.is_null(), pl.Series([None], dtype=pl.String))
    texts = _said(others)
    style = date_style(texts) if texts.len() else None
    if style is None or style.ambiguous:
        return read
    again = Field(name="value", kind=Kind.DATETIME, date_format=style.pattern)
    return read_column(others, again, time_zone=zone).values.zip_with(read.is_null(), read)


def _epochs(raw: pl.Series, zone: str) -> pl.Series:
    """Numbers that can only be moments, or dates as YYYYMMDD."""
    numbers = raw.cast(pl.Float64).fill_null(np.nan).to_numpy()
    seconds = np.full(numbers.size, np.nan)
    for _, low, high, per_s in EPOCH_UNITS:
        inside = (numbers >= low) & (numbers < high)
        seconds[inside] = numbers[inside] / per_s
    whole = (numbers >= BASIC_DATES[0]) & (numbers <= BASIC_DATES[1]) & (numbers % 1 == 0)
    texts = pl.Series(np.where(whole, numbers, 0).astype(np.int64)).cast(pl.String).str.zfill(8)
    dates = read_column(
        texts.zip_with(pl.Series(whole), pl.Series([None], dtype=pl.String)),
        Field(name="value", kind=Kind.DATETIME),
        time_zone=zone,
    ).values
    return dates.zip_with(dates.is_not_null(), pl.Series(seconds, nan_to_null=True))


def _numbers(raw: pl.Series, style: str) -> pl.Series:
    found = NumberStyle(style[0], style[1:]) if style else number_sight(_said(raw)).style or NumberStyle()
    wanted = Field(name="value", kind=Kind.NUMBER, decimal=found.decimal, affix=found.affix)
    return read_column(raw, wanted).values
