"""Trees of any library as the flat node arrays of a plan's forest, with thresholds that part the very same numbers.

Libraries look at numbers through different eyes: XGBoost, CatBoost and scikit-learn's trees compare float32, LightGBM
takes what is nearly zero for zero. A plan compares float64. So each threshold becomes the largest float64 number that
the library still sends left: on every number, one float step beside included, both go the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mainstay.bundle.compile_matrix import Column, Floats, Rising, cannot, highest_left
from mainstay.domain.plan import Constant, Forest, Input, Model

LEAF = -1

Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Levels: TypeAlias = tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree, node 0 its root: a value at or below `threshold` goes left; a leaf's `feature` is -1.

    `codes_left` holds, by node, the values that go left where a split names them one by one.
    """

    feature: Ints
    threshold: Floats
    missing_left: Bools
    left: Ints
    right: Ints
    value: Floats
    codes_left: dict[int, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """How trees become a score: the sum from `baseline` on over `divisor`, in float32 where `single`."""

    baseline: float = 0.0
    divisor: float = 1.0
    single: bool = False


@dataclass(frozen=True, slots=True)
class Compiled:
    """A fitted model as data: one model per score, and the link from their sums to scores."""

    models: tuple[Model, ...]
    link: str


def as_seen(values: Floats) -> Floats:
    """Return numbers as float64 ones: what a library sees that looks at them as they are."""
    return values


def as_float32(values: Floats) -> Floats:
    """Return numbers as a library sees them that reads float32.

    >>> float(as_float32(np.array([0.1]))[0])
    0.10000000149011612
    """
    return values.astype(np.float32).astype(np.float64)


def forest_of(trees: Sequence[Tree], columns: Sequence[Column], seen: Rising, how: Sum) -> Forest | Constant:
    """Return trees over the columns of a matrix as a forest; raises `BundleError` where a split's column has no input.

    `seen` is how the library sees a number; it must rise.
    """
    if not trees:
        return Constant(raw=how.baseline)
    starts = np.cumsum([0, *(tree.feature.size for tree in trees)])
    whole = _joined([_ordered(tree, int(start)) for tree, start in zip(trees, starts, strict=False)], starts)
    parts = {j: _parted(whole, j, columns[j], seen) for j in np.unique(whole.feature).tolist() if j != LEAF}
    sources = tuple(dict.fromkeys(part.source for part in parts.values()))
    place = {j: sources.index(part.source) for j, part in parts.items()}
    split = {node: cut for part in parts.values() for node, cut in part.cuts.items()}
    cuts = [split.get(node, NO_CUT) for node in range(whole.feature.size)]
    return Forest(
        inputs=sources,
        baseline=how.baseline,
        roots=tuple(starts[:-1].tolist()),
        feature=tuple(place.get(j, LEAF) for j in whole.feature.tolist()),
        threshold=tuple(cut.threshold for cut in cuts),
        missing_left=tuple(cut.missing_left for cut in cuts),
        left=tuple(whole.left.tolist()),
        right=tuple(whole.right.tolist()),
        value=tuple(whole.value.tolist()),
        levels_left=tuple(cut.levels_left for cut in cuts),
        divisor=how.divisor,
        single=how.single,
    )


@dataclass(frozen=True, slots=True)
class _Cut:
    threshold: float
    missing_left: bool
    levels_left: tuple[int, ...] | None


NO_CUT = _Cut(0.0, False, None)


@dataclass(frozen=True, slots=True)
class _Part:
    """All splits of one column, by node."""

    source: Input
    cuts: dict[int, _Cut]


def _parted(whole: Tree, feature: int, column: Column, seen: Rising) -> _Part:
    nodes = np.flatnonzero(whole.feature == feature)
    if column.source is None:
        raise cannot("a split of a text or a moment")
    if column.table is not None:
        return _Part(column.source, {node: _of_levels(whole, node, seen(column.table)) for node in nodes.tolist()})
    if not whole.codes_left.keys().isdisjoint(nodes.tolist()):
        raise cannot("a split of a number into single values")
    if np.isnan(column.missing):
        missing_left = whole.missing_left[nodes]
    else:
        missing_left = seen(np.array([column.missing])) <= whole.threshold[nodes]
    thresholds = highest_left(column, whole.threshold[nodes], seen)
    each = zip(nodes.tolist(), thresholds.tolist(), missing_left.tolist(), strict=True)
    return _Part(column.source, {node: _Cut(threshold, goes, None) for node, threshold, goes in each})


def _of_levels(whole: Tree, node: int, values: Floats) -> _Cut:
    """Return which levels (the last value is that of a missing one) a split sends left."""
    codes = whole.codes_left.get(node)
    below = values <= whole.threshold[node] if codes is None else np.isin(values, list(codes))
    left = np.where(np.isnan(values), whole.missing_left[node], below)
    return _Cut(0.0, bool(left[-1]), tuple(np.flatnonzero(left[:-1]).tolist()))


def _ordered(tree: Tree, start: int) -> Tree:
    """Return a tree with every parent before its children, numbered from `start`."""
    order = np.array(list(_in_order(tree)), dtype=np.int64)
    new = np.zeros(tree.feature.size, dtype=np.int64)
    new[order] = start + np.arange(order.size)
    is_leaf = tree.feature[order] < 0
    return Tree(
        feature=np.where(is_leaf, LEAF, tree.feature[order]),
        threshold=tree.threshold[order],
        missing_left=tree.missing_left[order],
        left=np.where(is_leaf, 0, new[tree.left[order]]),
        right=np.where(is_leaf, 0, new[tree.right[order]]),
        value=np.where(is_leaf, tree.value[order], 0.0),
        codes_left={int(new[node]): codes for node, codes in tree.codes_left.items()},
    )


def _in_order(tree: Tree) -> Iterator[int]:
    waiting = [0]
    while waiting:
        node = waiting.pop()
        yield node
        if tree.feature[node] >= 0:
            waiting += [int(tree.right[node]), int(tree.left[node])]


def _joined(trees: Sequence[Tree], starts: Ints) -> Tree:
    """Return the nodes of all trees, one tree's after another's."""
    return Tree(
        feature=np.concatenate([tree.feature for tree in trees]),
        threshold=np.concatenate([tree.threshold for tree in trees]),
        missing_left=np.concatenate([tree.missing_left for tree in trees]),
        left=np.concatenate([tree.left for tree in trees]),
        right=np.concatenate([tree.right for tree in trees]),
        value=np.concatenate([tree.value for tree in trees]),
        codes_left={node: codes for tree in trees for node, codes in tree.codes_left.items()},
    )
