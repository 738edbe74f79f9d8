"""Values that may not mean what they say: words and numbers for missing, two ways to read, several units."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import polars as pl

from mainstay.data.columns import excerpt, nameless, plain
from mainstay.data.dates import NOT_A_DATE, text_styles
from mainstay.data.profile import ColumnProfile
from mainstay.data.question import Question
from mainstay.data.toml import literal
from mainstay.domain.missing_signs import NO_WORDS, missing_number
from mainstay.domain.schema import Kind

DATES_SHARE = 0.9
POSTAL = re.compile(
    r"(^|[\W_])(zip|plz|post(al|leit)?[\W_]?(code|zahl)?|postcode|zipcode)([\W_]?code)?$", re.IGNORECASE
)


def doubts(table: pl.DataFrame, seen: Mapping[str, ColumnProfile]) -> list[Question]:
    """Ask about values whose meaning cannot be seen, column by column."""
    return [question for name, column in seen.items() for question in _of_column(table, name, column)]


def _of_column(table: pl.DataFrame, name: str, column: ColumnProfile) -> Iterator[Question]:
    if column.kind is None or column.constant or column.identifier:
        return
    if column.dates and column.dates.ambiguous:
        yield Question(name, "dates", "holds dates whose day and month cannot be told apart: it is left out")
    if column.kind is Kind.NUMBER:
        yield from _of_numbers(nameless(plain(table[name])), column)
    elif column.kind in (Kind.CATEGORY, Kind.TEXT):
        yield from _of_texts(nameless(plain(table[name])).cast(pl.String), column)


def _of_numbers(raw: pl.Series, column: ColumnProfile) -> Iterator[Question]:
    name = column.name
    if column.numbers and column.numbers.ambiguous:
        what = "holds numbers such as 1,234 that may be thousands or fractions: it is left out"
        yield Question(name, "numbers", what, example='decimal = "."')
    if POSTAL.search(name):
        yield Question(name, "code", "sounds like a code, and is read as a number", example='kind = "category"')
    if raw.dtype.is_numeric() and (found := missing_number(raw.cast(pl.Float64).to_numpy())) is not None:
        n = int((raw == found).sum())
        said = f"says {found:g} in {n:,} of {column.n:,} rows, far from its other numbers"
        yield Question(name, "sentinel", said, example=f"missing = [{literal(found)}]")


def _of_texts(raw: pl.Series, column: ColumnProfile) -> Iterator[Question]:
    name, texts = column.name, raw.str.strip_chars()
    words = texts.filter(texts.str.to_lowercase().is_in(list(NO_WORDS)).fill_null(False))
    if not words.is_empty() and words.len() < texts.count():
        found = words.unique().sort().to_list()
        said = f"says {' or '.join(map(repr, found[:3]))} in {words.len():,} of {column.n:,} rows"
        yield Question(name, "sentinel", said, example=f"missing = [{', '.join(map(literal, found))}]")
    if (formats := _mixed_dates(texts)) is not None:
        yield Question(name, "dates", formats)
    elif column.units:
        said = f"holds numbers with several signs around them ({', '.join(column.units[:4])}): they are read as texts"
        yield Question(name, "units", said)
    elif column.mixed:
        said = f"holds numbers ({column.number_share:.0%} of its values) and texts: all are read as texts"
        yield Question(name, "mixed", said, example='kind = "number"')


def _mixed_dates(texts: pl.Series) -> str | None:
    some = texts.drop_nulls().unique(maintain_order=True).head(1000)
    styles = text_styles(some)
    dates = styles.filter(styles != NOT_A_DATE)
    if dates.n_unique() < 2 or dates.len() < DATES_SHARE * some.len():
        return None
    first, other = (some.filter(styles == style)[0] for style in dates.unique(maintain_order=True).to_list()[:2])
    return f"holds dates in more than one format ({excerpt(first)}, {excerpt(other)}): they are read as texts"
