"""How a column writes its numbers is seen from all of them, and what two readings fit is not guessed."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.data.numbers import NumberStyle, number_sight, numbers_of
from mainstay.data.profile import profile_column
from mainstay.domain.number_text import number_of
from mainstay.domain.schema import Kind


@pytest.mark.parametrize(
    ("texts", "style"),
    [
        (["1,234.50", "2"], NumberStyle()),
        (["1,234,567", "12"], NumberStyle()),
        (["1,234", "950"], NumberStyle()),
        (["1.234", "2.345"], NumberStyle()),
        (["1 234", "12"], NumberStyle()),
        (["(5)", "3", "-"], NumberStyle()),
        (["1,5", "2,25"], NumberStyle(",")),
        (["0,123", "1,234"], NumberStyle(",")),
        (["1.234.567", "12"], NumberStyle(",")),
        (["12 345,678"], NumberStyle(",")),
        (["€ 1.234,5", "3 €"], NumberStyle(",", "€")),
        (["12 %", "5%", "7"], NumberStyle(affix="%")),
        (["$3", "-$4.5", "$(2)"], NumberStyle(affix="$")),
        (["USD 5", "7 USD"], NumberStyle(affix="USD")),
        (["36 months", "60 months"], NumberStyle(affix="months")),
        (["5 kg", "6 kg", "7 KG"], NumberStyle(affix="kg")),
        (["1,234", "5,678"], NumberStyle(ambiguous=True)),
        (["1,234", "1500"], NumberStyle(ambiguous=True)),
        (["1.234", "1,234"], None),
        (["10.5", "2,5"], None),
        (["$3", "€4"], None),
        (["3k", "5M"], None),
        (["01234", "2"], None),
        (["A1", "A2"], None),
        (["1st", "2nd"], None),
        (["12:30", "10:15"], None),
        (["+49 30 1234567", "+49 89 7654321"], None),
        (["10-20", "20-30"], None),
        (["192.168.0.1", "10.0.0.1"], None),
    ],
)
def test_the_style_is_what_all_texts_agree_on(texts: list[str], style: NumberStyle | None) -> None:
    assert number_sight(pl.Series(texts)).style == style


def test_a_few_strays_of_many_are_faults_and_of_few_are_codes() -> None:
    many = [f"{n / 4:,}" for n in range(4000, 4100)]
    assert number_sight(pl.Series([*many, "n.b."])).style == NumberStyle()
    assert number_sight(pl.Series([*many, *[f"€ {n}" for n in range(3)]])).style == NumberStyle(affix="€")
    assert number_sight(pl.Series(["1", "2", "many"])).style is None
    units = number_sight(pl.Series([f"{n} {unit}" for n in range(20) for unit in ("kg", "lb")]))
    assert (units.style, set(units.units)) == (None, {"kg", "lb"})


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_a_column_of_numbers_and_texts_is_seen_as_mixed(share: float) -> None:
    n_texts = round(100 * (1 - share))
    seen = profile_column(pl.Series("x", [str(n) for n in range(100 - n_texts)] + [f"w{n}" for n in range(n_texts)]))
    assert seen.mixed
    assert seen.kind is Kind.CATEGORY


texts = st.one_of(
    st.floats().map(str),
    st.integers(-(10**20), 10**20).map(str),
    st.from_regex(r"\A[+-]?[0-9]{0,17}\.?[0-9]{0,17}\Z"),
    st.decimals(allow_nan=False, allow_infinity=False, places=2).map("{:,}".format),
    st.text(max_size=4),
)


@given(st.lists(texts | st.none(), max_size=10), st.sampled_from([".", ","]), st.sampled_from(["", "%"]))
def test_many_texts_are_read_as_each_of_them_is(values: list[str | None], decimal: str, affix: str) -> None:
    found = numbers_of(pl.Series(values, dtype=pl.String), NumberStyle(decimal, affix)).to_list()
    for value, number in zip(values, found, strict=True):
        wanted = None
        if value is not None:
            try:
                wanted = number_of(value, decimal=decimal, affix=affix)
            except ValueError:
                wanted = None
        assert number == wanted or (number != number and wanted != wanted)


def test_codes_with_leading_zeros_are_no_numbers_and_nobody_is_asked_to_make_them_some() -> None:
    for codes in (["00123", "00007", "10000"], [f"{i:05d}" for i in range(300)]):
        sight = number_sight(pl.Series(codes))
        assert (sight.style, sight.share) == (None, 0.0)
        profile = profile_column(pl.Series("zip", codes * 3))
        assert (profile.kind, profile.mixed) == (Kind.CATEGORY, False)
