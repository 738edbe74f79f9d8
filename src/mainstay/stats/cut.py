"""Which stretch between ascending cuts each number lies in: what a binary search says, at a tenth of its cost.

A table of equal cells spans the middle of the cuts. The cell of a number grows with the number, in floats too, so in a
cell that no cut falls into every number has the same answer and one look gives it; the few in other cells are searched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mainstay.stats.arrays import FloatArray as Floats
from mainstay.stats.arrays import IntArray as Ints

N_CELLS = 16_384  # one byte each: they stay in the nearest cache, and 64 cuts leave 1 number in 50 to be searched
ASKED = 255  # of a cell that a cut falls into: ask the cuts themselves
END_SHARE = 16  # a sixteenth of the cuts at either end lies outside the table: far tails would make its cells wide
FEW = 4_096  # so few numbers are searched sooner than a table is made


@dataclass(frozen=True, slots=True, eq=False)
class Cuts:
    """Ascending cuts, shape (n_cuts,), and the table that answers for them; `table` is empty where none would serve."""

    cuts: Floats
    table: npt.NDArray[np.uint8]
    low: float = 0.0
    per_unit: float = 0.0


def cuts_of(cuts: Floats) -> Cuts:
    """Make a table for ascending cuts (repeated ones may be among them)."""
    nothing = Cuts(cuts, np.zeros(0, dtype=np.uint8))
    if not 2 <= cuts.size < ASKED or not np.isfinite(cuts).all():
        return nothing
    at_end = cuts.size // END_SHARE
    low, high = float(cuts[at_end]), float(cuts[-1 - at_end])
    with np.errstate(over="ignore", divide="ignore"):
        per_unit = float(np.float64(N_CELLS - 1) / (np.float64(high) - low))
    if not np.isfinite(per_unit) or per_unit == 0.0:
        return nothing
    held = _cells(cuts, low, per_unit)
    table = np.searchsorted(held, np.arange(N_CELLS)).astype(np.uint8)
    table[held] = ASKED
    return Cuts(cuts, table, low, per_unit)


def cut(numbers: Floats, at: Cuts) -> Ints:
    """Return how many cuts are at most each number; no number (NaN) has them all, as if it were the largest.

    `numbers` has shape (n,). The same as `numpy.searchsorted(cuts, numbers, side="right")`.

    >>> cut(np.array([0.5, 2.0, np.nan]), cuts_of(np.array([1.0, 2.0])))
    array([0, 2, 2])
    """
    if numbers.size < FEW or not at.table.size:
        return np.searchsorted(at.cuts, numbers, side="right")
    found = at.table.take(_cells(numbers, at.low, at.per_unit))
    asked = np.flatnonzero(found == ASKED)
    answers: Ints = found.astype(np.int64)
    answers[asked] = np.searchsorted(at.cuts, numbers[asked], side="right")
    return answers


def _cells(numbers: Floats, low: float, per_unit: float) -> Ints:
    """The cell of each number; those outside the table, and no numbers, are in its first or last, where cuts are."""
    with np.errstate(over="ignore", invalid="ignore"):
        place = numbers - low
        place *= per_unit
    np.fmin(place, N_CELLS - 1.0, out=place)  # of NaN and a number it is the number
    np.maximum(place, 0.0, out=place)
    return place.astype(np.int64)
