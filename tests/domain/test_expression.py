"""The small language of the brief: what it says, what it refuses, and that nothing in it can run."""

from __future__ import annotations

import contextlib
import math
import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mainstay.domain.brief.page import INTRO
from mainstay.domain.errors import ExpressionError
from mainstay.domain.expression import FUNCTIONS, Columns, columns_of, evaluate, parse

COLUMNS: Columns = {
    "x": np.array([1.0, math.nan, 3.0]),
    "region": np.array(["EU", None, "US"], dtype=object),
    "member": np.array(["true", None, "false"], dtype=object),
    "empty": np.array([None, None, None], dtype=object),
    "my column": np.array([1.0, 2.0, 3.0]),
}


def said(text: str) -> list[object]:
    return list(evaluate(text, COLUMNS, n_rows=3).tolist())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x > 2", [False, False, True]),
        ("x != 1", [False, False, True]),
        ("not x > 2", [True, True, False]),
        ("x in [1, -3]", [True, False, False]),
        ("x not in [1]", [False, False, True]),
        ("x in []", [False, False, False]),
        ("missing(x)", [False, True, False]),
        ("missing(region)", [False, True, False]),
        ('region == "EU"', [True, False, False]),
        ('region != "EU"', [False, False, True]),
        ('region not in ["EU"]', [False, False, True]),
        ('region < "F"', [True, False, False]),
        ("member", [True, False, False]),
        ("not member", [False, True, True]),
        ("member == True", [True, False, False]),
        ("member == (x > 0)", [True, False, False]),
        ("member and x == 1", [True, False, False]),
        ("where(member, 1, 2)", [1.0, 2.0, 2.0]),
        ("1 if member else x", [1.0, None, 3.0]),
        ('where(missing(region), "none", region) == "none"', [False, True, False]),
        ("empty == 1", [False, False, False]),
        ('empty == "EU"', [False, False, False]),
        ("missing(empty)", [True, True, True]),
        ("where(missing(x), 0, x) * 2", [2.0, 0.0, 6.0]),
        ('column("my column") ** 2', [1.0, 4.0, 9.0]),
        ("max(x, 2) - -1", [3.0, None, 4.0]),
        ("2 + 3 * 4", [14.0, 14.0, 14.0]),
        ("x or True", [True, True, True]),
    ],
)
def test_what_an_expression_says(text: str, wanted: list[object]) -> None:
    assert [None if isinstance(v, float) and math.isnan(v) else v for v in said(text)] == wanted


@pytest.mark.parametrize(
    "text",
    [
        "region == 1",
        'x == "EU"',
        "region + 1",
        "-region",
        "abs(region)",
        "min(region, 1)",
        'x in [1, "EU"]',
        "region and x",
        "x if region else 1",
        "region",
        '"EU"',
        "where(x > 1, region, 1)",
    ],
)
def test_text_against_number_is_refused_instead_of_answered_no(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"mixes texts and numbers|whether a text is true"):
        said(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x.real",
        "x[0]",
        "(lambda: 1)()",
        '__import__("os")',
        "open('f')",
        "[x for x in y]",
        "x if",
        "x = 1",
        "(x := 1)",
        "f'{x}'",
        "x == None",
        "x in [None]",
        "x in [-region.lower]",
        'x in [-"a"]',
        "x in [[1]]",
        "[x] == x",
        "[1] in [1]",
        "() < x",
        "x in region",
        "x < 1 < 2",
        "x is 1",
        "1j",
        "b'1'",
        "1e999",
        "1" * 400,
        "min(*x)",
        "min(x, 1, key=1)",
        "log(x, 2)",
        "column(x)",
        "column('a', 'b')",
        "not " * 60 + "x",
        "(" * 300 + "x" + ")" * 300,
        "1" + "+1" * 900,
        "x" * 3000,
        "x\x00",
        "\ud800",
    ],
)
def test_nothing_else_is_understood(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.remedy
    assert len(caught.value.what) < 300


def test_a_sum_that_is_too_long_says_so_and_how_to_write_it() -> None:
    with pytest.raises(ExpressionError, match="lies deeper than 50 levels"):
        parse("+".join("x" * 60))
    halves = "+".join("x" * 40)
    assert columns_of(f"({halves}) + ({halves})") == ("x",)


def test_an_unknown_column_is_named_with_the_nearest() -> None:
    with pytest.raises(ExpressionError, match="no column 'regin'\nDid you mean 'region'"):
        said("regin == 1")


def test_columns_are_named_in_order_of_appearance() -> None:
    assert columns_of('b * column("a b") + max(b, c) if d in [1] else 0') == ("d", "b", "a b", "c")


numbers = st.floats(-1e6, 1e6).map(repr) | st.integers(-10, 10).map(str)
leaves = st.sampled_from(["x", "region", "member", "empty", 'column("my column")', '"EU"', "True"]) | numbers


def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.sampled_from(["+", "-", "*", "/", "%", "**", "<", "<=", "==", "!=", ">", ">=", "and", "or"])
    called = st.sampled_from([f"{name}({', '.join(['{}'] * n)})" for name, n in FUNCTIONS.items()])
    return st.one_of(
        st.tuples(inner, binary, inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda t: f"(not {t})"),
        inner.map(lambda t: f"(-{t})"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]} in [{t[1]}, 2])"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.tuples(called, inner, inner, inner).map(lambda t: t[0].format(*t[1 : 1 + t[0].count("{}")])),
    )


@given(st.recursive(leaves, grow, max_leaves=8))
@example("10 ** 400")
@example("x % 0")
def test_any_expression_gives_one_value_a_row_or_is_refused(text: str) -> None:
    try:
        result = evaluate(text, COLUMNS, n_rows=3)
    except ExpressionError:
        return
    assert result.shape == (3,)
    assert result.dtype in (np.float64, np.bool_)


@given(st.recursive(leaves, grow, max_leaves=8))
def test_rows_do_not_see_each_other(text: str) -> None:
    try:
        together = evaluate(text, COLUMNS, n_rows=3)
    except ExpressionError:
        return
    for row in range(3):
        one = evaluate(text, {name: column[row : row + 1] for name, column in COLUMNS.items()}, n_rows=1)[0]
        # A missing truth alone cannot be told from a missing number: NaN, which decides nothing.
        np.testing.assert_array_equal(False if together.dtype == bool and np.isnan(one) else one, together[row])


@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        evaluate(text, COLUMNS, n_rows=3)


def test_the_page_of_the_brief_shows_every_function_and_only_what_is_understood() -> None:
    part = INTRO.partition("## Expressions")[2]
    shown = [
        text for row in part.splitlines() if row.startswith("| `") for text in re.findall(r"`(.+?)`", row.split("|")[1])
    ]
    assert len(shown) > 15
    for text in shown:
        parse(text)
    assert not [name for name in FUNCTIONS if f"`{name}(" not in part]
