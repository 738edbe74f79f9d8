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
from mainstay.domain.task import Task


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
        (["a", "b", "c"], 'task = "binary"', r"'t' holds 3 outcomes: 'a' \(1 row\), 'b' .*or \"regression\""),
        (list(range(100)), "positive = 1", "100 outcomes: .* and 90 more.*Leave out data.positive"),
        (["a", "b"], 'positive = "c"', "'c' is not among the outcomes of 't'\nWrite one of 'a', 'b'"),
        (["x" * 5000, "b", "c"], 'task = "binary"', "'x{40}…'"),
    ],
)
def test_anything_but_two_outcomes_is_refused_with_what_was_found(values: list[Any], data: str, wanted: str) -> None:
    with pytest.raises(DataError, match=rf"(?s){wanted}") as caught:
        outcomes(pl.DataFrame({"t": values}), brief(data))
    assert len(str(caught.value)) < 900
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("values", "data", "classes"),
    [
        (["b", "c", "a"] * 10, "", ("a", "b", "c")),
        (["b", "C ", "c", "c", "a"] * 10, "", ("a", "b", "c")),
        ([3, 10, 9] * 30, "", ("3", "9", "10")),
        ([3.0, 10.0, None, 9.0] * 30, "", ("3", "9", "10")),
        (["3", "10", "9"] * 30, "", ("3", "9", "10")),
        (["3", "10", "x"] * 30, "", ("10", "3", "x")),
        ([f"c{n:02}" for n in range(100)] * 10, "", tuple(f"c{n:02}" for n in range(100))),
    ],
)
def test_classes_have_a_fixed_order_however_often_they_came(
    values: list[Any], data: str, classes: tuple[str, ...]
) -> None:
    read = outcomes(pl.DataFrame({"t": values}), brief(data))
    assert (read.task, read.classes) == (Task.MULTICLASS, classes)
    told = [classes[int(number)] for number in read.values[read.kept]]
    assert told == [outcome_key(value) for value in values if value is not None]


def test_classes_too_rare_to_learn_are_left_out_named_and_counted() -> None:
    values = [*["a", "b", "c"] * 20, "once", None, "twice", "twice"]
    read = outcomes(pl.DataFrame({"t": values}), brief('task = "multiclass"'))
    assert (read.classes, int(read.kept.sum()), read.n_missing) == (("a", "b", "c"), 60, 1)
    told = {finding.code: finding for finding in read.findings}
    assert set(told) == {"F10-rare-classes", "F10-missing-outcomes"}
    assert told["F10-rare-classes"].measured == 3
    assert "'twice' (2 rows), 'once' (1 row)" in told["F10-rare-classes"].because


@pytest.mark.parametrize(
    "data", ["", 'task = "binary"', 'positive = "b"', 'no_outcome_means = "negative"\noutcome_delay = "1d"']
)
def test_two_classes_beside_rare_ones_are_two_outcomes(data: str) -> None:
    values = [*["a", "a", "b"] * 20, "once", None, "twice", "twice"]
    read = outcomes(pl.DataFrame({"t": values}), brief(data))
    silent = "negative" in data
    assert (read.task, read.positive, read.negative) == (Task.BINARY, "b", "a")
    assert (int(read.kept.sum()), read.n_missing, np.nansum(read.values)) == (61 if silent else 60, 1 - silent, 20)
    assert "F10-rare-classes" in {finding.code for finding in read.findings}
    assert read.kept[-4:].tolist() == [False, silent, False, False]


def test_one_infinity_among_zeros_and_ones_is_left_out() -> None:
    read = outcomes(pl.DataFrame({"t": [0.0, 1.0] * 50 + [float("inf")]}), brief())
    assert (read.task, read.positive, int(read.kept.sum())) == (Task.BINARY, "1", 100)


def test_several_classes_that_are_two_are_refused_with_what_to_write() -> None:
    for values in ([0, 1] * 10, [*["a", "b"] * 20, "once"]):
        with pytest.raises(DataError, match="two classes") as refused:
            outcomes(pl.DataFrame({"t": values}), brief('task = "multiclass"'))
        assert 'data.task = "binary"' in refused.value.remedy


