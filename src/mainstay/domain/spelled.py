"""Numbers as sentences say them."""

from __future__ import annotations


def spelled(number: float, digits: int = 3) -> str:
    """Write a number to so many digits: thousands apart, and large ones without an exponent.

    >>> spelled(1254.0), spelled(-0.05593), spelled(1988.4, 4), spelled(0.0), spelled(9.996e5)
    ('1,250', '-0.0559', '1,988', '0', '1,000,000')
    """
    rounded = float(f"{number:.{digits}g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 10.0 ** (digits - 1) else f"{rounded:.{digits}g}"


def with_unit(said: str, unit: str) -> str:
    """Put a unit to a number as written: a currency stands before it, words that begin with 'of' after it.

    >>> with_unit("2 (1 to 3)", "EUR"), with_unit("0.1", "of log loss"), with_unit("4", "")
    ('EUR 2 (1 to 3)', '0.1 of log loss', '4')
    """
    parts = (said, unit) if unit.startswith(("of ", "units of ")) else (unit, said)
    return " ".join(parts).strip()
