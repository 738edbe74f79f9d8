"""The built-in recipes: pipelines of scikit-learn parts that no unseen level, missing value or extra column can break.

All learn from the frame that `features` makes; everything learned (medians, levels, ranges) is learned by the fit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

from mainstay.stats.arrays import FloatArray
from mainstay.training.plain import living

RARE_ROWS = 20  # a level with fewer rows says little alone: such levels are learned together
MAX_LEVELS = 200  # of one column; scikit-learn's boosting holds at most 255
TREE_COUNTS = tuple(range(20, 301, 20))


@dataclass(frozen=True, slots=True)
class Setting:
    """What a pipeline is built for: the rows it will be fitted on, their living columns of texts and of numbers.

    `size` is the number of trees, where a recipe has any.
    """

    frame: pl.DataFrame
    levels: list[str]
    numbers: list[str]
    seed: int
    size: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named way to build a pipeline. Where there are `sizes`, cross-fitting chooses among them."""

    name: str
    title: str
    build: Callable[[Setting], Pipeline]
    sizes: tuple[int, ...] = (0,)


def _base_rate(setting: Setting) -> Pipeline:
    return Pipeline([("model", DummyClassifier(strategy="prior"))])


def _logistic(setting: Setting) -> Pipeline:
    levels = OneHotEncoder(
        handle_unknown="infrequent_if_exist", min_frequency=RARE_ROWS, max_categories=MAX_LEVELS, sparse_output=False
    )
    numbers = Pipeline(
        [
            ("fill", SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)),
            ("clip", MinMaxScaler(clip=True)),  # a line says nothing beyond the range it was drawn through
            ("scale", StandardScaler()),
        ]
    )
    columns = ColumnTransformer(_groups((levels, setting.levels), (numbers, setting.numbers)))
    return Pipeline([("columns", columns), ("model", LogisticRegression(max_iter=2000))])


def _boosting(setting: Setting) -> Pipeline:
    known = {name: common_levels(setting.frame[name]) for name in setting.levels}
    names = [name for name, levels in known.items() if levels]
    if not names and not setting.numbers:
        return _base_rate(setting)
    levels = OrdinalEncoder(
        categories=[known[name] for name in names],
        handle_unknown="use_encoded_value",  # rare, unseen and missing are one: so what is unseen was learned from
        unknown_value=np.nan,
    )
    columns = ColumnTransformer(_groups((levels, names), ("passthrough", setting.numbers)))
    model = HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=setting.size,
        max_leaf_nodes=24,
        min_samples_leaf=30,
        l2_regularization=5.0,
        max_features=0.3,
        categorical_features=list(range(len(names))) or None,
        early_stopping=False,  # cross-fitting chooses the number of trees, with entities and time kept whole
        random_state=setting.seed,
    )
    return Pipeline([("columns", columns), ("model", model)])


def common_levels(column: pl.Series) -> list[str]:
    """Return the levels with enough rows to learn from, at most 200 (the most frequent), in alphabetical order.

    >>> common_levels(pl.Series(["a"] * 30 + ["b"] * 3 + [None] * 9))
    ['a']
    """
    counts = column.drop_nulls().value_counts(name="n").filter(pl.col("n") >= RARE_ROWS)
    return sorted(counts.sort("n", column.name, descending=[True, False])[column.name].head(MAX_LEVELS).to_list())


def _groups(levels: tuple[object, list[str]], numbers: tuple[object, list[str]]) -> list[tuple[str, object, list[str]]]:
    named = (("levels", *levels), ("numbers", *numbers))
    return [group for group in named if group[2]]


BASE_RATE = Recipe("base_rate", "base rate", _base_rate)
LOGISTIC = Recipe("logistic", "logistic regression", _logistic)
BOOSTING = Recipe("boosting", "gradient boosting", _boosting, TREE_COUNTS)

RECIPES = (BASE_RATE, LOGISTIC, BOOSTING)  # the simplest first


def recipes_for(frame: pl.DataFrame) -> tuple[Recipe, ...]:
    """Return the recipes worth fitting on a frame: where no column has anything to learn from, only the base rate."""
    return RECIPES if living(frame) else (BASE_RATE,)


def build(recipe: Recipe, frame: pl.DataFrame, *, seed: int, size: int) -> Pipeline:
    """Return the recipe's pipeline for the columns of `frame` that have anything to learn from; without any, base rate.

    >>> build(LOGISTIC, pl.DataFrame({"constant": [1.0, 1.0]}), seed=1, size=0).steps[-1][1]
    DummyClassifier()
    """
    alive = living(frame)
    levels = [name for name in alive if frame.schema[name] == pl.String]
    numbers = [name for name in alive if frame.schema[name] != pl.String]
    return (recipe if alive else BASE_RATE).build(Setting(frame, levels, numbers, seed, size))


def fit(pipeline: Pipeline, frame: pl.DataFrame, outcomes: FloatArray, weights: FloatArray | None) -> Pipeline:
    """Fit a pipeline to outcomes of 0 and 1; sampling weights, where there are any, count in the model's own loss."""
    extra = {} if weights is None else {"model__sample_weight": weights}
    fitted: Pipeline = pipeline.fit(frame, outcomes, **extra)
    return fitted


def scores(pipeline: Pipeline, frame: pl.DataFrame) -> FloatArray:
    """Return the probability of the positive outcome before recalibration, shape (n_rows,)."""
    shares: FloatArray = pipeline.predict_proba(frame)[:, 1]
    return shares


def staged_scores(pipeline: Pipeline, frame: pl.DataFrame, sizes: tuple[int, ...]) -> FloatArray:
    """Return the scores a pipeline would give at each of its sizes, shape (n_rows, n_sizes)."""
    model = pipeline[-1]
    if not hasattr(model, "staged_predict_proba"):
        return np.repeat(scores(pipeline, frame)[:, None], len(sizes), axis=1)
    stages = model.staged_predict_proba(pipeline[:-1].transform(frame))
    wanted = [shares[:, 1] for size, shares in enumerate(stages, start=1) if size in sizes]
    return np.column_stack(wanted)
