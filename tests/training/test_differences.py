"""Gaps of two numbers: trees find in them what no split of either shows, and serve them to the bit."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from mainstay.bundle.compile import compile_plan
from mainstay.domain.brief.parts import DecisionPart
from mainstay.domain.plan import Difference, Number
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.task import Task
from mainstay.serving.score import Scorer
from mainstay.training.features import features
from mainstay.training.learner import Lesson
from mainstay.training.learners import BOOSTING
from mainstay.training.learners.differences import MOST_NUMBERS, filled_in, with_differences
from mainstay.training.learners.pipeline import Columns, FittedPipeline

SHAPE = {"trees": 40, "max_leaf_nodes": 16, "max_features": 1.0}
NAMES = ("paid", "owed", "age")


def lesson(*, seed: int, n_rows: int = 1500) -> Lesson:
    """Whoever owes more than was paid is late; either amount alone says little."""
    rng = np.random.default_rng(seed)
    owed = rng.lognormal(7, 1, n_rows)
    used = pl.DataFrame(
        {"paid": owed * np.exp(rng.normal(0, 0.02, n_rows)), "owed": owed, "age": rng.normal(40, 9, n_rows)}
    )
    late = (used["owed"] > used["paid"]).cast(pl.Float64).to_numpy()
    holes = used.with_columns(
        pl.when(pl.int_range(pl.len()) % 17 == 3).then(None).otherwise(pl.col("age")).alias("age")
    )
    schema = Schema(fields=tuple(Field(name=name, kind=Kind.NUMBER) for name in NAMES), target="late")
    return Lesson(
        task=Task.BINARY, schema=schema, used=holes, outcomes=late, seed=1, weights=None, clusters=None, moments=None
    )


@cache
def fitted(*, differences: bool) -> FittedPipeline:
    return BOOSTING.fit(lesson(seed=1), {**SHAPE, "differences": differences})


def test_a_gap_that_decides_is_found() -> None:
    unseen = lesson(seed=2)
    without, with_them = (
        roc_auc_score(unseen.outcomes, fitted(differences=asked).scores(unseen.used)) for asked in (False, True)
    )
    assert with_them > 0.97 > without + 0.05


def test_a_plan_with_gaps_says_what_the_model_says_row_by_row() -> None:
    own, rows = fitted(differences=True), lesson(seed=3, n_rows=300).used
    plan = compile_plan(
        own.estimator,
        own.inputs,
        task=Task.BINARY,
        classes=(),
        decision=DecisionPart(when_high="call", when_low="wait"),
        threshold=None,
        calibration=None,
    )
    assert any(isinstance(source, Difference) for source in plan.models[0].inputs)
    scorer = Scorer(plan)
    got = scorer.scores({name: rows[name].to_list() for name in NAMES})
    np.testing.assert_allclose(got, own.scores(rows), rtol=1e-12)
    assert [scorer.score_of(row) for row in rows.iter_rows(named=True)] == got.tolist()


def test_growing_in_steps_reads_the_same_gaps() -> None:
    given, unseen = lesson(seed=1), lesson(seed=2)
    shape = {**SHAPE, "differences": True, "learning_rate": 0.1}
    grown = BOOSTING.stages(given, shape, unseen, before=lambda size, more: size == 0)
    whole = BOOSTING.fit(given, BOOSTING.sized(shape, grown.losses.size))
    np.testing.assert_allclose(grown.scores_at(grown.losses.size), whole.scores(unseen.used), rtol=1e-12)


def test_gaps_of_rows_worked_out_before_are_those_of_the_rows_themselves() -> None:
    rows = Columns({name: Number(name) for name in NAMES}, lesson(seed=1).used)
    found = with_differences(rows)
    assert list(found.inputs) == [*NAMES, "(paid - owed)", "(paid - age)", "(owed - age)"]
    later = lesson(seed=2).used
    assert filled_in(later, found.inputs).equals(features(later, found.inputs), null_equal=True)


@pytest.mark.parametrize("n_numbers", [1, MOST_NUMBERS + 1])
def test_of_one_number_or_many_there_are_none(n_numbers: int) -> None:
    names = [f"x{i}" for i in range(n_numbers)]
    frame = pl.DataFrame({name: np.arange(5.0) for name in names})
    assert list(with_differences(Columns({name: Number(name) for name in names}, frame)).inputs) == names


def test_what_does_not_vary_or_is_too_wide_has_no_gap() -> None:
    frame = pl.DataFrame({"flat": [1.0] * 4, "wide": [-1.7e308, 1.7e308, 0.0, 0.0], "x": [1.0, 2.0, 3.0, None]})
    rows = Columns({name: Number(name) for name in frame.columns}, frame)
    assert list(with_differences(rows).inputs) == frame.columns
