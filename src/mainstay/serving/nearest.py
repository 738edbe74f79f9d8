"""The level that a caller may have meant, found in time that does not grow with what is sent.

Levels are compared by the pairs of letters they share, through an index made once for each field; only the few best are
compared letter by letter.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np

MAX_LEVELS = 2_000  # levels among which the nearest is looked for: the most frequent ones, which stand first
MAX_COMPARED = 64  # characters of a level; what differs beyond is no slip of a finger
N_BEST = 5
LIKE = 0.6  # share of letters in common from which a level is named
MAX_KEPT = 64  # fields whose levels are indexed at once


class _Pairs(NamedTuple):
    levels: tuple[str, ...]
    n_pairs: np.ndarray[tuple[int], np.dtype[np.int64]]
    places: dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]


_PAIRS: dict[int, _Pairs] = {}  # by the identity of the levels, which each entry keeps alive


def nearest(text: str, levels: tuple[str, ...]) -> str | None:
    """Return the level most like a text, or None where none is like it.

    >>> nearest("festivall", ("concert", "festival")), nearest("zebra", ("concert", "festival"))
    ('festival', None)
    """
    folded = _folded(text)
    index = _indexed(levels)
    found = [index.places[pair] for pair in _pairs(folded) if pair in index.places]
    if not found:
        return None
    shared = np.bincount(np.concatenate(found), minlength=len(index.n_pairs))
    alike = 2 * shared / (index.n_pairs + len(_pairs(folded)))
    best = np.argsort(-alike, kind="stable")[:N_BEST]
    likeness, place = max((SequenceMatcher(None, folded, _folded(levels[i])).ratio(), -int(i)) for i in best)
    return levels[-place] if likeness >= LIKE else None


def _indexed(levels: tuple[str, ...]) -> _Pairs:
    found = _PAIRS.get(id(levels))
    if found is None or found.levels is not levels:
        if len(_PAIRS) >= MAX_KEPT:
            _PAIRS.clear()
        found = _PAIRS[id(levels)] = _index(levels)
    return found


def _index(levels: tuple[str, ...]) -> _Pairs:
    places: dict[str, list[int]] = {}
    n_pairs = []
    for place, level in enumerate(levels[:MAX_LEVELS]):
        pairs = _pairs(_folded(level))
        n_pairs.append(len(pairs))
        for pair in pairs:
            places.setdefault(pair, []).append(place)
    return _Pairs(levels, np.array(n_pairs), {pair: np.array(each) for pair, each in places.items()})


def _folded(text: str) -> str:
    return text[:MAX_COMPARED].strip().casefold()[:MAX_COMPARED]


def _pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring letters, with the ends marked, so that a single letter has pairs too."""
    marked = f"\0{text}\0"
    return frozenset(marked[i : i + 2] for i in range(len(marked) - 1))
