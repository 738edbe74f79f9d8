"""A compiled pipeline says what the pipeline says: forests to the bit, linear models within 1e-12."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import Perceptron
from sklearn.pipeline import Pipeline
from tests.bundle.messy import SCHEMA, bent, messy
from threadpoolctl import threadpool_limits

from mainstay.bundle.compile import compile_model, compile_plan
from mainstay.domain.brief.parts import DecisionPart
from mainstay.domain.errors import BundleError
from mainstay.domain.plan import Constant, Forest, Linear, Logistic, Number, Plan, Rule, plan_bytes, read_plan
from mainstay.serving.score import Scorer
from mainstay.training.plain import features, inputs_of
from mainstay.training.recipes import BASE_RATE, BOOSTING, LOGISTIC, Recipe, build, fit, scores

INPUTS = inputs_of(SCHEMA)


def fitted(recipe: Recipe, *, n_rows: int = 3000, seed: int = 1) -> tuple[Pipeline, pl.DataFrame]:
    used, outcomes = messy(n_rows, seed=seed)
    frame = features(used, INPUTS)
    return fit(build(recipe, frame, seed=seed, size=60), frame, outcomes, None), used


def raw_of(pipeline: Pipeline, used: pl.DataFrame) -> np.ndarray:
    return pipeline.decision_function(features(used, INPUTS))


def columns(used: pl.DataFrame) -> dict[str, list]:
    return {name: used[name].to_list() for name in used.columns}


def cuts(model: Forest | Linear) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    if isinstance(model, Forest):
        for feature, threshold in zip(model.feature, model.threshold, strict=True):
            if feature >= 0 and isinstance(model.inputs[feature], Number):
                found.setdefault(model.inputs[feature].field, []).append(threshold)
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_a_forest_equals_its_pipeline_to_the_bit(seed: int) -> None:
    pipeline, used = fitted(BOOSTING, seed=seed)
    model = compile_model(pipeline, INPUTS).models[0]
    assert isinstance(model, Forest)
    assert any(levels is not None for levels in model.levels_left)
    scorer = Scorer(Plan(task="binary", models=(model,), link="identity"))
    for rows in (used, bent(used, INPUTS, cuts(model))):
        expected = raw_of(pipeline, rows).tolist()
        assert scorer.scores(columns(rows)).tolist() == expected
        assert [scorer.score_row(row) for row in rows.head(300).iter_rows(named=True)] == expected[:300]


def test_a_linear_plan_equals_its_pipeline() -> None:
    pipeline, used = fitted(LOGISTIC)
    model = compile_model(pipeline, INPUTS).models[0]
    assert isinstance(model, Linear)
    scorer = Scorer(Plan(task="binary", models=(model,), link="identity"))
    for rows in (used, bent(used, INPUTS, {"income": [0.0, 1e4]})):
        np.testing.assert_allclose(scorer.scores(columns(rows)), raw_of(pipeline, rows), rtol=1e-12, atol=1e-12)


def test_no_value_is_beyond_a_line() -> None:
    pipeline, used = fitted(LOGISTIC)
    scorer = Scorer(Plan(task="binary", models=compile_model(pipeline, INPUTS).models, link="logistic"))
    row = used.row(0, named=True) | {"income": 1e300, "age": -1e300}
    assert math.isfinite(scorer.score_row(row))
    assert scorer.score_row(row) == scorer.score_row(row | {"income": 1e308})


def test_the_base_rate_is_a_constant() -> None:
    pipeline, used = fitted(BASE_RATE)
    model = compile_model(pipeline, INPUTS).models[0]
    assert isinstance(model, Constant)
    scorer = Scorer(Plan(task="binary", models=(model,), link="logistic"))
    expected = scores(pipeline, features(used, INPUTS))
    np.testing.assert_allclose(scorer.scores(columns(used)), expected, rtol=1e-14)


def test_a_plan_decides_in_the_briefs_words() -> None:
    pipeline, used = fitted(BOOSTING)
    plan = compile_plan(
        pipeline,
        INPUTS,
        decision=DecisionPart(when_high="decline", when_low="approve"),
        threshold=0.25,
        calibration=Logistic(slope=0.9, intercept=0.1),
    )
    assert (plan.when_high, plan.when_low, plan.threshold, plan.link) == ("decline", "approve", 0.25, "logistic")
    again = read_plan(plan_bytes(plan))
    assert Scorer(again).scores(columns(used)).tolist() == Scorer(plan).scores(columns(used)).tolist()


def test_a_rule_is_a_plan_of_its_own() -> None:
    plan = compile_plan(Rule(expression="age > 40"), INPUTS, decision=DecisionPart(), threshold=0.5, calibration=None)
    assert Scorer(plan).score_row({"age": 41.0}) == 1.0


def test_what_cannot_be_a_plan_says_so() -> None:
    pipeline, _ = fitted(LOGISTIC)
    pipeline.steps[-1] = ("model", Perceptron())
    with pytest.raises(BundleError, match="Perceptron"):
        compile_model(pipeline, INPUTS)


@pytest.mark.parametrize("recipe", [LOGISTIC, BOOSTING], ids=lambda recipe: recipe.name)
def test_threads_do_not_change_a_model(recipe: Recipe) -> None:
    models = []
    for n_threads in (1, 2):
        with threadpool_limits(limits=n_threads), threadpool_limits(limits=1):  # as `train` pins them
            models.append(compile_model(fitted(recipe)[0], INPUTS))
    assert models[0] == models[1]