@pytest.mark.parametrize(
    ("values", "data", "task"),
    [
        ([1, 2] * 50, "", Task.BINARY),
        ([1.5, 2.5] * 50, "", Task.BINARY),
        ([1, 2, 3] * 50, "", Task.MULTICLASS),
        ([1, 2, 3] * 5, "", Task.REGRESSION),
        (list(range(11)) * 50, "", Task.REGRESSION),
        ([1.5, 2.5, 3.5] * 50, "", Task.REGRESSION),
        (["1", "2", "3"] * 5, "", Task.REGRESSION),
        (["1,234.50", "3", "(5)"], 'task = "regression"', Task.REGRESSION),
        ([f"$ {n:,}" for n in range(0, 90_000, 999)], "", Task.REGRESSION),
        ([1, 2] * 50, 'task = "regression"', Task.REGRESSION),
        ([True, False], "", Task.BINARY),
    ],
)
def test_the_task_is_the_briefs_or_what_the_data_shows(values: list[Any], data: str, task: Task) -> None:
    assert outcomes(pl.DataFrame({"t": values}), brief(data)).task is task


def test_amounts_may_be_written_as_text() -> None:
    values = ["1,234.50", "$3", "($5)", None, "NA", "-", "$ 7"]
    read = outcomes(pl.DataFrame({"t": values}), brief('task = "regression"'))
    assert read.values[read.kept].tolist() == [1234.5, 3.0, -5.0, 7.0]
    assert read.n_missing == 3


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([0, 1, -1, 1], [0, 1, None, 1]),
        (["no", "yes", "Unknown"], [0, 1, None]),
        ([1.5, -1.0, 2.5, 7], [1.5, None, 2.5, 7]),
    ],
)
def test_outcomes_that_a_person_says_are_missing_are(values: list[Any], wanted: list[float | None]) -> None:
    assert found(values, '[fields.t]\nmissing = [-1, "unknown"]') == wanted


def test_a_value_table_says_the_task_too() -> None:
    said = parse_brief('[model]\nname = "m"\n[data]\ntarget = "t"\n[value]\nover = -1\nunder = -2')
    assert outcomes(pl.DataFrame({"t": [1, 2] * 10}), said).task is Task.REGRESSION


@pytest.mark.parametrize(
    ("values", "data", "wanted"),
    [
        (
            [1.5, float("inf"), -float("inf")],
            'task = "regression"',
            r"2 amounts of 't' are infinite, or beyond 1e.150 \(rows 2, 3\)",
        ),
        (["1", "2", "many"], 'task = "regression"', r"'many' of 't' is no amount \(row 3\)"),
        ([*map(str, range(200)), "many"], "", r"'many' of 't' is no amount \(row 201\)"),
        ([2.0, 2.0], 'task = "regression"', "'t' is 2 in every row"),
        ([None, None], 'task = "regression"', "'t' is missing in every row"),
        (["a"] * 20 + ["b"] * 3, 'task = "multiclass"', "2 classes, 1 of them in 10 rows or more"),
        ([f"c{n}" for n in range(101)] * 10, "", "101 different texts: .*At most 100 classes"),
        ([f"c{n}" for n in range(101)] * 10, 'task = "multiclass"', "101 classes: .*At most 100 can be told apart"),
        (["2026-01-01", "2026-01-02", "2026-01-03"], "", "'t' holds dates"),
        (["2026-01-01", "2026-01-02", "2026-01-03"], 'task = "regression"', "'t' holds dates"),
        ([1, None, 0], 'missing_target = "refuse"', r"1 of 3 rows of 't' have no outcome \(row 2\)"),
        ([1.5, None, 0, 7], 'missing_target = "refuse"', "1 of 4 rows of 't' have no outcome"),
        ([1, None, 2, 3], 'no_outcome_means = "negative"\noutcome_delay = "1d"', "'negative' is one of two outcomes"),
    ],
)
def test_targets_that_cannot_be_learned_are_refused_with_the_next_step(
    values: list[Any], data: str, wanted: str
) -> None:
    with pytest.raises(DataError, match=rf"(?s){wanted}") as caught:
        outcomes(pl.DataFrame({"t": values}), brief(data))
    assert caught.value.remedy


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


@pytest.mark.parametrize("data", ["", 'positive = "yes"', 'task = "binary"'])
def test_a_source_that_writes_outcomes_in_two_ways_is_told_to_write_one(data: str) -> None:
    with pytest.raises(DataError, match="in several ways") as refused:
        outcomes(pl.DataFrame({"t": ["yes", "no"] * 30 + ["1", "0"] * 30}), brief(data))
    assert "in one way" in refused.value.remedy


def test_a_source_that_writes_outcomes_otherwise_now_is_asked_which_is_meant() -> None:
    read = outcomes(pl.DataFrame({"t": [1, 0, 0] * 30}), brief('positive = "yes"'))
    assert (read.positive, np.nansum(read.values)) == ("1", 30)
    with pytest.raises(DataError, match="not among") as refused:
        outcomes(pl.DataFrame({"t": ["good", "bad"] * 30}), brief('positive = "yes"'))
    assert "in another way now" in refused.value.remedy
