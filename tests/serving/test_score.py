"""A plan scored by columns, by row and by a plain walk over its nodes: one answer, to the bit."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.domain import wall_clock
from mainstay.domain.plan import (
    Constant,
    DatePart,
    Forest,
    Isotonic,
    Level,
    LevelTerm,
    Linear,
    Logistic,
    Number,
    NumberTerm,
    Packed,
    Plan,
    Rule,
)
from mainstay.serving import plan_forest
from mainstay.serving.exact import sigmoid
from mainstay.serving.score import Scorer

INPUTS = (Number(field="a"), Level(field="c", levels=("x", "y", "z")), DatePart(field="at", part="month"))
CUTS = (-1.0, 0.0, 0.5, 3.0, 7.0)
AWKWARD = [None, 0.0, -0.0, 0.5, math.nextafter(0.5, 1), math.nextafter(0.5, 0), -1.0, 7.0, 1e300, -1e300]


@st.composite
def forests(draw: st.DrawFn) -> Forest:
    columns: dict[str, list] = {
        k: [] for k in ("feature", "threshold", "missing_left", "left", "right", "value", "levels_left")
    }

    def grow(depth: int) -> int:
        node = len(columns["feature"])
        is_leaf = depth == 0 or draw(st.integers(0, 4)) == 0
        feature = -1 if is_leaf else draw(st.integers(0, 2))
        for key, value in (
            ("feature", feature),
            ("threshold", draw(st.sampled_from(CUTS))),
            ("missing_left", draw(st.booleans())),
            ("left", 0),
            ("right", 0),
            ("value", draw(st.floats(-1, 1))),
            ("levels_left", tuple(draw(st.sets(st.integers(0, 2)))) if feature == 1 else None),
        ):
            columns[key].append(value)
        if not is_leaf:
            columns["left"][node] = grow(depth - 1)
            columns["right"][node] = grow(depth - 1)
        return node

    roots = tuple(grow(4) for _ in range(draw(st.integers(0, 5))))
    arrays = {key: tuple(values) for key, values in columns.items()}
    return Forest(inputs=INPUTS, baseline=draw(st.floats(-1, 1)), roots=roots, **arrays)


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "a": st.sampled_from(AWKWARD) | st.floats(-10, 10),
            "c": st.sampled_from(["x", "y", "z", "new", None]),
            "at": st.none() | st.floats(-1e11, 1e11),
        }
    ),
    min_size=1,
    max_size=8,
)


def walked(forest: Forest, used: dict) -> float:
    """The meaning of a forest as its docstring has it, as plainly as possible."""
    levels = {"x": 0.0, "y": 1.0, "z": 2.0}
    month = math.nan
    if used["at"] is not None and wall_clock.FIRST_MOMENT_S <= used["at"] < wall_clock.LAST_MOMENT_S:
        month = float(datetime.fromtimestamp(math.floor(used["at"]), UTC).month)
    inputs = [math.nan if used["a"] is None else used["a"], levels.get(used["c"], math.nan), month]
    total = forest.baseline
    for root in forest.roots:
        node = root
        while forest.feature[node] >= 0:
            x, among = inputs[forest.feature[node]], forest.levels_left[node]
            if math.isnan(x):
                left = forest.missing_left[node]
            else:
                left = x in among if among is not None else x <= forest.threshold[node]
            node = forest.left[node] if left else forest.right[node]
        total += forest.value[node]
    return total


def turned(rows: list[dict]) -> dict[str, list]:
    return {name: [row[name] for row in rows] for name in rows[0]}


@given(forests(), ROWS)
@settings(max_examples=150, deadline=None)
def test_a_forest_of_tables_says_what_a_walk_says(forest: Forest, rows: list[dict]) -> None:
    scorer = Scorer(Plan(task="regression", models=(forest,), link="identity"))
    expected = [walked(forest, row) for row in rows]
    assert scorer.scores(turned(rows)).tolist() == expected
    assert [scorer.score_row(row) for row in rows] == expected


def test_more_rows_than_a_chunk_and_more_leaves_than_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_forest, "CHUNK_BYTES", 24 * 64)
    random = np.random.default_rng(1)
    n_cuts = 150
    chain = range(2 * n_cuts + 1)  # a list of cuts: even nodes test, odd ones are leaves
    forest = Forest(
        inputs=(Number(field="a"),),
        baseline=0.25,
        roots=(0,),
        feature=tuple(0 if i % 2 == 0 and i < 2 * n_cuts else -1 for i in chain),
        threshold=tuple(float(i) for i in chain),
        missing_left=tuple(False for _ in chain),
        left=tuple(i + 1 for i in chain),
        right=tuple(i + 2 for i in chain),
        value=tuple(float(i) for i in chain),
        levels_left=tuple(None for _ in chain),
    )
    scorer = Scorer(Plan(task="regression", models=(forest,), link="identity"))
    values = random.uniform(-5, 320, 64 * 2 + 7)
    expected = [walked(forest, {"a": x, "c": None, "at": None}) for x in values.tolist()]
    assert scorer.scores({"a": values}).tolist() == expected


NUMBER = NumberTerm(
    input=Number(field="a"), fill=0.3, centre=0.1, scale=1.7, weight=-0.4, missing_weight=0.2, low=-5.0, high=6.0
)
LINEAR = Linear(
    intercept=0.1,
    terms=(
        NUMBER,
        LevelTerm(field="c", levels=("x", "y"), weights=(0.5, -0.25), unseen_weight=0.125, missing_weight=0.75),
        NumberTerm(input=DatePart(field="at", part="weekday"), fill=3.0, centre=3.0, scale=2.0, weight=0.3),
    ),
)


@given(ROWS)
@settings(deadline=None)
def test_a_row_alone_scores_like_a_row_in_a_batch(rows: list[dict]) -> None:
    curve = Isotonic(scores=(0.2, 0.4, 0.9), calibrated=(0.1, 0.3, 0.8))
    for calibration in (None, Logistic(slope=1.3, intercept=-0.2), curve):
        scorer = Scorer(Plan(task="binary", models=(LINEAR,), link="logistic", calibration=calibration))
        assert scorer.scores(turned(rows)).tolist() == [scorer.score_row(row) for row in rows]


def test_a_linear_plan_adds_its_terms() -> None:
    scorer = Scorer(Plan(task="regression", models=(LINEAR,), link="identity"))
    monday = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
    assert scorer.score_row({"a": 1.8, "c": "y", "at": monday}) == pytest.approx(0.1 - 0.4 - 0.25 - 0.45)
    assert scorer.score_row({}) == pytest.approx(0.1 - 0.4 * 0.2 / 1.7 + 0.2 + 0.75)
    assert scorer.score_row({"a": 1e308, "c": "new", "at": monday}) == pytest.approx(
        0.1 - 0.4 * 5.9 / 1.7 + 0.125 - 0.45
    )


@given(st.floats(-800, 800))
def test_the_sigmoid_is_right(raw: float) -> None:
    exact = 1 / (1 + math.exp(-raw)) if raw > -700 else math.exp(raw)
    assert sigmoid(np.array([raw]))[0] == pytest.approx(exact, rel=1e-15, abs=1e-300)


@pytest.mark.parametrize("part", wall_clock.PARTS)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
@given(seconds=st.lists(st.floats(-1e11, 3e11), min_size=1, max_size=5))
@settings(deadline=None, max_examples=30)
def test_parts_of_dates_are_the_same_alone_and_in_a_batch(zone: str, part: str, seconds: list[float]) -> None:
    term = NumberTerm(input=DatePart("at", part, zone), fill=-1.0, centre=0.0, scale=1.0, weight=1.0)
    model = Linear(intercept=0.0, terms=(term,))
    scorer = Scorer(Plan(task="regression", models=(model,), link="identity"))
    expected = np.nan_to_num(wall_clock.date_part(np.array(seconds), part, zone), nan=-1.0).tolist()
    assert scorer.scores({"at": seconds}).tolist() == expected
    assert [scorer.score_row({"at": s}) for s in seconds] == expected


def test_rules_score_one_and_zero_and_missing_is_zero() -> None:
    rule = Rule(expression='a >= 2 and c in ["x", "y"]', texts=("c",))
    scorer = Scorer(Plan(task="binary", models=(rule,), link="identity"))
    rows = [{"a": 2.0, "c": "x"}, {"a": None, "c": "x"}, {"a": 3.0, "c": None}, {"a": 1.0, "c": "y"}]
    assert scorer.scores(turned(rows)).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert [scorer.score_row(row) for row in rows] == [1.0, 0.0, 0.0, 0.0]
    assert scorer.score_row({}) == 0.0


def test_a_calibrated_rule_gives_two_shares() -> None:
    curve = Isotonic(scores=(0.0, 1.0), calibrated=(0.1, 0.6))
    scorer = Scorer(Plan(task="binary", models=(Rule(expression="a > 1"),), link="identity", calibration=curve))
    assert scorer.scores({"a": [0.0, 2.0]}).tolist() == [0.1, 0.6]


def test_absent_columns_are_missing_and_extra_ones_are_ignored() -> None:
    scorer = Scorer(Plan(task="binary", models=(LINEAR,), link="logistic"))
    assert scorer.scores({"other": ["?", "!"]}).tolist() == [scorer.score_row({})] * 2
    assert scorer.scores({"a": np.array([np.nan]), "c": [None]}).tolist() == [scorer.score_row({})]


@pytest.mark.parametrize(
    "plan",
    [
        Plan(task="multiclass", models=(Constant(raw=0.0), Constant(raw=0.0)), link="softmax"),
        Plan(task="binary", models=(Constant(raw=0.0),), link="logistic", format=2),
        Plan(task="regression", models=(Constant(raw=0.0),), link="identity", calibration=Logistic(1.0, 0.0)),
        Plan(task="multiclass", models=(Constant(raw=0.0),) * 2, link="softmax", classes=("a", "b", "c")),
        Plan(task="binary", models=(Packed(frame="polars", columns=(), digest=""),), link="identity"),
    ],
)
def test_what_cannot_be_scored_is_refused(plan: Plan) -> None:
    with pytest.raises(ValueError, match="wanted"):
        Scorer(plan)


def test_node_arrays_that_are_no_trees_are_refused() -> None:
    stump = Forest(
        inputs=INPUTS,
        baseline=0.0,
        roots=(0,),
        feature=(0, -1, -1),
        threshold=(0.5, 0.0, 0.0),
        missing_left=(True, False, False),
        left=(1, 0, 0),
        right=(2, 0, 0),
        value=(0.0, 1.0, 2.0),
        levels_left=(None, None, None),
    )
    loop = msgspec.structs.replace(stump, left=(0, 0, 0))
    levels_of_a_number = msgspec.structs.replace(stump, levels_left=((1,), None, None))
    for broken in (loop, levels_of_a_number):
        with pytest.raises(ValueError, match="node 0"):
            Scorer(Plan(task="binary", models=(broken,), link="logistic"))
