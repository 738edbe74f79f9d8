"""The arithmetic of a forest. Needs nothing but numpy, because this text also travels inside bundles.

A tree is not walked. All leaves of a forest are the bits of one long mask; each input's value rules leaves out, by a
table made once; what is left after every input has spoken is one leaf per tree. (The idea: Lucchese et al. 2015.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mainstay.serving.plan_inputs import Columns, FloatArray, Json, Read, index_count, reader

CHUNK = 1024  # rows taken at once: keeps the masks within a few megabytes


@dataclass(frozen=True, slots=True)
class Table:
    """What one input's value rules out: `masks[i]` has a bit per leaf of the forest, 1 where the leaf stays possible.

    For a number, row i holds for `thresholds[i-1] < x <= thresholds[i]`; for an index (`thresholds` None), row i for
    index i. The last row holds where the input is missing.
    """

    input: Json
    read: Read
    thresholds: FloatArray | None
    masks: npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class ForestTables:
    """A forest made ready: `values` are its leaves' values, from left to right, tree after tree.

    They are float32 where the forest adds in float32.
    """

    baseline: float
    n_trees: int
    tables: tuple[Table, ...]
    values: npt.NDArray[np.floating[Any]]
    divisor: float = 1.0


def forest_scores(forest: ForestTables, columns: Columns, n_rows: int) -> FloatArray:
    """Return the raw score of every row, shape (n_rows,): baseline and leaves added in the order of the trees."""
    total = np.full(n_rows, forest.baseline / forest.divisor)
    if not forest.n_trees:
        return total
    rows = [_mask_rows(table, columns, n_rows) for table in forest.tables]
    for start in range(0, n_rows, CHUNK):
        here = slice(start, start + CHUNK)
        total[here] = _leaf_sums(forest, [row[here] for row in rows], total[here].size)
    return total


def _mask_rows(table: Table, columns: Columns, n_rows: int) -> npt.NDArray[np.int64]:
    last = table.masks.shape[0] - 1
    values = table.read(columns, n_rows)
    if table.thresholds is None:
        return np.where(np.isnan(values), last, values).astype(np.int64)
    return np.where(np.isnan(values), last, np.searchsorted(table.thresholds, values, side="left"))


def _leaf_sums(forest: ForestTables, rows: Sequence[npt.NDArray[np.int64]], n_rows: int) -> FloatArray:
    left = np.full((n_rows, -(-forest.values.size // 64)), ~np.uint64(0))
    for table, row in zip(forest.tables, rows, strict=True):
        left &= table.masks[row]
    bits = np.unpackbits(left.view(np.uint8), axis=1, count=forest.values.size, bitorder="little")
    leaves = forest.values[np.nonzero(bits)[1].reshape(n_rows, forest.n_trees)]
    leaves[:, 0] += forest.values.dtype.type(forest.baseline)
    sums: FloatArray = np.add.accumulate(leaves, axis=1)[:, -1].astype(np.float64)
    return sums / forest.divisor


def forest_tables(model: Json, shared: Sequence[Json] = ()) -> ForestTables:
    """Turn the node arrays of a forest into tables of masks; raises `ValueError` where they are not trees.

    `shared` are the inputs that the plan's models share.
    """
    leaves: list[float] = []
    spans: dict[int, tuple[int, int, int]] = {}
    for root in model["roots"]:
        _span(model, root, leaves, spans)
    nodes: dict[int, list[int]] = {}
    for node in spans:
        nodes.setdefault(model["feature"][node], []).append(node)
    counts = [index_count(source, shared) for source in model["inputs"]]
    tables = tuple(
        _table(model, feature, nodes[feature], spans, n_leaves=len(leaves), n_indices=counts[feature])
        for feature in sorted(nodes)
    )
    values: npt.NDArray[np.floating[Any]] = np.array(leaves, dtype=np.float64)
    values = values.astype(np.float32) if model["single"] else values
    return ForestTables(float(model["baseline"]), len(model["roots"]), tables, values, float(model["divisor"]))


def _span(model: Json, node: int, leaves: list[float], spans: dict[int, tuple[int, int, int]]) -> None:
    """Number the leaves below a node from left to right; note where its left, and its right ones begin and end."""
    if model["feature"][node] < 0:
        leaves.append(float(model["value"][node]))
        return
    first, left, right = len(leaves), model["left"][node], model["right"][node]
    if min(left, right) <= node:
        raise ValueError(f"node {node} has children {left} and {right}; wanted children after their parent")
    _span(model, left, leaves, spans)
    middle = len(leaves)
    _span(model, right, leaves, spans)
    spans[node] = (first, middle, len(leaves))


def _table(
    model: Json,
    feature: int,
    nodes: Sequence[int],
    spans: Mapping[int, tuple[int, int, int]],
    *,
    n_leaves: int,
    n_indices: int | None,
) -> Table:
    source = model["inputs"][feature]
    cuts = np.unique([model["threshold"][node] for node in nodes])
    points = np.append(cuts, np.inf) if n_indices is None else np.arange(n_indices)
    possible = np.ones((points.size + 1, -(-n_leaves // 64) * 64), dtype=bool)
    for node in nodes:
        if model["levels_left"][node] is not None and n_indices is None:
            raise ValueError(f"node {node} asks for levels of input {feature}, which is a {source['type']}")
        first, middle, last = spans[node]
        goes_left = np.append(_left(model, node, points), bool(model["missing_left"][node]))
        possible[goes_left, middle:last] = False
        possible[~goes_left, first:middle] = False
    masks = np.packbits(possible, axis=1, bitorder="little").view(np.uint64)
    return Table(source, reader(source), cuts if n_indices is None else None, masks)


def _left(model: Json, node: int, points: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    levels = model["levels_left"][node]
    if levels is not None:
        return np.isin(points, levels)
    below: npt.NDArray[np.bool_] = points <= model["threshold"][node]
    return below
