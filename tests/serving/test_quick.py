"""The quick way takes only what admission takes as it is, to the bit; all else it leaves to admission."""

from __future__ import annotations

import json
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.serving.made import ROW, SCHEMA

from mainstay.domain.schema import Field, Kind, Policy, Schema
from mainstay.serving.admission import Admitted, Index, admit, index_schema
from mainstay.serving.call import entity_of
from mainstay.serving.quick import quick_of, read_plain
from mainstay.serving.row import read_row
from mainstay.serving.seen import Seen, Values

WIDE = Schema(
    fields=(
        *SCHEMA.fields,
        Field(name="note", kind=Kind.TEXT, nullable=True),
        Field(name="code", kind=Kind.NUMBER, missing=("999",), nullable=True),
        Field(name="strict", kind=Kind.NUMBER, nullable=True, on_missing=Policy.REFUSE),
        Field(name="grade", kind=Kind.CATEGORY, levels=("a", "b", "é", "true"), nullable=True, missing=("b",)),
        Field(name="ünïcode \N{SNOWMAN}", kind=Kind.NUMBER),
        Field(name="none", kind=Kind.CATEGORY, nullable=True),
    ),
    carried=(*SCHEMA.carried, Field(name="kept", kind=Kind.NUMBER, nullable=True, on_missing=Policy.REFUSE)),
    target="churned",
    entity="customer",
    known=("customer", "churned", "other"),
)
FULL = ROW | {"note": "fine", "code": 7, "strict": 1.5, "grade": "a", "ünïcode \N{SNOWMAN}": 3, "none": None, "kept": 1}
INDEX = index_schema(WIDE)
QUICK = quick_of(INDEX, WIDE.entity)
assert QUICK is not None

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.sampled_from(
        ("EU", "eu", "a", "b", "é", "true", "999", "", " ", "NaN", "2021-05-01", "2021-05-01T00:00:00Z", "1")
    ),
    st.sampled_from((999, 18, 17.999999999999996, 99, 99.00000000000001, -0.0, 1e6, 1e308, 5e-324)),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=1),
)
names = st.sampled_from((*FULL, "customer", "churned", "other", "salary", "AGE", "extra"))


def seen(values: Values) -> dict:
    return Seen(INDEX.order, [values]).row(0)


@given(st.dictionaries(names, values, max_size=3), st.sets(st.sampled_from(tuple(FULL)), max_size=1))
def test_what_is_taken_quickly_is_what_admission_takes_in_silence(changed: dict, dropped: set) -> None:
    row = {name: value for name, value in (FULL | changed).items() if name not in dropped}
    received = json.dumps(row).encode()
    with_care, (plain,) = admit(read_row(received)[0], INDEX), read_plain(QUICK, [received])
    if plain is not None:
        assert isinstance(with_care, Admitted)
        assert msgspec.json.encode(seen(plain)) == msgspec.json.encode(with_care.used)
        assert list(seen(plain)) == list(with_care.used)
        assert with_care.warnings == ()
        assert entity_of({"customer": plain[QUICK.entity]}, "customer") == entity_of(read_row(received)[0], "customer")


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"age": 18},
        {"income": None},
        {"member": False},
        {"joined": "2021-05-01"},
        {"note": None},
        {"code": None},
        {"grade": "é"},
        {"kept": None},
        {"customer": "anna"},
        {"churned": "yes", "other": 1},
    ],
)
def test_ordinary_rows_are_taken_quickly(changed: dict) -> None:
    assert read_plain(QUICK, [json.dumps(FULL | changed).encode()]) != [None]


@pytest.mark.parametrize(
    "changed",
    [{"age": 17}, {"age": "42"}, {"region": "FESTIVAL"}, {"extra": 1}, {"note": "x" * 2000}, {"age": math.nan}],
)
def test_remarkable_rows_are_left_to_admission(changed: dict) -> None:
    assert read_plain(QUICK, [json.dumps(FULL | changed).encode()]) == [None]


def test_the_last_of_two_same_keys_counts_both_ways() -> None:
    received = json.dumps(FULL).encode()[:-1] + b', "age": 19}'
    (plain,) = read_plain(QUICK, [received])
    assert plain is not None
    assert seen(plain) == admit(read_row(received)[0], INDEX).used
    assert seen(plain)["age"] == 19.0


def test_names_that_no_type_can_have_are_left_to_admission() -> None:
    schema = Schema(fields=(Field(name='a "quoted" name', kind=Kind.NUMBER),), target="churned")
    quick = quick_of(index_schema(schema), None)
    received = json.dumps({'a "quoted" name': 1}).encode()
    assert quick is None or read_plain(quick, [received]) == [(1.0, msgspec.UNSET)]


def test_an_entity_that_the_model_reads_is_left_to_admission() -> None:
    schema = Schema(fields=(Field(name="customer", kind=Kind.NUMBER),), target="churned", entity="customer")
    assert quick_of(index_schema(schema), "customer") is None
    assert isinstance(index_schema(schema), Index)
