"""Decisions of every task become money, today's rule decides in each, and what cannot be reckoned is counted."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.data.money import columns_of
from mainstay.data.outcome import Outcomes
from mainstay.data.today import todays
from mainstay.data.worth import payoffs, views, words_decided, worth
from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.errors import DataError, ExpressionError, MainstayError
from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth, AmountWorth

COLUMNS = columns_of(pl.DataFrame({"price": [10.0, 20.0, 30.0], "n": [1.0, 0.0, None], "kind": ["a", "b", None]}))
CLASSES = ("late", "lost", "ok")
ALL = np.arange(3)


def brief(more: str, data: str = "") -> Brief:
    return parse_brief(f'[model]\nname = "m"\n[data]\ntarget = "t"\n{data}\n{more}')


def told(task: Task, values: list[float], classes: tuple[str, ...] = ()) -> Outcomes:
    found = np.array(values)
    return Outcomes(task, found, np.ones(found.size, dtype=np.bool_), classes=classes)


MATRIX = """
[value.matrix.ship]
ok = "price"
late = "-0.5 * price"
LOST = "-price"
[value.matrix.refund]
ok = -2
late = 1
lost = 3
"""


def test_two_outcomes_have_the_worth_of_low_and_high() -> None:
    said = (
        "[value]\nwhen_high_and_positive=1\nwhen_high_and_negative=2\nwhen_low_and_positive=3\nwhen_low_and_negative=4"
    )
    found = worth(COLUMNS, told(Task.BINARY, [1, 0, 1]), brief(said))
    assert isinstance(found, ActionWorth)
    assert found.actions == ("no", "yes")
    assert found.at(ALL, np.array([True, True, False])).tolist() == [1, 2, 3]


def test_actions_may_be_other_words_than_the_classes() -> None:
    found = worth(COLUMNS, told(Task.MULTICLASS, [2, 0, 1], CLASSES), brief(MATRIX))
    assert isinstance(found, ActionWorth)
    assert found.actions == ("ship", "refund")
    assert found.amounts.tolist() == [[10, -2], [-10, 1], [-30, 3]]
    assert found.payoffs is not None
    assert found.payoffs.shape == (3, 2, 3)
    assert found.payoffs[1].tolist() == [[-10, -20, 20], [1, 3, -2]]
    assert found.at(np.array([2, 0]), np.array([1, 0])).tolist() == [3, 10]


def test_constant_worths_are_held_once() -> None:
    said = brief("[value.matrix.2]\n1 = 0\n2 = 5\n[value.matrix.1]\n1 = 1\n2 = -9")
    found = worth(COLUMNS, told(Task.MULTICLASS, [0, 1, 1], ("1", "2")), said)
    assert isinstance(found, ActionWorth)
    assert found.actions == ("1", "2")  # the order of the classes, since they are the same words
    assert found.payoffs is not None
    assert found.payoffs.tolist() == [[1, -9], [0, 5]]
    assert found.amounts.tolist() == [[1, 0], [-9, 5], [-9, 5]]


def test_payoffs_are_written_as_the_brief_writes_them() -> None:
    found = payoffs(brief(MATRIX).value, CLASSES)
    assert found is not None
    assert found.worths == (("-0.5 * price", "-price", "price"), (1.0, 3.0, -2.0))
    assert words_decided(brief(MATRIX).value, CLASSES) == ("ship", "refund")
    assert words_decided(brief("").value, CLASSES) == CLASSES


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3), st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3))
def test_a_miss_costs_its_units(actual: list[float], predicted: list[float]) -> None:
    found = worth(COLUMNS, told(Task.REGRESSION, actual), brief("[value]\nover = -2\nunder = '-price'"))
    assert isinstance(found, AmountWorth)
    money = found.at(ALL, np.array(predicted))
    for i in range(3):
        miss = predicted[i] - actual[i]
        assert money[i] == pytest.approx(-2 * miss if miss > 0 else COLUMNS["price"][i] * miss)
    assert found.at(np.array([2]), np.array([actual[2] - 1.0]))[0] == pytest.approx(-30.0, rel=1e-6)


def test_an_expression_reads_what_was_predicted_what_came_and_columns() -> None:
    said = brief(
        "[value]\nexpression = 'where(predicted >= actual, price * actual, price * predicted) - 3 * predicted'"
    )
    found = worth(COLUMNS, told(Task.REGRESSION, [1, 2, 3]), said)
    assert found is not None
    assert found.at(np.array([1, 2]), np.array([3.0, 2.0])).tolist() == [20 * 2 - 9, 30 * 2 - 6]


@pytest.mark.parametrize(
    ("more", "task", "wanted"),
    [
        (
            "[value]\nover = '-1 / n'\nunder = -1",
            Task.REGRESSION,
            r"value.over: '-1 / n' .* in 2 of 3 rows: it divides",
        ),
        (
            "[value]\nexpression = 'actual / n'",
            Task.REGRESSION,
            "value.expression: 'actual / n' gives no amount in 2 of 3",
        ),
        ("[value]\nexpression = '-pric'", Task.REGRESSION, "no column 'pric'\nDid you mean 'price'"),
        ("[value]\nexpression = '2 * kind'", Task.REGRESSION, "mixes texts and numbers"),
        ("[value]\nover = -1\nunder = -1", Task.MULTICLASS, "value: its keys are for 'regression' outcomes"),
        (MATRIX, Task.BINARY, "value: its keys are for 'multiclass' outcomes"),
        ("[value.matrix.a]\nlate = 1\nlost = 2", Task.MULTICLASS, "value.matrix.a: no worth for the class 'ok'"),
        (
            "[value.matrix.a]\nlate = 1\nlosst = 2\nok = 1",
            Task.MULTICLASS,
            "'losst' is no class .*\nDid you mean 'lost'",
        ),
        (
            "[value.matrix.a]\nlate = '1 / n'\nlost = 2\nok = 1",
            Task.MULTICLASS,
            "value.matrix.a.late: '1 / n' gives no amount in 2 of 3 rows",
        ),
    ],
)
def test_a_value_table_that_cannot_be_reckoned_is_refused(more: str, task: Task, wanted: str) -> None:
    outcomes = told(task, [2, 0, 1] if task is not Task.BINARY else [1, 0, 1], CLASSES)
    with pytest.raises((DataError, ExpressionError), match=wanted) as caught:
        worth(COLUMNS, outcomes, brief(more))
    assert caught.value.remedy


def test_without_a_value_table_there_is_no_money() -> None:
    assert worth(COLUMNS, told(Task.REGRESSION, [1, 2, 3]), brief("")) is None


@pytest.mark.parametrize(
    ("task", "rule", "words", "wanted"),
    [
        (Task.BINARY, "price >= 20", (), [False, True, True]),
        (Task.REGRESSION, "price * 2", (), [20, 40, 60]),
        (Task.REGRESSION, "7", (), [7, 7, 7]),
        (Task.MULTICLASS, "where(price > 15, 'ok', 'LATE')", CLASSES, [0, 2, 2]),
        (Task.MULTICLASS, "'ship'", ("ship", "refund"), [0, 0, 0]),
        (Task.MULTICLASS, "where(price > 15, 2, 1)", ("1", "2"), [0, 1, 1]),
        (Task.MULTICLASS, "price > 15", ("no", "yes"), [0, 1, 1]),
    ],
)
def test_todays_rule_decides_in_every_task(task: Task, rule: str, words: tuple[str, ...], wanted: list[float]) -> None:
    found = todays(COLUMNS, brief(f'[today]\nrule = "{rule}"'), task=task, words=words, n_rows=3)
    assert found is not None
    assert found.tolist() == wanted


@pytest.mark.parametrize(
    ("task", "rule", "wanted"),
    [
        (Task.REGRESSION, "n * 2", "today.rule: 'n \\* 2' gives no amount in 1 of 3 rows"),
        (Task.REGRESSION, "1 / n", "no amount in 2 of 3 rows"),
        (Task.REGRESSION, "price > 2", "gives true or false; wanted an amount"),
        (Task.REGRESSION, "kind", "gives texts; wanted an amount"),
        (Task.MULTICLASS, "kind", "gives nothing in 1 of 3 rows"),
        (
            Task.MULTICLASS,
            "where(price > 15, 'ok', 'lst')",
            "it gives 'lst', which is no decision\nDid you mean 'lost'",
        ),
        (Task.MULTICLASS, "n", "gives nothing in 1 of 3 rows"),
        (Task.MULTICLASS, "price", "it gives '10.0', '20.0', '30.0', which is no decision"),
        (Task.MULTICLASS, "pric", "no column 'pric'"),
    ],
)
def test_a_rule_that_decides_nothing_is_refused_with_a_count(task: Task, rule: str, wanted: str) -> None:
    with pytest.raises(MainstayError, match=wanted) as caught:
        todays(COLUMNS, brief(f'[today]\nrule = "{rule}"'), task=task, words=CLASSES, n_rows=3)
    assert caught.value.remedy


def test_no_rule_no_decision() -> None:
    assert todays(COLUMNS, brief(""), task=Task.REGRESSION, words=(), n_rows=3) is None


def test_further_tables_are_counted_as_the_first_is() -> None:
    said = brief("[value]\nover = -2\nunder = -1\n[value.revenue]\nexpression = 'price * predicted'")
    found = views(COLUMNS, told(Task.REGRESSION, [1, 2, 3]), said)
    assert found["revenue"].at(np.array([1]), np.array([3.0])).tolist() == [60.0]
    assert views(COLUMNS, told(Task.REGRESSION, [1, 2, 3]), brief("")) == {}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("[value.revenue]\nexpression = 'n / (n - n)'", r"value\.revenue\.expression"),
        ("[value.revenue]\nexpression = 'nothing_such'", r"value\.revenue\.expression: there is no column"),
        ("[value.revenue]\nwhen_low_and_positive = 1", r"value\.revenue: its keys are for 'binary'"),
    ],
)
def test_further_tables_are_refused_by_their_names(more: str, says: str) -> None:
    with pytest.raises((DataError, ExpressionError), match=says):
        views(COLUMNS, told(Task.REGRESSION, [1, 2, 3]), brief(more))


def test_a_further_table_has_the_decisions_of_the_first() -> None:
    more = "[value.revenue.matrix.keep]\n" + "".join(f'"{name}" = 1\n' for name in CLASSES)
    with pytest.raises(DataError, match="its decisions are not those that are taken"):
        views(COLUMNS, told(Task.MULTICLASS, [0, 1, 2], CLASSES), brief(MATRIX + more))
