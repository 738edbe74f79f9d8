"""Beam search over conjunctions of conditions: which few of them together hold rows that lose most surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.stats.guarded import N_GUARDS, typical_gain

Held: TypeAlias = npt.NDArray[np.float32]
Counted: TypeAlias = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Conjunction:
    """Conditions that hold together (their places), how surely their rows lose (more is surer), and how many rows."""

    conditions: tuple[int, ...]
    surety: float
    n: int


def losing(
    gains: FloatArray, conditions: BoolArray, of: Sequence[int] | IntArray, *, most: int, width: int, least: int
) -> list[Conjunction]:
    """Return conjunctions of up to `most` conditions by how surely their rows lose, the surest first.

    `gains` has shape (n_rows,), `conditions` (n_conditions, n_rows), and `of` says which column each condition is over:
    two over one column never join. `width` conjunctions of each length go on to the next. Surety is Student's t of the
    loss, with two rows more of what is typically gained, so that a few rows that lose alike are not taken for certain.
    A longer conjunction must be surer than the shorter one by a twentieth. Fewer than `least` rows are never looked at.
    Source: Chung et al. (2019), SliceFinder, the lattice and the test; Sagadeeva & Boehm (2021), SliceLine, the matrix
    products that score a level at once.

    >>> held = np.array([[True, True, False, False], [True, False, True, False]])
    >>> found = losing(np.array([-9.0, 1.0, 1.0, 1.0]), held, [0, 1], most=2, width=5, least=1)
    >>> found[0].conditions
    (0, 1)
    """
    held: Held = conditions.astype(np.float32)
    columns = np.asarray(of, dtype=np.int64)
    beam = [Conjunction((), -np.inf, gains.size)]
    found: list[Conjunction] = []
    for _ in range(most):
        beam = _longer(beam, gains, held, columns, least)[:width]
        if not beam:
            break
        found.extend(each for each in beam if each.surety > 0)
    return sorted(found, key=lambda each: (-each.surety, each.conditions))


def widened(found: Conjunction, gains: FloatArray, conditions: BoolArray, *, surety: float) -> Conjunction:
    """Return a conjunction without those of its conditions beyond which rows lose as surely as `surety`.

    The surest rows are often the heart of what is wrong, and not all of it: where rows lose more the further out they
    are, a condition that names the far ones says nothing of the cause. Shapes as in `losing`.

    >>> held = np.array([[True] * 8 + [False] * 8, [True] * 4 + [False] * 12])
    >>> gains = np.array([-9.0, -8, -9, -8, -4, -3, -4, -3, *[1.0] * 8])
    >>> widened(Conjunction((0, 1), 9.0, 4), gains, held, surety=2.0).conditions
    (0,)
    """
    rows = rows_of(found, conditions)
    for place in range(len(found.conditions) if len(found.conditions) > 1 else 0):
        fewer = found.conditions[:place] + found.conditions[place + 1 :]
        wider = rows_of(Conjunction(fewer, 0.0, 0), conditions)
        typical = typical_gain(gains)
        if _surety_of(gains[wider & ~rows], typical) >= surety:
            shorter = Conjunction(fewer, _surety_of(gains[wider], typical), int(wider.sum()))
            return widened(shorter, gains, conditions, surety=surety)
    return found


def rows_of(conjunction: Conjunction, conditions: BoolArray) -> BoolArray:
    """Return which rows a conjunction holds, shape (n_rows,)."""
    held: BoolArray = np.logical_and.reduce(conditions[list(conjunction.conditions)], axis=0)
    return held


def _longer(beam: list[Conjunction], gains: FloatArray, held: Held, columns: IntArray, least: int) -> list[Conjunction]:
    parents = np.stack([held[list(parent.conditions)].prod(axis=0) for parent in beam], axis=1)
    known = gains.astype(np.float32)[:, None]
    n, total, squares = held @ parents, held @ (parents * known), held @ (parents * known**2)
    surety = _surety(n, total, squares, typical_gain(gains))
    found: dict[tuple[int, ...], Conjunction] = {}
    for at, parent in enumerate(beam):
        taken = columns[list(parent.conditions)]
        may = (n[:, at] >= least) & (n[:, at] < parent.n) & ~np.isin(columns, taken)
        may &= surety[:, at] > _worth_a_word(parent.surety)
        for condition in np.flatnonzero(may):
            key = tuple(sorted((*parent.conditions, int(condition))))
            found[key] = Conjunction(key, float(surety[condition, at]), int(n[condition, at]))
    return sorted(found.values(), key=lambda each: (-each.surety, each.conditions))


def _surety(n: Counted, total: Counted, squares: Counted, typical: float) -> FloatArray:
    n_all, lost = n.astype(np.float64) + N_GUARDS, -total.astype(np.float64) - N_GUARDS * typical
    spread = squares + N_GUARDS * typical**2 - lost**2 / n_all
    found: FloatArray = lost / np.sqrt(np.maximum(spread, 1e-6 * (squares + 1e-12)))
    return found


def _surety_of(gains: FloatArray, typical: float) -> float:
    n, total, squares = (np.array([float(part)]) for part in (gains.size, gains.sum(), (gains**2).sum()))
    return float(_surety(n, total, squares, typical)[0])


def _worth_a_word(surety: float) -> float:
    return surety if surety == -np.inf else surety + abs(surety) / 20
