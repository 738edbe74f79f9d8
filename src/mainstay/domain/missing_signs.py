"""Words and numbers that may mean missing: levels and amounts unless a person says so."""

from __future__ import annotations

import numpy as np

# Compared stripped and lower-case. They are levels unless a person says that they mean missing.
NO_WORDS = (
    "unknown",
    "unk",
    "not known",
    "not available",
    "not applicable",
    "not specified",
    "unspecified",
    "undefined",
    "missing",
    "no data",
    "no answer",
    "don't know",
    "n.a.",
    "n. a.",
    "#n/a",
    "nil",
    "tbd",
    "-",
    "--",
    "–",
    "xx",
    "xxx",
    "(blank)",
    "(null)",
    "unbekannt",
    "keine angabe",
    "inconnu",
    "desconocido",
)
NO_NUMBERS = frozenset({-1.0, -9.0, -99.0, -999.0, -9999.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0})
MIN_ROWS = 10
MIN_SHARE = 0.002
MIN_OTHERS = 10  # distinct numbers beside it: with fewer they are codes


def missing_number(numbers: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float | None:
    """Return a number such as -1 or 999 that often stands far from all others and so may mean missing, else None.

    >>> missing_number(np.array([*range(100), *[999] * 20], dtype=float))
    999.0
    """
    known = numbers[np.isfinite(numbers)]
    if not known.size:
        return None
    for end in (float(known.min()), float(known.max())):
        rest = known[known != end]
        n = known.size - rest.size
        if end not in NO_NUMBERS or n < max(MIN_ROWS, MIN_SHARE * known.size) or np.unique(rest).size <= MIN_OTHERS:
            continue
        low, high = float(rest.min()), float(rest.max())
        gap = min(abs(end - low), abs(end - high))
        if gap >= high - low or (end == -1.0 and low >= 0):
            return end
    return None
