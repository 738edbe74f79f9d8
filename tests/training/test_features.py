"""What training computes of an input is what serving computes of it, to the bit: by column, and row by row."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from mainstay.domain.plan import (
    Cross,
    DatePart,
    Difference,
    Input,
    Level,
    LevelNumber,
    Number,
    Product,
    TextPart,
    TextScore,
)
from mainstay.domain.terms import FACTS, term_counts
from mainstay.domain.terms import WORDS as PATTERN
from mainstay.domain.wall_clock import PARTS
from mainstay.serving.plan_inputs import reader
from mainstay.serving.row_inputs import reader_of_row
from mainstay.training.features import features, living

FINITE = st.floats(-1e12, 1e12) | st.sampled_from([0.0, -0.0, 5e-324, 1e300, -1e300])
LEVELS = ("a", "b", "ü", "", "*", "^x$")
WORDS = st.sampled_from(["win", "Win!", "50", "£", "über", "a", "call_me", "٣٤", "ﬁne", "İstanbul"])
TEXTS = st.lists(WORDS, max_size=8).map(" ".join) | st.text(max_size=20)
TERMS = ("win", "win win", "50", "über", "call_me win", "٣٤", "i̇stanbul")

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "x": st.none() | FINITE,
            "at": st.none() | st.floats(-1e11, 3e11) | FINITE,
            "c": st.none() | st.sampled_from([*LEVELS, "never seen"]),
            "d": st.none() | st.sampled_from(LEVELS),
            "t": st.none() | TEXTS,
        }
    ),
    min_size=1,
    max_size=6,
)
SCALES = st.floats(1e-9, 1e9) | st.just(5e-324)
SIDES = st.tuples(FINITE, st.floats(-1e6, 1e6), st.just(-1e9), st.just(1e9))


def levels() -> st.SearchStrategy[Level]:
    some = st.lists(st.sampled_from(LEVELS), max_size=4, unique=True).map(tuple)
    return st.builds(Level, field=st.just("c"), levels=some, missing_is_level=st.booleans())


@st.composite
def numbers_of_levels(draw: st.DrawFn) -> LevelNumber:
    known = tuple(draw(st.lists(st.sampled_from(LEVELS), max_size=4, unique=True)))
    values = tuple(draw(st.floats(-9, 9)) for _ in known)
    return LevelNumber("c", known, values, unseen=draw(st.floats(-9, 9)), missing=draw(st.floats(-9, 9)))


@st.composite
def scores_of_texts(draw: st.DrawFn) -> TextScore:
    known = tuple(draw(st.lists(st.sampled_from(TERMS), max_size=5, unique=True)))
    rarities, weights = (tuple(draw(st.floats(low, 9)) for _ in known) for low in (1, -9))
    return TextScore("t", known, rarities, weights, intercept=draw(st.floats(-3, 3)), missing=0.25)


SINGLES = (
    st.just(Number("x"))
    | st.builds(DatePart, st.just("at"), st.sampled_from(PARTS), st.sampled_from(["UTC", "Europe/Berlin"]))
    | levels()
    | numbers_of_levels()
    | st.builds(TextPart, st.just("t"), st.sampled_from(sorted(FACTS)))
    | scores_of_texts()
)
PAIRS_OF_LEVELS = st.lists(st.tuples(st.sampled_from(LEVELS), st.sampled_from(LEVELS)), max_size=5, unique=True)
INPUTS = (
    SINGLES
    | st.builds(Product, SINGLES, SINGLES, SIDES, SIDES)
    | st.builds(Difference, SINGLES, SINGLES, SCALES, SCALES)
    | st.builds(Cross, st.just("c"), st.just("d"), PAIRS_OF_LEVELS.map(tuple))
)


def frame(rows: list[dict]) -> pl.DataFrame:
    return pl.DataFrame(
        rows, schema={"x": pl.Float64, "at": pl.Float64, "c": pl.String, "d": pl.String, "t": pl.String}
    )


@given(ROWS, INPUTS)
@settings(max_examples=400, deadline=None)
def test_training_and_serving_compute_the_same_bits(rows: list[dict], source: Input) -> None:
    used = frame(rows)
    json = msgspec.to_builtins(source)
    trained = features(used, {"it": source})["it"].to_numpy()
    served = reader(json)({name: used[name].to_list() for name in used.columns}, used.height)
    np.testing.assert_array_equal(trained, served)
    read = reader_of_row(json)
    np.testing.assert_array_equal([read(row) for row in rows], served)
    assert np.isnan(reader(json)({}, 2)).all() == math.isnan(read({}))


def test_numbers_pass_without_being_copied() -> None:
    used = pl.DataFrame({"x": np.arange(1000.0)})
    passed = features(used, {"x": Number("x"), "again": Number("x")})
    start = used["x"].to_numpy().__array_interface__["data"][0]
    assert [passed[name].to_numpy().__array_interface__["data"][0] for name in passed.columns] == [start, start]


def test_a_missing_level_may_be_a_level() -> None:
    used = pl.DataFrame({"c": ["b", None, "?"]})
    assert features(used, {"c": Level("c", ("a", "b"), missing_is_level=True)})["c"].to_list() == [1.0, 2.0, None]
    assert features(used, {"c": Level("c", ("a", "b"))})["c"].to_list() == [1.0, None, None]


def test_minutes_count_from_midnight_on_the_wall_clock() -> None:
    at = pl.DataFrame({"at": [1_750_000_000.0]})  # 2025-06-15 15:06:40 UTC, two hours later in Berlin
    assert features(at, {"m": DatePart("at", "minute", "Europe/Berlin")})["m"].to_list() == [17 * 60 + 6.0]


def test_words_are_those_of_the_vectorizer() -> None:
    text = "Win WIN a £50!! call_me: ٣٤ über-win İstanbul 'tis"
    counter = CountVectorizer(token_pattern=PATTERN, ngram_range=(1, 2))
    counts = counter.fit_transform([text]).toarray()[0].tolist()
    assert dict(zip(counter.get_feature_names_out().tolist(), counts, strict=True)) == term_counts(text)


@pytest.mark.parametrize("values", [[1.0, 1.0], [None, None], [0.0, -0.0]])
def test_what_never_changes_does_not_live(values: list) -> None:
    assert living(pl.DataFrame({"x": values}, schema={"x": pl.Float64})) == []


def test_no_column_and_no_row_give_no_frame_to_learn_from() -> None:
    assert features(pl.DataFrame({"x": [1.0]}), {}).width == 0
    assert features(frame([]), {"x": Number("x"), "c": Level("c", ("a",))}).height == 0
