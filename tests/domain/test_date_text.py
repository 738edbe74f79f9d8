"""Dates of a known format are read whatever the machine's language, and nothing else is."""

from __future__ import annotations

import pytest

from mainstay.domain.date_text import date_of


@pytest.mark.parametrize(
    ("text", "pattern", "wanted"),
    [
        ("31/03/2026", "%d/%m/%Y", "2026-03-31T00:00:00"),
        ("03/31/26", "%m/%d/%y", "2026-03-31T00:00:00"),
        ("31-Mar-2026", "%d-%b-%Y", "2026-03-31T00:00:00"),
        ("31 march 2026 14:05", "%d %b %Y %H:%M", "2026-03-31T14:05:00"),
        ("Sept 3, 2026", "%b %d, %Y", "2026-09-03T00:00:00"),
        ("3/31/2026 12:05 AM", "%m/%d/%Y %I:%M %p", "2026-03-31T00:05:00"),
        ("3/31/2026 12:05 p.m.", "%m/%d/%Y %I:%M %p", "2026-03-31T12:05:00"),
        ("3/31/2026 11:05:09PM", "%m/%d/%Y %I:%M:%S %p", "2026-03-31T23:05:09"),
        ("31.12.2026 10:00:00.25", "%d.%m.%Y %H:%M:%S.%f", "2026-12-31T10:00:00.250000"),
        ("2026-03", "%Y-%m", "2026-03-01T00:00:00"),
    ],
)
def test_a_date_is_read_as_it_is_written(text: str, pattern: str, wanted: str) -> None:
    assert date_of(text, pattern).isoformat() == wanted


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("31-Mai-2026", "%d-%b-%Y"),
        ("31-Marx-2026", "%d-%b-%Y"),
        ("30-Feb-2026", "%d-%b-%Y"),
        ("3/31/2026 14:05", "%m/%d/%Y %I:%M %p"),
        ("3/31/2026 14:05 PM", "%m/%d/%Y %I:%M %p"),
        ("", "%d/%m/%Y"),
    ],
)
def test_what_is_written_otherwise_is_no_date(text: str, pattern: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        date_of(text, pattern)
