"""Dates written in a known format, read without asking the machine's language.

Needs the standard library alone, because this text also travels inside bundles.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

NAMES = (
    ("jan", "january"),
    ("feb", "february"),
    ("mar", "march"),
    ("apr", "april"),
    ("may",),
    ("jun", "june"),
    ("jul", "july"),
    ("aug", "august"),
    ("sep", "september", "sept"),
    ("oct", "october"),
    ("nov", "november"),
    ("dec", "december"),
)  # English alone: other languages share short names for different months
MONTHS = {name: number for number, names in enumerate(NAMES, start=1) for name in names}
WORD = re.compile(r"[A-Za-z]{3,9}")
HALF = re.compile(r" ?([AaPp])\.?[Mm]\.?$")


def date_of(text: str, pattern: str) -> datetime:
    """Read a date without a zone by a `strptime` pattern; `%b` is an English month, short or long, `%p` AM or PM.

    Raises `ValueError` where the text is not written so.

    >>> date_of("31-Mar-2026 2:05 PM", "%d-%b-%Y %I:%M %p").isoformat()
    '2026-03-31T14:05:00'
    """
    later = timedelta()
    if "%p" in pattern:
        half = HALF.search(text)
        if half is None:
            raise ValueError("neither AM nor PM")
        text, pattern = text[: half.start()], pattern.replace("%p", "").rstrip()
        later = timedelta(hours=12 if half[1] in "Pp" else 0)
    if "%b" in pattern:
        text, pattern = WORD.sub(_month, text, count=1), pattern.replace("%b", "%m")
    return datetime.strptime(text, pattern) + later  # noqa: DTZ007 - the caller knows the zone


def is_month(word: str) -> bool:
    """Whether a word is the English name of a month, short or long.

    >>> is_month("Sept"), is_month("Mai")
    (True, False)
    """
    return word.lower() in MONTHS


def _month(word: re.Match[str]) -> str:
    if not is_month(word[0]):
        raise ValueError("no month")
    return f"{MONTHS[word[0].lower()]:02d}"
