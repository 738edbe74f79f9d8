"""Whole tables are read exactly as single values are; moments, entities and equal rows are found."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.data.coerce import coerce, entities, moments, moments_of, read_column, to_used
from mainstay.data.columns import plain
from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.errors import DataError
from mainstay.domain.reading import NOT_FINITE, Unreadable, read_value
from mainstay.domain.schema import Field, Kind, Schema


def brief(data: str = "", more: str = "") -> Brief:
    return parse_brief(f'[model]\nname = "m"\n[data]\ntarget = "t"\n{data}\n{more}')


odd_texts = st.sampled_from(
    ["", " ", "NA", "12", " 12 ", "1e400", "true", "No", "EU", "eu ", "2026-03-31", "31/12/2025", "31-Mar-2026"]
)
number_texts = st.one_of(
    st.sampled_from(
        [
            "1,234.50",
            "1.234,5",
            "12 %",
            "12 kg",
            "kg 12",
            "1,5kg",
            "$3",
            "(5)",
            "$(5)",
            "1 234",
            "1e5",
            "-",
            "5-",
            "999",
            "999.0",
            "-0",
        ]
    ),
    st.floats().map(str),
    st.integers().map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map("{:,}".format),
    st.from_regex(r"\A[(+-]?[0-9]{1,4}[.,' ][0-9]{0,4}[.,]?[0-9]{0,3}[eE%)-]?[0-9]?\Z"),
)
DEFAULTS = {Kind.NUMBER: 7.0, Kind.DATETIME: 86_400.0, Kind.BOOLEAN: "true", Kind.CATEGORY: "EU", Kind.TEXT: "none"}
texts = odd_texts | st.text(max_size=6)
date_texts = st.one_of(
    st.datetimes().map(str),
    st.datetimes().map(lambda moment: moment.isoformat(timespec="minutes")),
    st.dates().map(str),
    st.from_regex(r"\A[012][0-9]{3}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-6][0-9](:[0-6][0-9](\.[0-9]{1,7})?)?)?\Z"),
)
columns = st.one_of(
    st.tuples(st.lists(date_texts | st.none(), max_size=8), st.just(pl.String)),
    st.tuples(st.lists(number_texts | st.none(), max_size=8), st.just(pl.String)),
    st.tuples(st.lists(texts | st.none(), max_size=8), st.just(pl.String)),
    st.tuples(st.lists(texts | st.none(), max_size=8), st.just(pl.Categorical)),
    st.tuples(st.lists(st.floats() | st.none(), max_size=8), st.just(pl.Float64)),
    st.tuples(st.lists(st.floats(width=32) | st.none(), max_size=8), st.just(pl.Float32)),
    st.tuples(st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), max_size=8), st.just(pl.Int64)),
    st.tuples(st.lists(st.integers(0, 2**64 - 1) | st.none(), max_size=8), st.just(pl.UInt64)),
    st.tuples(st.lists(st.booleans() | st.none(), max_size=8), st.just(pl.Boolean)),
    st.tuples(st.lists(st.dates() | st.none(), max_size=8), st.just(pl.Date)),
    st.tuples(st.lists(st.datetimes() | st.none(), max_size=8), st.just(pl.Datetime("us"))),
    st.tuples(st.lists(st.datetimes() | st.none(), max_size=8), st.just(pl.Datetime("ms", "Asia/Tokyo"))),
    st.tuples(st.lists(st.none(), max_size=3), st.just(pl.Null)),
)
fields = st.builds(
    Field,
    name=st.just("x"),
    kind=st.sampled_from(Kind),
    levels=st.sampled_from([(), ("EU", "eu"), ("true", "12", "NA"), ("1", "2026-03-31")]),
    low=st.sampled_from([None, 0.0]),
    high=st.sampled_from([None, 10.0]),
    date_format=st.sampled_from(["", "%d/%m/%Y", "%d-%b-%Y"]),
    decimal=st.sampled_from([".", ","]),
    affix=st.sampled_from(["", "%", "$"]),
    missing=st.sampled_from([(), ("999", "eu"), ("-1", "0", "true", "12")]),
    unit=st.sampled_from(["", "%", "kg"]),
    level_aliases=st.sampled_from([(), (("12", "EU"), ("Euro", "elsewhere"))]),
).flatmap(lambda field: st.sampled_from([field, msgspec.structs.replace(field, default=DEFAULTS[field.kind])]))


@given(columns, fields, st.sampled_from(["UTC", "Europe/Berlin"]))
def test_a_column_is_read_as_each_of_its_values_is(column: tuple[list[Any], Any], field: Field, zone: str) -> None:
    values, dtype = column
    raw = pl.Series("x", values, dtype=dtype)
    schema = Schema(fields=(field,), target="t", time_zone=zone)
    used = to_used(raw.to_frame(), schema)["x"]
    assert used.dtype == (pl.Float64 if field.kind in (Kind.NUMBER, Kind.DATETIME) else pl.String)
    one_by_one = [one(field, value, zone) for value in plain(raw).to_list()]
    assert used.to_list() == one_by_one


def one(field: Field, value: object, zone: str) -> float | str | None:
    try:
        return read_value(field, value, time_zone=zone).value
    except Unreadable:
        return field.default


@given(columns, fields)
def test_what_could_not_be_read_is_counted(column: tuple[list[Any], Any], field: Field) -> None:
    raw = pl.Series("x", column[0], dtype=column[1])
    read = read_column(raw, field)
    values = plain(raw).to_list()
    assert read.unreadable.to_list() == [is_unreadable(field, value) for value in values]
    assert read.not_finite.to_list() == [
        not is_unreadable(field, value) and read_value(field, value).code == NOT_FINITE for value in values
    ]


def is_unreadable(field: Field, value: object) -> bool:
    try:
        read_value(field, value)
    except Unreadable:
        return True
    return False


def test_nan_and_infinity_are_missing_and_infinity_is_told() -> None:
    schema = Schema(fields=(Field(name="x", kind=Kind.NUMBER),), target="t")
    read = coerce(pl.DataFrame({"x": [1.0, float("nan"), float("inf"), None]}), schema)
    assert read.used["x"].to_list() == [1.0, None, None, None]
    assert [(f.code, f.measured, f.because) for f in read.findings] == [
        ("F15-not-finite", 0.25, "1 of 4 values of x were infinite or beyond 1e150 and count as missing (row 3)")
    ]


def test_whole_numbers_are_shared_with_the_table_unless_something_in_them_means_missing() -> None:
    table = pl.DataFrame({"n": pl.Series([1, 9, None], dtype=pl.Int32), "yes": [True, False, None]})
    plain, coded = Field(name="n", kind=Kind.NUMBER), Field(name="n", kind=Kind.NUMBER, missing=("9",))
    truth, filled = Field(name="yes", kind=Kind.NUMBER), Field(name="n", kind=Kind.NUMBER, default=4.0)
    used = coerce(table, Schema(fields=(plain, truth), target="t")).used
    assert used.frame.equals(table)
    assert used.frame.schema == table.schema
    assert used[:].to_dicts() == [{"n": 1.0, "yes": 1.0}, {"n": 9.0, "yes": 0.0}, {"n": None, "yes": None}]
    assert coerce(table, Schema(fields=(coded,), target="t")).used["n"].to_list() == [1.0, None, None]
    assert coerce(table, Schema(fields=(filled,), target="t")).used["n"].to_list() == [1.0, 9.0, 4.0]


def test_aliases_are_followed_absent_columns_are_null_and_extra_ones_ignored() -> None:
    field = Field(name="income", kind=Kind.NUMBER, aliases=("salary",))
    schema = Schema(fields=(field,), carried=(Field(name="region", kind=Kind.CATEGORY),), target="t")
    read = coerce(pl.DataFrame({"salary": ["1.00E+05"], "extra": [[1]]}), schema)
    assert read.used[:].to_dicts() == [{"income": 100000.0, "region": None}]
    assert [finding.subjects for finding in read.findings] == [("region",)]


@pytest.mark.parametrize("values", [[[1]], [{"a": 1}], [b"x"]])
def test_columns_that_hold_no_plain_values_are_refused_by_name(values: list[Any]) -> None:
    schema = Schema(fields=(Field(name="x", kind=Kind.CATEGORY),), target="t")
    with pytest.raises(DataError, match=r"column 'x' holds .*wanted numbers, texts"):
        to_used(pl.DataFrame({"x": values}), schema)


def test_a_wide_range_of_dates_is_read_alike() -> None:
    dates = [date(1, 1, 1), date(1969, 12, 31), date(2026, 3, 29), date(9999, 12, 31), None]
    field = Field(name="x", kind=Kind.DATETIME)
    read = read_column(pl.Series("x", dates, dtype=pl.Date), field)
    assert read.values.to_list() == [one(field, value, "UTC") for value in dates]


NOON = datetime.fromisoformat("2026-03-31T12:00:00+00:00").timestamp()


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-31 12:00",
        " 2026-03-31T14:00:00+02:00",
        "31/03/2026 12:00",
        "2026/3/31 12:00:00",
        datetime(2026, 3, 31, 12),  # noqa: DTZ001 - a column without a zone
        int(NOON),
        NOON * 1e3,
        int(NOON * 1e6),
    ],
)
def test_moments_in_any_form_are_utc_seconds(value: object) -> None:
    at = moments(pl.DataFrame({"at": [value, value]}), brief('time = "at"'))
    assert at is not None
    assert at.tolist() == [NOON, NOON]


def test_moments_without_an_offset_are_in_the_stated_zone() -> None:
    said = brief('time = "at"\ntime_zone = "Europe/Berlin"')
    for column in ([date(2026, 7, 1)], ["2026-07-01"], [20260701], ["01.07.2026"], ["2026-06-30T22:00Z"]):
        table = pl.DataFrame({"at": column * 2 + (["31.07.2026"] if column == ["01.07.2026"] else [])})
        at = moments(table, said)
        assert at is not None
        assert at[0] == datetime.fromisoformat("2026-06-30T22:00+00:00").timestamp()


def test_dates_are_divided_to_seconds_to_the_last_bit() -> None:
    odd = datetime.fromisoformat("2000-01-01T00:00:00.475710")
    read = read_column(pl.Series("x", [odd, None]), Field(name="x", kind=Kind.DATETIME))
    assert read.values.to_list() == [946684800.47571, None]


def test_no_time_column_no_moments() -> None:
    assert moments(pl.DataFrame({"at": [1]}), brief()) is None


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (["2026-01-01", None], r"the moment is missing in 1 of 2 rows \(row 2\)"),
        (["2026-01-01", " "], r"the moment is missing in 1 of 2 rows \(row 2\)"),
        (["2026-01-01", "yesterday"], r"'yesterday' is not a date \(row 2\)"),
        (["2026-01-01", "2026-02-30"], r"'2026-02-30' is not a date \(row 2\)"),
        (["2026-01-01", "31/01/2026"], r"more than one format .*ISO.*\(row 1\); 9/9/YYYY \(row 2\)"),
        (["2026-01-01T00:00", "2026-01-01T00:00Z"], "more than one format"),
        (["31/01/2026", "01/31/2026"], r"day first \(row 1\), month first \(row 2\)"),
        (["31/13/2026", "31/12/2026"], r"'31/13/2026' is not a date \(row 1\)"),
        (["01/02/2026", "03/04/2026"], "day and month cannot be told apart"),
        ([1, 2, 3], r"'1' is not a date \(rows 1, 2, 3\)"),
        ([True, False], "true and false; wanted dates"),
        (["x" * 1000], r"'x{40}…' is not a date"),
        ([1.5], "'1.5' is not a date"),
        (["2026-01-01", "0001-01-03", "9999-12-31"], r"2 of 3 moments lie before .* 1000 or after 8999 \(rows 2, 3\)"),
    ],
)
def test_moments_that_cannot_be_read_name_rows_and_never_guess(values: list[Any], wanted: str) -> None:
    with pytest.raises(DataError, match=wanted) as caught:
        moments(pl.DataFrame({"at": values}), brief('time = "at"'))
    assert caught.value.remedy


def test_an_unknown_time_column_is_named_with_the_nearest() -> None:
    with pytest.raises(DataError, match="no column 'att' in the table\nDid you mean 'at'"):
        moments(pl.DataFrame({"at": [1]}), brief('time = "att"'))


def test_entities_are_texts_equal_where_the_values_are() -> None:
    said = brief('entity = "who"')
    assert entities(pl.DataFrame({"who": [3.0, None, 4.0]}), said) == ["3", "", "4"]
    assert entities(pl.DataFrame({"who": [" anna", "anna", ""]}), said) == ["anna", "anna", ""]
    assert entities(pl.DataFrame({"who": [1]}), brief()) is None


def test_numbers_no_square_of_which_is_a_number_are_missing_in_tables_and_alone() -> None:
    field = Field(name="x", kind=Kind.NUMBER)
    for huge in (1.7976931348623157e308, -1e151):
        read = coerce(pl.DataFrame({"x": [1.0, huge, 1e150]}), Schema(fields=(field,), target="t"))
        assert read.used["x"].to_list() == [1.0, None, 1e150]
        assert (read_value(field, huge).value, read_value(field, str(huge)).value) == (None, None)


@pytest.mark.parametrize("unit", ["us", "date"])
def test_moments_beyond_the_calendar_are_named_and_do_not_break(unit: str) -> None:
    days = pl.Series("d", [0, 4_000_000], dtype=pl.Int32).cast(pl.Date)
    column = days if unit == "date" else pl.Series("d", [0, 9 * 10**17]).cast(pl.Datetime("us"))
    with pytest.raises(DataError, match=r"'\+\d{5}-.* is not a date \(row 2\)"):
        moments_of(column, key="data.time", time_zone="UTC")


def test_texts_that_are_what_they_are_read_as_are_shared_not_copied() -> None:
    texts, spaced = pl.Series(["north of here", None, "south of here"]), pl.Series([" north of here", None])
    field = Field(name="a", kind=Kind.CATEGORY)
    shared = read_column(texts, field).values
    assert shared.to_list() == texts.to_list()
    assert _views(shared) == _views(texts)
    assert read_column(spaced, field).values.to_list() == ["north of here", None]


def _views(texts: pl.Series) -> int:
    """Where the texts of a column lie in memory."""
    return int(texts.to_arrow(compat_level=pl.CompatLevel.newest()).buffers()[1].address)
