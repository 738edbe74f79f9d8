"""The arithmetic of a forest. Needs nothing but numpy, because this text also travels inside bundles.

A tree is not walked. All leaves of a forest are the bits of one long mask; each input's value rules leaves out, by a
table made once; what is left after every input has spoken is one leaf per tree. (The idea: Lucchese et al. 2015.)
Each tree begins at a word of its own, so that the leaf that is left is the exponent of that word, read as a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mainstay.serving.exact import sums
from mainstay.serving.plan_inputs import Columns, FloatArray, Json, index_count, level_index, level_numbers, reader

CHUNK_BYTES = 1 << 18  # of masks taken at once: they stay in a processor's nearer memory
BIAS = {8: 127, 16: 127, 32: 127, 64: 1023}  # by the bits of a word: what its number's exponents are written with
MASK = np.dtype("<u8")

Masks = npt.NDArray[np.uint64]
Places: TypeAlias = Callable[[Columns, int], npt.NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Table:
    """What one input's value rules out: `masks[i]` has a bit per leaf of the forest, 1 where the leaf stays possible.

    For a number, row i holds for `thresholds[i-1] < x <= thresholds[i]`, of which the last is infinite; for an index
    (`thresholds` None), row i for index i. The last row holds where the input is missing. `places` says for every row
    of used columns which of them is its.
    """

    input: Json
    places: Places
    thresholds: FloatArray | None
    masks: Masks


@dataclass(frozen=True, slots=True)
class ForestTables:
    """A forest made ready: `values` are its leaves' values, from left to right, tree after tree, each from a word on.

    They are float32 where the forest adds in float32. `leaves` is the mask of all leaves. A tree's take one word or, of
    64 bits, several; `starts` are the places of the words' first bits, less what the exponent of one is written as.
    """

    baseline: float
    n_trees: int
    tables: tuple[Table, ...]
    values: npt.NDArray[np.floating[Any]]
    leaves: Masks
    word: np.dtype[Any]
    starts: npt.NDArray[np.int64]
    divisor: float = 1.0


def forest_scores(forest: ForestTables, columns: Columns, n_rows: int) -> FloatArray:
    """Return the raw score of every row, shape (n_rows,): baseline and leaves added in the order of the trees."""
    total = np.full(n_rows, forest.baseline / forest.divisor)
    if not forest.n_trees:
        return total
    rows = [table.places(columns, n_rows) for table in forest.tables]
    step = max(16, CHUNK_BYTES // forest.leaves.nbytes)
    for start in range(0, n_rows, step):
        here = slice(start, start + step)
        total[here] = leaf_sums(forest, _left(forest, [row[here] for row in rows], total[here].size))
    return total


def _left(forest: ForestTables, rows: Sequence[npt.NDArray[np.int64]], n_rows: int) -> Masks:
    """Return the masks of what is left of the leaves, shape (n_rows, words of 64 bits)."""
    left = np.tile(forest.leaves, (n_rows, 1))
    mask = np.empty_like(left)
    for table, row in zip(forest.tables, rows, strict=True):
        left &= table.masks.take(row, axis=0, out=mask, mode="clip")  # clipping, which never happens, is the quick way
    return left


def leaf_sums(forest: ForestTables, left: Masks) -> FloatArray:
    """Return the raw scores of rows of which one leaf per tree is left, shape (n_rows,)."""
    leaves = forest.values.take(_places(forest, left))
    leaves[0] += forest.values.dtype.type(forest.baseline)
    return sums(leaves).astype(np.float64) / forest.divisor


def _places(forest: ForestTables, left: Masks) -> npt.NDArray[Any]:
    """Return the places of the leaves that are left, shape (n_trees, n_rows)."""
    words, starts = left.view(forest.word)[:, : forest.starts.size], forest.starts
    if starts.size > forest.n_trees:  # of several words of a tree one is not zero
        row, word = words.nonzero()
        words, starts = words[row, word].reshape(-1, forest.n_trees), starts[word].reshape(-1, forest.n_trees)
    found: npt.NDArray[Any] = (exponents(words) + starts).T
    return found


def exponents(words: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the exponents of powers of two, as they are written in a floating-point number.

    >>> (exponents(np.array([1, 8], dtype=np.uint32)) - BIAS[32]).tolist()
    [0, 3]
    """
    if words.itemsize == 8:
        return words.astype(np.float64).view(np.int64) >> 52
    return words.astype(np.float32).view(np.int32) >> 23


def forest_tables(model: Json, shared: Sequence[Json] = ()) -> ForestTables:
    """Turn the node arrays of a forest into tables of masks; raises `ValueError` where they are not trees.

    `shared` are the inputs that the plan's models share.
    """
    numbered = _numbered(model)
    word_bits = numbered.word_bits
    nodes: dict[int, list[int]] = {}
    for node in numbered.spans:
        nodes.setdefault(model["feature"][node], []).append(node)
    counts = [index_count(source, shared) for source in model["inputs"]]
    return ForestTables(
        baseline=float(model["baseline"]),
        n_trees=len(model["roots"]),
        tables=tuple(
            _table(model, feature, nodes[feature], numbered, n_indices=counts[feature]) for feature in sorted(nodes)
        ),
        values=numbered.values.astype(np.float32 if model["single"] else np.float64),
        leaves=_packed(numbered.is_leaf[None])[0],
        word=np.dtype(f"<u{word_bits // 8}"),
        starts=np.arange(0, numbered.values.size, word_bits) - BIAS[word_bits],
        divisor=float(model["divisor"]),
    )


