"""CatBoost's trees as a forest, from the model as CatBoost writes it down; nothing of CatBoost is imported.

CatBoost casts what it reads to float32 and goes right where `x > border`; a missing number is below (or above) all
borders. Its sums start at zero and end with the bias: the bias is a last tree of one leaf. Models with categorical
features are not compiled: their statistics of hashed levels have no form in a plan.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from mainstay.bundle.compile_matrix import Column, cannot
from mainstay.bundle.compile_trees import LEAF, Compiled, Sum, Tree, as_float32, forest_of

LINKS = {
    "Logloss": "logistic",
    "CrossEntropy": "logistic",
    "MultiClass": "softmax",
    "Poisson": "exp",
    "Tweedie": "exp",
    **dict.fromkeys(("RMSE", "MAE", "Quantile", "Huber", "MAPE", "LogCosh", "Lq", "Expectile"), "identity"),
}
MISSING = {"AsFalse": True, "AsIs": True, "AsTrue": False}  # whether a missing number goes left; NaN > border is false

Saved: TypeAlias = Callable[[Callable[[str], object]], bytes]
Row: TypeAlias = tuple[int, float, bool, int, int, float]


def compile_catboost(model: Any, columns: Sequence[Column], *, saved: Saved) -> Compiled:
    """Return a fitted `CatBoostClassifier` or `CatBoostRegressor`; raises `BundleError` for what no plan says exactly.

    `saved(save)` calls `save` with the path of a file and returns what was written there: CatBoost tells of its trees
    in no other way.
    """
    told = json.loads(saved(lambda path: model.save_model(path, format="json")))
    kinds = told["features_info"].keys() - {"float_features"}
    objective = str(model.get_all_params().get("loss_function", "")).partition(":")[0]
    if objective not in LINKS or kinds:
        raise cannot(f"CatBoost's {objective} with {', '.join(sorted(kinds)) or 'numbers'}")
    features = {feature["feature_index"]: feature for feature in told["features_info"]["float_features"]}
    scale, biases = told["scale_and_bias"]
    if scale != 1:
        raise cannot(f"CatBoost's scale of {scale}")
    trees = [_tree(tree, features, k, len(biases)) for tree in _trees(told) for k in range(len(biases))]
    models = tuple(
        forest_of([*trees[k :: len(biases)], _leaf(bias)], columns, as_float32, Sum()) for k, bias in enumerate(biases)
    )
    return Compiled(models, LINKS[objective])


def _trees(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = told.get("oblivious_trees") or told.get("trees") or []
    return found


def _leaf(value: float) -> Tree:
    return _grown([(LEAF, 0.0, False, 0, 0, float(value))])


def _tree(told: Mapping[str, Any], features: Mapping[int, Any], k: int, n_scores: int) -> Tree:
    rows: list[Row] = []
    if "leaf_values" in told:
        _grow_level(rows, told["splits"], told["leaf_values"][k::n_scores], features)
    else:
        _grow(rows, told, features, k)
    return _grown(rows)


def _grown(rows: Sequence[Row]) -> Tree:
    feature, threshold, missing_left, left, right, value = (np.array(one) for one in zip(*rows, strict=True))
    return Tree(feature, threshold, missing_left, left, right, value)


def _grow_level(rows: list[Row], splits: Sequence[Any], values: Sequence[float], features: Mapping[int, Any]) -> int:
    """Grow a tree whose levels split alike; the last split is the highest bit of a leaf's place, and is the root."""
    here = len(rows)
    if not splits:
        rows.append((LEAF, 0.0, False, 0, 0, float(values[0])))
        return here
    rows.append((LEAF, 0.0, False, 0, 0, 0.0))
    half = len(values) // 2
    left = _grow_level(rows, splits[:-1], values[:half], features)
    right = _grow_level(rows, splits[:-1], values[half:], features)
    rows[here] = _split(splits[-1], features, left, right)
    return here


def _grow(rows: list[Row], told: Mapping[str, Any], features: Mapping[int, Any], k: int) -> int:
    here = len(rows)
    if "split" not in told:
        value = told["value"]
        rows.append((LEAF, 0.0, False, 0, 0, float(value[k] if isinstance(value, list) else value)))
        return here
    rows.append((LEAF, 0.0, False, 0, 0, 0.0))
    left = _grow(rows, told["left"], features, k)
    right = _grow(rows, told["right"], features, k)
    rows[here] = _split(told["split"], features, left, right)
    return here


def _split(split: Mapping[str, Any], features: Mapping[int, Any], left: int, right: int) -> Row:
    feature = features[split["float_feature_index"]]
    missing_left = MISSING[feature["nan_value_treatment"]]
    return (feature["flat_feature_index"], float(np.float32(split["border"])), missing_left, left, right, 0.0)
