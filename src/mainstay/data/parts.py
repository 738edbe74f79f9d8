"""Dealing rows to parts: at random within strata, or by time; what belongs together stays together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mainstay.data.groups import lowest
from mainstay.data.keys import draws
from mainstay.domain.finding import Finding, Verdict
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.stats.buckets import snapped_ends

CALIBRATION_SHARE = 0.25  # of the rows that do not judge
MAX_DROPPED_SHARE = 0.2  # more known entities than this in a later part, and dropping them would change its mix
MIN_KEPT_SHARE = 0.25  # of the rows before a holdout: a gap that would leave fewer is not made


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows that belong together and the luck of each: `of` is the group of every row, numbered from 0.

    `strata` (n_rows,) are classes, or bands of an amount; `draws` (n_rows,) lie in [0, 1) and decide who goes where.
    """

    of: IntArray
    strata: IntArray
    draws: FloatArray

    def among(self, rows: IntArray) -> Groups:
        """Return the same of some rows alone."""
        of = self.of[rows]
        if np.all(of[1:] > of[:-1]):  # each row alone, and in order: there is nothing to number anew
            of = np.arange(of.size, dtype=np.int64)
        else:
            of = np.unique(of, return_inverse=True)[1].astype(np.int64)
        return Groups(of, self.strata[rows], self.draws[rows])


def luck(groups: Groups) -> FloatArray:
    """Return one even number in [0, 1) per group, decided by its rows' draws alone and as even for large groups.

    The lowest of many draws is low: it is scattered anew, or copies would gather where low draws go.

    >>> bool(luck(Groups(np.zeros(999, dtype=np.int64), np.zeros(999, dtype=np.int64), np.arange(999) / 999))[0] > 0.01)
    True
    """
    return draws(lowest(groups.of, groups.draws).view(np.uint64), seed=0)


def at_random(groups: Groups, shares: tuple[float, ...], *, rest: int) -> IntArray:
    """Return the part of every row: whole groups, each part with its share of the rows of every stratum.

    A group's stratum is the rarest among its rows. Strata of too few groups to give one to each part go to part `rest`.
    Groups are taken in the order of their luck, so that neither seed nor the order of rows matters beside the draws.

    >>> groups = Groups(np.arange(10), np.zeros(10, dtype=np.int64), np.arange(10) / 10)
    >>> np.bincount(at_random(groups, (0.2, 0.8), rest=1)).tolist()
    [2, 8]
    """
    n_rows = np.bincount(groups.of)
    rarity = np.argsort(np.argsort(np.bincount(groups.strata), kind="stable"), kind="stable")
    stratum = lowest(groups.of, rarity[groups.strata])
    order = np.argsort(luck(groups), kind="stable")
    part_of = np.full(n_rows.size, rest, dtype=np.int64)
    for each in np.unique(stratum):
        members = order[stratum[order] == each]
        if members.size >= _fewest(shares):
            middle = np.cumsum(n_rows[members]) - n_rows[members] / 2
            part_of[members] = np.searchsorted(np.cumsum(shares)[:-1] * n_rows[members].sum(), middle, side="right")
    return part_of[groups.of]


def _fewest(shares: tuple[float, ...]) -> int:
    return math.ceil(1 / min(shares) - 1e-9)


def newest(moments: FloatArray, share: float) -> float | None:
    """Return the moment at which the newest rows begin that are about this share; None with fewer than two moments.

    >>> newest(np.array([1.0, 2.0, 2.0, 3.0, 4.0]), 0.4)
    3.0
    """
    ordered = np.sort(moments)
    ends = snapped_ends(ordered, [moments.size * (1 - share)])
    return float(ordered[ends[0]]) if ends.size > 1 else None


def unknown_yet(moments: FloatArray, *, delay_s: float, start_s: float) -> BoolArray:
    """Return the rows whose outcome was not known yet when the rows from `start_s` on came to be decided.

    >>> unknown_yet(np.array([0.0, 8.0]), delay_s=5.0, start_s=10.0).tolist()
    [False, True]
    """
    late: BoolArray = moments + delay_s > start_s
    return late if delay_s > 0 else np.zeros(moments.size, dtype=np.bool_)


def gap_finding(n_unknown: int, n_rows: int, *, can: bool) -> Finding:
    """Say which rows the gap before the holdout cost, or why it was not made (`F10-outcome-delay-gap`)."""
    told = (
        f"{n_unknown:,} of {n_rows:,} rows before the holdout had no known outcome yet when its first row was decided"
    )
    return Finding(
        code="F10-outcome-delay-gap",
        verdict=Verdict.PASS if can else Verdict.WARN,
        measured=n_unknown / n_rows,
        limit=1 - MIN_KEPT_SHARE,
        because=f"{told}; {'they were left out' if can else 'too few others: they were kept, which flatters a little'}",
        remedy="" if can else "More history, or a shorter data.outcome_delay if the truth arrives sooner.",
    )


def apart(later: BoolArray, groups: Groups, *, share: float) -> tuple[BoolArray, BoolArray]:
    """Return which rows stay in the earlier part and which in the later one; no group is in both.

    `later` (n_rows,) is true where a row's time is the later part's. A group that is met in both times is dropped from
    the later part, if that costs at most a fifth of it; else each such group is dealt to one part by its draw (`share`
    of them to the later one) and keeps only its rows of that part's time.
    """
    met = (lowest(groups.of, later.astype(np.int64)) == 0) & (lowest(groups.of, (~later).astype(np.int64)) == 0)
    both = met[groups.of]
    if (later & both).sum() <= MAX_DROPPED_SHARE * later.sum():
        return ~later, later & ~both
    chosen = both & (luck(groups) < share)[groups.of]
    return ~later & ~chosen, later & (chosen | ~both)


def apart_finding(n_out: int, n_rows: int) -> Finding:
    """Say that groups met in two times were kept apart (`F10-entities-kept-apart`)."""
    return Finding(
        code="F10-entities-kept-apart",
        verdict=Verdict.PASS,
        measured=n_out / n_rows,
        because=f"{n_out:,} of {n_rows:,} rows were left out, so that nobody who taught is judged",
        remedy="Nothing: a model that has met an entity is not judged on it.",
    )
