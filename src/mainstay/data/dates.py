"""Dates written as text or numbers: which format a column uses, and when it uses two or cannot be told."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from mainstay.data.columns import excerpt, rows_said
from mainstay.domain.date_text import MONTHS
from mainstay.domain.errors import DataError

CLOCK = r"[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?"
ISO_LOCAL = rf"^\d{{4}}-\d{{2}}-\d{{2}}({CLOCK})?$"
ISO_OFFSET = rf"^\d{{4}}-\d{{2}}-\d{{2}}{CLOCK} ?(Z|z|[+-]\d{{2}}(:?\d{{2}})?)$"
ISO_BASIC = r"^(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])$"
TIME_OF_DAY = r"([T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?: ?[AaPp]\.?[Mm]\.?)?)?$"
NUMERIC = rf"^(\d{{1,4}})([/.\-])(\d{{1,2}})([/.\-])(\d{{1,4}}){TIME_OF_DAY}"
NAMED = rf"^(\d{{1,2}})([ /.\-])([A-Za-z]{{3,9}})([ /.\-])(\d{{4}}|\d{{2}}){TIME_OF_DAY}"
NAMED_FIRST = rf"^([A-Za-z]{{3,9}})( )(\d{{1,2}})(,? )(\d{{4}}){TIME_OF_DAY}"
YEAR_MONTH = r"^(\d{4})([/\-])(0[1-9]|1[0-2])$"

FRACTION = re.compile(r"\.\d")
DATE_SHARE = 0.95  # texts that are dates but for a few stray words are dates with faults
FEW = 20
NOT_A_DATE = "no date"
ISO_STYLES = ("ISO without an offset", "ISO with an offset", "ISO without dashes")

# Numbers that can only be moments since 1970: bounds are 1973 and 2286 in each unit.
EPOCH_UNITS = (("seconds", 1e8, 1e10, 1.0), ("milliseconds", 1e11, 1e13, 1e3), ("microseconds", 1e14, 1e16, 1e6))


@dataclass(frozen=True, slots=True)
class DateStyle:
    """How a column writes its dates: ISO (`pattern` is empty) or as a pattern for `date_of` says.

    `ambiguous` says that day and month cannot be told apart: the pattern is then one of two.
    """

    pattern: str = ""
    ambiguous: bool = False


def date_style(texts: pl.Series) -> DateStyle | None:
    """Find the one format that (non-missing) texts share, but for a few of many; None where they share none.

    >>> date_style(pl.Series(["31/01/2026", "01/02/2026"])).pattern
    '%d/%m/%Y'
    >>> date_style(pl.Series(["03/01/2026", "01/02/2026"])).ambiguous
    True
    """
    styles = text_styles(texts)
    counts = styles.alias("style").value_counts(sort=True, name="n")
    name, n = counts["style"][0], int(counts["n"][0])
    if name == NOT_A_DATE or (n < texts.len() and (n <= FEW or n < DATE_SHARE * texts.len())):
        return None
    return DateStyle() if name in ISO_STYLES else _written_style(texts.filter(styles == name))


def text_styles(texts: pl.Series) -> pl.Series:
    """Name the style of every text: an ISO style, the shape of another one such as `9/9/YYYY`, or `no date`."""
    text = pl.col("text").str.strip_chars()
    parts = text.str.extract_groups(NUMERIC)
    first, last = (parts.struct.field(name).str.len_chars() for name in ("1", "5"))
    numeric = ((first == 4) & (last <= 2)) | ((first <= 2) & last.is_in([2, 4]))
    word = pl.coalesce(text.str.extract(NAMED, 3), text.str.extract(NAMED_FIRST, 1)).str.to_lowercase()
    style = (
        pl.when(text.str.contains(ISO_LOCAL))
        .then(pl.lit(ISO_STYLES[0]))
        .when(text.str.contains(ISO_OFFSET))
        .then(pl.lit(ISO_STYLES[1]))
        .when(text.str.contains(ISO_BASIC))
        .then(pl.lit(ISO_STYLES[2]))
        .when(numeric & (parts.struct.field("2") == parts.struct.field("4")))
        .then(_shape(text))
        .when(word.is_in(list(MONTHS)) | text.str.contains(YEAR_MONTH))
        .then(_shape(text))
        .otherwise(pl.lit(NOT_A_DATE))
    )
    return pl.DataFrame({"text": texts}).select(style.alias("style"))["style"]


def _shape(text: pl.Expr) -> pl.Expr:
    """A date with its digits and words left out: what is alike in texts of one format."""
    bare = text.str.replace(r"(:\d{2})\.\d+", "${1}.f").str.replace(r" ?[AaPp]\.?[Mm]\.?$", " PM")
    named = bare.str.replace_all(r"[A-Za-z]{3,9}", "MON")
    return named.str.replace_all(r"\d{3,4}", "YYYY").str.replace_all(r"\d{1,2}", "9")


def _written_style(texts: pl.Series) -> DateStyle | None:
    """The style of texts of one shape that is not ISO."""
    bare = texts.str.strip_chars()
    if bare.str.contains(YEAR_MONTH)[0]:
        return DateStyle(f"%Y{bare[0][4]}%m")
    for pattern, order in ((NAMED, ("%d", "%b", "%Y")), (NAMED_FIRST, ("%b", "%d", "%Y"))):
        parts = bare.head(1).str.extract_groups(pattern).struct.unnest().row(0)
        if parts[0] is not None:
            year = "%y" if len(parts[4]) == 2 else order[2]
            return DateStyle(f"{order[0]}{parts[1]}{order[1]}{parts[3]}{year}{_clock(parts[5])}")
    return _numeric_style(bare)


def _clock(text: str | None) -> str:
    """The pattern of a time of day with what stands before it, such as ` 2:05 PM`."""
    if not text:
        return ""
    halves = text.rstrip(". ")[-1] in "mM"
    hours = "%I" if halves else "%H"
    seconds = ":%S" if text.count(":") == 2 else ""
    return f"{text[0]}{hours}:%M{seconds}{'.%f' if FRACTION.search(text) else ''}{' %p' if halves else ''}"


def _numeric_style(texts: pl.Series) -> DateStyle | None:
    parts = texts.str.strip_chars().str.extract_groups(NUMERIC).struct.unnest()
    first, second, third = (parts[name].cast(pl.Int64).max() for name in ("1", "3", "5"))
    if not isinstance(first, int) or not isinstance(second, int) or not isinstance(third, int):
        return None
    separator, clock = parts["2"][0], _clock(parts["6"][0])
    if first > 999:
        return DateStyle(separator.join(("%Y", "%m", "%d")) + clock)
    year = "%Y" if third > 999 else "%y"
    day_first, month_first = first <= 31 and second <= 12, first <= 12 and second <= 31
    if not day_first and not month_first:
        is_year_first = year == "%y" and second <= 12 and third <= 31
        return DateStyle(separator.join(("%y", "%m", "%d")) + clock) if is_year_first else None
    order = ("%d", "%m", year) if day_first else ("%m", "%d", year)
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
    style = DateStyle() if names[0] in ISO_STYLES else _written_style(texts)
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
