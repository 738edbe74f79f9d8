"""What each column of a table looks like: its kind, and what a person should know before it becomes an input."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from mainstay.data.columns import is_nested, plain
from mainstay.data.dates import DateStyle, date_style
from mainstay.domain.schema import MISSING_WORDS, Kind

NUMBER_TEXT = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
CODE_TEXT = r"^[+-]?0\d"  # a leading zero is dropped by arithmetic: postcodes and account numbers are not amounts
NUMBER_SHARE = 0.95  # texts that are numbers but for a few stray words are numbers with faults, not categories
FEW_LEVELS = 20  # with so few distinct texts a stray word is a code of its own
MANY_LEVELS = 50  # with more, and hardly a repetition, the text is free or names the row
FREE_SHARE = 0.5
IDENTIFIER_SHARE = 0.95
MIN_IDENTIFIER_ROWS = 100  # below, distinct numbers without gaps are as likely small measurements
DENSE_SHARE = 0.5  # a numbering that was sampled for training still fills half of its range
MOSTLY_MISSING_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column as the data shows it.

    `kind` is None where the column holds lists, structs or the like. `dates` is set for dates written as text.
    `n_missing` counts nulls, NaN and words that mean missing; `n_distinct` the other values. `number_text` says that
    the numbers are written as text.
    """

    name: str
    dtype: str
    kind: Kind | None
    n: int
    n_missing: int
    n_distinct: int
    whole: bool = False
    identifier: bool = False
    number_text: bool = False
    dates: DateStyle | None = None

    @property
    def constant(self) -> bool:
        """Whether every row says the same, be it nothing."""
        return self.n_distinct == 0 or (self.n_distinct == 1 and self.n_missing == 0)

    @property
    def mostly_missing(self) -> bool:
        """Whether nearly every row is missing."""
        return self.n > 0 and self.n_missing > MOSTLY_MISSING_SHARE * self.n


def profile(table: pl.DataFrame) -> tuple[ColumnProfile, ...]:
    """Return the profile of every column, in the table's order.

    >>> [column.kind.value for column in profile(pl.DataFrame({"n": [1, 2], "c": ["a", "b"]}))]
    ['number', 'category']
    """
    return tuple(profile_column(table[name]) for name in table.columns)


def profile_column(column: pl.Series) -> ColumnProfile:
    """Return the profile of one column."""
    if is_nested(column.dtype):
        return ColumnProfile(column.name, str(column.dtype), None, column.len(), column.null_count(), 0)
    raw = plain(column)
    if raw.dtype == pl.String:
        return _profile_text(raw, is_coded=column.dtype in (pl.Categorical, pl.Enum))
    if raw.dtype.is_float():
        raw = raw.fill_nan(None)
    present = raw.drop_nulls()
    whole = raw.dtype.is_integer() or (raw.dtype.is_float() and bool((present == present.round()).all()))
    return ColumnProfile(
        name=column.name,
        dtype=str(column.dtype),
        kind=_kind_of(raw.dtype),
        n=raw.len(),
        n_missing=raw.null_count(),
        n_distinct=present.n_unique() if present.len() else 0,
        whole=whole,
        identifier=whole and _is_numbering(present),
    )


def missing_words_to_null(texts: pl.Series) -> pl.Series:
    """Return the texts without surrounding spaces, null where they are a word that means missing."""
    trimmed = texts.str.strip_chars()
    return trimmed.set(trimmed.str.to_lowercase().is_in(list(MISSING_WORDS)).fill_null(False), None)


def _kind_of(dtype: pl.DataType) -> Kind:
    if dtype == pl.Boolean:
        return Kind.BOOLEAN
    return Kind.NUMBER if dtype.is_numeric() else Kind.DATETIME


def _profile_text(raw: pl.Series, *, is_coded: bool) -> ColumnProfile:
    texts = missing_words_to_null(raw)
    present = texts.drop_nulls()
    distinct = present.unique()
    dates = None if is_coded or distinct.is_empty() else date_style(distinct)
    number_text = not is_coded and _are_numbers(distinct)
    kind = Kind.NUMBER if number_text else Kind.DATETIME if dates else _kind_of_texts(present, distinct, is_coded)
    numbers = present.cast(pl.Float64, strict=False).drop_nulls() if number_text else pl.Series(dtype=pl.Float64)
    whole = number_text and bool((numbers == numbers.round()).all())
    repeats_little = distinct.len() > max(MANY_LEVELS, IDENTIFIER_SHARE * present.len())
    return ColumnProfile(
        name=raw.name,
        dtype=str(raw.dtype),
        kind=kind,
        n=raw.len(),
        n_missing=texts.null_count(),
        n_distinct=distinct.len(),
        whole=whole,
        identifier=_is_numbering(numbers) if whole else kind is Kind.TEXT and repeats_little and _is_one_word(distinct),
        number_text=number_text,
        dates=dates if kind is Kind.DATETIME else None,
    )


def _kind_of_texts(present: pl.Series, distinct: pl.Series, is_coded: bool) -> Kind:
    if is_coded:
        return Kind.CATEGORY
    if distinct.len() > 0 and bool(distinct.str.to_lowercase().is_in(["true", "false"]).all()):
        return Kind.BOOLEAN
    return Kind.TEXT if distinct.len() > max(MANY_LEVELS, FREE_SHARE * present.len()) else Kind.CATEGORY


def _are_numbers(distinct: pl.Series) -> bool:
    if distinct.is_empty() or distinct.str.contains(CODE_TEXT).any():
        return False
    n_numbers = int(distinct.str.contains(NUMBER_TEXT).sum())
    n_stray = distinct.len() - n_numbers
    return n_stray == 0 or (n_numbers > FEW_LEVELS and n_numbers >= NUMBER_SHARE * distinct.len())


def _is_numbering(present: pl.Series) -> bool:
    """Whether whole numbers never repeat and leave few gaps: the numbers of rows, customers or orders."""
    if present.len() < MIN_IDENTIFIER_ROWS or present.n_unique() < present.len():
        return False
    low, high = present.cast(pl.Float64).min(), present.cast(pl.Float64).max()
    return isinstance(low, float) and isinstance(high, float) and present.len() > DENSE_SHARE * (high - low + 1)


def _is_one_word(distinct: pl.Series) -> bool:
    return int(distinct.str.contains(r"\s").sum()) < 0.1 * distinct.len()
