"""Formulas are found wherever a spreadsheet would run them, and numbers never taken for one."""

from __future__ import annotations

import polars as pl
import pytest

from mainstay.store.spreadsheet import formula_columns

RUN = ["=1+1", '=cmd|" /C calc"!A0', "+1+1", "-2+3+cmd", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＠x", "-1\n+2+a"]
RUN += ["a;=1+1", "a;-b", "a\t+1+a", "a,b\n=1", 'a;"=1"']  # where a list is parted by semicolons or tabs
NOT_RUN = [
    "-5",
    "+5",
    "-1,234.50",
    "+12 %",
    "-",
    "",
    "a=1",
    " 1+1",
    "5-3",
    "#=1",
    "2026-01-01",
    "'=1",
    "a;b",
    "a; =1",
    "1;-5",
    "a,=1",
]


@pytest.mark.parametrize("text", RUN)
def test_texts_and_names_that_would_run_are_found(text: str) -> None:
    assert formula_columns(pl.DataFrame({"plain": ["a", "b"], "odd": [None, text]})) == ("odd",)
    assert formula_columns(pl.DataFrame({"odd": [text]}, schema={"odd": pl.Categorical})) == ("odd",)
    assert formula_columns(pl.DataFrame({text: [1], "plain": [2]})) == (text,)


@pytest.mark.parametrize("text", NOT_RUN)
def test_numbers_and_plain_texts_are_none(text: str) -> None:
    assert formula_columns(pl.DataFrame({"a": [text], "b": [-1], "c": [-0.5], text: [None]})) == ()
