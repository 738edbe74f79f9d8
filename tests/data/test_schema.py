"""The schema is learned from the rows it is given, and says of every other column why it is none of the inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from mainstay.data.coerce import to_used
from mainstay.data.field import MAX_LEVELS
from mainstay.data.outcome import outcomes
from mainstay.data.schema import Learned, learn_schema
from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.errors import DataError
from mainstay.domain.schema import Kind, Policy

N = 400
RNG = np.random.default_rng(7)
TABLE = pl.DataFrame(
    {
        "id": range(N),
        "age": RNG.integers(18, 90, N),
        "income": [None if n % 50 == 0 else float(n % 97) + 0.5 for n in range(N)],
        "region": [["EU", "US ", "APAC", "NA"][n % 4] for n in range(N)],
        "member": [n % 3 == 0 for n in range(N)],
        "signed": [f"2026-01-{1 + n % 28:02d}" for n in range(N)],
        "note": [f"said thing number {n}" for n in range(N)],
        "frozen": [0.25] * N,
        "empty": pl.Series([None] * N, dtype=pl.Float64),
        "us_date": [f"0{1 + n % 9}/0{1 + n % 7}/2026" for n in range(N)],
        "at": range(1_700_000_000, 1_700_000_000 + N),
        "who": [f"customer {n // 2}" for n in range(N)],
        "w": [1.5] * N,
        "later": RNG.normal(size=N),
        "t": [n % 5 == 0 for n in range(N)],
    }
)


def brief(more: str = "", **data: str) -> Brief:
    keys = {"target": '"t"', "positive": "true", "time": '"at"', "entity": '"who"', "weight": '"w"'} | data
    lines = "\n".join(f"{key} = {value}" for key, value in keys.items())
    return parse_brief(f'[model]\nname = "m"\n[data]\n{lines}\n[fields.later]\nknown_at = "later"\n{more}')


def learn(more: str = "", **data: str) -> Learned:
    return learn_schema(TABLE, brief(more, **data))


def test_inputs_are_what_is_left_when_every_other_role_is_taken() -> None:
    learned = learn(exclude='["member"]')
    schema = learned.schema
    assert schema.names == ("age", "income", "region", "signed", "note")
    assert [field.name for field in schema.carried] == ["frozen", "empty"]
    assert (schema.target, schema.positive, schema.negative) == ("t", "true", "false")
    assert (schema.time, schema.entity, schema.known) == ("at", "who", tuple(TABLE.columns))
    said = {(finding.subject, finding.code) for finding in learned.findings}
    assert said == {
        ("id", "F10-identifier"),
        ("frozen", "F10-constant-in-training"),
        ("empty", "F10-constant-in-training"),
        ("us_date", "F10-ambiguous-dates"),
    }


def test_fields_hold_what_training_saw() -> None:
    schema = learn().schema
    region = schema.field("region")
    assert (region.levels, region.nullable, region.example) == (("APAC", "EU", "US"), True, "APAC")
    income = schema.field("income")
    assert (income.low, income.high, income.nullable, income.whole) == (0.5, 96.5, True, False)
    age = schema.field("age")
    assert (age.whole, age.nullable) == (True, False)
    assert isinstance(age.example, float)
    assert age.low is not None
    assert age.low <= age.example <= (age.high or 0)
    member = schema.field("member")
    assert (member.kind, member.levels, member.example) == (Kind.BOOLEAN, ("false", "true"), False)
    signed = schema.field("signed")
    assert (signed.kind, signed.high, signed.example) == (Kind.DATETIME, None, "2026-01-14T00:00:00Z")
    empty = schema.field("empty")
    assert (empty.low, empty.high, empty.nullable, empty.example) == (None, None, True, None)


def test_a_default_a_unit_and_other_words_for_levels_are_read_by_training_too() -> None:
    more = """
    [fields.income]
    default = 12.5
    unit = "EUR"
    [fields.region]
    level_aliases = { APAC = "EU", Europe = "EU" }
    """
    schema = learn(more).schema
    income, region = schema.field("income"), schema.field("region")
    assert (income.default, income.nullable, income.unit) == (12.5, False, "EUR")
    assert (region.levels, dict(region.level_aliases)) == (("EU", "US"), {"APAC": "EU", "Europe": "EU"})
    used = to_used(TABLE, schema)
    assert used["income"][0] == 12.5
    assert set(used["region"].drop_nulls()) == {"EU", "US"}
    assert to_used(TABLE.drop("income"), schema)["income"].to_list() == [12.5] * N


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ('[fields.age]\ndefault = "old"', "fields.age.default: 'old' is no number"),
        ('[fields.age]\ndefault = "NA"', "fields.age.default: 'NA' means missing itself"),
    ],
)
def test_a_default_that_the_column_cannot_hold_is_refused(more: str, why: str) -> None:
    with pytest.raises(DataError, match=why):
        learn(more)


def test_the_brief_has_the_last_word() -> None:
    more = """
    [fields.age]
    low = 0
    high = 120
    unit = "years"
    meaning = "Age at signing"
    aliases = ["Age_years"]
    on_out_of_range = "refuse"
    on_missing = "warn"
    [fields.region]
    levels = ["NA", "LATAM"]
    personal = true
    [fields.id]
    kind = "number"
    [fields.note]
    kind = "category"
    """
    schema = learn(more).schema
    age = schema.field("age")
    assert (age.low, age.high, age.unit, age.meaning, age.aliases) == (
        0,
        120,
        "years",
        "Age at signing",
        ("Age_years",),
    )
    assert (age.on_out_of_range, age.on_missing, age.on_unseen) == (Policy.REFUSE, Policy.WARN, Policy.REPAIR)
    region = schema.field("region")
    assert (region.levels, region.nullable) == (("APAC", "EU", "NA", "US", "LATAM"), False)
    assert (region.personal, region.example) == (True, None)
    assert "id" in schema.names
    assert len(schema.field("note").levels) == N


def test_what_money_rules_segments_and_fairness_need_is_carried() -> None:
    more = """
    [today]
    rule = "income > 50"
    [value]
    when_high_and_positive = 0
    when_high_and_negative = 0
    when_low_and_positive = "-later"
    when_low_and_negative = "age * 2"
    [watch]
    segments = ["member"]
    """
    schema = learn(more, exclude='["income", "region", "member", "age"]', protected='["region"]').schema
    assert [field.name for field in schema.carried] == ["age", "income", "region", "member", "frozen", "empty", "later"]
    assert schema.field("later").nullable
    assert schema.segments == ("member",)


def test_only_the_rows_given_teach() -> None:
    rows = TABLE.filter(pl.col("age") < 40)
    schema = learn_schema(rows, brief(), known=outcomes(TABLE, brief())).schema
    assert schema.field("age").high == 39
    used = to_used(TABLE, schema)
    assert used["age"].max() == TABLE["age"].max()


def test_whole_numbers_that_a_float_cannot_tell_apart_are_said() -> None:
    big = [2**62 + n % 7 for n in range(TABLE.height)]
    table = TABLE.with_columns(big=pl.Series(big), small=pl.Series([2**53 - n % 5 for n in range(TABLE.height)]))
    (found,) = [each for each in learn_schema(table, brief()).findings if each.code == "F15-inexact-numbers"]
    assert (found.subjects, found.measured) == (("big",), 1.0)
    unsigned = table.with_columns(big=pl.Series([2**64 - 1 - n % 7 for n in range(TABLE.height)], dtype=pl.UInt64))
    assert "F15-inexact-numbers" in {each.code for each in learn_schema(unsigned, brief()).findings}
    coded = learn_schema(table, brief('[fields.big]\nkind = "category"')).schema
    assert to_used(table, coded)["big"].n_unique() == 7


def test_levels_are_ordered_by_frequency_then_text_and_bounded() -> None:
    values = ["b"] * 3 + ["a"] * 3 + ["c"] * 9 + [f"rare {n}" for n in range(MAX_LEVELS)] * 2
    table = pl.DataFrame({"c": values, "t": [n % 2 for n in range(len(values))]})
    levels = learn_schema(table, parse_brief('[model]\nname = "m"\n[data]\ntarget = "t"')).schema.field("c").levels
    assert levels[:4] == ("c", "a", "b", "rare 0")
    assert len(levels) == MAX_LEVELS


def test_a_rare_level_is_never_the_example() -> None:
    table = pl.DataFrame({"c": [f"l{n % 100}" for n in range(300)], "t": [n % 2 for n in range(300)]})
    assert (
        learn_schema(table, parse_brief('[model]\nname = "m"\n[data]\ntarget = "t"')).schema.fields[0].example is None
    )


def small(columns: dict[str, Any], more: str = "") -> Learned:
    table = pl.DataFrame(columns | {"t": [n % 2 for n in range(30)]}, strict=False)
    return learn_schema(table, parse_brief(f'[model]\nname = "m"\n[data]\ntarget = "t"\n{more}'))


HALVES = [n / 2 for n in range(30)]


@pytest.mark.parametrize(
    ("columns", "more", "wanted"),
    [
        ({"x": HALVES}, 'exclude = ["y"]', "data.exclude: there is no column 'y' in the table"),
        (
            {"a-b": HALVES},
            '[today]\nrule = "a-b > 2"',
            r"today.rule: there is no column 'a'.*is written column\(\"a-b\"\)",
        ),
        ({"income": HALVES}, "[fields.incme]\nlow = 1", "fields: there is no column 'incme'.* Did you mean 'income'?"),
        ({"x": HALVES}, 'time = "at"\nentity = "who"', "(?s)data.time: .*data.entity: "),
        ({"x": HALVES}, '[today]\nrule = "y > 1"', "today.rule: there is no column 'y'"),
        ({"x": HALVES}, '[today]\nrule = "t > 1"', "today.rule: 't' is not known when the decision is taken"),
        ({"x": HALVES}, '[fields.x]\naliases = ["t"]', "fields.x.aliases: 't' is a column of its own"),
        ({"x": HALVES, "who": HALVES}, 'entity = "who"\nsegments = ["who"]', "data.segments: 'who' is the entity"),
        ({"Age": HALVES, "age": HALVES}, "", "columns 'Age' and 'age' differ only in case"),
        ({"x": [3] * 30}, "", "no column is left for the model to read: x says the same in every training row"),
        ({"x": HALVES}, 'exclude = ["x"]', "no column is left .*excluded"),
        ({"x": [[1]] * 30}, "", r"column 'x' holds List\(Int64\); wanted numbers"),
        ({"x": ["a", "b", "c"] * 10}, '[fields.x]\nkind = "number"', "fields.x.kind: 30 of 30 values are no number"),
    ],
)
def test_what_cannot_be_learned_is_refused_by_name(columns: dict[str, Any], more: str, wanted: str) -> None:
    with pytest.raises(DataError, match=wanted) as caught:
        small(columns, more)
    assert caught.value.remedy


def test_excluded_columns_may_hold_anything() -> None:
    assert small({"x": HALVES, "l": [[1]] * 30, "X": HALVES}, 'exclude = ["l", "X"]').schema.names == ("x",)


def test_unreadable_values_become_missing_and_are_told() -> None:
    learned = small({"x": [str(n) for n in range(29)] + ["many"]})
    assert learned.schema.fields[0].nullable
    assert [(finding.code, finding.subject) for finding in learned.findings] == [("F15-unreadable-values", "x")]


def test_a_market_that_has_not_joined_yet_is_watched_and_not_used(shared_data: Any) -> None:
    table = pl.read_csv(shared_data / "elec2.csv").filter(pl.col("timestamp") < "1997-01-01")
    text = '[model]\nname = "m"\n[data]\ntarget = "class"\npositive = "UP"\ntime = "timestamp"'
    schema = learn_schema(table, parse_brief(text)).schema
    assert schema.names == ("date", "day", "period", "nswprice", "nswdemand")
    assert [field.name for field in schema.carried] == ["vicprice", "vicdemand", "transfer"]
