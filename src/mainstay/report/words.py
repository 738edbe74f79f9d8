"""Numbers, money and intervals in the reader's words, rounded to what is known."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

MINUS = "−"
BELOW = re.compile(
    r"(?<=\()-(?=[\d.,]+ to )|(?<= to )-(?=\d)|(?<= )-(?=[\d.,]+ \()"
)  # before a number with its interval
SCALES = ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"))
SHOWN_DIGITS = 3  # of a number whose uncertainty is not known


def step_of(value: float, low: float | None = None, high: float | None = None) -> float:
    """The step to round a number to: the leading digit of half its interval, finer where that would cross zero.

    It is finer by a digit, too, where the number would read as one of its own bounds. Returns a power of ten. Without
    an interval three digits are kept.

    >>> step_of(1952.0, 1760.0, 2140.0), step_of(0.1234), step_of(300.0, 40.0, 560.0), step_of(-550.0, -1100.0, 2200.0)
    (100.0, 0.001, 10.0, 100.0)
    """
    if low is None or high is None or not 0 < high - low < math.inf:
        return 1.0 if not value else 10.0 ** max(_exponent(value) - SHOWN_DIGITS + 1, -9)
    exponent = _exponent((high - low) / 2)
    while exponent > -9 and any(bound and not _rounded(bound, 10.0**exponent) for bound in (low, high)):
        exponent -= 1
    step = 10.0**exponent
    is_bound = math.isfinite(value) and _rounded(value, step) in (_rounded(low, step), _rounded(high, step))
    return 10.0 ** max(exponent - (is_bound and value not in (low, high)), -9)


def number(value: float, step: float) -> str:
    """A number rounded to a step (a power of ten), thousands apart, large ones in millions.

    >>> number(1952.4, 100.0), number(-18_040_000.0, 100_000.0), number(0.126, 0.01)
    ('2,000', '−18 million', '0.13')
    """
    rounded = _rounded(value, step)
    sign = MINUS if rounded < 0 else ""
    size, exponent = abs(rounded), round(math.log10(step))
    for scale, word in SCALES:
        if size >= scale:
            decimals = max(0, round(math.log10(scale)) - exponent)
            return f"{sign}{_trimmed(f'{size / scale:,.{decimals}f}')}{word}"
    return f"{sign}{size:,.{max(0, -exponent)}f}"


def signed(value: float, step: float) -> str:
    """The same, with its sign always shown, but for nought.

    >>> signed(1952.4, 100.0), signed(-3.0, 10.0)
    ('+2,000', '0')
    """
    text = number(value, step)
    return text if text.startswith(MINUS) or _rounded(value, step) == 0 else f"+{text}"


def money(value: float, currency: str, step: float) -> str:
    """Money with its currency before it, which may be empty.

    >>> money(4518.0, "TWD", 10.0)
    'TWD 4,520'
    """
    return f"{currency} {number(value, step)}".strip()


def likely(low: float | None, high: float | None, step: float) -> str:
    """An interval in words, rounded to a step.

    >>> likely(1700.0, 2212.0, 100.0)
    'likely 1,700 to 2,200'
    """
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return "how sure is not known"
    start, end = number(low, step), number(high, step)
    for _, word in SCALES:
        if start.endswith(word) and end.endswith(word):
            start = start.removesuffix(word)
    return f"likely {start} to {end}"


def percent(share: float) -> str:
    """A share as a percentage, with more digits where it is small or almost all; 'unknown' for NaN.

    >>> percent(0.2731), percent(0.0432), percent(0.00061), percent(0.9972), percent(0.0)
    ('27%', '4.3%', '0.06%', '99.7%', '0%')
    """
    return "unknown" if math.isnan(share) else f"{fixed(100 * share, percent_digits(share))}%"


def percent_digits(share: float) -> int:
    """Digits after the point that `percent` shows of a share.

    >>> percent_digits(0.27), percent_digits(0.004)
    (0, 1)
    """
    rest, whole = (share, 0.0995) if share < 0.5 else (1 - share, 0.0095)
    return 0 if rest >= whole or rest <= 0 else min(max(1, -_exponent(100 * rest)), 6)


def fixed(value: float, digits: int) -> str:
    """A number with as many digits after the point; halves go up.

    >>> fixed(12.5, 0), fixed(0.125, 2), fixed(-0.357, 2)
    ('13', '0.13', '−0.36')
    """
    return f"{_rounded(value * 10**digits, 1.0) / 10**digits:,.{digits}f}".replace("-", MINUS)


def apart(first: float, second: float, digits: int = 2, most: int = 4) -> int:
    """Digits after the point at which two numbers read as two, from `digits` to `most`.

    >>> apart(0.9997, 0.9981), apart(0.9, 0.8), apart(0.5, 0.5)
    (3, 2, 4)
    """
    return next((n for n in range(digits, most) if fixed(first, n) != fixed(second, n)), most)


def of_hundred(share: float) -> str:
    """A share as a count of a hundred, or of more where it is small; 'unknown' for NaN.

    >>> of_hundred(0.497), of_hundred(0.013), of_hundred(0.0)
    ('50 of 100', '13 of 1,000', '0 of 100')
    """
    if math.isnan(share):
        return "unknown"
    whole = next((n for n in (100, 1000, 10_000, 100_000) if share * n >= 9.5), 100 if share == 0 else 1_000_000)
    return f"{_rounded(share * whole, 1.0):,.0f} of {whole:,}"


def share_range(low: float, high: float) -> str:
    """The bounds of a share in words, with the digits of the more delicate one.

    >>> share_range(0.478, 0.521), share_range(float("nan"), 1.0)
    ('likely 48 to 52%', 'how sure is not known')
    """
    if math.isnan(low) or math.isnan(high):
        return "how sure is not known"
    digits = max(percent_digits(low), percent_digits(high))
    return f"likely {fixed(100 * low, digits)} to {fixed(100 * high, digits)}%"


def sentence(text: str, names: Collection[str] = ()) -> str:
    """A text as a sentence: a capital first, unless it begins with one of the `names` (`column=level`), and an end.

    >>> sentence("the price rose"), sentence("price rose", ["price=low"]), sentence("Why?"), sentence("roc_auc is low")
    ('The price rose.', 'price rose.', 'Why?', 'roc_auc is low.')
    >>> sentence("it gains 3 (-1 to 7)"), sentence("it gains -3 (-4 to -2)")
    ('It gains 3 (−1 to 7).', 'It gains −3 (−4 to −2).')
    """
    known = {part for name in names for part in (name, name.split("=", 1)[0])}
    first = text.split(" ", 1)[0].strip("'\"’:,")
    text = BELOW.sub(MINUS, text)
    begun = text if first in known or {"_", "@"} & set(first) else text[:1].upper() + text[1:]
    return begun if begun.endswith((".", "!", "?")) or not begun else f"{begun}."


def first_clauses(text: str, most: int = 160) -> str:
    """As many clauses of a text as a first page has room for, in letters, and at least one.

    >>> first_clauses("it is off; in May by 3; in June by 5", 25)
    'it is off; in May by 3'
    """
    kept, *others = text.split("; ")
    for each in others:
        if len(kept) + len(each) + 2 > most:
            break
        kept = f"{kept}; {each}"
    return kept


def day(moment: date | datetime) -> str:
    """A day as people write it.

    >>> day(date(2026, 11, 21))
    '21 Nov 2026'
    """
    return f"{moment.day} {moment:%b %Y}"


def counted(n: int, one: str, many: str | None = None) -> str:
    """A count with its noun, small counts as words.

    >>> counted(2, "condition"), counted(1, "day"), counted(1200, "row")
    ('two conditions', 'one day', '1,200 rows')
    """
    spelled = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    word = spelled[n] if 0 <= n < len(spelled) else f"{n:,}"
    return f"{word} {one if n == 1 else many or one + 's'}"


def _rounded(value: float, step: float) -> float:
    """Halves go up, as in the page's own script, so that both say the same."""
    return math.floor(value / step + 0.5) * step


def _exponent(value: float) -> int:
    """The power of ten of a number's leading digit as it prints; 0 for nought."""
    return max(Decimal(repr(float(value))).adjusted(), -9) if value and math.isfinite(value) else 0


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
