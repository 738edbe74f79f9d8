"""Pairs of inputs that are counted together, so that a change of their relation is seen where neither moves alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from mainstay.domain.signature import (
    FIRST_BIN,
    MISSING_BIN,
    SCORE,
    Bins,
    Pair,
    ReferenceSignature,
    input_subject,
)
from mainstay.monitoring.bins import Floats, Ints, Used, place
from mainstay.monitoring.counts import histogram
from mainstay.stats.relation import association

Codes: TypeAlias = npt.NDArray[np.int8]

MOST_PAIRS = 20
MOST_DEPENDENT = 10  # of them, chosen by how far they go together; the others by how much both matter
N_GROUPS = 6  # a side: a correlation of ranks loses 3% of its evidence to so coarse a cut
MOST_SIDES = 60  # inputs that are paired; the least important of more are not
N_SURVEYED = 5_000  # rows by which pairs are chosen
LEAST_ASSOCIATION = 0.01  # below it two inputs do not go together to speak of
NO_GROUP = -1


@dataclass(frozen=True, slots=True)
class Side:
    """An input as one side of a pair: its groups by bin, those of the surveyed rows, and how much it tells of scores.

    `weight` is the association with the score, 0 to 1.
    """

    name: str
    groups: Ints
    codes: Codes
    weight: float


def with_pairs(
    reference: ReferenceSignature, used: Used, row: Ints, *, names: Sequence[str], placed_scores: Ints
) -> ReferenceSignature:
    """Return the reference with the pairs of inputs to watch, and their own counts, period by period.

    `row` is the period of each row (-1 for none), shape (n_rows,), `placed_scores` the bin of its score (missing where
    it is not judged), `names` the inputs that may be paired.
    """
    surveyed = np.unique(np.linspace(0, max(row.size - 1, 0), N_SURVEYED).astype(np.int64))[: row.size]
    said = coded(placed_scores[surveyed], _groups(reference, SCORE))
    sides = {}
    for name in names:
        groups = _groups(reference, input_subject(name))
        codes = coded(place(used[name][surveyed], reference.bins_of(input_subject(name))), groups)
        sides[name] = Side(name, groups, codes, association(table_of(codes, said)))
    pairs = choose_pairs(list(sides.values()))
    groups_by_name = {name: sides[name].groups for pair in pairs for name in (pair.first, pair.second)}
    codes_by_name = {
        name: coded(place(used[name], reference.bins_of(input_subject(name))), groups)
        for name, groups in groups_by_name.items()
    }
    counts = dict(reference.counts)
    for pair in pairs:
        placed = place_pair(pair, codes_by_name[pair.first], codes_by_name[pair.second])
        counts[pair.subject] = histogram(placed, row, pair.bins, len(reference.periods))
    kept = {name: tuple(groups.tolist()) for name, groups in groups_by_name.items()}
    return msgspec.structs.replace(reference, pairs=pairs, sides=kept, counts=counts)


def equal_parts(shares: Floats, n: int) -> Ints:
    """Put ordered bins together into at most n parts that hold about as many rows each; returns the part of each bin.

    >>> equal_parts(np.array([1.0, 1.0, 1.0, 1.0]), 2).tolist()
    [0, 0, 1, 1]
    """
    total = float(shares.sum())
    if not total:
        return np.zeros(shares.size, dtype=np.int64)
    middle = (np.cumsum(shares) - shares / 2) / total
    return np.minimum((middle * n).astype(np.int64), n - 1)


def groups_of(bins: Bins, total: Ints) -> Ints:
    """Return the group of each bin by the reference's counts, shape (n_bins,); -1 for what is missing or unseen.

    Numbers are cut into about equal parts, what lies out of range is in the outermost; of levels the most frequent
    stay apart and the others are one group.
    """
    shares, groups = total.astype(np.float64), np.full(bins.n_bins, NO_GROUP, dtype=np.int64)
    if bins.is_number:
        groups[MISSING_BIN + 1 :] = _numbered(equal_parts(shares[MISSING_BIN + 1 :], N_GROUPS))
        return groups
    order = FIRST_BIN + np.argsort(-shares[FIRST_BIN:], kind="stable")
    groups[order] = np.minimum(np.arange(order.size), N_GROUPS - 1)
    return groups


def coded(placed: Ints, groups: Ints) -> Codes:
    """Return the group of each row from its bin."""
    codes: Codes = groups[placed].astype(np.int8)
    return codes


def place_pair(pair: Pair, first: Codes, second: Codes) -> Ints:
    """Return the bin of each row in the table of a pair, from the groups of both sides."""
    bins = np.full((pair.n_first + 1, pair.n_second + 1), MISSING_BIN, dtype=np.int64)
    bins[1:, 1:] = FIRST_BIN + np.arange(pair.n_first * pair.n_second).reshape(pair.n_first, pair.n_second)
    # A byte holds both groups, so that counting twenty pairs costs little more than reading them.
    both = (first - NO_GROUP).astype(np.uint8) * np.uint8(pair.n_second + 1) + (second - NO_GROUP).astype(np.uint8)
    return bins.ravel().take(both)


def choose_pairs(sides: Sequence[Side]) -> tuple[Pair, ...]:
    """Choose the pairs to watch: those that go together most, and then all of the inputs that matter most.

    At most twenty, ten of them by how far they go together. How much an input matters is its own association with the
    score, so that no outcome is looked at.
    """
    able = sorted((side for side in sides if side.groups.max(initial=0) > 0), key=lambda side: -side.weight)
    able = able[:MOST_SIDES]
    every = list(combinations(range(len(able)), 2))
    if not every:
        return ()
    weights = np.array([side.weight for side in able])
    fair = weights / max(weights.sum(), 1e-12) + 1 / len(able)
    together = dict(zip(every, _associations(able), strict=True))
    dependent = [pair for pair in every if together[pair] >= LEAST_ASSOCIATION]
    dependent.sort(key=lambda pair: -together[pair] * (fair[pair[0]] + fair[pair[1]]))
    important = sorted(every, key=max)  # of inputs in order: by the one that matters less
    chosen = list(dict.fromkeys([*dependent[:MOST_DEPENDENT], *important]))[:MOST_PAIRS]
    return tuple(_pair(able[i], able[j]) for i, j in chosen)


def table_of(codes: Codes, others: Codes) -> Ints:
    """Count rows by the groups of two sides, shape (n_groups, n_other_groups); rows without a group are left out.

    >>> table_of(np.array([0, 1, -1], dtype=np.int8), np.array([0, 0, 0], dtype=np.int8)).tolist()
    [[1], [1]]
    """
    there = (codes >= 0) & (others >= 0)
    table = np.zeros((int(codes.max(initial=0)) + 1, int(others.max(initial=0)) + 1), dtype=np.int64)
    np.add.at(table, (codes[there].astype(np.int64), others[there].astype(np.int64)), 1)
    return table


def _groups(reference: ReferenceSignature, subject: str) -> Ints:
    bins = reference.bins_of(subject)
    total = np.array(reference.counts[subject], dtype=np.int64).reshape(-1, bins.n_bins).sum(axis=0)
    return groups_of(bins, total)


def _numbered(parts: Ints) -> Ints:
    """Number parts without gaps, in order."""
    return np.unique(parts, return_inverse=True)[1].astype(np.int64)


def _associations(sides: Sequence[Side]) -> Iterator[float]:
    """The association of every two sides, in the order of their combinations; all tables come from one product."""
    held = np.stack([side.codes for side in sides], axis=1)
    ones = (held[:, :, None] == np.arange(N_GROUPS)).reshape(held.shape[0], -1).astype(np.float32)
    tables = (ones.T @ ones).reshape(len(sides), N_GROUPS, len(sides), N_GROUPS)
    for i, j in combinations(range(len(sides)), 2):
        yield association(tables[i, :, j])


def _pair(one: Side, other: Side) -> Pair:
    first, second = sorted((one, other), key=lambda side: side.name)
    sizes = [int(side.groups.max()) + 1 for side in (first, second)]
    return Pair(first=first.name, second=second.name, n_first=sizes[0], n_second=sizes[1])
