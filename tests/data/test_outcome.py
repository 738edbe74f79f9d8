"""Two outcomes are found however they are written; anything else is said plainly."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.data.outcome import outcomes
from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.errors import DataError
from mainstay.domain.outcome import outcome_key


def brief(data: str = "") -> Brief:
    return parse_brief(f'[model]\nname = "m"\n[data]\ntarget = "t"\n{data}\n')


def found(values: list[Any], data: str = "", dtype: Any = None) -> list[float | None]:
    read = outcomes(pl.DataFrame({"t": pl.Series(values, dtype=dtype)}), brief(data))
    assert read.kept.tolist() == [not np.isnan(value) for value in read.values]
    return [None if np.isnan(value) else value for value in read.values]


@pytest.mark.parametrize(
    ("values", "positive", "wanted"),
    [
        ([0, 1, 0], "1", [0, 1, 0]),
        ([0, 1, 0], '"1"', [0, 1, 0]),
        ([0, 1, 0], "1.0", [0, 1, 0]),
        ([0, 1, 0], "true", [0, 1, 0]),
        ([0, 1, 0], "0", [1, 0, 1]),
        ([0.0, 1.0, None], "1", [0, 1, None]),
        ([0.0, 1.0, float("nan")], "1", [0, 1, None]),
        (["1.00E+00", "0", "1"], "1", [1, 0, 1]),
        ([True, False, None], "true", [1, 0, None]),
        ([True, False, True], "1", [1, 0, 1]),
        ([True, False, True], '"Yes"', [1, 0, 1]),
        (["UP", "DOWN", "up "], '"UP"', [1, 0, 1]),
        ([" >50K", "<=50K", ""], '">50K"', [1, 0, None]),
        (["yes", "no", "?"], "true", [1, 0, None]),
        (["churned", "none", None], '"churned"', [1, 0, None]),
        ([2, 1, 2], "2", [1, 0, 1]),
    ],
)
def test_the_positive_outcome_is_matched_by_text_number_and_truth(
    values: list[Any], positive: str, wanted: list[float | None]
) -> None:
    assert found(values, f"positive = {positive}") == wanted


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["spam", "ham"])])
def test_categories_are_outcomes(dtype: Any) -> None:
    assert found(["ham", "spam", "ham", None], dtype=dtype) == [0, 1, 0, None]


@pytest.mark.parametrize(
    ("values", "positive", "code"),
    [
        ([0, 1, 1], "1", "the obvious one"),
        (["no", "yes", "yes"], "yes", "the obvious one"),
        ([False, True, True], "true", "the obvious one"),
        (["ham", "ham", "spam"], "spam", "the rarer one"),
    ],
)
def test_without_a_word_the_obvious_or_the_rarer_one_is_taken_and_said(
    values: list[Any], positive: str, code: str
) -> None:
    read = outcomes(pl.DataFrame({"t": values}), brief())
    assert read.positive == positive
    assert [code in finding.because for finding in read.findings] == [True]


def test_missing_outcomes_are_dropped_and_counted() -> None:
    read = outcomes(pl.DataFrame({"t": ["a", "b", None, ""]}), brief('positive = "a"'))
    assert read.kept.tolist() == [True, True, False, False]
    assert [(finding.code, finding.measured) for finding in read.findings] == [("F10-missing-outcomes", 0.5)]


def test_silence_is_negative_where_the_brief_says_so_and_the_delay_has_passed() -> None:
    table = pl.DataFrame({"t": ["a", "b", None, None], "at": ["2026-01-01", "2026-02-01", "2026-01-15", "2026-01-25"]})
    said = brief('positive = "a"\ntime = "at"\noutcome_delay = "10d"\nno_outcome_means = "negative"')
    read = outcomes(table, said)
    assert read.kept.tolist() == [True, True, True, False]
    assert read.values[:3].tolist() == [1, 0, 0]
    assert {finding.code for finding in read.findings} == {"F10-missing-outcomes", "F10-implied-outcomes"}


@pytest.mark.parametrize(
    ("values", "data", "wanted"),
    [
        ([], "", "the table has no rows"),
        ([1, 1], "", r"'t' holds one outcome only: '1' \(2 rows\)"),
        ([None, None], "", "'t' is missing in every row"),
        (["", "NA"], "", "'t' holds one outcome only: 'NA'"),
        (
            ["a", "b", "c"],
            "",
            r"'t' holds 3 outcomes: 'a' \(1 rows\), 'b' .*several classes and amounts come in a later",
        ),
        (list(range(100)), "", "100 outcomes: .* and 90 more"),
        (["a", "b"], 'positive = "c"', "'c' is not among the outcomes of 't'\nWrite one of 'a', 'b'"),
        (["x" * 5000, "b", "c"], "", "'x{40}…'"),
    ],
)
def test_anything_but_two_outcomes_is_refused_with_what_was_found(values: list[Any], data: str, wanted: str) -> None:
    with pytest.raises(DataError, match=rf"(?s){wanted}") as caught:
        outcomes(pl.DataFrame({"t": values}), brief(data))
    assert len(str(caught.value)) < 900


def test_an_absent_target_is_named_with_the_nearest() -> None:
    with pytest.raises(DataError, match=r"data.target: there is no column 't' in the table\nDid you mean 'T'"):
        outcomes(pl.DataFrame({"T": [1, 0]}), brief())


def test_weights_come_along_and_are_never_negative() -> None:
    read = outcomes(pl.DataFrame({"t": [1, 0], "w": [2, 0]}), brief('positive = 1\nweight = "w"'))
    assert read.weights is not None
    assert read.weights.tolist() == [2.0, 0.0]
    for wrong in ([1, None], [-1, 1], [float("inf"), 1.0], ["a", "b"]):
        with pytest.raises(DataError, match="missing, negative or no number"):
            outcomes(pl.DataFrame({"t": [1, 0], "w": wrong}), brief('weight = "w"'))
    with pytest.raises(DataError, match="every weight in 'w' is 0"):
        outcomes(pl.DataFrame({"t": [1, 0], "w": [0, 0]}), brief('weight = "w"'))


@given(st.booleans() | st.integers(-1000, 1000) | st.floats(allow_nan=False) | st.text(max_size=5))
def test_the_key_of_an_outcome_is_the_key_of_its_key(value: object) -> None:
    key = outcome_key(value)
    assert outcome_key(key) == key
    assert outcome_key(f" {key.upper()} ") == outcome_key(key.upper())
