"""Recipes of every task, fitted and asked: scores stand at the place of their class, as a plan and packed alike."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from mainstay.bundle.own_model import raw_scores
from mainstay.bundle.packed import pack_estimator, unpack_estimator
from mainstay.data.money import columns_of
from mainstay.domain.errors import RecipeError
from mainstay.domain.recipe import Open, context_of
from mainstay.domain.recipe_columns import raw_columns
from mainstay.domain.schema import Field, Kind
from mainstay.stats.arrays import FloatArray
from mainstay.workflows.recipe_bench import Bench, Kept, Taught, learn, open_recipe, scorer_of

FIELDS = (
    Field(name="size", kind=Kind.NUMBER),
    Field(name="town", kind=Kind.CATEGORY, levels=("Bonn", "Kiel", "Ulm")),
    Field(name="since", kind=Kind.DATETIME),
    Field(name="note", kind=Kind.TEXT),
)
COLUMNS = raw_columns(FIELDS)
CLASSES = ("low", "middle", "high")
HEAD = """
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.ensemble import RandomForest{kind}, HistGradientBoosting{kind}
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighbors{kind}

def recipe(context):
    levels = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = make_column_transformer((levels, ["town"]), ("passthrough", ["size"]))
    return make_pipeline(columns, {model})
"""
PLANS = (
    "RandomForest{kind}(n_estimators=9, random_state=1)",
    "HistGradientBoosting{kind}(max_iter=9, min_samples_leaf=5)",
)


def opened(model: str, task: str) -> Bench:
    kind = "Regressor" if task == "regression" else "Classifier"
    text = HEAD.format(kind=kind, model=model.format(kind=kind))
    classes = CLASSES if task == "multiclass" else ()
    bench = Bench()
    open_recipe(
        bench, Open(text, "recipe.py", context_of(COLUMNS, task=task, classes=classes, n_rows=300, seed=1), COLUMNS)
    )
    return bench


def rows(task: str, *, known: tuple[float, ...] = (0.0, 1.0, 2.0)) -> Taught:
    random = np.random.default_rng(2)
    size, town = random.normal(size=300), random.choice(["Bonn", "Kiel", "Ulm"], 300)
    amount = size + (town == "Ulm") + 0.3 * random.normal(size=300)
    outcomes = (
        amount
        if task == "regression"
        else np.digitize(amount, [0.4] if task == "binary" else [-0.3, 0.8]).astype(float)
    )
    used = pl.DataFrame(
        {"size": size, "town": town, "since": size * 1e8 + 1e9, "note": [f"note {i}" for i in range(300)]}
    )
    taught = pl.Series(np.isin(outcomes, known) if task == "multiclass" else np.ones(300, dtype=bool))
    return Taught(used.filter(taught), outcomes[taught.to_numpy()])


def shares_of(kept: Kept, used: pl.DataFrame) -> FloatArray:
    """Scores as the plan gives them, and as the estimator itself does through the same link."""
    raw = raw_scores(kept.model, columns_of(used), used.height)
    if kept.model.task.value == "regression":
        return raw
    if raw.ndim == 1:
        return 1 / (1 + np.exp(-raw))
    shares = np.exp(raw - raw.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("model", PLANS, ids=lambda text: text.partition("{")[0])
def test_trees_are_plans_of_every_task(model: str, task: str) -> None:
    taught = rows(task)
    kept = learn(opened(model, task), taught)
    assert kept.plan.compiled is not None, kept.plan.why
    assert len(kept.plan.compiled.models) == (3 if task == "multiclass" else 1)
    by_plan = scorer_of(kept.model)(kept.plan.compiled, columns_of(taught.used))
    np.testing.assert_allclose(by_plan, shares_of(kept, taught.used), atol=1e-9)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_what_is_no_plan_is_packed_and_says_the_same(task: str) -> None:
    taught = rows(task)
    bench = opened("KNeighbors{kind}(7)", task)
    kept = learn(bench, taught)
    assert kept.plan.compiled is None
    assert "cannot be written as a plan" in kept.plan.why
    data, own = pack_estimator(kept.model.estimator, text=bench.text, file="recipe.py")
    assert own == ()
    again = unpack_estimator(data, own=own)
    before = kept.model.estimator
    ask = "predict" if task == "regression" else "predict_proba"
    frame = pl.DataFrame({"town": taught.used["town"], "size": taught.used["size"]}).to_pandas()
    assert np.array_equal(getattr(again, ask)(frame), getattr(before, ask)(frame))
    assert data == pack_estimator(learn(bench, taught).model.estimator, text=bench.text, file="recipe.py")[0]


@pytest.mark.parametrize("model", [*PLANS, "KNeighbors{kind}(7)"], ids=lambda text: text.partition("{")[0])
@pytest.mark.parametrize("known", [(0.0, 2.0), (1.0, 2.0)])
def test_a_class_that_no_fitted_row_had_gets_nothing(model: str, known: tuple[float, ...]) -> None:
    taught = rows("multiclass", known=known)
    kept = learn(opened(model, "multiclass"), taught)
    lacking = ({0, 1, 2} - {int(place) for place in known}).pop()
    said = shares_of(kept, taught.used)
    assert said.shape[1] == 3
    assert (said[:, lacking] < 1e-12).all()
    if kept.plan.compiled is not None:
        by_plan = scorer_of(kept.model)(kept.plan.compiled, columns_of(taught.used))
        np.testing.assert_allclose(by_plan, said, atol=1e-9)


def test_weights_count_where_they_are_taken() -> None:
    taught = rows("binary")
    heavy = Taught(taught.used, taught.outcomes, np.where(taught.outcomes == 1.0, 50.0, 1.0))
    bench = opened("LogisticRegression()", "binary")
    light, weighed = learn(bench, taught), learn(bench, heavy)
    assert shares_of(weighed, taught.used).mean() > shares_of(light, taught.used).mean() + 0.1


def test_dates_and_texts_reach_a_recipe_as_such() -> None:
    text = """
import numpy as np
import pandas as pd

FRAME = "pandas"

class Reads:
    def fit(self, frame, outcomes):
        assert list(frame.columns) == ["size", "town", "since", "note"]
        assert str(frame["since"].dtype).startswith("datetime64"), frame["since"].dtype
        assert str(frame["town"].dtype) == "category"
        assert list(frame["town"].cat.categories) == ["Bonn", "Kiel", "Ulm"]
        assert frame["note"].str.startswith("note").all()
        self.mean_ = float(np.mean(outcomes))
        return self

    def predict(self, frame):
        return np.full(len(frame), self.mean_)

def recipe(context):
    assert (context.dates, context.texts) == (("since",), ("note",))
    return Reads()
"""
    bench = Bench()
    context = context_of(COLUMNS, task="regression", classes=(), n_rows=300, seed=1)
    open_recipe(bench, Open(text, "recipe.py", context, COLUMNS))
    assert learn(bench, rows("regression")).plan.compiled is None


def test_a_regression_of_a_classifier_is_refused() -> None:
    with pytest.raises(RecipeError):
        learn(opened("LogisticRegression()", "regression"), rows("regression"))
