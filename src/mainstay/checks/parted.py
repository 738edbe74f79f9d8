"""Rows parted by a column: its levels, quarters of its numbers, what is missing; small levels are one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from mainstay.checks.draws import drawn
from mainstay.checks.examined import Examined
from mainstay.checks.gains import LEAST_ROWS
from mainstay.checks.sight import nameless
from mainstay.stats.arrays import FloatArray, IntArray

FEW_NUMBERS = 10  # a column of so many different numbers is one of levels
MOST_LEVELS = 30  # the largest: all pairs of more are too many to be told apart
LONGEST_NAME = 60
OTHERS = "=(other levels)"  # other ones among other rows: not to be compared across parts


@dataclass(frozen=True, slots=True)
class Parts:
    """A column's parts: what each is called (`column=level`), and the part of every row asked for.

    `n_pooled` levels had too few rows each, or were too many, and are the part whose name ends in `OTHERS`.
    """

    column: str
    names: tuple[str, ...]
    numbers: IntArray
    n_pooled: int = 0

    @property
    def is_one_pool(self) -> bool:
        """Whether no level has rows enough to stand alone: then there is nobody to compare."""
        return self.n_pooled > 0 and not [name for name in self.names if not name.endswith((OTHERS, " missing"))]

    @property
    def sizes(self) -> IntArray:
        """Rows of each part."""
        return np.bincount(self.numbers, minlength=len(self.names)).astype(np.int64)


def values_of(exam: Examined, column: str) -> pl.Series | None:
    """Return a column as the model reads it, or as it came; None where there is none or no row holds a plain value."""
    table = exam.used if column in exam.used.columns else exam.table
    if column not in table.columns:
        return None
    values = table[column]
    return None if values.dtype.is_nested() or values.dtype in (pl.Object, pl.Binary, pl.Duration) else values


def parted(exam: Examined, column: str, rows: IntArray, *, least: int = LEAST_ROWS) -> Parts | None:
    """Return the parts of rows by a column; None where it cannot be read. Numbers are cut at training's quartiles."""
    values = values_of(exam, column)
    if values is None:
        return None
    if values.dtype.is_numeric():
        learned = numbers_of(values, drawn(exam, exam.training))
        if np.unique(learned[np.isfinite(learned)]).size > FEW_NUMBERS:
            return _bands(column, numbers_of(values, rows), quartiles(learned))
    return _levels(column, texts_of(values, rows), least)


def quartiles(numbers: FloatArray) -> FloatArray:
    """Return the distinct quartiles of finite numbers, to four digits so that a rule says what it does.

    >>> quartiles(np.arange(101.0)).tolist()
    [25.0, 50.0, 75.0]
    """
    known = numbers[np.isfinite(numbers)]
    if not known.size:
        return np.empty(0)
    cuts = np.array([float(f"{cut:.4g}") for cut in np.quantile(known, [0.25, 0.5, 0.75])])
    return np.unique(cuts[(cuts > known.min()) & (cuts <= known.max())])


def numbers_of(values: pl.Series, rows: IntArray) -> FloatArray:
    """Return numbers of rows, NaN where missing."""
    taken = nameless(values[rows]).cast(pl.Float64, strict=False)
    return taken.fill_null(float("nan")).to_numpy()


def texts_of(values: pl.Series, rows: IntArray) -> pl.Series:
    """Return levels of rows as texts, null where missing."""
    taken = nameless(values[rows])
    if taken.dtype.is_float():
        taken = taken.fill_nan(None)
        if (taken.drop_nulls() % 1 == 0).all():
            taken = taken.cast(pl.Int64, strict=False)
    return taken.cast(pl.String, strict=False).alias(values.name)


def _bands(column: str, numbers: FloatArray, cuts: FloatArray) -> Parts:
    at = np.where(np.isfinite(numbers), np.searchsorted(cuts, numbers, side="right"), cuts.size + 1)
    ends = [f"{cut:g}" for cut in cuts]
    names = [f"{column}<{ends[0]}"] if ends else [f"{column}=any"]
    names += [f"{low}<={column}<{high}" for low, high in pairwise(ends)]
    names += [f"{column}>={ends[-1]}"] if ends else []
    return _present(column, [*names, f"{column} missing"], at.astype(np.int64))


def _levels(column: str, texts: pl.Series, least: int) -> Parts:
    counted = pl.DataFrame({"level": texts}).group_by("level").len().drop_nulls("level").sort("level")
    rare = (pl.col("len") < least) | (pl.col("len").rank("ordinal", descending=True) > MOST_LEVELS)
    small = set(counted.filter(rare)["level"].to_list())
    pooled = small if len(small) > 1 else set()
    kept = [level for level in counted["level"].to_list() if level not in pooled]
    place = {level: at for at, level in enumerate(kept)}
    at = [len(kept) + 1 if text is None else place.get(text, len(kept)) for text in texts.to_list()]
    names = [f"{column}={level}"[:LONGEST_NAME] for level in kept]
    found = _present(column, [*names, f"{column}{OTHERS}", f"{column} missing"], np.array(at, dtype=np.int64))
    return Parts(found.column, found.names, found.numbers, len(pooled))


def _present(column: str, names: list[str], numbers: IntArray) -> Parts:
    there, renumbered = np.unique(numbers, return_inverse=True)
    return Parts(column, tuple(names[place] for place in there), renumbered.astype(np.int64))
