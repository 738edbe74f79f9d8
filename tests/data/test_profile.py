"""What a column looks like, for every type a table may hold."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

from mainstay.data.dates import DateStyle
from mainstay.data.numbers import NumberStyle
from mainstay.data.profile import profile, profile_column
from mainstay.domain.schema import Kind


@pytest.mark.parametrize(
    ("values", "dtype", "kind"),
    [
        ([1, 2], pl.Int8, Kind.NUMBER),
        ([1, 2], pl.UInt64, Kind.NUMBER),
        ([1.5, None], pl.Float32, Kind.NUMBER),
        ([Decimal("1.5")], pl.Decimal(10, 2), Kind.NUMBER),
        ([True, None], pl.Boolean, Kind.BOOLEAN),
        ([date(2026, 1, 1)], pl.Date, Kind.DATETIME),
        ([datetime.fromisoformat("2026-01-01")], pl.Datetime("ns"), Kind.DATETIME),
        (["a", "b"], pl.String, Kind.CATEGORY),
        (["1", "2"], pl.Categorical, Kind.CATEGORY),
        (["2026-01-01", "2026-01-02"], pl.Enum(["2026-01-01", "2026-01-02"]), Kind.CATEGORY),
        (["12", "1.00E+05", None, ""], pl.String, Kind.NUMBER),
        (["01234", "98765"], pl.String, Kind.CATEGORY),
        (["True", "false", "NA"], pl.String, Kind.BOOLEAN),
        (["yes", "no"], pl.String, Kind.CATEGORY),
        (["2026-01-01", "2026-01-02T10:00"], pl.String, Kind.DATETIME),
        (["31/12/2026", "01/01/2026"], pl.String, Kind.DATETIME),
        ([None, None], pl.String, Kind.CATEGORY),
        ([None], pl.Null, Kind.CATEGORY),
        ([[1]], pl.List(pl.Int64), None),
        ([{"a": 1}], pl.Struct({"a": pl.Int64}), None),
        ([object()], pl.Object, None),
        ([b"x"], pl.Binary, None),
        ([time(1)], pl.Time, None),
    ],
)
def test_every_type_has_a_kind_or_none(values: list[Any], dtype: Any, kind: Kind | None) -> None:
    assert profile_column(pl.Series("x", values, dtype=dtype)).kind is kind


def test_numbers_written_as_text_with_a_few_stray_words_are_numbers() -> None:
    stray = profile_column(pl.Series("x", [str(n) for n in range(100)] + ["abc"]))
    assert (stray.kind, stray.numbers) == (Kind.NUMBER, NumberStyle())
    codes = profile_column(pl.Series("x", ["1", "2", "3", "A"] * 50))
    assert codes.kind is Kind.CATEGORY


def test_what_never_repeats_is_an_identifier_or_free_text() -> None:
    shuffled = np.random.default_rng(1).permutation(1000)
    assert profile_column(pl.Series("x", shuffled + 7)).identifier
    assert profile_column(pl.Series("x", shuffled[:600] + 7)).identifier
    assert profile_column(pl.Series("x", [f"c-{n}" for n in shuffled])).identifier
    assert profile_column(pl.Series("x", [str(n) for n in shuffled])).identifier
    said = profile_column(pl.Series("x", [f"call customer {n} back" for n in shuffled]))
    assert (said.kind, said.identifier) == (Kind.TEXT, False)
    assert not profile_column(pl.Series("x", shuffled * 37)).identifier
    assert not profile_column(pl.Series("x", range(40))).identifier
    assert not profile_column(pl.Series("x", shuffled + 0.5)).identifier


def test_counts_take_words_that_mean_missing_as_missing() -> None:
    seen = profile_column(pl.Series("x", ["a", " NA ", "", None, "b", "?"]))
    assert (seen.n, seen.n_missing, seen.n_distinct) == (6, 4, 2)
    numbers = profile_column(pl.Series("x", [1.0, float("nan"), None]))
    assert (numbers.n_missing, numbers.n_distinct, numbers.whole) == (2, 1, True)


def test_constant_and_mostly_missing() -> None:
    assert profile_column(pl.Series("x", [3, 3])).constant
    assert profile_column(pl.Series("x", [None, None], dtype=pl.Int64)).constant
    assert not profile_column(pl.Series("x", [3, None])).constant
    assert profile_column(pl.Series("x", [None] * 99 + [1])).mostly_missing


@pytest.mark.parametrize(
    ("texts", "style"),
    [
        (["31/12/2026", "01/01/2026"], DateStyle("%d/%m/%Y")),
        (["12/31/2026 10:00", "1/1/2026 9:05"], DateStyle("%m/%d/%Y %H:%M")),
        (["31.12.2026"], DateStyle("%d.%m.%Y")),
        (["2026/12/31T10:00:01"], DateStyle("%Y/%m/%dT%H:%M:%S")),
        (["2026-1-5"], DateStyle("%Y-%m-%d")),
        (["2026-01-05 10:00:00.250"], DateStyle()),
        (["01/02/2026"], DateStyle("%d/%m/%Y", ambiguous=True)),
        (["31/12/2026", "12/31/2026"], None),
        (["31/12/2026", "2026-12-31"], None),
        (["31/12-2026"], None),
        (["12/2026"], None),
    ],
)
def test_the_format_of_dates_is_found_and_an_unclear_order_is_said(texts: list[str], style: DateStyle | None) -> None:
    assert profile_column(pl.Series("x", texts)).dates == style


def test_the_real_tables_are_seen_right(shared_data: Any) -> None:
    adult = {column.name: column for column in profile(pl.read_parquet(shared_data / "adult.parquet"))}
    assert {name for name, column in adult.items() if column.n_missing} == {"workclass", "occupation", "native-country"}
    assert {column.kind for column in adult.values()} == {Kind.NUMBER, Kind.CATEGORY}
    bike = {column.name: column for column in profile(pl.read_csv(shared_data / "bike_sharing_hour.csv"))}
    assert bike["dteday"].dates == DateStyle()
    assert [name for name, column in bike.items() if column.identifier] == ["instant"]
