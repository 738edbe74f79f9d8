"""From a drafted brief to what a training reads, on tables of every kind and every odd kind."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from mainstay.data.draft import draft_brief
from mainstay.domain.brief import parse_brief
from mainstay.domain.errors import DataError
from mainstay.domain.schema import Kind
from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth, AmountWorth
from mainstay.workflows.prepare import Ready, prepare

N = 400
RNG = np.random.default_rng(0)
X = RNG.normal(size=N)
TRUTH = [n % 3 == 0 for n in range(N)]


def ready(table: pl.DataFrame, target: str = "t", more: str = "") -> Ready:
    text = draft_brief(table, source="table.csv", target=target, name="m")
    return prepare(table, parse_brief(text + more), seed=0)


def kinds(column: pl.Series) -> dict[str, Kind]:
    schema = ready(pl.DataFrame([pl.Series("x", X), column.alias("c"), pl.Series("t", TRUTH)])).prepared.schema
    return {field.name: field.kind for field in schema.admitted if field.name == "c"}


@pytest.mark.parametrize(
    ("values", "dtype", "kind"),
    [
        ([Decimal(n) / 7 for n in range(N)], pl.Decimal(20, 5), Kind.NUMBER),
        ([2**63 + n * 7 for n in range(N)], pl.UInt64, Kind.NUMBER),
        ([2**100 * n**2 for n in range(N)], pl.Int128, Kind.NUMBER),
        ([str(10**40 * n**2) for n in range(N)], pl.String, Kind.NUMBER),
        ([float("inf") if n % 5 == 0 else n / 3 for n in range(N)], pl.Float64, Kind.NUMBER),
        ([1.7e308 * (-1) ** n for n in range(N)], pl.Float64, Kind.NUMBER),
        ([float("nan")] * N, pl.Float64, Kind.NUMBER),
        ([None] * (N - 3) + [1, 2, 3], pl.Int8, Kind.NUMBER),
        ([f"$ {n:,}.50" for n in range(900, 900 + N)], pl.String, Kind.NUMBER),
        ([f"{n % 90} %" for n in range(N)], pl.String, Kind.NUMBER),
        ([f"a{n % 9}" for n in range(N)], pl.Categorical, Kind.CATEGORY),
        ([f"a{n % 180}" for n in range(N)], pl.String, Kind.CATEGORY),
        (["yes", "no"] * (N // 2), pl.String, Kind.CATEGORY),
        (["Y", "n", "YES", "No"] * (N // 4), pl.String, Kind.BOOLEAN),
        (["x", None] * (N // 2), pl.String, Kind.CATEGORY),
        (["word " * (n % 9 + 1) + str(n) for n in range(N)], pl.String, Kind.TEXT),
        ([f"{1 + n % 28}-Mar-2026" for n in range(N)], pl.String, Kind.DATETIME),
        ([f"{1 + n % 28:02d}/03/26 1:05 PM" for n in range(N)], pl.String, Kind.DATETIME),
        ([None] * N, pl.Null, Kind.CATEGORY),
        ([[n] for n in range(N)], pl.List(pl.Int64), None),
        ([dt.time(n % 24) for n in range(N)], pl.Time, None),
        ([dt.timedelta(seconds=n) for n in range(N)], pl.Duration, None),
        ([object()] * N, pl.Object, None),
    ],
)
def test_every_kind_of_column_becomes_an_input_or_is_left_out(values: list[Any], dtype: Any, kind: Kind | None) -> None:
    assert kinds(pl.Series(values, dtype=dtype)).get("c") is kind


def test_names_that_read_like_patterns_quotes_and_pictures_are_columns_like_others() -> None:
    names = ["^x$", "*", 'it\'s "q"', "😀", "x" * 300, "a\nb", "", "actual"]
    table = pl.DataFrame({name: RNG.normal(size=N) for name in names} | {"^t$": TRUTH, "^c$": ["a", "b"] * (N // 2)})
    assert set(ready(table, "^t$").prepared.schema.names) == {*names, "^c$"}


def test_amounts_are_prepared_with_their_money_and_todays_rule(shared_data: Path) -> None:
    bike = pl.read_csv(shared_data / "bike_sharing_hour.csv")
    text = draft_brief(bike, source="bike.csv", target="cnt", name="bike")
    said = text.replace("[value]\n", "[value]\nover = -1\nunder = -3\n").replace(
        "[today]\n", '[today]\nrule = "10 * hr"\n'
    )
    prepared = prepare(bike, parse_brief(said), seed=0).prepared
    assert (prepared.task, prepared.schema.task, prepared.split_by) == (Task.REGRESSION, "regression", "time")
    assert isinstance(prepared.worth, AmountWorth)
    assert prepared.today is not None
    rows = prepared.holdout[:100]
    money = prepared.worth.at(rows, prepared.today[rows])
    miss = prepared.today[rows] - prepared.outcomes[rows]
    assert money.tolist() == np.where(miss > 0, -miss, 3 * miss).tolist()


def test_classes_are_prepared_with_their_payoffs() -> None:
    table = pl.DataFrame({"x": X, "price": np.abs(X) + 1, "t": [["a", "b", "c"][n % 3] for n in range(N)]})
    worths = "[value.matrix.go]\na = 1\nb = '-price'\nc = 0\n[value.matrix.stay]\na = 0\nb = 0\nc = 2\n"
    text = draft_brief(table, source="t.csv", target="t", name="m").replace("[targets]\n", f"{worths}[targets]\n")
    prepared = prepare(table, parse_brief(text), seed=0).prepared
    assert (prepared.task, prepared.schema.classes) == (Task.MULTICLASS, ("a", "b", "c"))
    assert isinstance(prepared.worth, ActionWorth)
    assert prepared.worth.actions == ("go", "stay")
    assert prepared.worth.payoffs is not None
    assert prepared.worth.payoffs.shape == (N, 2, 3)


def test_segments_and_protected_columns_are_kept_once_each_beside_further_tables_of_money() -> None:
    table = pl.DataFrame({"x": X, "city": ["a", "b"] * (N // 2), "sex": ["m", "f", "f", "m"] * (N // 4), "t": TRUTH})
    text = draft_brief(table, source="table.csv", target="t", name="m")
    text = text.replace("[data]", '[data]\nsegments = ["city"]\nprotected = ["sex", "city"]', 1)
    made = prepare(table, parse_brief(f"{text}\n[value.revenue]\nwhen_high_and_positive = 2\n"), seed=0).prepared
    assert made.segments is not None
    assert made.segments.columns == ["city", "sex"]
    assert isinstance(made.views["revenue"], ActionWorth)
    assert made.views["revenue"].amounts[:3].tolist() == [[0, 2], [0, 0], [0, 0]]


def test_values_that_a_person_says_are_missing_are() -> None:
    table = pl.DataFrame(
        {
            "x": [-1.0 if n % 4 == 0 else float(n) for n in range(N)],
            "c": ["Unknown" if n % 5 == 0 else f"c{n % 3}" for n in range(N)],
            "t": TRUTH,
        }
    )
    text = draft_brief(table, source="t.csv", target="t", name="m")
    assert "# missing = [-1]" in text
    assert '# missing = ["Unknown"]' in text
    prepared = prepare(table, parse_brief(text.replace("# missing", "missing")), seed=0).prepared
    assert prepared.used["x"].null_count() == N // 4
    assert prepared.used["c"].null_count() == N // 5
    assert prepared.schema.field("x").low != -1.0
    assert set(prepared.schema.field("c").levels) == {"c0", "c1", "c2"}


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([[1]] * N, r"data.target: 't' holds List\(Int64\); wanted two outcomes, classes or amounts"),
        ([f"u{n}" for n in range(N)], "400 different texts"),
        ([str(n) if n % 9 else f"u{n}" for n in range(N)], "holds numbers, and among them 'u0'"),
        ([1e300 * n for n in range(N)], r"399 amounts of 't' are infinite, or beyond 1e\+150"),
        ([1e-320 * n for n in range(N)], "their squares cannot be reckoned"),
        ([dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(N)], "'t' holds dates"),
        (["a"] * (N - 1) + ["b"], "."),
    ],
)
def test_a_target_that_cannot_be_learned_is_refused(values: list[Any], wanted: str) -> None:
    with pytest.raises(DataError, match=wanted) as caught:
        ready(pl.DataFrame({"x": X, "t": values}))
    assert caught.value.remedy
