"""scikit-learn's trees and forests as a plan's, from their node arrays.

Trees, forests and gradient boosting cast what they read to float32; histogram boosting reads float64 and knows
categories. Sums are taken as scikit-learn takes them with one thread: forests add tree after tree and divide, boosting
adds to its baseline. More threads would add in the order in which they happen to be ready.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mainstay.bundle.compile_matrix import Column, Floats, cannot
from mainstay.bundle.compile_trees import LEAF, Compiled, Sum, Tree, as_float32, as_seen, forest_of

LINKS = {"LogitLink": "logistic", "MultinomialLogit": "softmax", "IdentityLink": "identity", "LogLink": "exp"}


def compile_tree(model: Any, columns: Sequence[Column]) -> Compiled:
    """Return a fitted decision tree; raises `BundleError` for several outcomes at once."""
    return _average([model], _n_scores(model), columns)


def compile_average(model: Any, columns: Sequence[Column]) -> Compiled:
    """Return a fitted random forest or extra trees, whose score is the mean of its trees."""
    return _average(model.estimators_, _n_scores(model), columns)


def compile_boosting(model: Any, columns: Sequence[Column]) -> Compiled:
    """Return a fitted `GradientBoosting…`; raises `BundleError` for losses and first guesses that no plan says."""
    link = LINKS.get(type(model._loss.link).__name__)
    if link is None or type(model._loss).__name__ == "ExponentialLoss":
        raise cannot(f"gradient boosting with {type(model._loss).__name__}")
    if model.init not in (None, "zero"):
        raise cannot("gradient boosting that starts from another model")
    bases = model._raw_predict_init(np.zeros((1, len(columns)), dtype=np.float32))[0]
    models = tuple(
        forest_of(
            [_tree(one.tree_, 0, scale=model.learning_rate) for one in stages],
            columns,
            as_float32,
            Sum(baseline=float(base)),
        )
        for base, stages in zip(bases, model.estimators_.T, strict=True)
    )
    return Compiled(models, link)


def compile_histogram(model: Any, columns: Sequence[Column]) -> Compiled:
    """Return a fitted `HistGradientBoosting…`, `columns` being what its own encoder makes of the matrix."""
    link = LINKS.get(type(model._loss.link).__name__)
    if link is None:
        raise cannot(f"histogram boosting with {type(model._loss).__name__}")
    bases = np.asarray(model._baseline_prediction, dtype=np.float64).ravel()
    models = tuple(
        forest_of(
            [_histogram_tree(stage[k]) for stage in model._predictors], columns, as_seen, Sum(baseline=float(base))
        )
        for k, base in enumerate(bases)
    )
    return Compiled(models, link)


def _n_scores(model: Any) -> int:
    """How many scores it gives: 1 for two classes or an amount, else one per class."""
    if model.n_outputs_ != 1:
        raise cannot("a model of several outcomes")
    n_classes = int(getattr(model, "n_classes_", 0))
    return n_classes if n_classes > 2 else 1


def _average(members: Sequence[Any], n_scores: int, columns: Sequence[Column]) -> Compiled:
    offset = 1 if n_scores == 1 and hasattr(members[0], "classes_") else 0
    how = Sum(divisor=float(len(members)))
    models = tuple(
        forest_of([_tree(member.tree_, k + offset) for member in members], columns, as_float32, how)
        for k in range(n_scores)
    )
    return Compiled(models, "identity")


def _tree(tree: Any, k: int, *, scale: float = 1.0) -> Tree:
    values: Floats = scale * tree.value[:, 0, k]
    return Tree(
        feature=np.where(tree.children_left < 0, LEAF, tree.feature),
        threshold=np.array(tree.threshold, dtype=np.float64),
        missing_left=np.array(tree.missing_go_to_left, dtype=bool),
        left=np.array(tree.children_left),
        right=np.array(tree.children_right),
        value=values,
    )


def _histogram_tree(tree: Any) -> Tree:
    nodes = tree.nodes
    splits = [i for i, node in enumerate(nodes) if not node["is_leaf"] and node["is_categorical"]]
    return Tree(
        feature=np.where(nodes["is_leaf"], LEAF, nodes["feature_idx"].astype(np.int64)),
        threshold=np.array(nodes["num_threshold"], dtype=np.float64),
        missing_left=nodes["missing_go_to_left"].astype(bool),
        left=nodes["left"].astype(np.int64),
        right=nodes["right"].astype(np.int64),
        value=np.array(nodes["value"], dtype=np.float64),
        codes_left={i: _codes(tree.raw_left_cat_bitsets[nodes[i]["bitset_idx"]]) for i in splits},
    )


def _codes(bitset: Any) -> frozenset[int]:
    return frozenset(i for i in range(256) if bitset[i // 32] >> np.uint32(i % 32) & np.uint32(1))
