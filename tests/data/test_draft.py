"""A drafted brief parses and trains as it stands, whatever the table's columns are called."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mainstay.data.cases import cases
from mainstay.data.draft import draft_brief
from mainstay.data.outcome import outcomes
from mainstay.data.schema import learn_schema
from mainstay.data.split import split
from mainstay.data.toml import key, literal
from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.errors import DataError
from mainstay.domain.expression import columns_of, term
from mainstay.domain.task import Task

N = 120
TARGET = [n % 3 == 0 for n in range(N)]
RNG = np.random.default_rng(2)


def drafted(table: pl.DataFrame, target: str = "t", **more: str) -> str:
    return draft_brief(table, source="table.csv", target=target, name="m", **more)


def test_what_was_found_is_filled_in_and_what_is_open_is_asked(shared_data: Path) -> None:
    table = pl.read_csv(shared_data / "credit_card_default.csv", infer_schema_length=None)
    text = draft_brief(table, source="credit_card_default.csv", target="target", name="credit")
    brief = parse_brief(text)
    assert (brief.data.task, brief.data.positive) == (Task.BINARY, 1)
    assert brief.data.exclude == ("ID",)
    assert "positive = 1  # 6,636 of 30,000 rows (22.1%)" in text
    assert '# when_low_and_positive = "-0.20 * LIMIT_BAL"' in text
    assert '# rule = "PAY_0 >= 1"' in text
    assert not brief.value.is_binary
    for open_key in ("purpose", "owner", "outcome_delay", "when_high", "autonomy"):
        assert any(line.startswith(open_key) and "# ?" in line for line in text.splitlines()), open_key


def test_the_examples_become_a_brief_when_the_marks_are_taken_away(shared_data: Path) -> None:
    text = draft_brief(pl.read_parquet(shared_data / "adult.parquet"), source="a.parquet", target="class", name="adult")
    kept = [
        line.removeprefix("# ") if line.startswith(("# rule", "# when_", "# currency")) else line
        for line in text.splitlines()
    ]
    brief = parse_brief("\n".join(kept))
    assert brief.value.is_binary
    assert brief.today.rule == "column('education-num') >= 13"
    assert '# weight = "fnlwgt"  # ?' in text


def uncommented(text: str) -> str:
    """The draft with the examples of its decision, its rule and its worths in force."""
    before, decision, rest = text.partition("[decision]")
    examples, targets, after = rest.partition("[targets]")
    kept = [line for line in examples.splitlines() if not line.startswith("# expression")]
    plain = [line.removeprefix("# ") if EXAMPLE.match(line) else line for line in kept]
    return before + decision + "\n".join([*plain, ""]) + targets + after


EXAMPLE = re.compile(r'# (\[value|"[^"]*" = |[\w-]+ = )')


def test_amounts_are_drafted_with_what_a_miss_costs(shared_data: Path) -> None:
    bike = pl.read_csv(shared_data / "bike_sharing_hour.csv")
    text = draft_brief(bike, source="bike.csv", target="cnt", name="bike")
    brief = parse_brief(text)
    assert (brief.data.task, brief.data.time, brief.data.exclude) == (Task.REGRESSION, "dteday", ("instant",))
    assert 'task = "regression"  # amounts from 1 to 977, mean 189.463' in text
    for leak in ("casual", "registered"):
        assert f"[fields.{leak}]" in text
        assert '# known_at = "later"' in text.split(f"[fields.{leak}]")[1].split("[")[0]
    assert "positive" not in text
    full = parse_brief(uncommented(text))
    assert (full.value.over, full.value.under) == (-1, -1)
    assert set(columns_of(full.today.rule or "")) == {"hr"}
    assert full.decision.threshold == 142


def test_a_near_leak_of_an_amount_is_asked_about_under_any_name(shared_data: Path) -> None:
    bike = pl.read_csv(shared_data / "bike_sharing_hour.csv").select("hr", "temp", "cnt", x7=pl.col("registered") * 1.7)
    assert "# ? It tells the outcome almost by itself (R² 0.9" in drafted(bike, "cnt").split("[fields.x7]")[1]


def test_classes_are_drafted_with_a_table_of_worths() -> None:
    kinds = [["late", "on time", "lost"][n * n % 3 + n % 2] for n in range(N)]
    table = pl.DataFrame({"x": RNG.normal(size=N), "kind": kinds})
    text = drafted(table, "kind")
    brief = parse_brief(text)
    assert brief.data.task is Task.MULTICLASS
    full = parse_brief(uncommented(text))
    assert full.value.matrix is not None
    assert full.value.matrix["on time"] == {"late": -1, "lost": -1, "on time": 1}
    assert full.today.rule is not None
    codes = drafted(pl.DataFrame({"x": RNG.normal(size=N), "t": [n % 4 for n in range(N)]}))
    assert 'task = "multiclass"  # ? or are these whole numbers amounts?' in codes


def test_a_leak_is_asked_about_at_its_column_and_not_judged(shared_data: Path) -> None:
    bank = pl.read_csv(shared_data / "bank-full.csv", separator=";").rename({"duration": "talk time (s)"})
    text = drafted(bank, "y")
    after = text.split('[fields."talk time (s)"]\n')[1].splitlines()
    assert after[0] == "# ? It tells the outcome far better than any other column (ROC AUC 0.80)."
    assert after[2] == '# known_at = "later"'
    assert "talk time (s)" in trained(text, bank)


def test_time_is_used_where_named_and_offered_where_found(shared_data: Path) -> None:
    elec = pl.read_csv(shared_data / "elec2.csv")
    text = drafted(elec, "class", time="timestamp", positive="UP")
    assert (parse_brief(text).data.time, parse_brief(text).data.positive) == ("timestamp", "UP")
    assert "[fields.vicprice]\n# ? It says the same in the first 38% of the rows in time." in text
    found = drafted(elec, "class")
    assert 'time = "timestamp"  # ? found; if it is not the moment of the decision, leave it out' in found
    assert parse_brief(found).data.time == "timestamp"
    two = elec.with_columns(closed_date="timestamp", other_time="timestamp")
    assert '# time = "other_time"  # ?' in drafted(two, "class")
    assert parse_brief(drafted(two, "class")).data.time is None


def trained(text: str, table: pl.DataFrame) -> tuple[str, ...]:
    """The inputs that a training would use: every step of it up to the first fit."""
    brief: Brief = parse_brief(text)
    told = outcomes(table, brief)
    rows = table.filter(pl.Series(told.kept))
    dealt = split(cases(rows, told.among(told.kept), brief))
    return learn_schema(rows[dealt.training], brief, known=told).schema.names


names = st.text(min_size=1, max_size=12).filter(lambda name: name.strip() != "")


@given(st.lists(names, min_size=2, max_size=5, unique_by=str.casefold))
@example(["it's", 'a "quote"', "a.b", "x" * 300, "ﬁ", "", "\x7f", "line\nbreak", "[t]", "#", "where", "lambda"])
@example(["name", "e-mail", "LIMIT_BAL", "id"])
def test_any_column_name_can_stand_in_a_draft(columns: list[str]) -> None:
    values = {name: RNG.normal(size=N) for name in columns[:-1]}
    table = pl.DataFrame(values | {columns[-1]: TARGET})
    text = drafted(table, columns[-1])
    assert {*trained(text, table), *parse_brief(text).data.exclude} == set(columns[:-1])  # a name may mean a weight
    for line in text.splitlines():
        if line.startswith(("# rule", "# when_")):
            rule = tomllib.loads(line.removeprefix("# "))
            assert set(columns_of(str(next(iter(rule.values()))))) <= set(columns)


@given(st.text())
def test_what_is_written_as_toml_is_read_back(text: str) -> None:
    text = text.encode(errors="ignore").decode()
    assert tomllib.loads(f"{key(text)} = {literal(text)}") == {text: text}


@given(st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_and_truths_are_read_back(value: bool | float) -> None:
    assert tomllib.loads(f"x = {literal(value)}")["x"] == value


@given(
    st.text(min_size=1).map(lambda text: text.encode(errors="ignore").decode()).filter(lambda name: "\0" not in name)
)
def test_a_column_written_as_a_term_is_that_column(name: str) -> None:
    assert columns_of(term(name)) == (name,)


def test_what_no_model_can_read_is_excluded_with_the_reason() -> None:
    table = pl.DataFrame(
        {"Age": RNG.normal(size=N), "age": RNG.normal(size=N), "list": [[1]] * N, "id": range(N), "t": TARGET}
    )
    text = drafted(table)
    assert parse_brief(text).data.exclude == ("age", "list", "id")
    assert '#   "age": differs from another column in case only' in text
    assert trained(text, table) == ("Age",)


def test_personal_columns_are_marked_and_entities_offered() -> None:
    people = [f"p{n % 40}" for n in range(N)]
    table = pl.DataFrame({"x": RNG.normal(size=N), "customer_id": people, "phone": RNG.integers(0, 5, N), "t": TARGET})
    text = drafted(table)
    assert parse_brief(text).fields["phone"].personal
    assert '# entity = "customer_id"  # ?' in text


@pytest.mark.parametrize(
    ("columns", "more", "wanted"),
    [
        ({"x": [], "t": []}, {}, "the table has no rows"),
        ({"x": [1.0], "t": [1]}, {}, "one outcome only"),
        ({"x": [1.0, 2.0], "t": [1, 0]}, {}, "2 rows with an outcome: too few"),
        ({"x": [0.5] * 40, "t": [1, 0] * 20}, {}, "x says the same in every training row"),
        ({"x": [None] * 40, "t": [1, 0] * 20}, {}, "x is missing in every training row"),
        ({"x": list(range(40)), "t": [1] * 40}, {}, "one outcome only"),
        ({"x": [0.1, 0.2] * 20, "t": list(range(40))}, {"positive": "2"}, "40 outcomes"),
        ({"x": [0.1, 0.2] * 20, "t": [f"c{n % 9}" for n in range(40)]}, {}, "9 classes, 0 of them in 10 rows or more"),
        ({"x": [0.1, 0.2] * 20, "t": [float("inf"), *range(39)]}, {}, "1 amounts of 't' are infinite"),
        ({"x": [0.1, 0.2, 0.3] * 200, "t": [1] * 8 + [0] * 592}, {}, "positive: too few to compare candidates"),
        ({"x": [0.1, 0.2] * 20, "t": [1, 0] * 20}, {"positive": "2"}, "'2' is not among the outcomes"),
        ({"x": [0.1, 0.2] * 20, "t": [1, 0] * 20}, {"time": "when"}, "time: there is no column 'when'"),
        ({"x": [0.1, 0.2] * 20, "t": [1, 0] * 20}, {"time": "x"}, "is not a date"),
        ({"x": [0.1, 0.2] * 20, "target": [1, 0] * 20}, {}, "target: there is no column 't'"),
    ],
)
def test_a_table_that_cannot_train_is_refused_when_drafting(
    columns: dict[str, list[object]], more: dict[str, str], wanted: str
) -> None:
    with pytest.raises(DataError, match=wanted) as caught:
        drafted(pl.DataFrame(columns), **more)
    assert caught.value.remedy


def test_a_million_characters_in_a_cell_do_no_harm() -> None:
    table = pl.DataFrame({"x": RNG.normal(size=N), "long": ["y" * 1_000_000] + ["z"] * (N - 1), "t": TARGET})
    assert len(drafted(table)) < 4000


def test_dates_beyond_the_calendar_do_not_break_a_draft() -> None:
    days = pl.Series("d", [4_000_000, -4_000_000, *range(18_000, 18_298)], dtype=pl.Int32).cast(pl.Date)
    table = pl.DataFrame({"d": days, "x": [float(i % 7) for i in range(300)], "t": [0, 1, 1] * 100})
    assert 'target = "t"' in draft_brief(table, source="t.csv", target="t", name="m")
