"""Plans of several classes, of amounts and of every calibration: a row alone scores like a row in a batch."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.serving.test_score import INPUTS, LINEAR, ROWS, forests, turned

from mainstay.domain.plan import (
    Beta,
    Constant,
    Cross,
    CrossTerm,
    Forest,
    Isotonic,
    Level,
    LevelNumber,
    LevelTerm,
    Linear,
    Logistic,
    Number,
    NumberTerm,
    Plan,
    Product,
    Rule,
    Shared,
    Temperature,
    TextScore,
    plan_bytes,
    read_plan,
)
from mainstay.serving import plan_math
from mainstay.serving.score import Scorer

TEXT = TextScore("c", ("x", "zz", "new"), (1.0, 2.0, 1.5), (0.3, -0.4, 2.0), intercept=0.1, missing=-0.2)
MEANS = LevelNumber("c", ("x", "y"), (0.25, 0.75), unseen=0.4, missing=0.6)
PRODUCT = Product(Shared(0), Shared(1), (0.3, 0.3, 0.0, 1.0), (0.5, 0.5, -9.0, 9.0))
CROSS = Cross("c", "c", (("x", "x"), ("y", "y"), ("x", "y")))
SHARED = (MEANS, Number("a"), PRODUCT, TEXT, CROSS, INPUTS[1], INPUTS[2])
LINE = Linear(
    intercept=-0.3,
    terms=(
        NumberTerm(input=Shared(2), fill=0.0, centre=0.1, scale=1.3, weight=0.7),
        NumberTerm(input=Shared(3), fill=0.0, centre=0.0, scale=2.0, weight=-1.1),
        CrossTerm(input=Shared(4), weights=(0.5, -0.5, 9.0), other_weight=0.05),
        LevelTerm(field="c", levels=("x", "y"), weights=(0.5, -0.25), unseen_weight=0.125, missing_weight=0.75),
    ),
)
CALIBRATIONS = (
    None,
    Logistic(slope=1.3, intercept=-0.2),
    Isotonic(scores=(0.2, 0.4, 0.9), calibrated=(0.1, 0.3, 0.8)),
    Beta(a=0.7, b=1.2, c=-0.1),
    Temperature(temperature=1.5),
)


def same(plan: Plan, rows: list[dict]) -> np.ndarray:
    """Scores of the rows, which must be the same alone, in a batch, and after writing and reading the plan."""
    scorer = Scorer(plan)
    got = scorer.scores(turned(rows))
    np.testing.assert_array_equal(got, [scorer.score_of(row) for row in rows])
    np.testing.assert_array_equal(got, Scorer(read_plan(plan_bytes(plan))).scores(turned(rows)))
    return got


def shared(forest: Forest) -> Forest:
    """The same forest over inputs that the plan holds."""
    return msgspec.structs.replace(forest, inputs=(Shared(1), Shared(5), Shared(6)))


@given(forests(), forests(), ROWS, st.sampled_from([None, Temperature(temperature=0.7)]))
@settings(max_examples=60)
def test_several_classes(first: Forest, second: Forest, rows: list[dict], calibration: Temperature | None) -> None:
    models = (shared(first), LINE, shared(second), Constant(raw=-1e6))
    told = {"task": "multiclass", "inputs": SHARED, "classes": ("p", "q", "r", "none")}
    raw = same(Plan(models=models, link="identity", **told), rows)
    got = same(Plan(models=models, link="softmax", calibration=calibration, **told), rows)
    parts = np.exp((raw - raw.max(axis=1, keepdims=True)) / (1.0 if calibration is None else calibration.temperature))
    np.testing.assert_allclose(got, parts / parts.sum(axis=1, keepdims=True), rtol=1e-13, atol=1e-300)
    alone = [same(Plan(task="regression", models=(model,), inputs=SHARED, link="identity"), rows) for model in models]
    np.testing.assert_array_equal(raw, np.column_stack(alone))


@given(ROWS, st.sampled_from(CALIBRATIONS), st.sampled_from(["logistic", "identity"]))
def test_every_calibration_of_two_outcomes(rows: list[dict], calibration: object, link: str) -> None:
    model = LINE if link == "logistic" else Linear(intercept=0.5, terms=())
    got = same(Plan(task="binary", models=(model,), inputs=SHARED, link=link, calibration=calibration), rows)
    assert ((got >= 0) & (got <= 1)).all()


def test_a_certain_share_is_recalibrated_as_a_near_certain_one() -> None:
    same_again = Logistic(slope=1.0, intercept=0.0)
    for share in (0.0, 1.0):
        plan = Plan(task="binary", models=(Constant(raw=share),), link="identity", calibration=same_again)
        assert Scorer(plan).score_row({}) == pytest.approx(share, abs=1.1e-12)


@given(ROWS)
def test_amounts(rows: list[dict]) -> None:
    got = same(Plan(task="regression", models=(LINE,), inputs=SHARED, link="exp"), rows)
    raw = same(Plan(task="regression", models=(LINE,), inputs=SHARED, link="identity"), rows)
    np.testing.assert_allclose(got, np.exp(np.minimum(raw, 709)), rtol=1e-14)
    curve = Isotonic(scores=(0.0, 2.0), calibrated=(0.5, 3.0))
    same(Plan(task="regression", models=(LINEAR,), link="identity", calibration=curve), rows)


def test_rules_of_three_tasks() -> None:
    rows = [{"a": 2.0, "c": "x"}, {"a": None, "c": "y"}, {"a": 0.5, "c": None}]
    assert same(Plan(task="regression", models=(Rule("a * 2"),), link="identity"), rows)[[0, 2]].tolist() == [4.0, 1.0]
    words = Rule("where(missing(a), c, 'q')", texts=("c",), words=("p", "q", "y"))
    got = same(Plan(task="multiclass", models=(words,), link="identity", classes=words.words), rows)
    assert got.tolist() == [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    numbers = Rule("a", words=("2", "0.5"))
    got = same(Plan(task="multiclass", models=(numbers,), link="identity", classes=numbers.words), rows)
    assert [row.index(1.0) for row in got.tolist() if not math.isnan(row[0])] == [0, 1]
    assert np.isnan(got[1]).all()


def test_raw_scores_can_come_from_elsewhere() -> None:
    plan = Plan(
        task="multiclass",
        models=(Constant(raw=0.0),) * 2,
        link="softmax",
        classes=("a", "b"),
        calibration=Temperature(temperature=2.0),
    )
    got = plan_math.calibrated(plan_math.prepare(msgspec.to_builtins(plan)), np.array([[2.0, 0.0]]))
    np.testing.assert_allclose(got, [[1 / (1 + math.exp(-1)), 1 / (1 + math.exp(1))]], rtol=1e-15)


def test_a_level_may_be_missing_by_itself() -> None:
    source = Level("c", ("x", "y"), missing_is_level=True)
    forest = Forest(
        inputs=(source,),
        baseline=0.0,
        roots=(0,),
        feature=(0, -1, -1),
        threshold=(0.0, 0.0, 0.0),
        missing_left=(False, False, False),
        left=(1, 0, 0),
        right=(2, 0, 0),
        value=(0.0, 1.0, 2.0),
        levels_left=((0, 2), None, None),
    )
    plan = Plan(task="regression", models=(forest,), link="identity")
    rows = [{"c": "x"}, {"c": "y"}, {"c": None}, {"c": "new"}]
    assert same(plan, rows).tolist() == [1.0, 2.0, 1.0, 2.0]
