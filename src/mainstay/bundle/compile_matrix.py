"""What each column of a model's matrix is made of, so that its splits can be told in terms of a plan's inputs.

A recipe may put transformers before its trees. Nothing is assumed about their arithmetic: a category's column is the
table of what the fitted transformer says to every level, and a number's is the transformer itself, of which only that
it never falls is used. A split of the matrix then becomes the split of the input that parts the same values, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mainstay.domain.errors import BundleError
from mainstay.domain.plan import Input, Level

Floats: TypeAlias = npt.NDArray[np.float64]
Rising: TypeAlias = Callable[[Floats], Floats]

LARGEST = float(np.finfo(np.float64).max)
REMEDY = "It can live here packed, as it is: slower, but the same."


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a matrix: its input, and what becomes of it on the way.

    Of a category: `table` holds the number of each level and, last, of a missing one. Of a number: `rising` (None: the
    number itself) and `missing`. `source` None is a column that no plan can read, such as a text.
    """

    source: Input | None
    table: Floats | None = None
    rising: Rising | None = None
    missing: float = float("nan")


def frame_columns(inputs: Mapping[str, Input | None]) -> dict[str, Column]:
    """Return the columns of a frame: numbers as they are, categories as the index of their level."""
    return {name: _of_input(source) for name, source in inputs.items()}


def _of_input(source: Input | None) -> Column:
    if isinstance(source, Level):
        return Column(source, table=np.append(np.arange(len(source.levels), dtype=np.float64), np.nan))
    return Column(source)


def cannot(what: str) -> BundleError:
    """Return the error for something that has no plan.

    >>> cannot("a network").what
    'a network cannot be written as a plan'
    """
    return BundleError(f"{what} cannot be written as a plan", remedy=REMEDY)


def mapped(columns: Sequence[Column], function: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]) -> list[Column]:
    """Return columns after a function that treats each on its own, and never turns the order of numbers.

    `function` takes and returns matrices of shape (n_rows, n_columns).
    """
    return [_mapped(column, i, len(columns), function) for i, column in enumerate(columns)]


def _mapped(column: Column, i: int, n_columns: int, function: Callable[..., npt.NDArray[Any]]) -> Column:
    def alone(values: Floats) -> Floats:
        matrix = np.zeros((values.size, n_columns))
        matrix[:, i] = values
        return np.asarray(function(matrix), dtype=np.float64)[:, i]

    if column.table is not None:
        return replace(column, table=alone(column.table))
    before = column.rising
    missing = float(alone(np.array([column.missing]))[0])
    return replace(column, rising=alone if before is None else lambda x: alone(before(x)), missing=missing)


def highest_left(column: Column, thresholds: Floats, seen: Rising) -> Floats:
    """Return for each threshold the largest number x for which `seen` of the column's value is at most the threshold.

    Both functions rise, so x is found by halving the float64 numbers themselves: 64 steps, and exact. Where no number
    goes left the answer is the lowest one.
    """

    def goes_left(x: Floats) -> npt.NDArray[np.bool_]:
        with np.errstate(over="ignore"):
            found: npt.NDArray[np.bool_] = seen(x if column.rising is None else column.rising(x)) <= thresholds
        return found

    low = np.full(thresholds.shape, _place(-LARGEST))
    high = np.full(thresholds.shape, _place(LARGEST))
    for _ in range(64):
        middle = (low >> 1) + (high >> 1) + ((low | high) & 1)  # rounded up, without overflow
        left = goes_left(_number(middle))
        low, high = np.where(left, middle, low), np.where(left, high, np.maximum(middle - 1, low))
    return _number(low)


def _place(number: float) -> int:
    """Return the place of a finite number in the order of all float64 numbers; zero is at 0."""
    bits = int(np.float64(abs(number)).view(np.int64))
    return bits if number >= 0 else -bits


def _number(places: npt.NDArray[np.int64]) -> Floats:
    numbers = np.abs(places).view(np.float64)
    return np.where(places < 0, -numbers, numbers)
