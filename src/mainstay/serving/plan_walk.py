"""A large forest, walked: from root to leaf in all trees at once. Needs nothing but numpy: it too travels in bundles.

Masks of leaves (`plan_forest`) are faster but grow with thresholds times leaves; beyond some megabytes a walk, which
needs no more than the nodes, is the only way. Both give the same bits: they reach the same leaves, and add them in the
same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mainstay.serving.exact import sums
from mainstay.serving.plan_forest import ForestTables, forest_tables, leaf_counts, word_bits_of
from mainstay.serving.plan_inputs import Columns, FloatArray, Json, Read, index_count, reader

MOST_MASK_BYTES = 16_000_000  # of one forest, in each worker
PLACES = 1 << 20  # rows times trees taken at once

Nodes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Walk:
    """A forest made ready to be walked: its node arrays, and what reads its inputs.

    `levels[set_of[node]]` says for every index whether it goes left; `set_of` is -1 at nodes that ask a threshold.
    `value` is float32 where the forest adds in float32.
    """

    inputs: tuple[Json, ...]
    reads: tuple[Read, ...]
    roots: Nodes
    feature: Nodes
    threshold: FloatArray
    missing_left: npt.NDArray[np.bool_]
    left: Nodes
    right: Nodes
    value: npt.NDArray[np.floating[Any]]
    set_of: Nodes
    levels: npt.NDArray[np.bool_]
    baseline: float
    divisor: float


def ready_forest(model: Json, shared: Sequence[Json] = ()) -> ForestTables | Walk:
    """Make a forest ready in the way that suits its size; raises `ValueError` where its arrays are not trees."""
    return forest_tables(model, shared) if mask_bytes(model, shared) <= MOST_MASK_BYTES else walk_of(model, shared)


def mask_bytes(model: Json, shared: Sequence[Json] = ()) -> int:
    """Return what the masks of a forest would take."""
    cuts: dict[int, set[float]] = {}
    for feature, threshold in zip(model["feature"], model["threshold"], strict=True):
        cuts.setdefault(feature, set()).add(threshold)
    n_rows = 0
    for place, source in enumerate(model["inputs"]):
        n_indices = index_count(source, shared)
        n_rows += (len(cuts.get(place, ())) if n_indices is None else n_indices) + 2
    counts = leaf_counts(model)
    sizes = [counts[root] for root in model["roots"]]
    word_bits = word_bits_of(max(sizes, default=0))
    n_bits = sum(-(-size // word_bits) for size in sizes) * word_bits
    return int(n_rows * -(-n_bits // 64) * 8)


def walk_of(model: Json, shared: Sequence[Json] = ()) -> Walk:
    """Turn the node arrays of a forest into those of a walk; raises `ValueError` where they are not trees."""
    feature, left, right = (np.array(model[name], dtype=np.int64) for name in ("feature", "left", "right"))
    inner = feature >= 0
    if np.any(np.minimum(left, right)[inner] <= np.flatnonzero(inner)):
        raise ValueError("a node has children before it; wanted children after their parent")
    set_of, levels = _sets(model, shared)
    return Walk(
        inputs=tuple(model["inputs"]),
        reads=tuple(reader(source) for source in model["inputs"]),
        roots=np.array(model["roots"], dtype=np.int64),
        feature=feature,
        threshold=np.array(model["threshold"], dtype=np.float64),
        missing_left=np.array(model["missing_left"], dtype=np.bool_),
        left=left,
        right=right,
        value=np.array(model["value"], dtype=np.float32 if model["single"] else np.float64),
        set_of=set_of,
        levels=levels,
        baseline=float(model["baseline"]),
        divisor=float(model["divisor"]),
    )


def _sets(model: Json, shared: Sequence[Json]) -> tuple[Nodes, npt.NDArray[np.bool_]]:
    counts = [index_count(source, shared) for source in model["inputs"]]
    asking = [node for node, levels in enumerate(model["levels_left"]) if levels is not None]
    if any(counts[model["feature"][node]] is None for node in asking):
        raise ValueError("a node asks for levels of an input that has none")
    set_of = np.full(len(model["feature"]), -1, dtype=np.int64)
    set_of[asking] = np.arange(len(asking))
    levels = np.zeros((len(asking), max((count or 0 for count in counts), default=0)), dtype=np.bool_)
    for place, node in enumerate(asking):
        levels[place, list(model["levels_left"][node])] = True
    return set_of, levels


def walked_scores(walk: Walk, columns: Columns, n_rows: int) -> FloatArray:
    """Return the raw score of every row, shape (n_rows,): baseline and leaves added in the order of the trees."""
    values = np.column_stack([read(columns, n_rows) for read in walk.reads])
    step = max(1, PLACES // max(walk.roots.size, 1))
    parts = [walked_sums(walk, values[start : start + step]) for start in range(0, n_rows, step)]
    return np.concatenate(parts) if parts else np.empty(0)


def walked_sums(walk: Walk, values: FloatArray) -> FloatArray:
    """Return the raw scores of rows given as numbers, shape (n_rows, n_inputs)."""
    leaves = walk.value[_leaves(walk, values).T]
    leaves[0] += walk.value.dtype.type(walk.baseline)
    return sums(leaves).astype(np.float64) / walk.divisor


def _leaves(walk: Walk, values: FloatArray) -> Nodes:
    n_trees = walk.roots.size
    at = np.tile(walk.roots, values.shape[0])
    going = np.flatnonzero(walk.feature[at] >= 0)
    while going.size:
        node = at[going]
        goes_left = _goes_left(walk, node, values[going // n_trees, walk.feature[node]])
        at[going] = np.where(goes_left, walk.left[node], walk.right[node])
        going = going[walk.feature[at[going]] >= 0]
    return at.reshape(values.shape[0], n_trees)


def _goes_left(walk: Walk, node: Nodes, x: FloatArray) -> npt.NDArray[np.bool_]:
    goes_left: npt.NDArray[np.bool_] = x <= walk.threshold[node]
    if walk.levels.size:
        asks = (walk.set_of[node] >= 0) & ~np.isnan(x)
        goes_left[asks] = walk.levels[walk.set_of[node[asks]], x[asks].astype(np.int64)]
    missing = np.isnan(x)
    goes_left[missing] = walk.missing_left[node[missing]]
    return goes_left
