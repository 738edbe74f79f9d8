"""Learners survive whatever comes, and learn what there is to learn."""

from __future__ import annotations

import itertools
import math
from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bundle.messy import SCHEMA, messy

from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.task import Task
from mainstay.stats.tempered import sharpness, tempered
from mainstay.training.crew import crew_of
from mainstay.training.crossfit import CrossFit, room_of
from mainstay.training.effort import Watch
from mainstay.training.folds import Fold, random_folds
from mainstay.training.learner import Fitted, Learner, Lesson
from mainstay.training.learners import BOOSTING, learners_for, linear
from mainstay.training.loss import log_losses
from mainstay.training.tries import Bench, attempt

CLASSIFIERS = learners_for(Task.BINARY)


def lesson(used: pl.DataFrame, outcomes: np.ndarray, *, task: Task = Task.BINARY, schema: Schema = SCHEMA) -> Lesson:
    empty = {"weights": None, "clusters": None, "moments": None}
    return Lesson(task=task, schema=schema, used=used, outcomes=outcomes, seed=1, **empty)


@cache
def learned(learner: Learner) -> tuple[Fitted, pl.DataFrame]:
    used, outcomes = messy(1500, seed=1)
    return learner.fit(lesson(used, outcomes), {"trees": 20}), used


NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            field.name: NUMBERS if field.kind in (Kind.NUMBER, Kind.DATETIME) else st.none() | st.text(max_size=9)
            for field in SCHEMA.fields
        }
    ),
    min_size=1,
    max_size=5,
)


@given(ROWS, st.sampled_from(CLASSIFIERS))
@settings(deadline=None)
def test_no_row_breaks_a_learner(rows: list[dict], learner: Learner) -> None:
    kinds = {
        field.name: pl.Float64 if field.kind in (Kind.NUMBER, Kind.DATETIME) else pl.String for field in SCHEMA.fields
    }
    used = pl.DataFrame(rows, schema=kinds).with_columns(extra=pl.lit("?"))
    assert all(0 <= score <= 1 for score in learned(learner)[0].scores(used))


def test_a_column_order_of_ones_own_changes_nothing() -> None:
    for fitted, used in map(learned, CLASSIFIERS):
        turned = used.select(reversed(used.columns))
        assert fitted.scores(turned).tolist() == fitted.scores(used).tolist()


ODD = {
    "all_missing": pl.Series([None] * 100, dtype=pl.Float64),
    "no_level": pl.Series([None] * 100, dtype=pl.String),
    "constant": pl.Series([1.0] * 100),
    "half_missing": pl.Series([1.0, None] * 50),
    "all_rare": pl.Series([f"level {i}" for i in range(100)]),
    "huge": pl.Series([1e308, -1e308] * 50),
}


@pytest.mark.parametrize("task", Task)
@pytest.mark.parametrize("names", [*([name] for name in ODD), list(ODD)], ids="+".join)
def test_columns_of_every_odd_kind_can_be_learned_from(names: list[str], task: Task) -> None:
    used = pl.DataFrame({name: ODD[name] for name in names})
    fields = [
        Field(name=name, kind=Kind.CATEGORY, levels=tuple(used[name].drop_nulls().unique().sort()))
        if used.schema[name] == pl.String
        else Field(name=name, kind=Kind.NUMBER)
        for name in names
    ]
    schema = Schema(fields=tuple(fields), target="y", classes=("a", "b", "c"))
    outcomes = np.arange(100) % (2.0 if task is Task.BINARY else 3.0)
    for learner in learners_for(task):
        scores = learner.fit(lesson(used, outcomes, task=task, schema=schema), {"trees": 20}).scores(used)
        assert np.isfinite(scores).all()
        assert scores.shape == ((100, 3) if task is Task.MULTICLASS else (100,))


def crossed(learner: Learner, rows: Lesson, folds: tuple[Fold, ...]) -> CrossFit:
    watch = Watch(itertools.count().__next__, math.inf)
    with crew_of(1) as crew:
        bench = Bench(lesson=rows, rooms=tuple(room_of(rows, fold) for fold in folds), crew=crew, watch=watch)
        found = attempt(learner, {}, bench, best=None, on_fold=lambda: None)
    assert found.cross is not None
    return found.cross


def test_the_number_of_trees_is_chosen_by_cross_fitting() -> None:
    used, outcomes = messy(700, seed=1)
    folds = random_folds(outcomes, clusters=None, seed=1)
    found = crossed(BOOSTING, lesson(used, outcomes), folds)
    assert found.scored.all()
    noise = crossed(BOOSTING, lesson(used, np.random.default_rng(1).permutation(outcomes)), folds)
    assert noise.settings["trees"] < 20 < found.settings["trees"]


def test_growing_in_steps_gives_the_trees_of_one_fit() -> None:
    used, outcomes = messy(700, seed=1)
    rows, unseen = lesson(used[:500], outcomes[:500]), lesson(used[500:], outcomes[500:])
    shape = {"learning_rate": 0.05, "max_features": 0.5}
    stages = BOOSTING.stages(rows, shape, unseen, before=lambda size, more: True)
    assert stages.losses.size > 50
    for size in (1, 49, 51, stages.losses.size):
        fitted = BOOSTING.fit(rows, {**shape, "trees": size})
        assert fitted.scores(unseen.used).tolist() == stages.scores_at(size).tolist()
        told = tempered(scores := stages.scores_at(size), sharpness(unseen.outcomes, scores))
        assert log_losses(unseen.outcomes, told).mean() == pytest.approx(stages.losses[size - 1])


def test_a_fold_without_a_living_column_scores_the_base_rate() -> None:
    used = pl.DataFrame({"a": [0.0] * 50 + [1.0] * 10})
    rows = lesson(used, np.arange(60) % 2.0, schema=Schema(fields=(Field(name="a", kind=Kind.NUMBER),), target="y"))
    folds = random_folds(rows.outcomes, clusters=np.repeat([0, 1], [50, 10]), seed=1)
    for learner in CLASSIFIERS:
        assert crossed(learner, rows, folds).scores.tolist() == [0.5] * 60


def test_a_class_that_a_fold_never_saw_gets_no_probability() -> None:
    random = np.random.default_rng(1)
    used = pl.DataFrame({"a": random.normal(size=200)})
    schema = Schema(fields=(Field(name="a", kind=Kind.NUMBER),), target="y", classes=("x", "y", "z"))
    outcomes = np.where(used["a"].to_numpy() > 0, 2.0, 0.0)
    outcomes[7] = 1.0
    rows = lesson(used, outcomes, task=Task.MULTICLASS, schema=schema)
    folds = (Fold(np.arange(100, 200), np.arange(100)),)
    for learner in learners_for(Task.MULTICLASS):
        found = crossed(learner, rows, folds).scores
        assert found[7, 1] == 0.0
        assert found[:100].sum(axis=1) == pytest.approx(1.0)


def test_a_line_through_many_rows_is_drawn_through_a_fair_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    used, outcomes = messy(3000, seed=1)
    (line,) = (learner for learner in CLASSIFIERS if learner.name == "logistic")
    whole = line.fit(lesson(used, outcomes), {})
    monkeypatch.setattr(linear, "MOST_ROWS", 3000)
    assert np.array_equal(line.fit(lesson(used, outcomes), {}).scores(used), whole.scores(used))
    monkeypatch.setattr(linear, "MOST_ROWS", 2000)
    scores = line.fit(lesson(used, outcomes), {}).scores(used)
    assert not np.array_equal(scores, whole.scores(used))
    assert np.corrcoef(scores, whole.scores(used))[0, 1] > 0.95
