"""Trees as arrays, their leaves as games that inputs play, and what each input adds to a row's sum of leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.stats.attribution import game_shares

MOST_CELLS = 100_000  # of conditions met, held at once: what fits a cache is twice as fast
EVEN = 0.5  # the share that goes left where no row says how many do

Condition: TypeAlias = tuple[int, bool]  # a node that is passed, and whether left is taken there


@dataclass(frozen=True, slots=True)
class Trees:
    """Flat node arrays of trees, shape (n_nodes,) but for `roots`; a node whose `feature` is -1 is a leaf.

    Left is taken where `x <= threshold`, or at a node with a set (`set_of` is not -1) where `levels[set_of, x]` holds;
    where x is missing, as `missing_left` says. The last column of `levels` is of levels that no set names.
    """

    roots: IntArray
    feature: IntArray
    left: IntArray
    right: IntArray
    threshold: FloatArray
    value: FloatArray
    missing_left: BoolArray
    set_of: IntArray
    levels: BoolArray


@dataclass(frozen=True, slots=True)
class Leaves:
    """Leaves whose paths ask equally many inputs, and their conditions, one after another.

    `asked` (which inputs) and `usual` (the share of rows that meet what is asked of each) have shape (n_leaves,
    n_asked), `value` (n_leaves,). Condition i is that a row goes left at `nodes[i]` where `lefts[i]`, else right; those
    of one leaf and input are `starts[k]` up to `starts[k + 1]`.
    """

    asked: IntArray
    usual: FloatArray
    value: FloatArray
    nodes: IntArray
    lefts: BoolArray
    starts: IntArray


def trees_of(model: Mapping[str, Any]) -> Trees:
    """Return trees from sequences by name: those of `Trees`, with `levels_left` (indices, or None) in place of sets.

    >>> stump = {"roots": [0], "feature": [0, -1, -1], "threshold": [5.0, 0.0, 0.0], "missing_left": [True] * 3}
    >>> stump |= {"left": [1, -1, -1], "right": [2, -1, -1], "value": [0.0, 1.0, 2.0], "levels_left": [None] * 3}
    >>> went_left(trees_of(stump), np.array([[4.0], [6.0], [np.nan]]))[:, 0].tolist()
    [True, False, True]
    """
    sets = model["levels_left"]
    asking = [node for node, levels in enumerate(sets) if levels is not None]
    set_of = np.full(len(sets), -1, dtype=np.int64)
    set_of[asking] = np.arange(len(asking))
    most = max((max(sets[node], default=0) for node in asking), default=0)
    levels = np.zeros((len(asking), most + 2), dtype=np.bool_)
    for place, node in enumerate(asking):
        levels[place, list(sets[node])] = True
    return Trees(
        roots=np.array(model["roots"], dtype=np.int64),
        feature=np.array(model["feature"], dtype=np.int64),
        left=np.array(model["left"], dtype=np.int64),
        right=np.array(model["right"], dtype=np.int64),
        threshold=np.array(model["threshold"], dtype=np.float64),
        value=np.array(model["value"], dtype=np.float64),
        missing_left=np.array(model["missing_left"], dtype=np.bool_),
        set_of=set_of,
        levels=levels,
    )


def went_left(trees: Trees, values: FloatArray) -> BoolArray:
    """Return where each row goes at each node, shape (n_rows, n_nodes); `values` has shape (n_rows, n_inputs)."""
    inner = np.flatnonzero(trees.feature >= 0)
    found = np.zeros((values.shape[0], trees.feature.size), dtype=np.bool_)
    found[:, inner] = _goes_left(trees, inner, values[:, trees.feature[inner]])
    return found


def left_shares(trees: Trees, values: FloatArray) -> FloatArray:
    """Return which share of the rows that pass a node go left there, shape (n_nodes,); a half where none passes."""
    shares = np.full(trees.feature.size, EVEN)
    for root in trees.roots.tolist():
        waiting = [(root, np.arange(values.shape[0]))]
        while waiting:
            node, rows = waiting.pop()
            feature = int(trees.feature[node])
            if feature < 0 or not rows.size:
                continue
            left = _goes_left(trees, np.array([node]), values[rows, feature][:, None])[:, 0]
            shares[node] = float(np.mean(left))
            waiting += [(int(trees.left[node]), rows[left]), (int(trees.right[node]), rows[~left])]
    return shares


def leaves_of(trees: Trees, shares: FloatArray) -> tuple[Leaves, ...]:
    """Return all leaves, by how many inputs their paths ask; `shares` is as `left_shares` gives it."""
    by_count: dict[int, list[tuple[dict[int, list[Condition]], float]]] = {}
    for conditions, value in _paths(trees):
        by_count.setdefault(len(conditions), []).append((conditions, value))
    return tuple(_leaves(leaves, shares) for _, leaves in sorted(by_count.items()))


def usual_sum(leaves: tuple[Leaves, ...]) -> float:
    """Return the sum of leaves that a row gets of which nothing is known."""
    return float(sum(each.value @ each.usual.prod(axis=1) for each in leaves))


def sum_shares(leaves: tuple[Leaves, ...], went: BoolArray, n_inputs: int) -> FloatArray:
    """Return what each input adds to each row's sum of leaves, shape (n_rows, n_inputs); `went` as of `went_left`.

    With `usual_sum` it adds up to the sum of the leaves that the row reaches.
    """
    found = np.zeros((went.shape[0], n_inputs))
    for each in leaves:
        if each.asked.shape[1]:
            step = max(1, MOST_CELLS // max(1, each.nodes.size))
            for start in range(0, went.shape[0], step):
                found[start : start + step] += _shares(each, went[start : start + step], n_inputs)
    return found


def _shares(leaves: Leaves, went: BoolArray, n_inputs: int) -> FloatArray:
    n_rows = went.shape[0]
    held = went[:, leaves.nodes] == leaves.lefts
    met = np.logical_and.reduceat(held, leaves.starts, axis=1).reshape(n_rows, *leaves.asked.shape)
    given = game_shares(met.astype(np.float64), leaves.usual[None]) * leaves.value[None, :, None]
    place = np.arange(n_rows)[:, None] * n_inputs + leaves.asked.ravel()[None]
    summed: FloatArray = np.bincount(place.ravel(), weights=given.ravel(), minlength=n_rows * n_inputs).astype(
        np.float64
    )
    return summed.reshape(n_rows, n_inputs)


def _goes_left(trees: Trees, nodes: IntArray, x: FloatArray) -> BoolArray:
    """Say for each row whether it goes left at some nodes; `x` holds what each asks, shape (n_rows, n_nodes)."""
    left: BoolArray = x <= trees.threshold[nodes]
    missing = np.isnan(x)
    asking = np.flatnonzero(trees.set_of[nodes] >= 0)
    if asking.size:
        level = np.minimum(np.where(missing, 0.0, x)[:, asking], trees.levels.shape[1] - 1).astype(np.int64)
        left[:, asking] = trees.levels[trees.set_of[nodes[asking]][None], level]
    return np.where(missing, trees.missing_left[nodes], left)


def _paths(trees: Trees) -> Iterator[tuple[dict[int, list[Condition]], float]]:
    """Give of every leaf, tree after tree, the conditions by input, and its value."""
    feature, left, right = trees.feature.tolist(), trees.left.tolist(), trees.right.tolist()
    waiting: list[tuple[int, dict[int, list[Condition]]]] = [(root, {}) for root in trees.roots.tolist()[::-1]]
    while waiting:
        node, conditions = waiting.pop()
        asked = feature[node]
        if asked < 0:
            yield conditions, float(trees.value[node])
            continue
        for child, is_left in ((right[node], False), (left[node], True)):
            waiting.append((child, conditions | {asked: [*conditions.get(asked, ()), (node, is_left)]}))


def _leaves(leaves: list[tuple[dict[int, list[Condition]], float]], shares: FloatArray) -> Leaves:
    groups = [each for conditions, _ in leaves for each in conditions.values()]
    flat = [each for group in groups for each in group]
    nodes = np.array([node for node, _ in flat], dtype=np.int64)
    lefts = np.array([is_left for _, is_left in flat], dtype=np.bool_)
    starts = np.cumsum([0, *map(len, groups)])[:-1].astype(np.int64)
    asked = np.array([list(conditions) for conditions, _ in leaves], dtype=np.int64).reshape(len(leaves), -1)
    taken = np.where(lefts, shares[nodes], 1.0 - shares[nodes])
    usual = np.multiply.reduceat(taken, starts) if starts.size else np.ones(0)
    return Leaves(asked, usual.reshape(asked.shape), np.array([value for _, value in leaves]), nodes, lefts, starts)
