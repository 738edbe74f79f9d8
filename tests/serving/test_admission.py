"""Admission: what can be repaired is repaired and said; what cannot is refused so that it can be mended."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.serving.made import ROW, SCHEMA

from mainstay.domain.limits import Limits
from mainstay.domain.reading import Unreadable, read_value
from mainstay.domain.schema import Field, Kind, Policy, Schema
from mainstay.domain.traffic import Fault
from mainstay.serving.admission import MAX_EXTRA, Admitted, Manner, admit, index_schema

INDEX = index_schema(SCHEMA)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([*SCHEMA.names, "late", "salary", " AGE", "Region ", "note", "customer"]) | st.text(max_size=12)
LIKELY = st.sampled_from(
    [12, 12.5, "12", " 12 ", "", "NA", "nan", "EU", "eu ", "festival", True, "yes", "2020-01-01", -1, 1e308, None]
)


def admitted(**changes: object) -> Admitted:
    result = admit(ROW | changes, INDEX)
    assert isinstance(result, Admitted), result
    return result


def said(**changes: object) -> list[tuple[str, str]]:
    return [(warning.field, warning.code) for warning in admitted(**changes).warnings]


def with_policy(name: str, **policies: Policy) -> Schema:
    fields = tuple(msgspec.structs.replace(f, **policies) if f.name == name else f for f in SCHEMA.fields)
    return msgspec.structs.replace(SCHEMA, fields=fields)


def refused(name: str, value: object, **policies: Policy) -> Fault:
    result = admit(ROW | {name: value}, index_schema(with_policy(name, **policies)), number=7)
    assert not isinstance(result, Admitted)
    return result[0]


def test_a_row_as_trained_is_read_without_a_word() -> None:
    assert admitted().warnings == ()
    assert admitted().used == {
        "age": 50.0,
        "income": 1000.5,
        "region": "EU",
        "member": "true",
        "joined": 1_619_827_200.0,
        "late": 0.0,
    }


@pytest.mark.parametrize(
    ("name", "value", "code", "used"),
    [
        ("age", " 20 ", "converted", 20.0),
        ("age", None, "missing", None),
        ("age", float("nan"), "not-finite", None),
        ("income", "NaN", "not-finite", None),
        ("income", float("-inf"), "not-finite", None),
        ("age", 120, "out-of-range", 120.0),
        ("late", True, "converted", 1.0),
        ("region", "festival", "unseen-level", "festival"),
        ("region", " us ", "matched-level", "US"),
        ("region", 7, "unseen-level", "7"),
        ("member", "yes", "converted", "true"),
        ("note2", 1, "extra-column", None),
    ],
)
def test_what_can_be_repaired_is_said(name: str, value: object, code: str, used: object) -> None:
    result = admitted(**{name: value})
    (warning,) = result.warnings
    assert (warning.field, warning.code, warning.used) == (name, code, used)
    assert result.used.get(name) == used


def test_a_null_is_only_remarkable_where_training_saw_none() -> None:
    assert said(income=None) == []
    assert said(age=None) == [("age", "missing")]


def test_an_absent_input_is_always_said_even_where_it_may_be_missing() -> None:
    row = {name: value for name, value in ROW.items() if name not in ("income", "late")}
    result = admit(row, INDEX)
    assert isinstance(result, Admitted)
    assert [(w.field, w.code) for w in result.warnings] == [("income", "absent"), ("late", "absent")]
    assert list(result.used) == [*SCHEMA.names, "late"]


def test_a_column_under_an_alias_is_read_silently_and_one_spelled_otherwise_with_a_word() -> None:
    row = {name: value for name, value in ROW.items() if name not in ("income", "age")}
    result = admit(row | {"salary": 5, " Age ": 30}, INDEX)
    assert isinstance(result, Admitted)
    assert (result.used["income"], result.used["age"]) == (5.0, 30.0)
    assert [(w.field, w.code, w.got) for w in result.warnings] == [("age", "renamed", " Age ")]


def test_the_exact_name_wins_over_another_spelling() -> None:
    result = admitted(AGE=1)
    assert result.used["age"] == 50.0
    assert [(w.field, w.code) for w in result.warnings] == [("AGE", "extra-column")]


def test_columns_that_training_knew_but_did_not_use_pass_in_silence() -> None:
    assert said(note="x", customer="anna", churned="yes") == []


def test_a_value_of_the_type_that_the_example_shows_is_no_other_type() -> None:
    schema = Schema(fields=(Field(name="code", kind=Kind.CATEGORY, levels=("1", "2"), example=2),), target="t")
    assert admit({"code": 1}, index_schema(schema)) == Admitted({"code": "1"})


@pytest.mark.parametrize(
    "value", ["abc", [1], {"a": 1}, "1_000", "12,5", "x" * 100_000, pytest.param(10**5000, id="huge")]
)
def test_what_cannot_be_read_is_refused_with_what_is_wanted(value: object) -> None:
    fault = refused("age", value)
    assert (fault.row, fault.field, fault.example) == (7, "age", 42.0)
    assert fault.code == "wrong-type"
    assert fault.wanted == "a whole number from 18 to 99 (years)"
    assert len(str(fault.got)) <= 100


def test_several_faults_are_told_at_once() -> None:
    result = admit(ROW | {"age": "abc", "joined": "yesterday", "member": "perhaps"}, INDEX)
    assert not isinstance(result, Admitted)
    assert [fault.field for fault in result] == ["age", "member", "joined"]


def test_policies_refuse_what_a_person_said() -> None:
    refuse = Policy.REFUSE
    assert refused("region", "Eu-rope", on_unseen=refuse).wanted == "one of EU, US"
    assert refused("age", 120, on_out_of_range=refuse).code == "out-of-range"
    assert refused("income", None, on_missing=refuse).code == "missing"
    assert refused("age", "20", on_wrong_type=refuse).code == "converted"
    assert refused("age", "120", on_wrong_type=refuse).code == "converted"
    row = {name: value for name, value in ROW.items() if name != "age"}
    (fault,) = admit(row, index_schema(with_policy("age", on_missing=refuse)))  # type: ignore[misc]
    assert fault.code == "absent"


def test_policies_bring_into_range_or_take_as_missing() -> None:
    repaired = admit(ROW | {"age": 120}, index_schema(with_policy("age", on_out_of_range=Policy.REPAIR)))
    assert isinstance(repaired, Admitted)
    assert (repaired.used["age"], repaired.warnings[0].used, repaired.warnings[0].got) == (99.0, 99.0, 120)
    warned = admit(ROW | {"age": "abc"}, index_schema(with_policy("age", on_wrong_type=Policy.WARN)))
    assert isinstance(warned, Admitted)
    assert (warned.used["age"], warned.warnings[0].code) == (None, "wrong-type")


def test_a_carried_column_never_refuses_a_row() -> None:
    carried = msgspec.structs.replace(SCHEMA.carried[0], on_missing=Policy.REFUSE, on_wrong_type=Policy.REFUSE)
    index = index_schema(msgspec.structs.replace(SCHEMA, carried=(carried,)))
    for value in ("abc", None, [1], "3"):
        assert isinstance(admit(ROW | {"late": value}, index), Admitted)


def strictly(**changes: object) -> list[tuple[str | None, str]]:
    result = admit(ROW | changes, INDEX, manner=Manner(strict=True))
    return [] if isinstance(result, Admitted) else [(fault.field, fault.code) for fault in result]


def test_strictness_refuses_what_would_change_what_the_model_reads_and_nothing_else() -> None:
    odd = {"age": "20", "region": "eu ", "income": "NaN", "member": "yes"}
    assert strictly(**odd) == [
        ("age", "converted"),
        ("income", "not-finite"),
        ("region", "matched-level"),
        ("member", "converted"),
    ]
    assert strictly(age=120, note2="extra", late="3", income=None) == []
    assert strictly(age="120") == [("age", "out-of-range")]
    row = {name: value for name, value in ROW.items() if name not in ("age", "income")}
    renamed = admit(row | {" Age ": 30, "salary": 5}, INDEX, manner=Manner(strict=True))
    assert not isinstance(renamed, Admitted)
    assert [(fault.field, fault.code, fault.wanted) for fault in renamed] == [
        ("age", "renamed", "the column as age, not as  Age ")
    ]


def test_a_default_stands_in_for_what_is_missing_and_is_told() -> None:
    fields = tuple(msgspec.structs.replace(f, default=7.0) if f.name == "income" else f for f in SCHEMA.fields)
    index = index_schema(msgspec.structs.replace(SCHEMA, fields=fields))
    row = {name: value for name, value in ROW.items() if name != "income"}
    for sent, code in ((row, "absent"), (row | {"income": None}, "missing"), (row | {"income": "NaN"}, "not-finite")):
        result = admit(sent, index)
        assert isinstance(result, Admitted)
        assert result.used["income"] == 7.0
        assert [(w.field, w.code, w.used) for w in result.warnings] == [("income", code, 7.0)]


def test_limits_of_a_row_are_told_by_name() -> None:
    tight = Manner(limits=Limits(text_characters=25, extra_columns=2))
    (fault,) = admit(ROW | {"region": "x" * 26}, INDEX, manner=tight)  # type: ignore[misc]
    assert (fault.field, fault.code, fault.wanted) == ("region", "too-long", "a text of at most 25 characters")
    (fault,) = admit(ROW | {"a": 1, "b": 2, "c": 3, "note": 1, "customer": 1, "churned": 1}, INDEX, manner=tight)  # type: ignore[misc]
    assert (fault.field, fault.code, fault.got) == (None, "too-many-columns", "12 columns")
    assert isinstance(
        admit(ROW | {"a": 1, "b": 2, "note": 1, "customer": 1, "churned": 1}, INDEX, manner=tight), Admitted
    )


@pytest.mark.parametrize("row", [None, 3, "row", [1, 2], True, [["age", 3]]])
def test_what_is_no_object_is_refused(row: object) -> None:
    (fault,) = admit(row, INDEX)  # type: ignore[misc]
    assert (fault.code, fault.field) == ("not-a-row", None)


@pytest.mark.parametrize("row", [{}, {"agge": 50, "incme": 3}, {"late": 3.0}, {"customer": "anna"}])
def test_a_row_without_any_input_is_no_row_to_answer(row: dict[str, object]) -> None:
    (fault,) = admit(row, INDEX, number=2)  # type: ignore[misc]
    assert (fault.row, fault.code, fault.field) == (2, "nothing-known", None)
    assert fault.wanted == "at least one of: " + ", ".join(SCHEMA.names[:5])


@pytest.mark.parametrize("row", [{"income": None}, {" Age ": 30}, {"salary": 5}])
def test_one_input_is_enough_whatever_its_value_or_spelling(row: dict[str, object]) -> None:
    assert isinstance(admit(row, INDEX), Admitted)


def test_thousands_of_extra_columns_give_a_bounded_answer() -> None:
    result = admitted(**{f"column {i}" * 50: "x" * 10_000 for i in range(5000)})
    assert len(result.warnings) == MAX_EXTRA + 1
    assert result.warnings[-1].got == f"{5000 - MAX_EXTRA} more extra columns"
    assert len(msgspec.json.encode(result.warnings)) < 10_000


@given(st.dictionaries(NAMES, LIKELY | JSON, max_size=10))
def test_whatever_comes_there_is_a_row_or_a_message_that_can_be_sent(row: dict[str, Any]) -> None:
    result = admit(row, INDEX)
    if isinstance(result, Admitted):
        assert list(result.used) == [*SCHEMA.names, "late"]
        for value in result.used.values():
            assert value is None or isinstance(value, str) or (isinstance(value, float) and math.isfinite(value))
    else:
        assert result
        for fault in result:
            assert fault.wanted
            assert fault.got is None or len(str(fault.got)) <= 100


@given(st.sampled_from([*SCHEMA.fields, *SCHEMA.carried]), LIKELY | JSON)
def test_the_quick_way_reads_as_training_does(field: Field, raw: object) -> None:
    result = admit({field.name: raw}, index_schema(Schema(fields=(field,), target="t")))
    try:
        reading = read_value(field, raw)
    except Unreadable:
        assert not isinstance(result, Admitted)
        return
    assert isinstance(result, Admitted)
    assert result.used[field.name] == reading.value
    if not result.warnings:
        assert reading.code in (None, "missing", "converted")
