"""Rows that say the same: which are copies and stay together, and which are alike because columns are coarse.

Equal inputs are grouped whatever came of them, so that no group leans to an outcome. Only inputs that come often may be
told apart, and only with a reason: their rows came out differently, as cases of their own do, or the columns are so
coarse that all of their values meet. A lookup of such inputs says their base rate and knows nobody again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from mainstay.data.columns import columns_named, is_nested
from mainstay.data.profile import profile_column
from mainstay.domain.brief import Brief
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray

FREQUENT = 10  # rows of equal inputs: fewer lose nothing by staying together
AGREED = 0.5  # of the frequent inputs that should come out differently by chance: with fewer, the others are copies
FREE_SHARE = 0.8  # of the combinations that shuffled columns give: with as many, columns combine freely
LEAST_COPIED = 8  # different rows, all of which come in multiples of one number, before that is no chance


@dataclass(frozen=True, slots=True)
class Equal:
    """Rows that say the same. `inputs` numbers equal ones from 0, `apart` is true where they are told apart.

    `together` numbers the rows that must stay together. All have shape (n_rows,).
    """

    inputs: IntArray
    apart: BoolArray
    together: IntArray

    @property
    def n_equal(self) -> int:
        """How many rows have the inputs of another one."""
        n_each = np.bincount(self.inputs)
        return int(n_each[n_each > 1].sum())


def input_columns(table: pl.DataFrame, brief: Brief) -> list[str]:
    """Return the columns by which rows are equal: all but target, weight, excluded, nested and identifying ones.

    What numbers each row or hardly ever repeats is no input: a copy with a number of its own is a copy.
    """
    left_out = {brief.data.target, brief.data.weight, *brief.data.exclude}
    names = [name for name in table.columns if name not in left_out and not is_nested(table[name].dtype)]
    said = (name for name, part in brief.fields.items() if part.kind is not None)
    meant = {brief.data.entity, brief.data.time, *said}
    return [name for name in names if name in meant or not _numbers_rows(table[name])]


def _numbers_rows(column: pl.Series) -> bool:
    if column.n_unique() < column.len():
        return False
    return profile_column(column).identifier


def row_keys(table: pl.DataFrame, brief: Brief) -> npt.NDArray[np.uint64]:
    """Return a number per row, equal for rows of equal inputs (see `input_columns`), shape (n_rows,).

    The numbers hold within one run only: they group rows, they are not digests.
    """
    names = input_columns(table, brief)
    if not names:
        return np.arange(table.height, dtype=np.uint64)
    return _hashed(columns_named(table, names))


def are_coarse(table: pl.DataFrame, brief: Brief, keys: npt.NDArray[np.uint64]) -> bool:
    """Say whether the columns are so coarse that equal inputs are to be expected: their values combine freely.

    They do where two columns or more vary and shuffling each of them gives hardly more combinations than there are.
    Looked at only where rows of equal inputs are many; `keys` are those of `row_keys`.
    """
    n_each = np.unique(keys, return_counts=True)[1]
    if n_each.max(initial=0) < FREQUENT:
        return False
    inputs = columns_named(table, input_columns(table, brief))
    varied = [column for column in inputs if column.n_unique() > 1]
    if len(varied) < 2:
        return False
    shuffled = [column.sample(fraction=1.0, shuffle=True, seed=place) for place, column in enumerate(varied)]
    return bool(n_each.size >= FREE_SHARE * np.unique(_hashed(pl.DataFrame(shuffled))).size)


def _hashed(table: pl.DataFrame) -> npt.NDArray[np.uint64]:
    numbered = {str(place): column.alias("value") for place, column in enumerate(table)}
    return pl.DataFrame(numbered).hash_rows(seed=0).to_numpy()


def equal_rows(
    inputs: IntArray, outcomes: FloatArray, *, coarse: bool = False, whole: BoolArray | None = None
) -> Equal:
    """Return which rows of equal inputs stay together; both arrays have shape (n_rows,), `inputs` numbers from 0.

    Rows of inputs that come ten times or more are told apart where they came out differently; where most such inputs
    did (at least half as many as by chance, had each row an outcome drawn from all), or `coarse`, all of them are. If
    every different row comes in multiples of one number, such as each three times, so many stay together even there.
    `whole` (n_inputs,) are inputs whose rows must stay together.

    >>> equal_rows(np.array([0] * 10 + [1, 1]), np.array([0.0, 1.0] * 6)).together[-2:].tolist()
    [0, 0]
    """
    n_each = np.bincount(inputs)
    happened = np.unique(outcomes, return_inverse=True)[1].astype(np.int64)
    cells, cell_of = np.unique(inputs * (happened.max(initial=0) + 1) + happened, return_inverse=True)
    mixed = np.bincount(cells // (happened.max(initial=0) + 1), minlength=n_each.size) > 1
    frequent = n_each >= FREQUENT
    shares = np.bincount(happened) / outcomes.size
    if not (coarse or mixed[frequent].sum() >= AGREED * _by_chance(n_each[frequent], shares)):
        frequent &= mixed
    apart: BoolArray = (frequent if whole is None else frequent & ~whole)[inputs]
    return Equal(inputs, apart, _together(inputs, cell_of.astype(np.int64), apart))


def _by_chance(sizes: IntArray, shares: FloatArray) -> float:
    """How many groups of these sizes would hold two outcomes, were each row's drawn from all."""
    distinct, n = np.unique(sizes, return_counts=True)
    return float(sum(k * (1 - np.power(shares, size).sum()) for size, k in zip(distinct, n, strict=True)))


def _together(inputs: IntArray, cells: IntArray, apart: BoolArray) -> IntArray:
    """Number the rows that stay together: equal inputs, and of those told apart as many as copying gave of each."""
    n_each = np.bincount(cells)
    copied = int(np.gcd.reduce(n_each)) if n_each.size >= LEAST_COPIED else 1
    order = np.argsort(cells, kind="stable")
    nth = np.empty(cells.size, dtype=np.int64)
    nth[order] = np.arange(cells.size) - np.repeat(np.cumsum(n_each) - n_each, n_each)
    alone = cells.size * (1 + cells) + nth // copied  # beyond every number of inputs
    found = np.unique(np.where(apart, alone, inputs), return_inverse=True)[1]
    return found.astype(np.int64)
