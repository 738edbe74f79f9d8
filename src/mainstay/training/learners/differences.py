"""Differences of numbers, as columns that trees read: a split looks at one, and what matters may be a gap of two.

They are made where inputs are few, and only for settings that ask for them: cross-fitting says whether they pay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
import polars as pl

from mainstay.domain.plan import DatePart, Difference, Input, LevelNumber, Number, Single
from mainstay.stats.arrays import FloatArray
from mainstay.training.features import difference
from mainstay.training.learner import Encoded
from mainstay.training.learners.pipeline import Columns

MOST_NUMBERS = 8  # 28 differences
MOST_VALUES = 3_000_000  # in all of them
SPREAD = (0.005, 0.995)  # between these shares of its rows a number has its unit


def with_differences(rows: Encoded) -> Columns:
    """Return rows with a column for each pair of numbers beside what they have, as long as the numbers are few.

    >>> rows = Columns({"a": Number("a"), "b": Number("b")}, pl.DataFrame({"a": [0.0, 1.0], "b": [0.0, 2.0]}))
    >>> with_differences(rows).frame["(a - b)"].to_list()
    [0.0, 0.0]
    """
    found = dict(_differences(rows))
    if len(found) * rows.frame.height > MOST_VALUES:
        found = {}
    inputs = {**rows.inputs, **found}
    return Columns(inputs, filled_in(rows.frame, inputs))


def filled_in(frame: pl.DataFrame, inputs: Mapping[str, Input]) -> pl.DataFrame:
    """Return the columns of `inputs`, differences worked out from the columns that they are of."""
    name_of = {source: name for name, source in inputs.items()}
    return pl.DataFrame(
        [
            _column(frame[name_of[source.left]], frame[name_of[source.right]], source).alias(name)
            if isinstance(source, Difference)
            else frame[name]
            for name, source in inputs.items()
        ]
    )


def _differences(rows: Encoded) -> Iterator[tuple[str, Difference]]:
    numbers: dict[str, Single] = {
        name: source for name, source in rows.inputs.items() if isinstance(source, Number | DatePart | LevelNumber)
    }
    if len(numbers) > MOST_NUMBERS:
        return
    scales = {name: _spread(rows.frame[name]) for name in numbers}
    for left, right in combinations([name for name, scale in scales.items() if scale > 0], 2):
        name = f"({left} - {right})"
        while name in rows.inputs:
            name += "'"
        source = Difference(numbers[left], numbers[right], left_scale=scales[left], right_scale=scales[right])
        yield name, source


def _spread(values: pl.Series) -> float:
    """The width of nearly all of a column's numbers; nothing where they are alike, or too wide for a number."""
    there = values.drop_nulls().to_numpy()
    if not there.size:
        return 0.0
    low, high = np.quantile(there, SPREAD, method="nearest")
    with np.errstate(over="ignore"):
        spread = float(high - low)
    return spread if np.isfinite(spread) else 0.0


def _column(left: pl.Series, right: pl.Series, source: Difference) -> pl.Series:
    sides: tuple[FloatArray, FloatArray] = (left.to_numpy(), right.to_numpy())
    return pl.Series(difference(*sides, source)).fill_nan(None)
