"""Nearest rows by standardised distance: which known rows lie closest to which asked ones."""

from __future__ import annotations

import numpy as np

from mainstay.stats.arrays import FloatArray, IntArray

BATCH = 200  # asked rows at a time: memory follows the batch


def nearest(known: FloatArray, asked: FloatArray, *, n: int) -> IntArray:
    """Return the places of the n nearest known rows of each asked row, nearest first, shape (n_asked, n).

    Both tables have one column per coordinate, already on one scale (see `standardised`). Ties go to the lower place.
    Fewer known rows than n give all of them. Source: Cover & Hart (1967).

    >>> nearest(np.array([[0.0], [5.0], [1.0]]), np.array([[0.2]]), n=2).tolist()
    [[0, 2]]
    """
    n = min(n, known.shape[0])
    squares = np.square(known).sum(axis=1)
    found = np.empty((asked.shape[0], n), dtype=np.int64)
    for start in range(0, asked.shape[0], BATCH):
        few = asked[start : start + BATCH]
        away = squares - 2 * few @ known.T  # the asked row's own square is the same for all
        places = np.argpartition(away, n - 1, axis=1)[:, :n] if n else np.empty((len(few), 0), dtype=np.int64)
        places.sort(axis=1)
        order = np.argsort(np.take_along_axis(away, places, axis=1), axis=1, kind="stable")
        found[start : start + BATCH] = np.take_along_axis(places, order, axis=1)
    return found


def standardised(numbers: FloatArray, *, middle: float, spread: float) -> FloatArray:
    """Return numbers in spreads from the middle, shape (n, 2): missing ones in the middle, and a mark beside them.

    >>> standardised(np.array([3.0, np.nan]), middle=1.0, spread=2.0).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    missing = ~np.isfinite(numbers)
    scaled = np.where(missing, 0.0, (np.where(missing, middle, numbers) - middle) / (spread if spread > 0 else 1.0))
    return np.column_stack([scaled, missing.astype(np.float64)])
