"""Any fitted estimator as data, where a plan can say exactly what it says; told apart by name, so that nothing more is
imported than what fitted it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sklearn.pipeline import Pipeline

from mainstay.bundle.compile_catboost import Saved, compile_catboost
from mainstay.bundle.compile_columns import Matrix, Probe, passed
from mainstay.bundle.compile_lightgbm import compile_lightgbm
from mainstay.bundle.compile_lines import compile_lines
from mainstay.bundle.compile_matrix import Column, cannot, frame_columns
from mainstay.bundle.compile_sklearn import compile_average, compile_boosting, compile_histogram, compile_tree
from mainstay.bundle.compile_trees import Compiled
from mainstay.bundle.compile_xgboost import compile_xgboost
from mainstay.domain.plan import Forest, Input

Compiler = Callable[[Any, list[Column]], Compiled]

COMPILERS: dict[tuple[str, str], Compiler] = {
    ("lightgbm", "LGBMClassifier"): compile_lightgbm,
    ("lightgbm", "LGBMRegressor"): compile_lightgbm,
    ("xgboost", "XGBClassifier"): compile_xgboost,
    ("xgboost", "XGBRegressor"): compile_xgboost,
    ("sklearn", "DecisionTreeClassifier"): compile_tree,
    ("sklearn", "DecisionTreeRegressor"): compile_tree,
    ("sklearn", "ExtraTreeClassifier"): compile_tree,
    ("sklearn", "ExtraTreeRegressor"): compile_tree,
    ("sklearn", "RandomForestClassifier"): compile_average,
    ("sklearn", "RandomForestRegressor"): compile_average,
    ("sklearn", "ExtraTreesClassifier"): compile_average,
    ("sklearn", "ExtraTreesRegressor"): compile_average,
    ("sklearn", "GradientBoostingClassifier"): compile_boosting,
    ("sklearn", "GradientBoostingRegressor"): compile_boosting,
    ("sklearn", "HistGradientBoostingClassifier"): compile_histogram,
    ("sklearn", "HistGradientBoostingRegressor"): compile_histogram,
}
LINES = (
    "LogisticRegression",
    "LogisticRegressionCV",
    "LinearRegression",
    "Ridge",
    "RidgeCV",
    "Lasso",
    "LassoCV",
    "ElasticNet",
    "ElasticNetCV",
    "BayesianRidge",
    "HuberRegressor",
    "QuantileRegressor",
    "PoissonRegressor",
    "GammaRegressor",
)
COMPILERS |= dict.fromkeys((("sklearn", name) for name in LINES), compile_lines)
CATBOOST = {("catboost", "CatBoostClassifier"), ("catboost", "CatBoostRegressor")}
MOST_NODES = 1_000_000  # of all trees together: some 60 MB of plan, which every worker reads


def compile_estimator(estimator: Any, inputs: Mapping[str, Input | None], *, probe: Probe, saved: Saved) -> Compiled:
    """Return a fitted estimator as models of a plan; raises `BundleError` where no plan says exactly what it says.

    `inputs` says what each column of its frame is made of (None: nothing that a plan can read). `probe(i)` gives such a
    frame with a row for each level of column i and one where it is missing; `saved` is told in `compile_catboost`.
    """
    matrix = Matrix(tuple(frame_columns(inputs).values()), probe)
    model = estimator
    if isinstance(estimator, Pipeline):
        *transformers, (_, model) = estimator.steps
        for _, transformer in transformers:
            matrix = passed(transformer, matrix)
    kind = named(model)
    if kind in CATBOOST:
        return _within_reach(compile_catboost(model, matrix.columns, saved=saved))
    if kind not in COMPILERS:
        raise cannot(f"{kind[1]} of {kind[0]}")
    if (own := getattr(model, "_preprocessor", None)) is not None:
        matrix = passed(own, matrix)
    return _within_reach(COMPILERS[kind](model, list(matrix.columns)))


def named(model: object) -> tuple[str, str]:
    """Return the package and the name of an object's type.

    >>> named(Pipeline([]))
    ('sklearn', 'Pipeline')
    """
    return type(model).__module__.partition(".")[0], type(model).__name__


def _within_reach(compiled: Compiled) -> Compiled:
    """Refuse what would be exact but not small."""
    forests = [model for model in compiled.models if isinstance(model, Forest)]
    if sum(len(forest.feature) for forest in forests) > MOST_NODES:
        raise cannot(f"a forest of {sum(len(forest.roots) for forest in forests):,} deep trees")
    return compiled
