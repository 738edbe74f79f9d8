"""The leaves of a forest as games that its inputs play: which conditions lead to a leaf, and who usually meets them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mainstay.domain.plan import Forest
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.stats.attribution import game_shares

MOST_CELLS = 4_000_000  # of conditions met, held at once


@dataclass(frozen=True, slots=True)
class Path:
    """The way to a leaf: the nodes passed, whether left was taken at each, and the leaf's value."""

    nodes: tuple[int, ...]
    lefts: tuple[bool, ...]
    value: float


def paths_of(forest: Forest) -> tuple[Path, ...]:
    """Return the way to every leaf, tree after tree."""
    return tuple(path for root in forest.roots for path in _paths(forest, root, (), ()))


def _paths(forest: Forest, node: int, nodes: tuple[int, ...], lefts: tuple[bool, ...]) -> Iterator[Path]:
    if forest.feature[node] < 0:
        yield Path(nodes, lefts, forest.value[node])
        return
    passed = (*nodes, node)
    yield from _paths(forest, forest.left[node], passed, (*lefts, True))
    yield from _paths(forest, forest.right[node], passed, (*lefts, False))


def goes_left(forest: Forest, values: FloatArray) -> BoolArray:
    """Return where each row goes at each node, shape (n_rows, n_nodes); `values` has shape (n_rows, n_inputs)."""
    found = np.zeros((values.shape[0], len(forest.feature)), dtype=np.bool_)
    for node, feature in enumerate(forest.feature):
        if feature >= 0:
            x, levels = values[:, feature], forest.levels_left[node]
            left = x <= forest.threshold[node] if levels is None else np.isin(x, levels)
            found[:, node] = np.where(np.isnan(x), forest.missing_left[node], left)
    return found


def left_shares(forest: Forest, went: BoolArray) -> FloatArray:
    """Return which share of the rows that pass a node go left there, shape (n_nodes,); a half where none passes."""
    passes = np.zeros(went.shape, dtype=np.bool_)
    passes[:, list(forest.roots)] = True
    shares = np.full(went.shape[1], 0.5)
    for node, feature in enumerate(forest.feature):  # children come after their parent
        if feature >= 0:
            here = passes[:, node]
            passes[:, forest.left[node]] |= here & went[:, node]
            passes[:, forest.right[node]] |= here & ~went[:, node]
            if np.any(here):
                shares[node] = float(np.mean(went[here, node]))
    return shares


def forest_shares(forest: Forest, values: FloatArray, background: FloatArray) -> tuple[float, FloatArray]:
    """Return the raw score that is usual, and what each input adds to it in each row, shape (n_rows, n_inputs).

    The usual score and a row's shares add up to its raw score. `background` are the rows that say what is usual.
    """
    went, usual = goes_left(forest, values), left_shares(forest, goes_left(forest, background))
    found, base = np.zeros(values.shape), forest.baseline
    by_count: dict[int, list[tuple[tuple[int, ...], Path]]] = {}
    for path in paths_of(forest):
        asked = tuple(dict.fromkeys(forest.feature[node] for node in path.nodes))
        by_count.setdefault(len(asked), []).append((asked, path))
    for n_asked, leaves in by_count.items():
        step = max(1, MOST_CELLS // max(1, values.shape[0] * n_asked))
        for start in range(0, len(leaves), step):
            base += _add(forest, leaves[start : start + step], went, usual, found)
    return base / forest.divisor, found / forest.divisor


def _add(
    forest: Forest, leaves: list[tuple[tuple[int, ...], Path]], went: BoolArray, usual: FloatArray, found: FloatArray
) -> float:
    """Add the shares of leaves whose paths ask equally many inputs; return what they usually give."""
    n_asked = len(leaves[0][0])
    met, share = np.ones((went.shape[0], len(leaves), n_asked)), np.ones((len(leaves), n_asked))
    for place, (asked, path) in enumerate(leaves):
        for node, left in zip(path.nodes, path.lefts, strict=True):
            at = asked.index(forest.feature[node])
            met[:, place, at] *= went[:, node] == left
            share[place, at] *= usual[node] if left else 1 - usual[node]
    values = np.array([path.value for _, path in leaves])
    if n_asked:
        given = game_shares(met, share[None]) * values[None, :, None]
        asked_of: IntArray = np.array([asked for asked, _ in leaves], dtype=np.int64)
        np.add.at(found.T, asked_of.ravel(), given.reshape(went.shape[0], -1).T)
    return float(values @ share.prod(axis=1))
