"""Rows become money, or it is said which rows cannot and why."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from mainstay.data.money import columns_of, money
from mainstay.data.today import today
from mainstay.domain.brief import parse_brief
from mainstay.domain.brief.parts import ValueView
from mainstay.domain.errors import DataError, ExpressionError

COLUMNS = columns_of(
    pl.DataFrame(
        {
            "loan": [100.0, 200.0, None],
            "n": [1.0, 0.0, 2.0],
            "region": ["EU", None, "US"],
            "in": ["true", "false", None],
        }
    )
)
OUTCOMES = np.array([1.0, 0.0, 1.0])


def table(*worths: float | str) -> ValueView:
    names = ("when_high_and_positive", "when_high_and_negative", "when_low_and_positive", "when_low_and_negative")
    return ValueView.model_validate(dict(zip(names, worths, strict=True)))


def test_each_row_gets_the_money_of_its_own_outcome() -> None:
    worth = money(COLUMNS, OUTCOMES, table(1, "0.5 * loan", -3, "where(region == 'EU', 7, 8)"))
    assert worth.high.tolist() == [1.0, 100.0, 1.0]
    assert worth.low.tolist() == [-3.0, 8.0, -3.0]


def test_a_missing_number_that_no_row_counts_does_no_harm() -> None:
    assert money(COLUMNS, OUTCOMES, table(0, "loan", 0, 0)).high[1] == 200.0


@pytest.mark.parametrize(
    ("worths", "wanted"),
    [
        (("loan", 0, 0, 0), r"value.when_high_and_positive: 'loan' gives no amount in 1 of 2 rows: it reads a missing"),
        (
            (0, 0, 0, "loan / n"),
            r"value.when_low_and_negative: 'loan / n' gives no amount in 1 of 1 rows: it divides by",
        ),
        ((0, "0 / n", 0, 0), "reads a missing number or divides zero by zero"),
    ],
)
def test_money_that_is_no_amount_is_refused_with_count_and_expression(
    worths: tuple[float | str, ...], wanted: str
) -> None:
    with pytest.raises(DataError, match=wanted) as caught:
        money(COLUMNS, OUTCOMES, table(*worths))
    assert "where(missing(" in caught.value.remedy


def test_unknown_columns_and_texts_are_refused() -> None:
    with pytest.raises(ExpressionError, match="no column 'loann'\nDid you mean 'loan'"):
        money(COLUMNS, OUTCOMES, table(0, 0, 0, "loann"))
    with pytest.raises(ExpressionError, match="mixes texts and numbers"):
        money(COLUMNS, OUTCOMES, table(0, 0, 0, "2 * region"))
    with pytest.raises(DataError, match=r"\[value.revenue\] has none of the four"):
        money(COLUMNS, OUTCOMES, ValueView(), key="value.revenue")


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ("loan >= 150", [False, True, False]),
        ("not loan >= 150", [True, False, True]),
        ('region in ["EU"]', [True, False, False]),
        ('column("in")', [True, False, False]),
        ("n", [True, False, True]),
        ("loan", [True, True, False]),
        ("1", [True, True, True]),
    ],
)
def test_todays_rule_decides_high_where_it_is_true(rule: str, wanted: list[bool]) -> None:
    brief = parse_brief(f"[model]\nname = 'm'\n[data]\ntarget = 't'\n[today]\nrule = '''{rule}'''")
    high = today(COLUMNS, brief, n_rows=3)
    assert high is not None
    assert high.tolist() == wanted


def test_no_rule_no_decision() -> None:
    assert today(COLUMNS, parse_brief("[model]\nname = 'm'\n[data]\ntarget = 't'"), n_rows=3) is None
