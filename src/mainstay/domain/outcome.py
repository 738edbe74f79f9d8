"""Telling outcomes apart: the same one may come as a text, a number or a truth."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mainstay.domain.errors import DataError
from mainstay.domain.number_text import number_of
from mainstay.domain.reading import FALSE_WORDS, TRUE_WORDS, level_text

LEAST_OF_EACH = 10  # training rows of each outcome: two a fold, below which folds say nothing


def require_both(n_rows: int, n_positive: int) -> None:
    """Refuse training rows of which too few have one of two outcomes, as `DataError`.

    >>> require_both(100, 10)
    """
    if min(n_positive, n_rows - n_positive) < LEAST_OF_EACH:
        came = f"{n_rows} training rows, {n_positive} of them positive: too few to compare candidates"
        raise DataError(came, remedy=f"Bring at least {LEAST_OF_EACH} of each.")


def outcome_key(value: object) -> str:
    """Return the text under which an outcome is compared: spaces, case and the form of a number do not matter.

    >>> outcome_key(1), outcome_key("1.0"), outcome_key(" Yes")
    ('1', '1', 'yes')
    """
    text = level_text(value).strip().casefold()
    try:
        number = float(text)
    except ValueError:
        return text
    return level_text(number) if math.isfinite(number) else text


def match_outcome(raw: object, labels: Sequence[str]) -> str | None:
    """Return which of the labels a value means, or None if it is none of them, or could be several.

    >>> match_outcome(1.0, ("1", "0")), match_outcome(True, ("yes", "no")), match_outcome("maybe", ("yes", "no"))
    ('1', 'yes', None)
    """
    if not isinstance(raw, str | int | float):
        return None
    try:
        key = outcome_key(raw)
    except ValueError:  # Python writes no integer of more than 4,300 digits
        return None
    keys = [outcome_key(label) for label in labels]
    if key in keys:
        return labels[keys.index(key)]
    words = next((words for words in (TRUE_WORDS, FALSE_WORDS) if key in words), frozenset())
    alike = [label for label, known in zip(labels, keys, strict=True) if known in words]
    return alike[0] if len(alike) == 1 else None


def amount_of(raw: object) -> float | None:
    """Return the amount that an outcome says, or None if it says none: a finite number, or a text of one.

    >>> amount_of(3), amount_of("1,234.50"), amount_of(True), amount_of("many"), amount_of("inf")
    (3.0, 1234.5, None, None, None)
    """
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    try:
        number = number_of(raw) if isinstance(raw, str) else float(raw)
    except (ValueError, OverflowError):
        return None
    return number if number is not None and math.isfinite(number) else None
