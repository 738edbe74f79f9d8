"""Numbers as sentences say them."""

from __future__ import annotations

import math


def spelled(number: float, digits: int = 3) -> str:
    """Write a number to so many digits: thousands apart, and large ones without an exponent.

    >>> spelled(1254.0), spelled(-0.05593), spelled(1988.4, 4), spelled(0.0), spelled(9.996e5)
    ('1,250', '-0.0559', '1,988', '0', '1,000,000')
    """
    rounded = float(f"{number:.{digits}g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 10.0 ** (digits - 1) else f"{rounded:.{digits}g}"


def spelled_range(value: float, low: float, high: float) -> str:
    """Write a number with its bounds, all to the second digit of half their distance: more is not known.

    >>> spelled_range(42.7, 40.99, 44.41), spelled_range(2311.0, 2206.0, 2415.0), spelled_range(2.0, 2.0, 2.0)
    ('42.7 (41.0 to 44.4)', '2,310 (2,210 to 2,420)', '2 (2 to 2)')
    """
    half = (high - low) / 2
    if not 0 < half < math.inf:
        return f"{spelled(value, 4)} ({spelled(low, 4)} to {spelled(high, 4)})"
    decimals = 1 - math.floor(math.log10(half))
    one, other, last = (f"{round(each, decimals) + 0.0:,.{max(decimals, 0)}f}" for each in (value, low, high))
    return f"{one} ({other} to {last})"


def with_unit(said: str, unit: str) -> str:
    """Put a unit to a number as written: a currency stands before it, words that begin with 'of' after it.

    >>> with_unit("2 (1 to 3)", "EUR"), with_unit("0.1", "of log loss"), with_unit("4", "")
    ('EUR 2 (1 to 3)', '0.1 of log loss', '4')
    """
    parts = (said, unit) if unit.startswith(("of ", "units of ")) else (unit, said)
    return " ".join(parts).strip()
