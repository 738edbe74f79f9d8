"""Numbers as people write them are read, and what could be another number is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.number_text import MAX_CHARACTERS, number_of


@pytest.mark.parametrize(
    ("text", "decimal", "affix", "wanted"),
    [
        ("1,234.50", ".", "", 1234.5),
        ("12,34,567.5", ".", "", 1234567.5),
        ("1 234", ".", "", 1234.0),
        ("1\u202f234,5", ",", "", 1234.5),
        ("1'234.5", ".", "", 1234.5),
        ("€ 1.234,5", ",", "€", 1234.5),
        ("1.234.567", ",", "", 1234567.0),
        ("12 %", ".", "%", 12.0),
        ("12%", ".", "%", 12.0),
        ("12", ".", "%", 12.0),
        ("$3", ".", "$", 3.0),
        ("-$3", ".", "$", -3.0),
        ("$-3", ".", "$", -3.0),
        ("$(3)", ".", "$", -3.0),
        ("($3)", ".", "$", -3.0),
        ("(5)", ".", "", -5.0),
        ("( 5 % )", ".", "%", -5.0),
        ("5-", ".", "", -5.0),
        ("−5", ".", "", -5.0),
        ("+5", ".", "", 5.0),
        ("5 KG", ".", "kg", 5.0),
        ("1e5", ",", "", 100000.0),
        ("1,5e3", ",", "", 1500.0),
        (",5", ",", "", 0.5),
        ("36 months", ".", "months", 36.0),
        ("-", ".", "", None),
        ("–", ",", "€", None),
    ],
)
def test_numbers_in_every_dress(text: str, decimal: str, affix: str, wanted: float | None) -> None:
    assert number_of(f" {text} ", decimal=decimal, affix=affix) == wanted


@pytest.mark.parametrize(
    ("text", "decimal", "affix"),
    [
        ("1,5", ".", ""),
        ("1,23", ".", ""),
        ("1,,234", ".", ""),
        ("1.5", ",", ""),
        ("1_000", ".", ""),
        ("$3", ".", ""),
        ("$3", ".", "€"),
        ("3 %", ".", "$"),
        ("$3$", ".", "$"),
        ("--5", ".", ""),
        ("(-5)", ".", ""),
        ("(5", ".", ""),
        ("5)", ".", ""),
        ("+49 30 1234567", ".", ""),
        ("12:30", ".", ""),
        ("", ".", ""),
        ("%", ".", "%"),
        ("1," * MAX_CHARACTERS, ".", ""),
    ],
)
def test_what_could_be_another_number_is_none(text: str, decimal: str, affix: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        number_of(text, decimal=decimal, affix=affix)


@given(st.decimals(-(10**12), 10**12, allow_nan=False, places=2), st.sampled_from(["", "€", "%", "kg"]))
def test_a_number_dressed_either_way_is_the_same(amount: object, affix: str) -> None:
    english = f"{amount:,}"
    german = english.replace(",", "_").replace(".", ",").replace("_", ".")
    assert number_of(f"{english} {affix}", affix=affix) == float(str(amount))
    assert number_of(f"{affix}{german}", affix=affix, decimal=",") == float(str(amount))


@given(st.floats(allow_nan=False))
def test_what_python_writes_is_read_back(number: float) -> None:
    assert number_of(str(number)) == number
    assert number_of(repr(number)) == number
