"""Dealing rows to training, calibration and holdout: by time, or at random by outcome; groups stay whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mainstay.domain.finding import Finding, Verdict
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.stats.buckets import snapped_ends

PARTS = ("training", "calibration", "holdout")
SHARES = (0.6, 0.2, 0.2)
DEALT_SHARES = (0.5, 0.25, 0.25)  # of entities, where their rows outside their part's time are left out
LEFT_OUT = -1

MAX_DROPPED_SHARE = 0.2  # more known entities than this in a later part, and dropping them would change its mix
MIN_KEPT_SHARE = 0.25  # a part that the gap would cut below this keeps its rows


@dataclass(frozen=True, slots=True)
class Dealt:
    """The part of every row (0 training, 1 calibration, 2 holdout, -1 left out), and what was found."""

    parts: IntArray
    findings: tuple[Finding, ...]


def at_random(outcomes: FloatArray, groups: IntArray, *, seed: int, shares: tuple[float, ...] = SHARES) -> IntArray:
    """Deal whole groups at random, each part getting its share of rows with and of groups without a positive.

    All arrays have shape (n_rows,); `groups` are numbers from 0.

    >>> np.bincount(at_random(np.zeros(10), np.arange(10), seed=1)).tolist()
    [6, 2, 2]
    """
    n_rows = np.bincount(groups)
    has_positive = np.bincount(groups, weights=outcomes) > 0
    order = np.random.default_rng(seed).permutation(n_rows.size)
    part_of = np.zeros(n_rows.size, dtype=np.int64)
    for stratum in (False, True):
        members = order[has_positive[order] == stratum]
        middle = np.cumsum(n_rows[members]) - n_rows[members] / 2
        part_of[members] = np.searchsorted(np.cumsum(shares)[:-1] * n_rows[members].sum(), middle, side="right")
    return part_of[groups]


def by_time(
    outcomes: FloatArray, moments: FloatArray, groups: IntArray, *, outcome_delay_s: float, seed: int
) -> Dealt | None:
    """Deal the oldest rows to training and the newest to the holdout; None where there are too few moments.

    Rows of one moment are never parted. A row whose outcome was not yet known when the next part began is left out: the
    model could not have learned it. A group (an entity) that is met again in a later part is dropped there, if that
    costs at most a fifth of the part; else every group is dealt to one part at random and keeps only its rows from that
    part's time. Either way no group is in two parts.
    """
    order = np.argsort(moments, kind="stable")
    ends = snapped_ends(moments[order], moments.size * np.cumsum(SHARES))
    if ends.size < len(SHARES):
        return None
    parts = np.empty(moments.size, dtype=np.int64)
    parts[order] = np.searchsorted(ends, np.arange(moments.size), side="right")
    parts, gaps = _leave_gaps(parts, moments, outcomes, outcome_delay_s)
    parts, met = _part_groups(parts, groups, outcomes, seed)
    return Dealt(parts, (*gaps, *met))


def _leave_gaps(
    parts: IntArray, moments: FloatArray, outcomes: FloatArray, delay_s: float
) -> tuple[IntArray, list[Finding]]:
    findings = []
    for later in (1, 2) if delay_s > 0 else ():
        inside = parts == later - 1
        unknown = inside & (moments + delay_s > moments[parts == later].min())
        kept = inside & ~unknown
        can = _has_both(outcomes, kept) and int(kept.sum()) >= MIN_KEPT_SHARE * int(inside.sum())
        findings.extend([_gap_finding(later, int(unknown.sum()), int(inside.sum()), can=can)] if unknown.any() else [])
        parts = np.where(unknown & can, LEFT_OUT, parts)
    return parts, findings


def _gap_finding(later: int, n_unknown: int, n_rows: int, *, can: bool) -> Finding:
    earlier, next_part = PARTS[later - 1], PARTS[later]
    told = f"{n_unknown} of {n_rows} {earlier} rows had no known outcome yet when the {next_part} rows began"
    return Finding(
        code="F10-outcome-delay-gap",
        verdict=Verdict.PASS if can else Verdict.WARN,
        measured=n_unknown / n_rows,
        limit=1 - MIN_KEPT_SHARE,
        because=f"{told}; {'they were left out' if can else 'too few others: they were kept, which flatters a little'}",
        remedy="" if can else "More history, or a shorter data.outcome_delay if the truth arrives sooner.",
    )


def _part_groups(parts: IntArray, groups: IntArray, outcomes: FloatArray, seed: int) -> tuple[IntArray, list[Finding]]:
    inside = parts != LEFT_OUT
    first = np.full(int(groups.max(initial=-1)) + 1, len(PARTS), dtype=np.int64)
    np.minimum.at(first, groups[inside], parts[inside])
    met = inside & (parts > first[groups])
    if not met.any():
        return parts, []
    shares = [met[parts == part].mean() for part in (1, 2)]
    if max(shares) <= MAX_DROPPED_SHARE:
        told = f"{int(met.sum())} rows of entities already met in an older part were left out of the later ones"
        return np.where(met, LEFT_OUT, parts), [_group_finding(told, met.mean())]
    dealt = at_random(outcomes, groups, seed=seed, shares=DEALT_SHARES)
    strange = inside & (dealt != parts)
    told = f"most entities are met again and again: each was dealt to one part, and {int(strange.sum())} rows left out"
    return np.where(strange, LEFT_OUT, parts), [_group_finding(told, strange.mean())]


def _group_finding(told: str, share: float) -> Finding:
    return Finding(
        code="F10-entities-kept-apart",
        verdict=Verdict.PASS,
        measured=float(share),
        because=told,
        remedy="Nothing: a model that has met an entity is not judged on it.",
    )


def _has_both(outcomes: FloatArray, rows: BoolArray) -> bool:
    found: npt.NDArray[np.float64] = outcomes[rows]
    return bool((found == 1.0).any() and (found == 0.0).any())
