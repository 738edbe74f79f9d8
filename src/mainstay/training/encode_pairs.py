"""Pairs of inputs that matter together, as inputs: a product of numbers, or a cross of levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeGuard

import numpy as np
import polars as pl

from mainstay.domain.plan import Cross, Input, Level, Product, Single
from mainstay.training.features import Range, centred, column
from mainstay.training.out_of_fold import Encoding

Pair: TypeAlias = tuple[str, str]

RARE_ROWS = 20  # a pair of levels with fewer rows says little alone
MAX_LEVELS = 200
TAILS = (0.005, 0.995)


def pair_inputs(pairs: Sequence[Pair], found: Mapping[str, Encoding], used: pl.DataFrame) -> dict[str, Encoding]:
    """Return the inputs of pairs by name, such as `age * income` or `region & product`.

    Two categories make a `Cross`, anything else a `Product`, in which a category counts if it has two levels alone.
    Pairs of which an input was not found, or that say nothing, are left out.
    """
    made = {}
    for left, right in pairs:
        if left in found and right in found:
            name, encoding = _made((left, right), found[left], found[right], used)
            if encoding is not None:
                made[name] = encoding
    return made


def _made(names: Pair, left: Encoding, right: Encoding, used: pl.DataFrame) -> tuple[str, Encoding | None]:
    if isinstance(left.input, Level) and isinstance(right.input, Level):
        return " & ".join(names), _cross(left.input, right.input, used)
    return " * ".join(names), _product(left, right)


def _cross(left: Level, right: Level, used: pl.DataFrame) -> Encoding | None:
    table = pl.DataFrame([used[left.field].alias("left"), used[right.field].alias("right")]).drop_nulls()
    counts = table.group_by("left", "right").len("n").filter(pl.col("n") >= RARE_ROWS)
    often = counts.sort("n", "left", "right", descending=[True, False, False]).head(MAX_LEVELS)
    levels = tuple(sorted(often.select("left", "right").rows()))
    source = Cross(left=left.field, right=right.field, levels=levels)
    return Encoding(source, column(used, source)) if levels else None


def _product(left: Encoding, right: Encoding) -> Encoding | None:
    if not may_multiply(left.input) or not may_multiply(right.input):
        return None
    ranges = range_of(left.values), range_of(right.values)
    source = Product(left=left.input, right=right.input, left_range=ranges[0], right_range=ranges[1])
    sides = zip((left.values, right.values), ranges, strict=True)
    with np.errstate(over="ignore", invalid="ignore"):
        values = np.prod([centred(values.to_numpy(), kept) for values, kept in sides], axis=0)
    return Encoding(source, pl.Series(values)) if np.isfinite(values).all() else None  # the widest numbers overflow


def may_multiply(source: Input) -> TypeGuard[Single]:
    """Return whether an input counts as a number: any but pairs, and categories of other than two levels."""
    if isinstance(source, Level):
        return len(source.levels) == 2 and not source.missing_is_level
    return not isinstance(source, Product | Cross)


def range_of(values: pl.Series) -> Range:
    """Return what a product needs to know of a side: what stands for missing, its centre, and its bounds.

    The bounds leave out the last half of a hundredth at both ends: far numbers, multiplied, would drown the others.
    """
    there = values.alias("value").drop_nulls().to_numpy()
    if not there.size:
        return 0.0, 0.0, 0.0, 0.0
    low, high = np.quantile(there, TAILS, method="nearest")
    with np.errstate(over="ignore", invalid="ignore"):
        centre = np.clip(there, low, high).mean()
    return float(np.median(there)), float(centre), float(low), float(high)
