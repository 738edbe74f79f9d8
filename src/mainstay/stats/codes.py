"""Codes outside the pattern of a column's own numbering: a zero before one, a rare tail that does not fall."""

from __future__ import annotations

import numpy as np

from mainstay.stats.arrays import FloatArray, IntArray

MOST_CODES = 12
LEAST_ROWS = 5  # of a code: fewer are slips, and no model learns from them
RARE = 0.01  # of all rows: below, a code is rare
EDGE = 100.0  # times as frequent as a rare zero is the one after it: no count falls so from its heights
COMMON = 0.25  # of the commonest code's rows that the one has
CLIFF = 25.0  # times as rare as the last common code is the first beyond it
SURE = 4.0  # standard errors by which a code of a tail outnumbers one that stands nearer


def odd_codes(codes: FloatArray, n_rows: IntArray) -> FloatArray:
    """Return the codes that do not belong to the numbering of the others, ascending.

    `codes` are a column's distinct values, ascending, shape (n_codes,), `n_rows` how often each comes. Odd is a rare
    zero where the numbering begins at one with a common code a hundred times as frequent; and every code of a rare tail
    that begins with a cliff and then rises again. Counts of chance (binomial, Poisson, amounts rounded by less than
    their spread) fall by degrees and then stay down.

    >>> odd_codes(np.arange(7.0), np.array([14, 10585, 14030, 4917, 123, 280, 51])).tolist()
    [0.0, 4.0, 5.0, 6.0]
    >>> odd_codes(np.arange(5.0), np.array([600, 300, 80, 15, 5])).tolist()
    []
    """
    is_whole = bool(np.all(codes == np.round(codes)))
    if not is_whole or not 3 <= codes.size <= MOST_CODES or np.max(np.diff(codes)) > 1:
        return np.empty(0)
    is_odd = _before_one(codes, n_rows) | _risen_tail(n_rows)
    return np.asarray(codes[is_odd & (n_rows >= LEAST_ROWS)], dtype=np.float64)


def _before_one(codes: FloatArray, n_rows: IntArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    is_odd = np.zeros(codes.size, dtype=bool)
    is_common = n_rows[1] >= COMMON * n_rows.max()
    is_odd[0] = codes[0] == 0 and n_rows[0] <= RARE * n_rows.sum() and is_common and n_rows[1] >= EDGE * n_rows[0]
    return is_odd


def _risen_tail(n_rows: IntArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    is_odd = np.zeros(n_rows.size, dtype=bool)
    last = int(np.flatnonzero(n_rows >= RARE * n_rows.sum())[-1])
    tail = n_rows[last + 1 :].astype(np.float64)
    if tail.size < 2 or n_rows[last] < CLIFF * tail[0]:
        return is_odd
    least = np.minimum.accumulate(tail)[:-1]
    is_odd[last + 1 :] = np.any(tail[1:] - least > SURE * np.sqrt(tail[1:] + least))
    return is_odd
