"""Recipes survive whatever comes, and learn what there is to learn."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bundle.messy import SCHEMA, messy

from mainstay.domain.plan import DatePart, Level, Number
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.training.crossfit import Lesson, cross_fit
from mainstay.training.plain import features, inputs_of
from mainstay.training.folds import random_folds
from mainstay.training.recipes import BASE_RATE, BOOSTING, LOGISTIC, RECIPES, Recipe, build, fit, recipes_for, scores

INPUTS = inputs_of(SCHEMA)


@cache
def learned(recipe: Recipe) -> tuple:
    used, outcomes = messy(1500, seed=1)
    frame = features(used, INPUTS)
    return fit(build(recipe, frame, seed=1, size=20), frame, outcomes, None), frame


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


@given(ROWS, st.sampled_from(RECIPES))
@settings(deadline=None)
def test_no_row_breaks_a_recipe(rows: list[dict], recipe: Recipe) -> None:
    kinds = {
        field.name: pl.Float64 if field.kind in (Kind.NUMBER, Kind.DATETIME) else pl.String for field in SCHEMA.fields
    }
    frame = features(pl.DataFrame(rows, schema=kinds), INPUTS)
    found = scores(learned(recipe)[0], frame.with_columns(extra=pl.lit("?")))
    assert all(0 <= score <= 1 for score in found)


def test_a_column_order_of_ones_own_changes_nothing() -> None:
    for pipeline, frame in map(learned, RECIPES):
        turned = frame.select(reversed(frame.columns))
        assert scores(pipeline, turned).tolist() == scores(pipeline, frame).tolist()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_columns_of_every_odd_kind_can_be_learned_from(recipe: Recipe) -> None:
    outcomes = np.arange(100) % 2.0
    odd = {
        "all_missing": pl.Series([None] * 100, dtype=pl.Float64),
        "no_level": pl.Series([None] * 100, dtype=pl.String),
        "constant": pl.Series([1.0] * 100),
        "half_missing": pl.Series([1.0, None] * 50),
        "all_rare": pl.Series([f"level {i}" for i in range(100)]),
        "huge": pl.Series([1e308, -1e308] * 50),
    }
    for names in (*([name] for name in odd), list(odd)):
        frame = pl.DataFrame({name: odd[name] for name in names})
        pipeline = fit(build(recipe, frame, seed=1, size=20), frame, outcomes, None)
        assert np.isfinite(scores(pipeline, frame)).all()


def test_where_nothing_lives_only_the_base_rate_is_tried() -> None:
    assert recipes_for(pl.DataFrame({"a": [1.0, 1.0]})) == (BASE_RATE,)
    assert recipes_for(pl.DataFrame({"a": [1.0, None]})) == RECIPES


def test_the_number_of_trees_is_chosen_by_cross_fitting() -> None:
    used, outcomes = messy(700, seed=1)
    frame = features(used, INPUTS)
    lesson = Lesson(frame, outcomes, None, random_folds(outcomes, clusters=None, seed=1), seed=1)
    crossed = cross_fit(BOOSTING, lesson)
    assert crossed.size in BOOSTING.sizes
    assert crossed.scored.all()
    noise = Lesson(frame, np.random.default_rng(1).permutation(outcomes), None, lesson.folds, seed=1)
    assert cross_fit(BOOSTING, noise).size == min(BOOSTING.sizes)


def test_a_fold_without_a_living_column_scores_the_base_rate() -> None:
    frame = pl.DataFrame({"a": [0.0] * 50 + [1.0] * 10})
    outcomes = np.arange(60) % 2.0
    folds = random_folds(outcomes, clusters=np.repeat([0, 1], [50, 10]), seed=1)
    for recipe in (LOGISTIC, BOOSTING):
        assert cross_fit(recipe, Lesson(frame, outcomes, None, folds, seed=1)).scores.tolist() == [0.5] * 60


def test_inputs_name_what_a_model_reads() -> None:
    assert {name: type(source) for name, source in INPUTS.items()} == {
        "age": Number,
        "income": Number,
        "region": Level,
        "member": Level,
        "since:month": DatePart,
        "since:day": DatePart,
        "since:weekday": DatePart,
        "since:hour": DatePart,
        "since:days": DatePart,
        "always": Number,
        "never": Number,
    }


def test_the_moment_of_the_decision_is_no_calendar_that_only_grows() -> None:
    fields = (
        Field(name="at", kind=Kind.DATETIME),
        Field(name="at:month", kind=Kind.NUMBER),
        Field(name="note", kind=Kind.TEXT),
    )
    inputs = inputs_of(Schema(fields=fields, target="y", time="at", time_zone="Asia/Tokyo"))
    assert list(inputs) == ["at:month'", "at:day", "at:weekday", "at:hour", "at:month"]
    used = pl.DataFrame({"at": [0.0, None], "at:month": [7.0, 8.0], "note": ["a", "b"]})
    assert features(used, inputs).to_dicts() == [
        {"at:month'": 1.0, "at:day": 1.0, "at:weekday": 3.0, "at:hour": 9.0, "at:month": 7.0},
        {"at:month'": None, "at:day": None, "at:weekday": None, "at:hour": None, "at:month": 8.0},
    ]
    assert math.isclose(features(used, inputs)["at:hour"].sum(), 9.0)
