"""How values are cut into bins, and which bin a value falls into. The reference and the count use the same code."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from mainstay.domain.schema import Field, Kind
from mainstay.domain.signature import FIRST_BIN, MISSING_BIN, SCORE, UNSEEN_BIN, Bins, input_subject
from mainstay.stats.cut import Cuts, cut, cuts_of

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

MAX_BINS = 64
# Quantile bins alone misjudge distances where tails move; three small bins a side repair that.
TAIL_SHARES = (0.0002, 0.001, 0.004)
N_EVEN = MAX_BINS - 2 * len(TAIL_SHARES)


class Used(Protocol):
    """Used rows by column: a used frame, or what gathers its columns one by one."""

    def __getitem__(self, name: str, /) -> pl.Series:
        """Return a column."""


def bins_of_field(field: Field, values: pl.Series) -> Bins:
    """Cut one input by what its reference values show.

    Numbers and dates get a bin per distinct value, or 64 bins at quantiles and in the tails if there are more values
    than that; texts are cut by their length; categories and booleans have their levels. A constant gets one bin, so
    that any other number is seen below or above it.

    >>> bins_of_field(Field(name="n", kind=Kind.NUMBER), pl.Series([2.0, 2.0, None])).labels
    ('missing', 'below range', '2 to 2', 'above range')
    """
    subject = input_subject(field.name)
    if field.kind in (Kind.CATEGORY, Kind.BOOLEAN):
        levels = field.levels or tuple(values.alias("level").drop_nulls().unique().sort().to_list())
        return Bins(subject=subject, levels=levels)
    numbers = np.sort(_finite(values))
    if not numbers.size:
        return Bins(subject=subject, low=0.0, high=0.0)
    return Bins(subject=subject, edges=_edges(numbers), low=float(numbers[0]), high=float(numbers[-1]))


def bins_of_scores(scores: Floats, *, are_amounts: bool = False) -> Bins:
    """Cut scores at the quantiles of the reference's scores; one that is no amount lies between 0 and 1.

    >>> bins_of_scores(np.array([0.1, 0.3])).edges
    (0.1, 0.3)
    """
    known = np.sort(scores[np.isfinite(scores)])
    edges = _edges(known) if known.size else ()
    if are_amounts:
        low, high = (float(known[0]), float(known[-1])) if known.size else (0.0, 0.0)
        return Bins(subject=SCORE, edges=edges, low=low, high=high)
    if known.size and known[0] > 0.0:
        edges = tuple(dict.fromkeys((float(known[0]), *edges)))
    return Bins(subject=SCORE, edges=edges, low=0.0, high=1.0)


def place(values: pl.Series, bins: Bins) -> Ints:
    """Return the bin of each value: numbers, or texts where the bins are levels or the lengths of texts.

    >>> place(pl.Series([None, 1.0, 2.0, 9.0]), Bins(subject="score", edges=(2.0,), low=1.0, high=3.0))
    array([0, 2, 3, 4])
    """
    if not bins.is_number:
        return _place_levels(values, bins.levels)
    numbers = _numbers(values)
    placed = cut(numbers, _cuts(bins))
    placed += UNSEEN_BIN
    missing = np.isnan(numbers)
    if missing.any():
        np.copyto(placed, MISSING_BIN, where=missing)
    return placed


@lru_cache(maxsize=4_096)
def _cuts(bins: Bins) -> Cuts:
    """Where a number passes into the next bin: into the range, at its edges, and beyond its highest number."""
    assert bins.low is not None
    assert bins.high is not None
    above = float(np.nextafter(bins.high, np.inf))
    return cuts_of(np.array([bins.low, *np.clip(bins.edges, bins.low, above), above]))


def _place_levels(values: pl.Series, levels: tuple[str, ...]) -> Ints:
    texts = values.alias("level").cast(pl.String)
    numbers = texts.cast(pl.Enum(levels), strict=False).to_physical()
    if not numbers.has_nulls():
        return numbers.to_numpy().astype(np.int64) + FIRST_BIN
    placed = numbers.cast(pl.Int64).fill_null(UNSEEN_BIN - FIRST_BIN).to_numpy() + FIRST_BIN
    if texts.has_nulls():
        placed[texts.is_null().to_numpy()] = MISSING_BIN
    return placed


def _numbers(values: pl.Series) -> Floats:
    if values.dtype == pl.String:
        values = values.alias("text").str.len_chars()
    numbers = values.cast(pl.Float64)
    return (numbers.fill_null(np.nan) if numbers.has_nulls() else numbers).to_numpy()


def _finite(values: pl.Series) -> Floats:
    numbers = _numbers(values)
    return numbers[np.isfinite(numbers)]


def _edges(ordered: Floats) -> tuple[float, ...]:
    """Inner edges for ascending numbers: one bin a value if they fit, else quantiles, tails and the most common."""
    distinct, n_each = np.unique(ordered, return_counts=True)
    if distinct.size <= MAX_BINS:
        return tuple(distinct[1:].tolist())
    common = np.flatnonzero(n_each * N_EVEN >= ordered.size)
    # A value as common as a bin gets its own: an edge at it and one at the next value.
    own = np.concatenate([distinct[common], distinct[np.minimum(common + 1, distinct.size - 1)]])
    even = np.arange(1, max(N_EVEN - common.size, 1)) / max(N_EVEN - common.size, 1)
    tails = np.array([*TAIL_SHARES, *(1 - share for share in TAIL_SHARES)])
    cuts = np.quantile(ordered, np.concatenate([even, tails]), method="higher")
    edges = np.unique(np.concatenate([cuts, own]))
    return tuple(edges[edges > distinct[0]][: MAX_BINS - 1].tolist())
