"""One value is read in one way: what it becomes, what is said about it, and what is refused."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain import reading
from mainstay.domain.reading import Reading, Unreadable, read_value
from mainstay.domain.schema import Field, Kind

COLOURS = Field(name="colour", kind=Kind.CATEGORY, levels=("red", "Green", "EU", "eu", "3"))
AGE = Field(name="age", kind=Kind.NUMBER, low=0.0, high=100.0)
FLAG = Field(name="flag", kind=Kind.BOOLEAN, levels=("false", "true"))
BORN = Field(name="born", kind=Kind.DATETIME)
NOTE = Field(name="note", kind=Kind.TEXT)
FIELDS = (COLOURS, AGE, FLAG, BORN, NOTE)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
moments = st.datetimes() | st.datetimes(timezones=st.timezones()) | st.dates()


@given(st.sampled_from(FIELDS), json_values | moments)
def test_any_value_becomes_a_used_one_or_is_unreadable(field: Field, raw: object) -> None:
    try:
        read = read_value(field, raw, time_zone="Europe/Berlin")
    except Unreadable:
        return
    wanted = float if field.kind in (Kind.NUMBER, Kind.DATETIME) else str
    assert read.value is None or type(read.value) is wanted
    assert not isinstance(read.value, float) or math.isfinite(read.value)
    assert (read.value is None) == (read.code in (reading.MISSING, reading.NOT_FINITE))


@given(st.sampled_from((AGE, FLAG, NOTE, COLOURS)), st.booleans() | st.floats() | st.text())
def test_what_was_read_reads_as_itself(field: Field, raw: object) -> None:
    try:
        used = read_value(field, raw).value
    except Unreadable:
        return
    again = read_value(field, used)
    assert again.value == used


@given(st.text(), st.lists(st.text(min_size=1, max_size=4), max_size=6, unique=True))
def test_a_level_is_unseen_exactly_when_it_is_not_known(raw: str, levels: list[str]) -> None:
    field = Field(name="c", kind=Kind.CATEGORY, levels=tuple(levels))
    read = read_value(field, raw)
    if read.value is not None:
        assert (read.code == reading.UNSEEN) == (read.value not in levels)


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("red", Reading("red")),
        (" RED ", Reading("red", reading.MATCHED)),
        ("green", Reading("Green", reading.MATCHED)),
        ("EU ", Reading("EU", reading.MATCHED)),
        ("Eu", Reading("Eu", reading.UNSEEN)),
        (3, Reading("3", reading.CONVERTED)),
        (3.0, Reading("3", reading.CONVERTED)),
        (3.5, Reading("3.5", reading.UNSEEN)),
        (True, Reading("true", reading.UNSEEN)),
        ("festival ", Reading("festival", reading.UNSEEN)),
        ("x" * 300, Reading("x" * 256, reading.UNSEEN)),
        (math.inf, Reading(None, reading.NOT_FINITE)),
        ("N/A", Reading(None, reading.MISSING)),
        (None, Reading(None, reading.MISSING)),
    ],
)
def test_levels(raw: object, wanted: Reading) -> None:
    assert read_value(COLOURS, raw) == wanted


def test_a_missing_word_is_a_level_where_training_says_so() -> None:
    assert read_value(Field(name="c", kind=Kind.CATEGORY, levels=("none",)), "none") == Reading("none")


def test_a_level_cut_short_is_still_the_level_it_was_learned_as() -> None:
    field = Field(name="c", kind=Kind.CATEGORY, levels=("x" * 256,))
    assert read_value(field, "x" * 300) == Reading("x" * 256, reading.MATCHED)


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (12, Reading(12.0)),
        ("12", Reading(12.0, reading.CONVERTED)),
        (" 1.00E+05 ", Reading(100000.0, "out-of-range")),
        (True, Reading(1.0, reading.CONVERTED)),
        ("nan", Reading(None, reading.MISSING)),
        ("-inf", Reading(None, reading.NOT_FINITE)),
        ("1e400", Reading(None, reading.NOT_FINITE)),
        (-1, Reading(-1.0, reading.OUT_OF_RANGE)),
    ],
)
def test_numbers(raw: object, wanted: Reading) -> None:
    assert read_value(AGE, raw) == wanted


@pytest.mark.parametrize("raw", ["twelve", "1_000", "1,5", [], {}, 10**400, date(2026, 1, 1)])
def test_what_is_no_number_is_refused(raw: object) -> None:
    with pytest.raises(Unreadable, match="a number for age"):
        read_value(AGE, raw)


@pytest.mark.parametrize("field", [COLOURS, FLAG, NOTE])
def test_an_integer_too_long_to_write_is_refused_and_not_an_error_of_ours(field: Field) -> None:
    with pytest.raises(Unreadable, match="a shorter value"):
        read_value(field, 10**5000)


@pytest.mark.parametrize(("raw", "wanted"), [("Yes", "true"), (0, "false"), (1.0, "true"), (" off", "false")])
def test_truths_in_any_spelling(raw: object, wanted: str) -> None:
    assert read_value(FLAG, raw) == Reading(wanted, reading.CONVERTED)
    assert read_value(FLAG, wanted) == Reading(wanted)


BERLIN_SUMMER = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    "raw", ["2026-07-01T12:00", "2026-07-01 10:00Z", BERLIN_SUMMER, BERLIN_SUMMER.replace(tzinfo=None)]
)
def test_a_moment_without_an_offset_is_in_the_stated_zone(raw: object) -> None:
    assert read_value(BORN, raw, time_zone="Europe/Berlin") == Reading(BERLIN_SUMMER.timestamp())


def test_dates_are_read_as_training_wrote_them_and_as_iso() -> None:
    field = Field(name="born", kind=Kind.DATETIME, date_format="%d/%m/%Y")
    midnight = datetime(2026, 3, 31, tzinfo=UTC).timestamp()
    assert read_value(field, "31/03/2026") == read_value(field, "2026-03-31") == Reading(midnight)
    with pytest.raises(Unreadable, match="ISO"):
        read_value(field, "03/31/2026")


@pytest.mark.parametrize("raw", ["0001-01-01T00:00:00+14:00", 20260331, "31.03.2026", [], True, "2026-02-30"])
def test_what_is_no_moment_is_refused(raw: object) -> None:
    with pytest.raises(Unreadable, match="ISO"):
        read_value(BORN, raw)


def test_the_first_moment_of_all_does_not_fall_off_the_calendar() -> None:
    first = datetime.fromisoformat("0001-01-01")
    with pytest.raises(Unreadable, match="ISO"):
        read_value(BORN, first, time_zone="Asia/Tokyo")


def test_another_word_for_a_level_is_that_level() -> None:
    field = Field(
        name="night", kind=Kind.CATEGORY, levels=("festival", "concert"), level_aliases=(("fest", "festival"),)
    )
    assert read_value(field, "fest") == Reading("festival")
    assert read_value(field, "FESTIVAL ") == read_value(field, " Fest ") == Reading("festival", reading.MATCHED)
    gone = Field(name="night", kind=Kind.CATEGORY, levels=("concert",), level_aliases=(("fest", "festival"),))
    assert read_value(gone, "fest") == Reading("festival", reading.UNSEEN)
    both = Field(name="night", kind=Kind.CATEGORY, levels=("Fest", "festival"), level_aliases=(("fest", "festival"),))
    assert read_value(both, "FEST") == Reading("FEST", reading.UNSEEN)  # it could be either


@pytest.mark.parametrize(("raw", "value"), [("12 kg", 12.0), ("12kg", 12.0), ("-1,234.5 kg ", -1234.5), ("7", 7.0)])
def test_a_number_followed_by_its_unit_is_that_number(raw: str, value: float) -> None:
    weight = Field(name="weight", kind=Kind.NUMBER, unit="kg")
    assert read_value(weight, raw) == Reading(value, reading.CONVERTED)


@pytest.mark.parametrize("raw", ["12 g", "12 KG", "kg 12", "kg", "12 kg kg", "12 lb"])
def test_another_unit_is_another_quantity(raw: str) -> None:
    with pytest.raises(Unreadable, match="a number for weight in kg"):
        read_value(Field(name="weight", kind=Kind.NUMBER, unit="kg"), raw)


@pytest.mark.parametrize("raw", [None, "NA", float("nan"), "999"])
def test_what_is_missing_is_the_default_and_said_to_be_missing(raw: object) -> None:
    age = Field(name="age", kind=Kind.NUMBER, low=0.0, high=100.0, default=40.0, missing=("999",))
    assert read_value(age, raw) == Reading(40.0, reading.MISSING)
    assert read_value(age, 1e200) == Reading(40.0, reading.NOT_FINITE)
    assert read_value(age, 20) == Reading(20.0)
