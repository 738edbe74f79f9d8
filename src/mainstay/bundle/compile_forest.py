"""Histogram boosting as the flat node arrays of a forest, with scikit-learn's own thresholds and order of sums."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline

from mainstay.domain.plan import Forest, Input, Level

LEAF = -1
LARGEST = sys.float_info.max  # stands for infinity, at which scikit-learn cuts what is known from what is missing

Node: TypeAlias = dict[str, Any]
Levels: TypeAlias = tuple[int, ...] | None


def forest(pipeline: Pipeline, inputs: Mapping[str, Input]) -> Forest:
    """Return a fitted pipeline of an encoder (levels to numbers) and histogram boosting as a forest."""
    model: HistGradientBoostingClassifier = pipeline[-1]
    sources = _sources(pipeline["columns"], inputs)
    nodes: list[Node] = []
    roots: list[int] = []
    for iteration in model._predictors:
        for tree in iteration:
            roots.append(len(nodes))
            nodes += _nodes(tree, len(nodes), sources)
    columns = {name: tuple(node[name] for node in nodes) for name in NODE}
    return Forest(
        inputs=sources,
        baseline=float(model._baseline_prediction.ravel()[0]),
        roots=tuple(roots),
        **columns,
    )


NODE = ("feature", "threshold", "missing_left", "left", "right", "value", "levels_left")


def _sources(columns: ColumnTransformer, inputs: Mapping[str, Input]) -> tuple[Input, ...]:
    """What each column of the model's matrix is: encoded levels first, then numbers.

    The encoder numbers levels in the order of its categories, and the model's own encoder, seeing all of these numbers
    in training, keeps them. Levels outside of them are missing to the model.
    """
    found: list[Input] = []
    for name, encoder, names in columns.transformers_:
        for i, column in enumerate(names if name != "remainder" else ()):
            source = inputs[column]
            known = tuple(str(level) for level in encoder.categories_[i]) if isinstance(source, Level) else ()
            found.append(replace(source, levels=known) if isinstance(source, Level) else source)
    return tuple(found)


def _nodes(tree: Any, first: int, sources: tuple[Input, ...]) -> list[Node]:
    return [_node(record, first, tree.raw_left_cat_bitsets, sources) for record in tree.nodes]


def _node(record: Any, first: int, bitsets: npt.NDArray[np.uint32], sources: tuple[Input, ...]) -> Node:
    values: tuple[Any, ...]
    if record["is_leaf"]:
        values = (LEAF, 0.0, False, 0, 0, float(record["value"]), None)
    else:
        feature = int(record["feature_idx"])
        levels = _levels(bitsets[record["bitset_idx"]], sources[feature]) if record["is_categorical"] else None
        threshold = 0.0 if levels is not None else min(float(record["num_threshold"]), LARGEST)
        children = (first + int(record["left"]), first + int(record["right"]))
        values = (feature, threshold, bool(record["missing_go_to_left"]), *children, 0.0, levels)
    return dict(zip(NODE, values, strict=True))


def _levels(bitset: npt.NDArray[np.uint32], source: Input) -> Levels:
    n_levels = len(source.levels) if isinstance(source, Level) else 0
    return tuple(i for i in range(n_levels) if bitset[i // 32] >> np.uint32(i % 32) & np.uint32(1))
