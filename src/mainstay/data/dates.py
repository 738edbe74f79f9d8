"""Dates written as text or numbers: which format a column uses, and when it uses two or cannot be told."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from mainstay.data.columns import excerpt, rows_said
from mainstay.domain.errors import DataError

CLOCK = r"[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?"
ISO_LOCAL = rf"^\d{{4}}-\d{{2}}-\d{{2}}({CLOCK})?$"
ISO_OFFSET = rf"^\d{{4}}-\d{{2}}-\d{{2}}{CLOCK} ?(Z|z|[+-]\d{{2}}(:?\d{{2}})?)$"
ISO_BASIC = r"^(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])$"
NUMERIC = r"^(\d{1,4})([/.\-])(\d{1,2})([/.\-])(\d{1,4})([T ]\d{1,2}:\d{2}(:\d{2})?)?$"

NOT_A_DATE = "no date"
ISO_STYLES = ("ISO without an offset", "ISO with an offset", "ISO without dashes")

# Numbers that can only be moments since 1970: bounds are 1973 and 2286 in each unit.
EPOCH_UNITS = (("seconds", 1e8, 1e10, 1.0), ("milliseconds", 1e11, 1e13, 1e3), ("microseconds", 1e14, 1e16, 1e6))


@dataclass(frozen=True, slots=True)
class DateStyle:
    """How a column writes its dates: ISO (`pattern` is empty) or a numeric `strptime` pattern.

    `ambiguous` says that day and month cannot be told apart: the pattern is then one of two.
    """

    pattern: str = ""
    ambiguous: bool = False


def date_style(texts: pl.Series) -> DateStyle | None:
    """Find the one format that all (non-missing) texts share; None where they share none.

    >>> date_style(pl.Series(["31/01/2026", "01/02/2026"])).pattern
    '%d/%m/%Y'
    >>> date_style(pl.Series(["03/01/2026", "01/02/2026"])).ambiguous
    True
    """
    styles = text_styles(texts)
    names = styles.unique().to_list()
    if len(names) != 1 or names[0] == NOT_A_DATE:
        return None
    return DateStyle() if names[0] in ISO_STYLES else _numeric_style(texts)


def text_styles(texts: pl.Series) -> pl.Series:
    """Name the style of every text: an ISO style, the separators of a numeric one, or `no date`."""
    text = pl.col("text").str.strip_chars()
    parts = text.str.extract_groups(NUMERIC)
    year_first = parts.struct.field("1").str.len_chars() == 4
    year_last = (parts.struct.field("1").str.len_chars() <= 2) & (parts.struct.field("5").str.len_chars() == 4)
    shape = text.str.replace_all(r"\d{3,4}", "YYYY").str.replace_all(r"\d{1,2}", "9")
    style = (
        pl.when(text.str.contains(ISO_LOCAL))
        .then(pl.lit(ISO_STYLES[0]))
        .when(text.str.contains(ISO_OFFSET))
        .then(pl.lit(ISO_STYLES[1]))
        .when(text.str.contains(ISO_BASIC))
        .then(pl.lit(ISO_STYLES[2]))
        .when((year_first | year_last) & (parts.struct.field("2") == parts.struct.field("4")))
        .then(shape)
        .otherwise(pl.lit(NOT_A_DATE))
    )
    return pl.DataFrame({"text": texts}).select(style.alias("style"))["style"]


def _numeric_style(texts: pl.Series) -> DateStyle | None:
    parts = texts.str.strip_chars().str.extract_groups(NUMERIC).struct.unnest()
    first, second = parts["1"].cast(pl.Int64).max(), parts["3"].cast(pl.Int64).max()
    if not isinstance(first, int) or not isinstance(second, int):
        return None
    separator, seconds = parts["2"][0], parts["7"][0] is not None
    clock = "" if parts["6"][0] is None else parts["6"][0][0] + ("%H:%M:%S" if seconds else "%H:%M")
    if first > 999:
        return DateStyle(separator.join(("%Y", "%m", "%d")) + clock)
    day_first, month_first = first <= 31 and second <= 12, first <= 12 and second <= 31
    if not day_first and not month_first:
        return None
    order = ("%d", "%m", "%Y") if day_first else ("%m", "%d", "%Y")
    return DateStyle(separator.join(order) + clock, ambiguous=day_first and month_first)


def require_one_style(texts: pl.Series, *, key: str) -> DateStyle:
    """Return the one date format of a column without missing values; raises `DataError` that names rows."""
    styles = text_styles(texts)
    wanted = "Write one format throughout, best ISO: 2026-03-31 or 2026-03-31T14:05:00+02:00."
    strange = styles == NOT_A_DATE
    if strange.any():
        first = excerpt(texts.filter(strange)[0])
        raise DataError(f"{key}: {first} is not a date ({rows_said(strange)})", remedy=wanted)
    names = styles.unique(maintain_order=True).to_list()
    if len(names) > 1:
        found = "; ".join(f"{name} ({rows_said(styles == name)})" for name in names[:3])
        raise DataError(f"{key}: more than one format in one column: {found}", remedy=wanted)
    style = DateStyle() if names[0] in ISO_STYLES else _numeric_style(texts)
    if style is None:
        raise DataError(f"{key}: {_both_orders(texts)}", remedy=wanted)
    if style.ambiguous:
        what = f"{key}: day and month cannot be told apart: no day above 12 in {texts.len()} rows"
        raise DataError(what, remedy=wanted)
    return style


def _both_orders(texts: pl.Series) -> str:
    parts = texts.str.strip_chars().str.extract_groups(NUMERIC).struct.unnest()
    first, second = parts["1"].cast(pl.Int64), parts["3"].cast(pl.Int64)
    wrong = (first > 31) | (second > 31) | ((first > 12) & (second > 12))
    if wrong.any():
        return f"{excerpt(texts.filter(wrong)[0])} is not a date ({rows_said(wrong)})"
    orders = f"day first ({rows_said(first > 12)}), month first ({rows_said(second > 12)})"
    return f"more than one format in one column: {orders}"


def epoch_unit(numbers: pl.Series) -> float | None:
    """Return how many units since 1970 make a second where all the numbers can only be moments, else None.

    >>> epoch_unit(pl.Series([1.7e9, 1.6e9])), epoch_unit(pl.Series([1, 2]))
    (1.0, None)
    """
    low, high = numbers.min(), numbers.max()
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return None
    return next((per_s for _, start, end, per_s in EPOCH_UNITS if start <= low and high < end), None)
