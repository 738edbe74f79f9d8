"""Rows that belong together (of one entity, or equal to each other), and rows that are alike in what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray

N_BANDS = 10  # of an amount, from small to large


def numbered(labels: Sequence[str]) -> IntArray:
    """Return labels as numbers from 0, equal where the labels are; an empty label is alone.

    >>> numbered(["a", "", "a", ""]).tolist()
    [1, 2, 1, 3]
    """
    names = pl.Series(labels, dtype=pl.String)
    codes = names.rank("dense").to_numpy().astype(np.int64) - 1
    alone = (names == "").to_numpy()
    codes[alone] = codes.max(initial=0) + 1 + np.arange(int(alone.sum()))
    return codes


def joined(*codes: IntArray) -> IntArray:
    """Return the group of every row, numbered by first appearance, where sharing any code joins two rows.

    Each argument has shape (n_rows,) and holds numbers from 0. Sharing passes on: if a row shares its entity with a
    second one and that one is a copy of a third, all three are one group.

    >>> joined(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])).tolist()
    [0, 0, 0, 1]
    """
    first = np.arange(codes[0].size, dtype=np.int64)
    while True:
        before = first
        for code in codes:
            first = _first_of(code, first)
        first = first[first]  # the first row of my first row: long chains close in few rounds
        if np.array_equal(first, before):
            return np.unique(first, return_inverse=True)[1].astype(np.int64)


def _first_of(code: IntArray, first: IntArray) -> IntArray:
    lowest = np.full(int(code.max(initial=-1)) + 1, first.size, dtype=np.int64)
    np.minimum.at(lowest, code, first)
    return lowest[code]


def lowest(groups: IntArray, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the lowest value of each group, shape (n_groups,); both arguments have shape (n_rows,).

    >>> lowest(np.array([0, 1, 0]), np.array([3, 5, 2])).tolist()
    [2, 5]
    """
    ends = np.iinfo(values.dtype).max if values.dtype.kind in "iu" else np.inf
    least = np.full(int(groups.max(initial=-1)) + 1, ends, dtype=values.dtype)
    np.minimum.at(least, groups, values)
    return least


def strata(outcomes: FloatArray, task: Task, *, fewest: int = 10) -> IntArray:
    """Return the stratum of each row: its class, or its amount's band (at most ten, of `fewest` rows or more).

    >>> strata(np.array([5.0, 1.0, 9.0, 7.0]), Task.REGRESSION, fewest=2).tolist()
    [0, 0, 1, 1]
    """
    if task is not Task.REGRESSION:
        return outcomes.astype(np.int64)
    ranks = np.empty(outcomes.size, dtype=np.int64)
    ranks[np.argsort(outcomes, kind="stable")] = np.arange(outcomes.size)
    return ranks * max(1, min(N_BANDS, outcomes.size // fewest)) // max(outcomes.size, 1)
