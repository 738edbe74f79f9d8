"""Columns that look like personal data, by their name or by what they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from mainstay.data.columns import is_nested, nameless, plain
from mainstay.data.dates import NOT_A_DATE, text_styles
from mainstay.data.profile import ColumnProfile
from mainstay.data.question import Question
from mainstay.domain.schema import Kind

MAX_SEEN = 1_000
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
PERSONAL_WORDS = re.compile(
    r"name|(first|last|sur|full)name|e?mail|(tele)?phone|mobile|address|street|birth(date|day)|dob|ssn|passport|iban"
)
PERSONAL_PAIRS = re.compile(r"(first|last|full) name|e mail|birth date|date of birth|phone number")
EMAIL = r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"
PHONE = r"^\+?[\d][\d ()/.\-]{6,18}\d$"


def personal(table: pl.DataFrame, seen: Mapping[str, ColumnProfile]) -> list[Question]:
    """Ask about columns that sound like personal data or hold e-mail addresses or telephone numbers."""
    asked = []
    for name, column in seen.items():
        if is_nested(table[name].dtype):
            continue
        if has_personal_name(name):
            asked.append(Question(name, "personal", "sounds like personal data"))
        elif column.kind in (Kind.TEXT, Kind.CATEGORY) and (what := _content(nameless(plain(table[name])))):
            asked.append(Question(name, "personal", f"holds what looks like {what}"))
    return asked


def has_personal_name(name: str) -> bool:
    """Whether a column is called as data about a person is.

    >>> has_personal_name("customerPhone"), has_personal_name("product_name")
    (True, False)
    """
    words = [word.lower() for word in WORD.findall(name)]
    alone = [word for word in (*words, "".join(words)) if word != "name" or len(words) == 1]
    return any(map(PERSONAL_WORDS.fullmatch, alone)) or PERSONAL_PAIRS.search(" ".join(words)) is not None


def _content(texts: pl.Series) -> str | None:
    some = texts.drop_nulls().unique().head(MAX_SEEN)
    if some.dtype != pl.String or some.is_empty():
        return None
    if int(some.str.contains(EMAIL).sum()) > some.len() / 2:
        return "e-mail addresses"
    phones = some.str.contains(PHONE) & (text_styles(some) == NOT_A_DATE)
    return "telephone numbers" if int(phones.sum()) > some.len() / 2 else None
