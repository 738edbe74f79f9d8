"""A compiled pipeline says what the pipeline says: forests to the bit, linear models within 1e-12, for every task."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec
import numpy as np
import polars as pl
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Perceptron, PoissonRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from tests.bundle import made
from tests.bundle.messy import SCHEMA, bent, lesson, without
from threadpoolctl import threadpool_limits

from mainstay.bundle.compile import compile_model, compile_plan
from mainstay.domain.brief.parts import DecisionPart
from mainstay.domain.errors import BundleError
from mainstay.domain.plan import (
    Beta,
    Constant,
    Cross,
    Forest,
    Isotonic,
    Level,
    Linear,
    Logistic,
    Number,
    Plan,
    Product,
    Rule,
    Shared,
    Temperature,
    plan_bytes,
    read_plan,
)
from mainstay.domain.schema import Field, Kind
from mainstay.domain.task import Task
from mainstay.serving.score import Scorer
from mainstay.training.encode import Learned, learn_inputs
from mainstay.training.features import features
from mainstay.training.learners import BASE_RATE, BOOSTING, LOGISTIC, RIDGE

TREES = ("boosting", "class trees", "amount trees", "count trees")
LINES = ("logistic", "class lines", "ridge")
PAIRS = (("age", "income"), ("region", "member"), ("shop:mean", "note:score"), ("member", "age"), ("region", "age"))


def columns(used: pl.DataFrame) -> dict[str, list]:
    return {name: used[name].to_list() for name in used.columns}


def cuts(models: tuple) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for model in models:
        for feature, threshold in zip(model.feature, model.threshold, strict=True) if isinstance(model, Forest) else ():
            if feature >= 0 and isinstance(model.inputs[feature], Number):
                found.setdefault(model.inputs[feature].field, []).append(threshold)
    return found


def raw_of(name: str, used: pl.DataFrame) -> np.ndarray:
    """What the estimator itself says before any link."""
    own = made.fitted(name)
    frame = features(used, own.inputs)
    matrix = own.estimator[:-1].transform(frame) if len(own.estimator) > 1 else frame
    model = own.estimator[-1]
    if hasattr(model, "_raw_predict"):
        return np.asarray(model._raw_predict(matrix)).squeeze()
    return model.decision_function(matrix) if hasattr(model, "decision_function") else model.predict(matrix)


def rows_of(name: str) -> list[pl.DataFrame]:
    used = lesson(made.task_of(name)).used
    return [used, bent(used, cuts(made.plan_of(name).models))]


@pytest.mark.parametrize("name", TREES)
def test_forests_equal_their_pipeline_to_the_bit(name: str) -> None:
    plan = made.plan_of(name)
    assert all(isinstance(model, Forest) for model in plan.models)
    assert any(levels is not None for model in plan.models for levels in model.levels_left)
    scorer = Scorer(raw_plan(plan))
    for rows in rows_of(name):
        expected = raw_of(name, rows).tolist()
        assert scorer.scores(columns(rows)).tolist() == expected
        assert [plain(scorer.score_of(row)) for row in rows.head(200).iter_rows(named=True)] == expected[:200]


@pytest.mark.parametrize("name", LINES)
def test_linear_plans_equal_their_pipeline(name: str) -> None:
    plan = made.plan_of(name)
    assert all(isinstance(model, Linear) for model in plan.models)
    scorer = Scorer(raw_plan(plan))
    for rows in rows_of(name):
        expected, got = raw_of(name, rows), scorer.scores(columns(rows))
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)
        assert [plain(scorer.score_of(row)) for row in rows.head(200).iter_rows(named=True)] == got[:200].tolist()


def raw_plan(plan: Plan) -> Plan:
    """The plan without link and calibration."""
    return Plan(task=plan.task, models=plan.models, inputs=plan.inputs, link="identity", classes=plan.classes)


def plain(score: float | tuple[float, ...]) -> float | list[float]:
    return list(score) if isinstance(score, tuple) else score


@pytest.mark.parametrize("name", sorted(made.MADE))
def test_scores_are_those_of_the_estimator_and_survive_writing(name: str) -> None:
    own, task = made.fitted(name), made.task_of(name)
    plan = compile_plan(
        own.estimator,
        own.inputs,
        task=task,
        classes=made.CLASSES if task is Task.MULTICLASS else (),
        decision=made.DECISION,
        threshold=None,
        calibration=None,
    )
    scorer = Scorer(read_plan(plan_bytes(plan)))
    for rows in rows_of(name):
        got = scorer.scores(columns(rows))
        np.testing.assert_allclose(got, own.scores(rows), rtol=1e-12, atol=1e-13)
        assert [plain(scorer.score_of(row)) for row in rows.head(50).iter_rows(named=True)] == got[:50].tolist()


def test_what_several_classes_share_is_written_once() -> None:
    for name in ("class trees", "class lines"):
        plan = made.plan_of(name)
        assert plan_bytes(plan).count(b'"type":"text_score"') == len(made.CLASSES)
        assert any(isinstance(source, Shared) for source in plan.models[0].inputs) if name == "class trees" else True


@pytest.mark.parametrize("task", list(Task))
def test_pairs_are_terms_of_a_line(task: Task) -> None:
    given = lesson(task)
    scores = tuple(("age", name) for name in ("note:score", "note:score gold"))
    learned = learn_inputs(given, pairs=(*PAIRS, *scores))
    kinds = {type(source) for source in learned.inputs.values()}
    assert {Product, Cross} <= kinds
    assert "region * age" not in learned.inputs  # a category of several levels is no number
    model = LogisticRegression(max_iter=500) if task is not Task.REGRESSION else ElasticNet(alpha=0.01)
    pipeline = linear_pipeline(learned, model).fit(learned.frame, given.outcomes)
    require_same(pipeline, learned, given.task)


@pytest.mark.parametrize("model", [Lasso(alpha=0.01), LinearRegression(), PoissonRegressor(max_iter=300)])
def test_other_lines_are_plans_too(model: object) -> None:
    given = lesson(Task.REGRESSION)
    learned = learn_inputs(given)
    require_same(linear_pipeline(learned, model).fit(learned.frame, given.outcomes), learned, given.task)


def linear_pipeline(learned: Learned, model: object) -> Pipeline:
    levels = [name for name, source in learned.inputs.items() if isinstance(source, Level | Cross)]
    numbers = [name for name in learned.inputs if name not in levels]
    fill = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    parts = [
        ("levels", OneHotEncoder(handle_unknown="ignore"), levels),
        ("numbers", Pipeline([("fill", fill), ("scale", StandardScaler())]), numbers),
    ]
    return Pipeline([("columns", ColumnTransformer(parts, sparse_threshold=0)), ("model", model)])


def require_same(pipeline: Pipeline, learned: Learned, task: Task) -> None:
    plan = compile_plan(
        pipeline,
        learned.inputs,
        task=task,
        classes=made.CLASSES if task is Task.MULTICLASS else (),
        decision=made.DECISION,
        threshold=None,
        calibration=None,
    )
    used = lesson(task).used
    rows = pl.concat([used, bent(used, {}).filter(pl.col("income").abs() < 1e6)])
    frame = features(rows, learned.inputs)
    expected = pipeline.predict(frame) if task is Task.REGRESSION else pipeline.predict_proba(frame)
    finite = np.isfinite(expected).reshape(rows.height, -1).all(axis=1)
    rows, expected = rows.filter(finite), expected[finite]
    scorer = Scorer(plan)
    got = scorer.scores(columns(rows))
    np.testing.assert_allclose(got, expected[:, 1] if task is Task.BINARY else expected, rtol=1e-11, atol=1e-12)
    assert [plain(scorer.score_of(row)) for row in rows.head(100).iter_rows(named=True)] == got[:100].tolist()


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "quantile", "poisson", "gamma"])
def test_every_loss_of_boosted_amounts(loss: str) -> None:
    given = lesson(Task.REGRESSION, 800)
    learned = learn_inputs(given)
    extra = {"quantile": 0.8} if loss == "quantile" else {}
    model = HistGradientBoostingRegressor(loss=loss, max_iter=12, **extra)
    require_same(Pipeline([("model", model)]).fit(learned.frame, given.outcomes), learned, Task.REGRESSION)


def test_levels_that_pass_as_numbers_or_through_an_encoder_split_alike() -> None:
    given = lesson(Task.BINARY, 800)
    learned = learn_inputs(without(given, "shop"))
    levels = [name for name, source in learned.inputs.items() if isinstance(source, Level)]
    numbers = [name for name in learned.inputs if name not in levels]
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    columns_first = ColumnTransformer([("levels", encoder, levels), ("numbers", "passthrough", numbers)])
    trees = HistGradientBoostingClassifier(max_iter=12, max_depth=4)
    for steps in ([("model", trees)], [("columns", columns_first), ("model", trees)]):
        require_same(Pipeline(steps).fit(learned.frame, given.outcomes), learned, Task.BINARY)


def test_levels_that_training_rows_lost_go_where_missing_goes() -> None:
    given = lesson(Task.BINARY, 1200)
    learned = learn_inputs(given)
    few = np.flatnonzero((learned.frame["region"].fill_null(9) != 1).to_numpy())
    places = [i for i, source in enumerate(learned.inputs.values()) if isinstance(source, Level)]
    model = HistGradientBoostingClassifier(max_iter=12, categorical_features=places)
    pipeline = Pipeline([("model", model)]).fit(learned.frame[few], given.outcomes[few])
    require_same(pipeline, learned, Task.BINARY)


@pytest.mark.parametrize("learner", [BASE_RATE, LOGISTIC, BOOSTING])
def test_a_class_without_rows_gets_no_probability(learner: object) -> None:
    given = lesson(Task.MULTICLASS, 900)
    for absent in (0.0, 2.0):
        kept = np.flatnonzero(given.outcomes != absent)
        few = replace(given, used=given.used[kept], outcomes=given.outcomes[kept])
        own = learner.fit(few, {"trees": 10} if learner is BOOSTING else {})
        plan = compile_plan(
            own.estimator,
            own.inputs,
            task=Task.MULTICLASS,
            classes=made.CLASSES,
            decision=made.DECISION,
            threshold=None,
            calibration=None,
        )
        got = Scorer(plan).scores(columns(given.used))
        np.testing.assert_allclose(got, own.scores(given.used), atol=1e-12)
        assert (got[:, int(absent)] < 1e-300).all()


def test_no_value_is_beyond_a_line() -> None:
    scorer = Scorer(made.plan_of("logistic"))
    row = lesson(Task.BINARY).used.row(0, named=True) | {"income": 1e300, "age": -1e300}
    assert math.isfinite(scorer.score_row(row))
    assert scorer.score_row(row) == scorer.score_row(row | {"income": 1e308})


@pytest.mark.parametrize("name", ["base_rate", "class shares", "mean"])
def test_baselines_are_constants(name: str) -> None:
    assert all(isinstance(model, Constant) for model in made.plan_of(name).models)


@pytest.mark.parametrize("name", ["boosting", "class trees", "amount trees"])
def test_a_plan_decides_in_the_briefs_words(name: str) -> None:
    plan = made.plan_of(name)
    words = (plan.when_high, plan.when_low, plan.threshold)
    assert words == (("decline", "approve", 0.4) if name == "boosting" else (None, None, None))
    assert plan.actions == (("leave", "call") if name == "class trees" else ())


def test_a_rule_is_a_plan_of_its_own() -> None:
    plan = compile_plan(Rule(expression="age > 40"), {}, decision=DecisionPart(), threshold=0.5, calibration=None)
    assert Scorer(plan).score_row({"age": 41.0}) == 1.0
    of_classes = Scorer(made.plan_of("class rule"))
    assert of_classes.class_scores({"age": 41.0}) == (0.0, 0.0, 1.0)
    assert Scorer(made.plan_of("amount rule")).score_row({"age": 41.0}) == 82.0


def test_a_rule_of_classes_decides_among_actions_where_there_are_any() -> None:
    plan = compile_plan(
        Rule(expression="where(age > 40, 'call', 'leave')"),
        {},
        task=Task.MULTICLASS,
        classes=made.CLASSES,
        decision=DecisionPart(),
        threshold=None,
        calibration=None,
        actions=("leave", "call"),
        payoffs=made.PAYOFFS,
    )
    assert (plan.classes, plan.payoffs) == (("leave", "call"), ())
    assert Scorer(plan).class_scores({"age": 41.0}) == (0.0, 1.0)
    assert all(math.isnan(score) for score in made_nothing().class_scores({"age": 41.0}))


def made_nothing() -> Scorer:
    rule = Rule(expression="where(age > 40, 'shout', 'leave')")
    told = {"decision": DecisionPart(), "threshold": None, "calibration": None}
    return Scorer(compile_plan(rule, {}, task=Task.MULTICLASS, classes=made.CLASSES, **told))


@pytest.mark.parametrize(
    "calibration",
    [
        Logistic(slope=0.7, intercept=-0.2),
        Temperature(temperature=1.7),
        Beta(a=0.8, b=1.3, c=0.1),
        Isotonic(scores=(0.1, 0.5, 0.8), calibrated=(0.0, 0.6, 0.9)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_every_calibration_says_what_its_formula_says(calibration: object) -> None:
    own = made.fitted("boosting")
    plan = compile_plan(own.estimator, own.inputs, decision=made.DECISION, threshold=0.5, calibration=calibration)
    used = lesson(Task.BINARY).used
    p = own.scores(used)
    logit = np.log(p / (1 - p))
    match calibration:
        case Logistic(slope=slope, intercept=intercept):
            expected = 1 / (1 + np.exp(-(intercept + slope * logit)))
        case Temperature(temperature=t):
            expected = 1 / (1 + np.exp(-logit / t))
        case Beta(a=a, b=b, c=c):
            expected = 1 / (1 + np.exp(-(a * np.log(p) - b * np.log1p(-p) + c)))
        case Isotonic(scores=at, calibrated=height):
            expected = np.interp(p, at, height)
    scorer = Scorer(plan)
    got = scorer.scores(columns(used))
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    assert [scorer.score_row(row) for row in used.head(200).iter_rows(named=True)] == got[:200].tolist()


def test_what_cannot_be_a_plan_says_so() -> None:
    own = made.fitted("logistic")
    other = Pipeline([own.estimator.steps[0], ("model", Perceptron())])
    with pytest.raises(BundleError, match="Perceptron"):
        compile_model(other, own.inputs)
    scaled = Pipeline([("scale", StandardScaler()), ("model", made.fitted("boosting").estimator[-1])])
    with pytest.raises(BundleError, match="StandardScaler"):
        compile_model(scaled, own.inputs)


@pytest.mark.parametrize("name", ["logistic", "boosting"])
def test_threads_do_not_change_a_model(name: str) -> None:
    task, learner, settings = made.MADE[name]
    models = []
    for n_threads in (1, 2):
        with threadpool_limits(limits=n_threads), threadpool_limits(limits=1):  # as `train` pins them
            own = learner.fit(lesson(task, 800), settings)
            models.append(compile_model(own.estimator, own.inputs))
    assert models[0] == models[1]


@pytest.mark.parametrize("centre", [0.0, 1e6, 1e12, 1.7e18, -1e140])
@pytest.mark.parametrize("task", [Task.BINARY, Task.REGRESSION])
def test_a_line_far_from_zero_scores_as_its_pipeline(centre: float, task: Task) -> None:
    random = np.random.default_rng(0)
    numbers = centre + max(1.0, abs(centre) * 1e-9) * random.normal(size=300)
    numbers[::7] = np.nan
    used = pl.DataFrame({"far": numbers, "near": random.normal(size=300)}).with_columns(pl.col("far").fill_nan(None))
    own = without(lesson(task, 300), *(field.name for field in SCHEMA.fields))
    fields = (Field(name="far", kind=Kind.NUMBER, nullable=True), Field(name="near", kind=Kind.NUMBER))
    own = replace(own, used=used, schema=msgspec.structs.replace(own.schema, fields=fields))
    line = LOGISTIC if task is Task.BINARY else RIDGE
    fitted = line.fit(own, {"penalty": 1.0})
    plan = compile_plan(
        fitted.estimator,
        fitted.inputs,
        task=task,
        classes=(),
        decision=made.DECISION,
        threshold=None,
        calibration=None,
    )
    rows = pl.concat([used, pl.DataFrame({"far": [-1e149, 1e149], "near": [0.0, 1.0]})])
    np.testing.assert_allclose(Scorer(plan).scores(columns(rows)), fitted.scores(rows), rtol=1e-12, atol=1e-12)
