"""LightGBM's trees as a forest, from the model as LightGBM writes it down; nothing of LightGBM is imported.

Sources of the arithmetic: `Tree::NumericalDecision` and `Tree::CategoricalDecision` of LightGBM 4 (`tree.h`), and its
predictor, which leaves out what lies within 1e-35 of zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from msgspec.structs import replace

from mainstay.bundle.compile_matrix import Column, Floats, cannot
from mainstay.bundle.compile_trees import LEAF, Compiled, Sum, Tree, forest_of
from mainstay.domain.plan import Level

NEARLY_ZERO = float(np.float32(1e-35))
LINKS = {
    "binary": "logistic",
    "multiclass": "softmax",
    "poisson": "exp",
    "gamma": "exp",
    "tweedie": "exp",
    **dict.fromkeys(("regression", "regression_l1", "huber", "fair", "quantile", "mape"), "identity"),
}


def compile_lightgbm(model: Any, columns: Sequence[Column]) -> Compiled:
    """Return a fitted `LGBMClassifier` or `LGBMRegressor`; raises `BundleError` for what no plan says exactly."""
    told = model.booster_.dump_model()
    objective, *settings = told.get("objective", "none").split()
    plain = {"sigmoid:1", f"num_class:{told['num_class']}"}
    unusual = [text for text in settings if text not in plain and not text.startswith(("alpha:", "tweedie_variance"))]
    if objective not in LINKS or unusual or told["average_output"]:
        raise cannot(f"LightGBM's objective {told.get('objective')!r}")
    trees = [_tree(info) for info in told["tree_info"]]
    columns = _with_categories(columns, told)
    n_models = told["num_tree_per_iteration"]
    models = tuple(forest_of(trees[i::n_models], columns, flushed, Sum()) for i in range(n_models))
    return Compiled(models, LINKS[objective])


def flushed(values: Floats) -> Floats:
    """Return numbers as LightGBM's predictor reads them: what is within 1e-35 of zero is zero.

    >>> flushed(np.array([1e-36, -1.0])).tolist()
    [0.0, -1.0]
    """
    return np.where(np.abs(values) <= NEARLY_ZERO, 0.0, values)


@dataclass(slots=True)
class _Nodes:
    """The nodes of a tree as they are met."""

    rows: list[tuple[int, float, bool, int, int, float]] = field(default_factory=list)
    codes_left: dict[int, frozenset[int]] = field(default_factory=dict)


def _tree(info: Mapping[str, Any]) -> Tree:
    nodes = _Nodes()
    waiting: list[tuple[Mapping[str, Any], int, int]] = [(info["tree_structure"], -1, 0)]
    while waiting:
        told, parent, side = waiting.pop()
        here = len(nodes.rows)
        nodes.rows.append(_node(told, here, nodes))
        if parent >= 0:
            row = list(nodes.rows[parent])
            row[side] = here
            nodes.rows[parent] = tuple(row)  # type: ignore[assignment]
        if "split_feature" in told:
            waiting += [(told["right_child"], here, 4), (told["left_child"], here, 3)]
    feature, threshold, missing_left, left, right, value = (np.array(one) for one in zip(*nodes.rows, strict=True))
    return Tree(feature, threshold, missing_left, left, right, value, nodes.codes_left)


def _node(told: Mapping[str, Any], here: int, nodes: _Nodes) -> tuple[int, float, bool, int, int, float]:
    if "split_feature" not in told:
        if "leaf_coeff" in told:
            raise cannot("a tree with lines in its leaves")
        return (LEAF, 0.0, False, 0, 0, float(told["leaf_value"]))
    feature = int(told["split_feature"])
    if told["decision_type"] == "==":
        nodes.codes_left[here] = frozenset(int(code) for code in told["threshold"].split("||"))
        return (feature, 0.0, False, 0, 0, 0.0)
    threshold = float(told["threshold"])
    if told["missing_type"] == "Zero":
        raise cannot("LightGBM's zero_as_missing")
    # A model that never saw a missing number takes it for zero.
    missing_left = bool(told["default_left"]) if told["missing_type"] == "NaN" else threshold >= 0.0
    return (feature, threshold, missing_left, 0, 0, 0.0)


def _with_categories(columns: Sequence[Column], told: Mapping[str, Any]) -> list[Column]:
    """Return the columns with the codes that LightGBM gave to the levels of pandas' categories."""
    known = iter(told.get("pandas_categorical") or ())
    return [_with_codes(column, known) if column.table is not None else column for column in columns]


def _with_codes(column: Column, known: Any) -> Column:
    assert isinstance(column.source, Level)
    levels = tuple(str(level) for level in next(known, column.source.levels))
    if levels == column.source.levels:
        return column
    table = np.append(np.arange(len(levels), dtype=np.float64), np.nan)
    return Column(replace(column.source, levels=levels), table=table)