@dataclass(frozen=True, slots=True)
class Numbered:
    """The leaves of a forest in their places; `spans` says of a node where its left, and its right ones begin and end.

    `values` has a place for every bit of the trees' words; `is_leaf` says which are taken.
    """

    values: FloatArray
    is_leaf: npt.NDArray[np.bool_]
    spans: dict[int, tuple[int, int, int]]
    word_bits: int


def word_bits_of(n_leaves: int) -> int:
    """Return how many bits the words of a forest have whose largest tree has so many leaves.

    >>> word_bits_of(24), word_bits_of(500)
    (32, 64)
    """
    return next((bits for bits in BIAS if n_leaves <= bits), 64)


def leaf_counts(model: Json) -> list[int]:
    """Return how many leaves lie below each node; raises `ValueError` where a child comes before its parent."""
    counts = [1] * len(model["feature"])
    for node in range(len(counts) - 1, -1, -1):
        if model["feature"][node] < 0:
            continue
        left, right = model["left"][node], model["right"][node]
        if min(left, right) <= node:
            raise ValueError(f"node {node} has children {left} and {right}; wanted children after their parent")
        counts[node] = counts[left] + counts[right]
    return counts


def _numbered(model: Json) -> Numbered:
    counts = leaf_counts(model)
    word_bits = word_bits_of(max((counts[root] for root in model["roots"]), default=0))
    first: dict[int, int] = {}
    n_places = 0
    for root in model["roots"]:
        first[root] = n_places
        n_places += -(-counts[root] // word_bits) * word_bits
    values, is_leaf = [0.0] * n_places, [False] * n_places
    spans: dict[int, tuple[int, int, int]] = {}
    for node in range(len(counts)):
        if node not in first:
            continue
        if model["feature"][node] < 0:
            values[first[node]], is_leaf[first[node]] = model["value"][node], True
            continue
        left, right = model["left"][node], model["right"][node]
        middle = first[node] + counts[left]
        first[left], first[right] = first[node], middle
        spans[node] = (first[node], middle, first[node] + counts[node])
    return Numbered(np.array(values, dtype=np.float64), np.array(is_leaf, dtype=np.bool_), spans, word_bits)


def _table(model: Json, feature: int, nodes: Sequence[int], numbered: Numbered, *, n_indices: int | None) -> Table:
    source = model["inputs"][feature]
    cuts = np.array(sorted({model["threshold"][node] for node in nodes}), dtype=np.float64)
    points = np.append(cuts, np.inf) if n_indices is None else np.arange(n_indices)
    possible = np.tile(numbered.is_leaf, (points.size + 1, 1))
    n_below = np.searchsorted(points, [model["threshold"][node] for node in nodes], side="right").tolist()
    for node, n in zip(nodes, n_below, strict=True):
        if model["levels_left"][node] is not None and n_indices is None:
            raise ValueError(f"node {node} asks for levels of input {feature}, which is a {source['type']}")
        first, middle, last = numbered.spans[node]
        left, right = _sides(model["levels_left"][node], n, points.size)
        possible[left, middle:last] = False
        possible[right, first:middle] = False
        if model["missing_left"][node]:
            possible[-1, middle:last] = False
        else:
            possible[-1, first:middle] = False
    thresholds = points.astype(np.float64) if n_indices is None else None
    return Table(source, _places_of(source, thresholds, points.size), thresholds, _packed(possible))


def _places_of(source: Json, thresholds: FloatArray | None, missing: int) -> Places:
    """Return how an input's values become places of masks; `missing` is that of a missing one."""
    if source["type"] == "level":
        return _places_of_levels(source, missing)
    read = reader(source)
    if thresholds is None:
        return lambda columns, n_rows: np.where(np.isnan(x := read(columns, n_rows)), missing, x).astype(np.int64)
    return lambda columns, n_rows: thresholds.searchsorted(read(columns, n_rows), side="left")  # NaN: past the last


def _places_of_levels(source: Json, missing: int) -> Places:
    name, index, n_levels = source["field"], level_index(source["levels"]), len(source["levels"])
    none = n_levels if source.get("missing_is_level") else missing
    table = np.array([*range(n_levels), none, missing], dtype=np.int64)  # -1 and -2 count from the end
    return lambda columns, n_rows: table[level_numbers(columns, name, index, n_rows)]


def _sides(levels: Sequence[int] | None, n_below: int, n_points: int) -> tuple[Any, Any]:
    """Return which points a node sends left, and which right: those up to its threshold, or those of its levels."""
    if levels is None:
        return slice(0, n_below), slice(n_below, n_points)
    inside = np.zeros(n_points, dtype=np.bool_)
    inside[[level for level in levels if level < n_points]] = True
    return inside.nonzero()[0], (~inside).nonzero()[0]


def _packed(bits: npt.NDArray[np.bool_]) -> Masks:
    """Pack bits, one mask per row, into words of 64."""
    packed = np.packbits(bits, axis=1, bitorder="little")
    padded = np.zeros((bits.shape[0], -(-packed.shape[1] // MASK.itemsize) * MASK.itemsize), dtype=np.uint8)
    padded[:, : packed.shape[1]] = packed
    return padded.view(MASK)
