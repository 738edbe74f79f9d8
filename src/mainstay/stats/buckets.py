"""Cutting sorted scores into buckets of equal count that never part rows with the same score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from mainstay.stats.arrays import FloatArray, IntArray


def tie_ends(ordered: FloatArray) -> IntArray:
    """Where each run of equal values ends (exclusive) in a sorted vector, either way up.

    >>> tie_ends(np.array([1.0, 1.0, 2.0]))
    array([2, 3])
    """
    if not ordered.size:
        return np.zeros(0, dtype=np.int64)
    return np.append(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, ordered.size)


def snapped_ends(ordered: FloatArray, wanted: npt.ArrayLike) -> IntArray:
    """The wanted bucket ends (numbers of rows), each moved to the nearest end of a run of equal values.

    The last row always ends the last bucket; ends that meet become one.

    >>> snapped_ends(np.array([1.0, 2.0, 2.0, 2.0, 3.0]), [2, 5])
    array([1, 5])
    """
    allowed = np.insert(tie_ends(ordered), 0, 0)
    targets = np.asarray(wanted, dtype=np.float64)
    after = np.clip(np.searchsorted(allowed, targets), 1, max(allowed.size - 1, 1))
    if allowed.size == 1:
        return np.zeros(0, dtype=np.int64)
    below, above = allowed[after - 1], allowed[after]
    nearest = np.where(targets - below <= above - targets, below, above)
    ends = np.unique(np.append(nearest, ordered.size))
    return ends[ends > 0].astype(np.int64)


def equal_count_ends(ordered: FloatArray, n_buckets: int) -> IntArray:
    """The ends (exclusive) of at most `n_buckets` buckets of nearly equal count over a sorted vector.

    Ties are never parted, so fewer buckets come back where scores repeat. Raises `ValueError` for fewer than one.

    >>> equal_count_ends(np.arange(10.0), 3)
    array([ 3,  7, 10])
    """
    if n_buckets < 1:
        raise ValueError(f"n_buckets is {n_buckets}; wanted 1 or more")
    return snapped_ends(ordered, ordered.size * np.arange(1, n_buckets + 1) / n_buckets)


def bucket_sums(values: npt.ArrayLike, ends: IntArray) -> FloatArray:
    """The sum of the values in each bucket, given where the buckets end (exclusive).

    >>> bucket_sums([1, 2, 3], np.array([2, 3]))
    array([3., 3.])
    """
    running = np.insert(np.cumsum(np.asarray(values, dtype=np.float64)), 0, 0.0)
    return np.diff(running[np.insert(ends, 0, 0)])
