"""Trees of other libraries say as a plan what they say at home: on, and one float step beside, every threshold."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mainstay.bundle.compile_estimator import compile_estimator
from mainstay.bundle.compile_matrix import Column, highest_left
from mainstay.bundle.compile_trees import Compiled, as_float32
from mainstay.bundle.frames import frame_of, inputs_of
from mainstay.domain.errors import BundleError
from mainstay.domain.plan import Forest, Linear, Number, Plan
from mainstay.domain.recipe_columns import raw_columns
from mainstay.domain.schema import Field, Kind
from mainstay.serving.score import Scorer

LEVELS = ("EU", "UK", "US", "nowhere", "rare")
FIELDS = (
    Field(name="age", kind=Kind.NUMBER),
    Field(name="income", kind=Kind.NUMBER),
    Field(name="region", kind=Kind.CATEGORY, levels=LEVELS),
    Field(name="member", kind=Kind.BOOLEAN, levels=("false", "true")),
)
RAW = raw_columns(FIELDS)
NUMBERS = RAW[:2]


def table(n_rows: int = 900, *, seed: int = 1, holes: bool = True) -> dict[str, list]:
    random = np.random.default_rng(seed)
    columns: dict[str, list] = {
        "age": random.integers(18, 91, n_rows).astype(float).tolist(),
        "income": np.round(random.lognormal(8, 2, n_rows), 2).tolist(),
        "region": random.choice(LEVELS, n_rows, p=[0.4, 0.3, 0.2, 0.06, 0.04]).tolist(),
        "member": random.choice(["false", "true"], n_rows).tolist(),
    }
    if holes:
        columns = {
            name: [None if i % 9 == j else v for i, v in enumerate(values)]
            for j, (name, values) in enumerate(columns.items())
        }
    return columns


def outcomes(columns: dict[str, list], task: str) -> np.ndarray:
    random = np.random.default_rng(5)
    age = np.array([50.0 if value is None else value for value in columns["age"]])
    risk = 0.05 * (age - 50) + np.array([region == "UK" for region in columns["region"]]) + random.normal(size=age.size)
    if task == "regression":
        return np.round(risk, 3)
    return np.digitize(risk, [0.3] if task == "binary" else [-0.4, 0.8])


def saved(tmp_path: Path) -> Callable[[Callable[[str], object]], bytes]:
    def to_bytes(save: Callable[[str], object]) -> bytes:
        save(str(tmp_path / "saved"))
        return (tmp_path / "saved").read_bytes()

    return to_bytes


def probe(raw: tuple) -> Callable[[int], Any]:
    def frame(i: int) -> Any:
        asked = {raw[i].field: [*raw[i].levels, None]}
        return frame_of(asked, raw, kind="pandas", n_rows=len(raw[i].levels) + 1)

    return frame


def compiled(model: Any, raw: tuple, tmp_path: Path) -> Compiled:
    return compile_estimator(model, inputs_of(raw), probe=probe(raw), saved=saved(tmp_path))


def fitted(model: Any, raw: tuple, task: str, *, holes: bool) -> tuple[Any, dict[str, list]]:
    columns = table(holes=holes)
    frame = frame_of(columns, raw, kind="pandas", n_rows=900)
    return model.fit(frame, outcomes(columns, task)), columns


def bent(found: Compiled, *, holes: bool) -> dict[str, list]:
    """On, and one float64 and one float32 step beside, every threshold; levels known and not; missing."""
    base: dict[str, Any] = {"age": 40.0, "income": 2000.5, "region": "EU", "member": "true"}
    rows = [base | {name: value} for name in ("age", "income") for value in (0.0, -0.0, 1e9, -1e9, 1e-36, -1e-40, 3e38)]
    rows += [base | {"region": level} for level in LEVELS] + [base | {"member": "false"}]
    if holes:
        rows += [base | {name: None} for name in base] + [dict.fromkeys(base), base | {"region": "never seen"}]
    for model in found.models:
        cuts = zip(model.feature, model.threshold, strict=True) if isinstance(model, Forest) else ()
        for feature, cut in set(cuts):
            if feature >= 0 and isinstance(source := model.inputs[feature], Number) and abs(cut) < 1e30:
                beside = [math.nextafter(cut, math.inf), math.nextafter(cut, -math.inf), float(np.float32(cut))]
                beside += [float(np.nextafter(np.float32(cut), np.float32(side))) for side in (np.inf, -np.inf)]
                rows += [base | {source.field: value} for value in (cut, *beside)]
    return {name: [row[name] for row in rows] for name in base}


def by_plan(found: Compiled, columns: dict[str, list]) -> np.ndarray:
    each = [Scorer(Plan(task="binary", models=(model,), link="identity")).scores(columns) for model in found.models]
    return np.column_stack(each)


def by_row(found: Compiled, columns: dict[str, list], n: int = 40) -> np.ndarray:
    scorers = [Scorer(Plan(task="binary", models=(model,), link="identity")) for model in found.models]
    rows = [{name: values[i] for name, values in columns.items()} for i in range(n)]
    return np.array([[scorer.score_row(row) for scorer in scorers] for row in rows])


def check(
    model: Any, raw: tuple, task: str, raw_of: Callable[[Any, Any], np.ndarray], tmp_path: Path, **more: bool
) -> None:
    holes = more.get("holes", True)
    model, columns = fitted(model, raw, task, holes=holes)
    found = compiled(model, raw, tmp_path)
    for rows in (columns, bent(found, holes=holes)):
        n_rows = len(rows["age"])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = np.asarray(raw_of(model, frame_of(rows, raw, kind="pandas", n_rows=n_rows)), dtype=np.float64)
        expected = expected.reshape(n_rows, -1)
        if expected.shape[1] == 2:
            expected = expected[:, 1:]
        assert np.array_equal(by_plan(found, rows), expected), np.abs(by_plan(found, rows) - expected).max()
        assert np.array_equal(by_row(found, rows), expected[:40])


def lightgbm_raw(model: Any, frame: Any) -> np.ndarray:
    return model.predict(frame, raw_score=True)


def xgboost_raw(model: Any, frame: Any) -> np.ndarray:
    return model.predict(frame, output_margin=True)


def catboost_raw(model: Any, frame: Any) -> np.ndarray:
    return model.predict(frame, prediction_type="RawFormulaVal")


def shares(model: Any, frame: Any) -> np.ndarray:
    return model.predict_proba(frame)


def amounts(model: Any, frame: Any) -> np.ndarray:
    return model.predict(frame)


def decision(model: Any, frame: Any) -> np.ndarray:
    return model.decision_function(frame)


TASKS = ("binary", "multiclass", "regression")


@pytest.mark.parametrize("task", TASKS)
def test_lightgbm(task: str, tmp_path: Path) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    kind = lightgbm.LGBMRegressor if task == "regression" else lightgbm.LGBMClassifier
    check(kind(n_estimators=20, verbose=-1, n_jobs=1, random_state=1), RAW, task, lightgbm_raw, tmp_path)


@pytest.mark.parametrize("objective", ["poisson", "quantile", "huber"])
def test_lightgbm_of_other_losses(objective: str, tmp_path: Path) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    model = lightgbm.LGBMRegressor(objective=objective, n_estimators=9, verbose=-1, n_jobs=1)
    columns = table()
    model.fit(frame_of(columns, RAW, kind="pandas", n_rows=900), np.exp(outcomes(columns, "regression")))
    found = compiled(model, RAW, tmp_path)
    assert found.link == ("exp" if objective == "poisson" else "identity")
    frame = frame_of(columns, RAW, kind="pandas", n_rows=900)
    assert np.array_equal(by_plan(found, columns)[:, 0], model.predict(frame, raw_score=True))


def test_lightgbm_that_never_saw_a_missing_number(tmp_path: Path) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    model, _ = fitted(lightgbm.LGBMClassifier(n_estimators=9, verbose=-1, n_jobs=1), NUMBERS, "binary", holes=False)
    found = compiled(model, NUMBERS, tmp_path)
    rows = bent(found, holes=True)
    expected = lightgbm_raw(model, frame_of(rows, NUMBERS, kind="pandas", n_rows=len(rows["age"])))
    assert np.array_equal(by_plan(found, rows)[:, 0], expected)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("onehot", [1, 9])
def test_xgboost(task: str, onehot: int, tmp_path: Path) -> None:
    xgboost = pytest.importorskip("xgboost")
    kind = xgboost.XGBRegressor if task == "regression" else xgboost.XGBClassifier
    model = kind(n_estimators=12, max_depth=4, n_jobs=1, enable_categorical=True, max_cat_to_onehot=onehot)
    check(model, RAW, task, xgboost_raw, tmp_path)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("policy", ["SymmetricTree", "Depthwise"])
def test_catboost(task: str, policy: str, tmp_path: Path) -> None:
    catboost = pytest.importorskip("catboost")
    kind = catboost.CatBoostRegressor if task == "regression" else catboost.CatBoostClassifier
    model = kind(iterations=12, depth=3, grow_policy=policy, verbose=0, thread_count=1, allow_writing_files=False)
    check(model, NUMBERS, task, catboost_raw, tmp_path)


def encoder() -> ColumnTransformer:
    return make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["region"]),
        (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), ["member"]),
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["income"]),
        remainder="passthrough",
    )


CLASSIFIERS = [
    DecisionTreeClassifier(max_depth=6, random_state=1),
    RandomForestClassifier(n_estimators=12, max_depth=6, random_state=1, n_jobs=1),
    ExtraTreesClassifier(n_estimators=12, max_depth=6, random_state=1, n_jobs=1),
]
REGRESSORS = [
    DecisionTreeRegressor(max_depth=6, random_state=1),
    RandomForestRegressor(n_estimators=12, max_depth=6, random_state=1, n_jobs=1),
    ExtraTreesRegressor(n_estimators=12, max_depth=6, random_state=1, n_jobs=1),
]


@pytest.mark.parametrize("model", CLASSIFIERS, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_trees_behind_encoders(model: Any, task: str, tmp_path: Path) -> None:
    check(Pipeline([("columns", encoder()), ("model", model)]), RAW, task, shares, tmp_path)


@pytest.mark.parametrize("model", REGRESSORS, ids=lambda model: type(model).__name__)
def test_trees_of_amounts(model: Any, tmp_path: Path) -> None:
    check(Pipeline([("columns", encoder()), ("model", model)]), RAW, "regression", amounts, tmp_path)


@pytest.mark.parametrize("task", TASKS)
def test_gradient_boosting_behind_a_filler_and_a_scaler(task: str, tmp_path: Path) -> None:
    kind = GradientBoostingRegressor if task == "regression" else GradientBoostingClassifier
    steps = [SimpleImputer(strategy="mean"), MinMaxScaler(clip=True), kind(n_estimators=9, random_state=1)]
    raw_of = amounts if task == "regression" else decision
    check(make_pipeline(*steps), NUMBERS, task, raw_of, tmp_path)


@pytest.mark.parametrize("task", TASKS)
def test_histogram_boosting_of_categories(task: str, tmp_path: Path) -> None:
    kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    raw_of = amounts if task == "regression" else decision
    check(kind(max_iter=12, random_state=1, early_stopping=False), RAW, task, raw_of, tmp_path)


def test_histogram_boosting_of_codes(tmp_path: Path) -> None:
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    columns = make_column_transformer((codes, ["region", "member"]), remainder="passthrough")
    model = HistGradientBoostingClassifier(max_iter=12, categorical_features=[0, 1], early_stopping=False)
    check(make_pipeline(columns, model), RAW, "binary", decision, tmp_path)


LINES = [
    (LogisticRegression(max_iter=500), "binary"),
    (LogisticRegression(max_iter=500), "multiclass"),
    (LinearRegression(), "regression"),
    (Ridge(), "regression"),
    (Lasso(alpha=0.01), "regression"),
]


@pytest.mark.parametrize(("model", "task"), LINES, ids=lambda one: type(one).__name__ if one not in TASKS else one)
def test_lines_behind_encoders_fillers_and_scalers(model: Any, task: str, tmp_path: Path) -> None:
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["region", "member"]),
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["age"]),
        (make_pipeline(SimpleImputer(strategy="mean"), MinMaxScaler()), ["income"]),
    )
    fit, used = fitted(make_pipeline(columns, model), RAW, task, holes=True)
    found = compiled(fit, RAW, tmp_path)
    assert found.link == {"binary": "logistic", "multiclass": "softmax", "regression": "identity"}[task]
    assert all(isinstance(one, Linear) for one in found.models)
    for rows in (used, bent(found, holes=True)):
        frame = frame_of(rows, RAW, kind="pandas", n_rows=len(rows["age"]))
        expected = np.asarray(decision(fit, frame) if task != "regression" else fit.predict(frame), dtype=np.float64)
        got = by_plan(found, rows)
        size = np.maximum(1.0, np.abs(expected.reshape(got.shape)))
        assert (np.abs(got - expected.reshape(got.shape)) / size).max() <= 1e-12
        assert np.array_equal(by_row(found, rows, n=20), got[:20])


def test_lines_that_are_bent_before_or_may_lack_a_number_say_so(tmp_path: Path) -> None:
    cut = make_pipeline(SimpleImputer(), MinMaxScaler(clip=True), LinearRegression())
    for model in (cut, make_pipeline(StandardScaler(), LinearRegression())):
        fit, _ = fitted(model, NUMBERS, "regression", holes=False)
        with pytest.raises(BundleError, match="a line through a number"):
            compiled(fit, NUMBERS, tmp_path)


@pytest.mark.parametrize("model", [SVC(), make_pipeline(StandardScaler(), SVC())], ids=str)
def test_what_has_no_plan_says_so(model: Any, tmp_path: Path) -> None:
    model, _ = fitted(model, NUMBERS, "binary", holes=False)
    with pytest.raises(BundleError, match="cannot be written as a plan"):
        compiled(model, NUMBERS, tmp_path)


def test_thresholds_part_what_float32_parts() -> None:
    thresholds = np.array([0.1, -3.7, 1e30, 0.0])
    highest = highest_left(Column(Number("age")), thresholds, as_float32)
    above = np.nextafter(highest, np.inf)
    assert (as_float32(highest) <= thresholds).all()
    assert (as_float32(above) > thresholds).all()
