"""What each column of a table looks like: its kind, and what a person should know before it becomes an input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from mainstay.data.columns import is_nested, nameless, plain
from mainstay.data.dates import DateStyle, date_style
from mainstay.data.numbers import NumberSight, NumberStyle, number_sight, numbers_of
from mainstay.domain.number_text import DASHES
from mainstay.domain.reading import is_yes_and_no, level_text
from mainstay.domain.schema import MISSING_WORDS, Kind

MANY_LEVELS = 50  # with more, texts of many words are free, and such as hardly repeat are free or name the row
FREE_SHARE = 0.5
FREE_WORDS = 5  # on average, in a text that somebody wrote and did not choose from a list
MAX_SEEN = 50_000  # distinct texts that tell whether texts are free
MIXED_SHARE = 0.5
IDENTIFIER_SHARE = 0.95
MIN_IDENTIFIER_ROWS = 100  # below, distinct numbers without gaps are as likely small measurements
DENSE_SHARE = 0.5  # a numbering that was sampled for training still fills half of its range
MOSTLY_MISSING_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column as the data shows it.

    `kind` is None where the column holds lists, structs or the like. `dates` is set for dates written as text,
    `numbers` for numbers written so; `number_share` is the share of distinct texts that are numbers, `units` what
    stands around them where there are several. `n_missing` counts nulls, NaN and words that mean missing; `n_distinct`
    the other values.
    """

    name: str
    dtype: str
    kind: Kind | None
    n: int
    n_missing: int
    n_distinct: int
    whole: bool = False
    identifier: bool = False
    dates: DateStyle | None = None
    numbers: NumberStyle | None = None
    number_share: float = 0.0
    units: tuple[str, ...] = ()

    @property
    def constant(self) -> bool:
        """Whether every row says the same, be it nothing."""
        return self.n_distinct == 0 or (self.n_distinct == 1 and self.n_missing == 0)

    @property
    def ambiguous(self) -> bool:
        """Whether its dates or numbers can be read in two ways."""
        return bool((self.dates and self.dates.ambiguous) or (self.numbers and self.numbers.ambiguous))

    @property
    def mixed(self) -> bool:
        """Whether it holds numbers and texts, too many of each to call the others faults."""
        return self.kind is not Kind.NUMBER and self.number_share >= MIXED_SHARE

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
    raw = nameless(plain(column))
    if raw.dtype == pl.String:
        return _profile_text(raw, column.name, is_coded=column.dtype in (pl.Categorical, pl.Enum))
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


def without(column: pl.Series, missing: Sequence[str]) -> pl.Series:
    """Return the column with null where a value is among lower-case texts that mean missing (see `Field.missing`).

    >>> without(pl.Series([1.0, 999.0]), ["999"]).to_list()
    [1.0, None]
    """
    if not missing:
        return column
    raw = nameless(plain(column))
    known = raw.drop_nulls().unique()
    gone = [value for value in known.to_list() if level_text(value).strip().lower() in missing]
    return raw.set(raw.is_in(gone).fill_null(False), None).alias(column.name) if gone else column


def _kind_of(dtype: pl.DataType) -> Kind:
    if dtype == pl.Boolean:
        return Kind.BOOLEAN
    return Kind.NUMBER if dtype.is_numeric() else Kind.DATETIME


def _profile_text(raw: pl.Series, name: str, *, is_coded: bool) -> ColumnProfile:
    texts = missing_words_to_null(raw)
    distinct = texts.drop_nulls().unique()
    sight = NumberSight(None, 0.0) if is_coded or distinct.is_empty() else number_sight(distinct)
    dates = None if is_coded or distinct.is_empty() or sight.style else date_style(distinct)
    if sight.style:
        texts = texts.set(texts.is_in(list(DASHES)).fill_null(False), None)
        distinct = texts.drop_nulls().unique()
    present = texts.drop_nulls()
    kind = Kind.NUMBER if sight.style else Kind.DATETIME if dates else _kind_of_texts(present, distinct, is_coded)
    numbers = numbers_of(present, sight.style).drop_nulls() if sight.style else pl.Series(dtype=pl.Float64)
    whole = not numbers.is_empty() and bool((numbers == numbers.round()).all())
    repeats_little = distinct.len() > max(MANY_LEVELS, IDENTIFIER_SHARE * present.len())
    is_name = not is_coded and kind in (Kind.TEXT, Kind.CATEGORY) and repeats_little and is_one_word(distinct)
    return ColumnProfile(
        name=name,
        dtype=str(raw.dtype),
        kind=kind,
        n=raw.len(),
        n_missing=texts.null_count(),
        n_distinct=distinct.len(),
        whole=whole,
        identifier=_is_numbering(numbers) if whole else is_name,
        dates=dates,
        numbers=sight.style,
        number_share=sight.share,
        units=sight.units,
    )


def _kind_of_texts(present: pl.Series, distinct: pl.Series, is_coded: bool) -> Kind:
    if is_coded:
        return Kind.CATEGORY
    if 1 <= distinct.len() <= MAX_TRUTHS and _are_truths(distinct.to_list()):
        return Kind.BOOLEAN
    return Kind.TEXT if _is_free(present, distinct) else Kind.CATEGORY


MAX_TRUTHS = 30


def _are_truths(words: list[str]) -> bool:
    """Whether texts are true and false in words that tell no more: two words of a column stay as they are written."""
    folded = {word.lower() for word in words}
    return folded <= {"true", "false"} or (len(words) > 2 and is_yes_and_no(words))


def _is_free(present: pl.Series, distinct: pl.Series) -> bool:
    if distinct.len() <= MANY_LEVELS or is_one_word(distinct):
        return False
    if distinct.len() > FREE_SHARE * present.len():
        return True
    words = distinct.head(MAX_SEEN).str.count_matches(r"\S+").mean()
    return isinstance(words, float) and words > FREE_WORDS


def _is_numbering(present: pl.Series) -> bool:
    """Whether whole numbers never repeat and leave few gaps: the numbers of rows, customers or orders."""
    if present.len() < MIN_IDENTIFIER_ROWS or present.n_unique() < present.len():
        return False
    low, high = present.cast(pl.Float64).min(), present.cast(pl.Float64).max()
    return isinstance(low, float) and isinstance(high, float) and present.len() > DENSE_SHARE * (high - low + 1)


def is_one_word(distinct: pl.Series) -> bool:
    """Whether hardly a text has a space in it: names, codes and addresses of the web rather than sentences."""
    return int(distinct.str.contains(r"\s").sum()) < 0.1 * distinct.len()
