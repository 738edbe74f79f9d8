"""Counts in the bins of one version put into those of another, with how far that may be from having counted anew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.domain.errors import Asked
from mainstay.domain.signature import FIRST_BIN, MISSING_BIN, UNSEEN_BIN, Bins
from mainstay.monitoring.bins import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Rebinned:
    """Counts in other bins, and `misplaced`: the largest share of rows that may be in another bin than they belong to.

    `counts` has the shape of what was given, with as many columns as the other bins are; `misplaced` has a value per
    row of it. The total variation distance from a count of the same rows in the other bins is at most `misplaced`.
    """

    counts: Floats
    misplaced: Floats


def rebinned(counts: Floats, of: Bins, to: Bins) -> Rebinned:
    """Put counts (n_periods, of.n_bins) into other bins: what a retrained version's signature is compared by.

    A bin that an edge of the other falls into is shared out by length, as if its numbers lay evenly; how they lie is
    not known, so all of it that went elsewhere than to its smallest share may be misplaced. What lies beyond the range
    goes to the bin next to it. Levels keep their names; one that is not known there is unseen. Raises `Asked` for a
    number and levels.

    >>> old = Bins(subject="input:x", edges=(2.0,), low=0.0, high=4.0)
    >>> new = Bins(subject="input:x", edges=(3.0,), low=0.0, high=4.0)
    >>> moved = rebinned(np.array([[0.0, 0.0, 6.0, 4.0, 0.0]]), old, new)
    >>> moved.counts.round(6).tolist(), moved.misplaced.round(6).tolist()
    ([[0.0, 0.0, 8.0, 2.0, 0.0]], [0.2])
    """
    if of.is_number != to.is_number:
        kinds = ["a number" if bins.is_number else "levels" for bins in (of, to)]
        raise Asked(f"{of.subject} is {kinds[0]} in one signature and {kinds[1]} in the other", remedy="Count it anew.")
    shares = _shared_numbers(of, to) if of.is_number else _shared_levels(of, to)
    reached = shares > 0
    # Rows of a bin lie in those it reaches, however they do: at worst all in the one that got least.
    unsure = np.where(reached.sum(axis=1) > 1, 1 - np.where(reached, shares, 1.0).min(axis=1), 0.0)
    unsure = np.maximum(unsure, _beyond(of, to))
    rows = np.maximum(counts.sum(axis=1), 1.0)
    return Rebinned(counts @ shares, counts @ unsure / rows)


def _shared_numbers(of: Bins, to: Bins) -> Floats:
    """Which share of each bin goes where, shape (of.n_bins, to.n_bins)."""
    mine, others = _ends(of), _ends(to)
    starts, ends = mine[:-1, None], mine[1:, None]
    low, high = np.concatenate([[-np.inf], others]), np.concatenate([others, [np.inf]])
    common = np.clip(np.minimum(ends, high) - np.maximum(starts, low), 0.0, None)
    inner = common / common.sum(axis=1, keepdims=True)
    shares = np.zeros((of.n_bins, to.n_bins))
    shares[MISSING_BIN, MISSING_BIN] = 1.0
    shares[FIRST_BIN:-1, UNSEEN_BIN:] = inner
    shares[UNSEEN_BIN, UNSEEN_BIN + np.searchsorted(others, mine[0], side="left")] = 1.0
    shares[-1, UNSEEN_BIN + np.searchsorted(others, mine[-1], side="right")] = 1.0
    return shares


def _shared_levels(of: Bins, to: Bins) -> Floats:
    place = {level: FIRST_BIN + i for i, level in enumerate(to.levels)}
    goes = [MISSING_BIN, UNSEEN_BIN, *(place.get(level, UNSEEN_BIN) for level in of.levels)]
    return np.eye(to.n_bins)[goes]


def _beyond(of: Bins, to: Bins) -> Floats:
    """1 for bins whose rows may lie in bins that they were not shared out to: beyond the range, and unseen levels."""
    unsure = np.zeros(of.n_bins)
    if not of.is_number:
        unsure[UNSEEN_BIN] = float(bool(set(to.levels) - set(of.levels)))
        return unsure
    mine, others = _ends(of), _ends(to)
    unsure[UNSEEN_BIN] = float(others[0] < mine[0])
    unsure[-1] = float(others[-1] > mine[-1])
    return unsure


def _ends(bins: Bins) -> Floats:
    """Where bins of a number begin and end, from the lowest number to just above the highest."""
    assert bins.low is not None
    assert bins.high is not None
    above = np.nextafter(bins.high, np.inf)
    return np.array([bins.low, *np.clip(bins.edges, bins.low, above), above])
