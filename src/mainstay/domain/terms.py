"""Free texts as numbers: plain facts, and the score of their words. Training and serving both compute them here.

Needs the standard library alone, because this text also travels inside bundles.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from functools import lru_cache
from itertools import pairwise

WORD = re.compile(r"\w\w+")
WORDS = r"(?u)\b\w\w+\b"  # the same words as scikit-learn's vectorizers write them
EXACT = Context(prec=28)  # a host may have set another precision

Known = Mapping[str, tuple[float, float]]


def term_counts(text: str) -> dict[str, int]:
    """Return how often each term is in a text: its words of two or more characters, then pairs of adjacent ones.

    >>> term_counts("Win a WIN!")
    {'win': 2, 'win win': 1}
    """
    words = WORD.findall(text.lower())
    counts: dict[str, int] = {}
    for term in (*words, *map(" ".join, pairwise(words))):
        counts[term] = counts.get(term, 0) + 1
    return counts


def text_score(text: str, known: Known, intercept: float) -> float:
    """Return the linear score of a text's terms (see `TextScore`); `known` has each term's rarity and weight.

    >>> text_score("win win", {"win": (2.0, 3.0)}, -1.0)
    2.0
    """
    total = square = 0.0
    for term, count in term_counts(text).items():
        found = known.get(term)
        if found is not None:
            strength = (1.0 + log_of_count(count)) * found[0]
            total += strength * found[1]
            square += strength * strength
    return intercept + total / math.sqrt(square) if square else intercept


@lru_cache(maxsize=1024)
def log_of_count(count: int) -> float:
    """Return the natural logarithm of a count: the same bits on every machine, which a C library does not promise."""
    return float(EXACT.ln(Decimal(count)))


def _share(text: str, counted: Callable[[str], bool]) -> float:
    return sum(map(counted, text)) / len(text) if text else 0.0


FACTS: dict[str, Callable[[str], float]] = {
    "characters": lambda text: float(len(text)),
    "words": lambda text: float(len(WORD.findall(text))),
    "digits": lambda text: _share(text, str.isdigit),
    "capitals": lambda text: _share(text, str.isupper),
}


def text_fact(text: str, part: str) -> float:
    """Return a plain fact about a text: `characters`, `words`, or the share of `digits` or `capitals`.

    >>> text_fact("WIN 50", "digits")
    0.3333333333333333
    """
    return FACTS[part](text)
