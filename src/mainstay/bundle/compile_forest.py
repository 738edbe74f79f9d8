"""Histogram boosting as the flat node arrays of a forest, with scikit-learn's own thresholds and order of sums."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

from mainstay.bundle.compile_trees import Compiled
from mainstay.domain.errors import BundleError
from mainstay.domain.plan import Cross, Forest, Input, Level

LEAF = -1
LARGEST = sys.float_info.max  # stands for infinity, at which scikit-learn cuts what is known from what is missing
NODE = ("feature", "threshold", "missing_left", "left", "right", "value", "levels_left")
LINKS = {"poisson": "exp", "gamma": "exp"}

Node: TypeAlias = dict[str, Any]
Levels: TypeAlias = tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Read:
    """One column of the model's matrix: its input, and the number that the model knows each index by.

    `codes` is None for numbers; NaN is an index that the model takes for missing.
    """

    source: Input
    codes: tuple[float, ...] | None = None


def compile_boosting(pipeline: Pipeline, inputs: Mapping[str, Input]) -> Compiled:
    """Return a fitted pipeline that ends in histogram boosting as forests: one, or one per class.

    Before it there may stand a `ColumnTransformer` of an `OrdinalEncoder` (levels) and columns passed through.
    """
    model = pipeline[-1]
    columns = _inside(model, _columns(pipeline, inputs))
    baselines = model._baseline_prediction.ravel()
    trees = [list(each) for each in zip(*model._predictors, strict=True)] or [[] for _ in baselines]
    forests = tuple(_forest(each, float(base), columns) for each, base in zip(trees, baselines, strict=True))
    if hasattr(model, "classes_"):
        return Compiled(forests, "logistic" if len(forests) == 1 else "softmax")
    return Compiled(forests, LINKS.get(model.loss, "identity"))


def _forest(trees: Sequence[Any], baseline: float, columns: Sequence[Read]) -> Forest:
    nodes: list[Node] = []
    roots: list[int] = []
    for tree in trees:
        roots.append(len(nodes))
        first = len(nodes)
        nodes += [_node(record, first, tree.raw_left_cat_bitsets, columns) for record in tree.nodes]
    arrays: dict[str, Any] = {name: tuple(node[name] for node in nodes) for name in NODE}
    return Forest(inputs=tuple(column.source for column in columns), baseline=baseline, roots=tuple(roots), **arrays)


def _columns(pipeline: Pipeline, inputs: Mapping[str, Input]) -> list[Read]:
    """What each column is that the model is given."""
    if len(pipeline) == 1:
        return [_passed(inputs[str(name)]) for name in pipeline.feature_names_in_]
    (transformer,) = (part for _, part in pipeline.steps[:-1])
    if not isinstance(transformer, ColumnTransformer):
        raise BundleError(f"{type(transformer).__name__} before boosting cannot be written as a plan")
    found: list[Read] = []
    for _, part, names in transformer.transformers_:
        if isinstance(part, OrdinalEncoder):
            found += [_encoded(inputs[name], known) for name, known in zip(names, part.categories_, strict=True)]
        elif part == "passthrough" or type(part).__name__ == "FunctionTransformer":
            found += [_passed(inputs[name]) for name in names]
        elif part != "drop":
            raise BundleError(f"{type(part).__name__} before boosting cannot be written as a plan")
    return found


def _passed(source: Input) -> Read:
    n_indices = index_count(source)
    return Read(source, None if n_indices is None else tuple(map(float, range(n_indices))))


def index_count(source: Input) -> int | None:
    """Return how many indices an input has; None where it is a number.

    >>> index_count(Level(field="region", levels=("EU", "UK"), missing_is_level=True))
    3
    """
    if isinstance(source, Level):
        return len(source.levels) + source.missing_is_level
    return len(source.levels) if isinstance(source, Cross) else None


def _encoded(source: Input, known: Sequence[Any]) -> Read:
    """A column that an encoder numbers in the order of what it knows: texts of levels, or indices of them."""
    if isinstance(source, Level) and any(isinstance(each, str) for each in known):
        return _passed(replace(source, levels=tuple(map(str, known))))
    return _renumbered(_passed(source), known)


def _renumbered(column: Read, known: Sequence[float]) -> Read:
    """Number codes by their place among the known ones; the others are missing."""
    if column.codes is None:
        raise BundleError("numbers taken for categories cannot be written as a plan")
    places = {float(each): float(place) for place, each in enumerate(known) if not math.isnan(each)}
    return Read(column.source, tuple(places.get(code, math.nan) for code in column.codes))


def _inside(model: Any, columns: Sequence[Read]) -> list[Read]:
    """What each column is that the trees see: the model's own encoder puts categories first, and numbers them."""
    is_category = model.is_categorical_
    if is_category is None:
        return list(columns)
    known = model._preprocessor.named_transformers_["encoder"].categories_
    categories = [column for column, is_one in zip(columns, is_category, strict=True) if is_one]
    others = [column for column, is_one in zip(columns, is_category, strict=True) if not is_one]
    return [_renumbered(column, mine) for column, mine in zip(categories, known, strict=True)] + others


def _node(record: Any, first: int, bitsets: npt.NDArray[np.uint32], columns: Sequence[Read]) -> Node:
    values: tuple[Any, ...]
    if record["is_leaf"]:
        values = (LEAF, 0.0, False, 0, 0, float(record["value"]), None)
    else:
        feature, missing_left = int(record["feature_idx"]), bool(record["missing_go_to_left"])
        threshold = min(float(record["num_threshold"]), LARGEST)
        if columns[feature].codes is None:
            levels = None
        elif record["is_categorical"]:
            bitset, threshold = bitsets[record["bitset_idx"]], 0.0
            levels = _left(columns[feature], lambda code: _bit(bitset, int(code)), missing_left=missing_left)
        else:
            cut, threshold = threshold, 0.0
            levels = _left(columns[feature], lambda code: code <= cut, missing_left=missing_left)
        children = (first + int(record["left"]), first + int(record["right"]))
        values = (feature, threshold, missing_left, *children, 0.0, levels)
    return dict(zip(NODE, values, strict=True))


def _left(column: Read, goes_left: Any, *, missing_left: bool) -> Levels:
    codes = column.codes or ()
    return tuple(i for i, code in enumerate(codes) if (missing_left if math.isnan(code) else goes_left(code)))


def _bit(bitset: npt.NDArray[np.uint32], code: int) -> bool:
    return bool(bitset[code // 32] >> np.uint32(code % 32) & np.uint32(1))
