"""XGBoost's trees as a forest, from the model as XGBoost writes it down; nothing of XGBoost is imported.

XGBoost casts what it reads to float32, goes left where `x < condition`, and adds leaves in float32 from its base score
on. With y the next float32 number below the condition, `x < condition` is `x <= y` among float32 numbers; the cast is
in `as_float32`, and the forest adds in float32 as well: margins are equal to the bit. Links are taken in float64, so
probabilities are those of XGBoost within float32's rounding (6e-8). Categories of a split go right, all others left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mainstay.bundle.compile_matrix import Column, cannot
from mainstay.bundle.compile_trees import LEAF, Compiled, Sum, Tree, as_float32, forest_of
from mainstay.domain.plan import Level

LINKS = {
    "binary:logistic": "logistic",
    "reg:logistic": "logistic",
    "multi:softprob": "softmax",
    "count:poisson": "exp",
    "reg:gamma": "exp",
    "reg:tweedie": "exp",
    **dict.fromkeys(("reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror", "reg:quantileerror"), "identity"),
}
NUMBER = re.compile(r"[-+0-9.eE]+")


def compile_xgboost(model: Any, columns: Sequence[Column]) -> Compiled:
    """Return a fitted `XGBClassifier` or `XGBRegressor`; raises `BundleError` for what no plan says exactly."""
    learner = json.loads(bytes(model.get_booster().save_raw("json")))["learner"]
    objective, booster = learner["objective"]["name"], learner["gradient_booster"]
    parameters = learner["learner_model_param"]
    if objective not in LINKS or booster["name"] != "gbtree" or int(parameters.get("num_target", 1)) > 1:
        raise cannot(f"XGBoost's {booster['name']} for {objective}")
    told = booster["model"]
    groups = np.array(told["tree_info"])[: _n_best(model, told)]
    n_models = max(1, int(parameters["num_class"]))
    bases = _bases(parameters["base_score"], LINKS[objective], n_models)
    trees = [_tree(tree, columns) for tree in told["trees"][: groups.size]]
    models = tuple(
        forest_of(
            [trees[i] for i in np.flatnonzero(groups == group)], columns, as_float32, Sum(baseline=base, single=True)
        )
        for group, base in enumerate(bases)
    )
    return Compiled(models, LINKS[objective])


def _n_best(model: Any, told: Mapping[str, Any]) -> int | None:
    """How many trees XGBoost predicts with: those up to the best round, where it stopped early."""
    best = getattr(model, "early_stopping_rounds", None) and getattr(model, "best_iteration", None)
    return None if best is None else int(told["iteration_indptr"][best + 1])


def _bases(told: str, link: str, n_models: int) -> list[float]:
    """The base score of every group as a margin, in float32 as XGBoost computes it."""
    shares = np.array([float(text) for text in NUMBER.findall(told)], dtype=np.float32)
    one = np.float32(1.0)
    if link == "logistic":
        shares = -np.log((one / shares - one).astype(np.float64)).astype(np.float32)
    elif link == "exp":
        shares = np.log(shares.astype(np.float64)).astype(np.float32)
    return [float(share) for share in np.broadcast_to(shares, (n_models,))]


def _tree(told: Mapping[str, Any], columns: Sequence[Column]) -> Tree:
    left, right = np.array(told["left_children"]), np.array(told["right_children"])
    is_leaf = left < 0
    conditions = np.array(told["split_conditions"], dtype=np.float32)
    feature = np.where(is_leaf, LEAF, np.array(told["split_indices"]))
    right_codes = _codes(told)
    codes_left = {node: _others(columns[feature[node]], codes) for node, codes in right_codes.items()}
    return Tree(
        feature=feature,
        threshold=np.nextafter(conditions, np.float32(-np.inf)).astype(np.float64),
        missing_left=np.array(told["default_left"], dtype=bool),
        left=left,
        right=right,
        value=conditions.astype(np.float64),
        codes_left=codes_left,
    )


def _codes(told: Mapping[str, Any]) -> dict[int, frozenset[int]]:
    """The codes of each split into categories, by node."""
    each = zip(told["categories_nodes"], told["categories_segments"], told["categories_sizes"], strict=True)
    return {node: frozenset(told["categories"][start : start + size]) for node, start, size in each}


def _others(column: Column, codes: frozenset[int]) -> frozenset[int]:
    n_codes = len(column.source.levels) if isinstance(column.source, Level) else 0
    return frozenset(range(n_codes)) - codes
