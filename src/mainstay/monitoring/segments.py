"""Segments and groups: how a column parts rows, by its levels or, where it holds many numbers, by quarters."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from mainstay.domain.brief import Brief
from mainstay.domain.fairness import protected_columns
from mainstay.domain.signature import FIRST_BIN, MISSING_BIN, UNSEEN_BIN, Bins, ReferenceSignature, input_subject
from mainstay.monitoring.bins import Ints, place

FEW_NUMBERS = 10  # a column of so many different numbers is one of levels
MOST_LEVELS = 30  # the commonest ones of the reference are apart: counts of a column must not grow with its levels
OTHERS = "(other levels)"


@dataclass(frozen=True, slots=True)
class Parting:
    """How a column parts rows: the names of its parts, and the part of every bin, shape (n_bins,).

    Parts are `NAME=level`, bands of numbers such as `20<=NAME<35`, and `NAME=` for missing.
    """

    name: str
    parts: tuple[str, ...]
    part_of_bin: Ints

    def of(self, placed: Ints) -> pl.Series:
        """Return the part of each row from the bin of its value."""
        return pl.Series(self.parts, dtype=pl.String).gather(self.part_of_bin[placed])


def parting(reference: ReferenceSignature, name: str) -> Parting | None:
    """Return how a column parts rows; None where the reference does not know it.

    >>> bins = Bins(subject="input:sex", levels=("f", "m"))
    >>> known = ReferenceSignature(period_s=1.0, time_zone="UTC", timed=False, periods=("1",), bins=(bins,),
    ...     counts={"input:sex": ((0, 0, 5, 4),)})
    >>> parting(known, "sex").parts
    ('sex=', 'sex=(other levels)', 'sex=f', 'sex=m')
    """
    bins = next((each for each in reference.bins if each.subject == input_subject(name)), None)
    if bins is None:
        return None
    total = np.sum([np.zeros(bins.n_bins), *np.array(reference.counts[bins.subject], dtype=np.float64)], axis=0)
    return _numbers(name, bins, total) if bins.is_number else _levels(name, bins, total)


def partings(reference: ReferenceSignature, names: tuple[str, ...]) -> tuple[Parting, ...]:
    """Return how each column parts rows; those that the reference does not know are left out."""
    found = [parting(reference, name) for name in names]
    return tuple(each for each in found if each is not None)


def part_column(values: pl.Series, reference: ReferenceSignature, how: Parting) -> pl.Series:
    """Return the part of each value."""
    return how.of(place(values, reference.bins_of(input_subject(how.name))))


def segment_columns(brief: Brief) -> tuple[str, ...]:
    """Return every column whose parts are counted apart: segments, and what fairness is judged by."""
    named = (*brief.data.segments, *brief.watch.segments, *protected_columns(brief))
    return tuple(dict.fromkeys(named))


def _levels(name: str, bins: Bins, total: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Parting:
    order = np.argsort(-total[FIRST_BIN:], kind="stable")[:MOST_LEVELS]
    kept = sorted(int(i) for i in order)
    part_of_bin = np.ones(bins.n_bins, dtype=np.int64)
    part_of_bin[MISSING_BIN] = 0
    part_of_bin[[FIRST_BIN + i for i in kept]] = np.arange(2, 2 + len(kept))
    return Parting(name, (f"{name}=", f"{name}={OTHERS}", *(f"{name}={bins.levels[i]}" for i in kept)), part_of_bin)


def _numbers(name: str, bins: Bins, total: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Parting:
    """One part a number where there are few, else four of about as many rows; numbers beyond belong to the ends."""
    assert bins.low is not None
    inner = bins.n_bins - FIRST_BIN - 1
    if inner <= FEW_NUMBERS:
        names = [f"{name}={number:g}" for number in (bins.low, *bins.edges)]
        inside = np.arange(inner)
    else:
        reached = np.cumsum(total[FIRST_BIN:-1]) / max(float(total[FIRST_BIN:-1].sum()), 1.0)
        last = np.unique(np.searchsorted(reached, [0.25, 0.5, 0.75]))
        last = last[last < len(bins.edges)]
        cuts = [f"{bins.edges[i]:.4g}" for i in last]
        between = [f"{low}<={name}<{high}" for low, high in pairwise(cuts)]
        names = [f"{name}<{cuts[0]}", *between, f"{name}>={cuts[-1]}"] if cuts else [f"{name}=any"]
        inside = np.searchsorted(last, np.arange(inner))
    part_of_bin = np.concatenate([[0, 1], 1 + inside, [len(names)]]).astype(np.int64)
    part_of_bin[UNSEEN_BIN] = 1
    return Parting(name, (f"{name}=", *names), part_of_bin)
