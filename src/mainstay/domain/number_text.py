"""Numbers as people write them: thousands, decimal commas, currencies, units, percent signs, accounting negatives.

Needs the standard library alone, because this text also travels inside bundles.
"""

from __future__ import annotations

import re
from functools import lru_cache

DASHES = frozenset({"-", "--", "–", "—", "−", ".", ".."})  # what stands in tables where there is no number
SPACES = " \u00a0\u2007\u2009\u202f"
MAX_CHARACTERS = 400  # of a number: beyond any float, short enough to be matched at once
MINUS = r"\-−"


def number_of(text: str, *, decimal: str = ".", affix: str = "") -> float | None:
    """Return the number that a text writes, or None where a dash stands for none.

    `decimal` stands before the fraction; the other one of `.` and `,` groups thousands, and so do spaces and
    apostrophes. `affix` (a currency, a unit, `%`) may stand before or after the number, and changes nothing: `12 %` is
    12. A number in brackets, or with a minus before or after it, is negative. Raises `ValueError` for anything else:
    another currency or unit, groups of a wrong length, two signs.

    >>> number_of("1,234.50"), number_of("€ 1.234,5", decimal=",", affix="€"), number_of("12 %", affix="%")
    (1234.5, 1234.5, 12.0)
    """
    bare = text.strip()
    if decimal == "." or "." not in bare:
        try:
            return float(bare.replace("_", "?"))
        except ValueError:
            pass
    if bare in DASHES:
        return None
    found = _pattern(decimal, affix).fullmatch(bare) if len(bare) <= MAX_CHARACTERS else None
    if found is None:
        raise ValueError("no number")
    marks = [mark for mark in found.group("open", "sign", "own", "inner", "after") if mark]
    if len(marks) > 1 or (found["before"] and found["behind"]):
        raise ValueError("two signs or units")
    digits = re.sub(f"[{SPACES}'’{',' if decimal == '.' else '.'}]", "", found["body"])
    number = float(digits.replace(decimal, "."))
    return -number if marks and marks[0] != "+" else number


@lru_cache(maxsize=256)
def _pattern(decimal: str, affix: str) -> re.Pattern[str]:
    """The shape of a number in brackets, signs and its affix."""
    unit = f"(?i:{re.escape(affix)})" if affix else "(?!)"
    group = "," if decimal == "." else r"\."
    point = re.escape(decimal)
    whole = "|".join(
        (
            rf"[0-9]{{1,3}}(?:{group}[0-9]{{2,3}})*{group}[0-9]{{3}}",
            rf"[0-9]{{1,3}}(?:[{SPACES}][0-9]{{3}})+",
            r"[0-9]{1,3}(?:['’][0-9]{3})+",
            "[0-9]+",
        )
    )
    body = rf"(?P<body>(?:(?:{whole})(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]{{1,4}})?)"
    return re.compile(
        rf"(?P<open>\()?\s*(?P<sign>[+{MINUS}])?\s*(?P<before>{unit})?\s*(?P<own>[+{MINUS}])?\s*(?P<inner>\()?\s*{body}"
        rf"\s*(?(inner)\))\s*(?P<behind>{unit})?\s*(?P<after>[{MINUS}])?\s*(?(open)\))"
    )
