"""What is asked about real tables and made ones: enough to catch a leak under any name, too little to be a flood."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mainstay.data.draft import see
from mainstay.data.strength import strength
from mainstay.domain.missing_signs import missing_number
from mainstay.domain.task import Task

RNG = np.random.default_rng(11)
N = 2000
TARGET = (RNG.random(N) < 0.3).astype(int)


def asked(table: pl.DataFrame, target: str, *, time: str | None = None) -> set[tuple[str, str]]:
    return {(question.column, question.code) for question in see(table, target=target, time=time).asked}


def made(**columns: object) -> pl.DataFrame:
    return pl.DataFrame({"honest": TARGET + RNG.normal(0, 2, N), **columns, "t": TARGET}, strict=False)


@pytest.fixture(scope="module")
def bank(shared_data: Path) -> pl.DataFrame:
    return pl.read_csv(shared_data / "bank-full.csv", separator=";")


def test_the_length_of_the_call_is_asked_about_under_any_name(bank: pl.DataFrame) -> None:
    assert ("duration", "too-strong") in asked(bank, "y")
    renamed = bank.rename({"duration": "x7"}).with_columns(pl.col("x7") / 60)
    strong = {column for column, code in asked(renamed, "y") if code == "too-strong"}
    assert strong == {"x7"}
    twice = bank.with_columns(minutes=pl.col("duration") / 60)
    assert {column for column, code in asked(twice, "y") if code == "too-strong"} == {"duration", "minutes"}


def test_columns_that_slept_through_part_of_history_are_asked_about(bank: pl.DataFrame, shared_data: Path) -> None:
    assert {column for column, code in asked(bank, "y") if code == "dormant"} >= {"pdays", "previous", "poutcome"}
    elec = pl.read_csv(shared_data / "elec2.csv")
    dormant = {column for column, code in asked(elec, "class", time="timestamp") if code == "dormant"}
    assert dormant == {"vicprice", "vicdemand", "transfer"}


def test_the_credit_table_is_not_flooded(shared_data: Path) -> None:
    table = pl.read_csv(shared_data / "credit_card_default.csv", infer_schema_length=None)
    assert asked(table, "target") == {("ID", "identifier")}


def test_parts_of_a_sum_are_asked_about(shared_data: Path) -> None:
    bike = asked(pl.read_csv(shared_data / "bike_sharing_hour.csv"), "cnt", time="dteday")
    assert bike >= {("casual", "part-of-target"), ("registered", "part-of-target"), ("instant", "identifier")}
    assert "hr" not in {column for column, _ in bike}


def test_sampling_weights_are_asked_about_and_the_weight_of_a_body_is_not(shared_data: Path) -> None:
    adult = asked(pl.read_parquet(shared_data / "adult.parquet"), "class")
    assert adult == {("fnlwgt", "weight"), ("capital-gain", "sentinel")}  # 99999 is as far as that census counted
    body = made(weight=70 + 5 * TARGET + RNG.normal(0, 8, N))
    assert "weight" not in {code for _, code in asked(body, "t")}


@pytest.mark.parametrize(
    "name", ["email", "E-Mail", "customerPhone", "first_name", "Surname", "dob", "name", "birth_date"]
)
def test_personal_data_is_known_by_its_name(name: str) -> None:
    assert (name, "personal") in asked(made(**{name: RNG.integers(0, 9, N)}), "t")


@pytest.mark.parametrize("name", ["product_name", "campaign", "phoned_before", "streetlights", "mailing_count"])
def test_other_names_are_not(name: str) -> None:
    assert asked(made(**{name: RNG.integers(0, 9, N)}), "t") == set()


def test_personal_data_is_known_by_what_it_holds() -> None:
    table = made(contact=[f"user{n}@example.com" for n in range(N)], line=[f"+49 30 {n:07d}" for n in range(N)])
    assert asked(table, "t") >= {("contact", "personal"), ("line", "personal")}


def test_a_column_that_is_the_outcome_is_asked_about() -> None:
    table = made(copy=TARGET, word=np.where(TARGET, "won", "lost"), label=[f"c{n}" for n in range(N)])
    assert asked(table, "t") == {("copy", "too-strong"), ("word", "too-strong"), ("label", "identifier")}


def test_unclear_dates_are_asked_about_and_free_text_is_learned() -> None:
    table = made(note=[f"he said {n}" for n in range(N)], day=[f"0{1 + n % 9}/0{1 + n % 8}/2026" for n in range(N)])
    assert asked(table, "t") == {("day", "dates")}


def test_columns_without_any_kind_are_passed_over() -> None:
    assert asked(made(nested=[[n] for n in range(N)], nothing=[None] * N), "t") == set()


def test_noise_tells_nothing_however_many_levels_it_has() -> None:
    outcomes = TARGET.astype(float)
    for noise in (RNG.normal(size=N), RNG.integers(0, 500, N).astype(str), [f"id {n}" for n in range(N)], [None] * N):
        assert strength(pl.Series("x", noise, strict=False), outcomes) == pytest.approx(0.5, abs=0.06)


def test_strength_is_the_roc_auc_of_a_column_in_either_direction() -> None:
    outcomes = TARGET.astype(float)
    signal = TARGET + RNG.normal(0, 1, N)
    assert strength(pl.Series(signal), outcomes) == pytest.approx(0.76, abs=0.03)
    assert strength(pl.Series(-signal), outcomes) == pytest.approx(strength(pl.Series(signal), outcomes), abs=0.01)
    assert strength(pl.Series(abs(signal - 0.5)), 1.0 - outcomes) < 0.6
    assert see(made(copy=TARGET), target="t").strengths["copy"] == 1.0


def test_strength_is_the_share_of_variance_where_amounts_are_foretold() -> None:
    x = RNG.normal(size=N)
    amounts = 2 * x + RNG.normal(size=N)
    assert strength(pl.Series(x), amounts, task=Task.REGRESSION) == pytest.approx(0.8, abs=0.04)
    assert strength(pl.Series(RNG.normal(size=N)), amounts, task=Task.REGRESSION) < 0.02
    table = pl.DataFrame(
        {"x": x, "z": x + RNG.normal(0, 0.5, N), "copy": amounts + RNG.normal(0, 0.3, N), "t": amounts}
    )
    assert asked(table, "t") == {("copy", "too-strong")}


def test_strength_of_several_classes_is_their_mean() -> None:
    classes = RNG.integers(0, 3, N).astype(float)
    assert strength(pl.Series(classes), classes, task=Task.MULTICLASS) == 1.0
    one = np.where(classes == 0, 1.0, 0.0)
    assert 0.7 < strength(pl.Series(one), classes, task=Task.MULTICLASS) < 0.9
    assert strength(pl.Series(RNG.normal(size=N)), classes, task=Task.MULTICLASS) == pytest.approx(0.5, abs=0.06)
    table = pl.DataFrame(
        {"x": RNG.normal(size=N), "leak": [f"l{n:g}" for n in classes], "t": [f"c{n:g}" for n in classes]}
    )
    assert asked(table, "t") == {("leak", "too-strong")}


def test_words_and_numbers_that_may_mean_missing_are_asked_about(bank: pl.DataFrame) -> None:
    sentinels = {column for column, code in asked(bank, "y") if code == "sentinel"}
    assert sentinels == {"pdays", "job", "education", "contact", "poutcome"}
    examples = {q.column: q.example for q in see(bank, target="y").asked if q.code == "sentinel"}
    assert examples["pdays"] == "missing = [-1]"
    assert examples["job"] == 'missing = ["unknown"]'


@pytest.mark.parametrize(
    ("numbers", "wanted"),
    [
        ([*range(100), *[999] * 20], 999),
        ([*range(100), *[-1] * 20], -1),
        ([*range(-50, 50), *[-1] * 20], None),
        ([*range(98), *[99] * 20], None),
        ([*range(3), *[-1] * 20], None),
        ([*range(100), *[-999] * 3], None),
        ([*range(2000), *[999] * 20], None),
        ([], None),
    ],
)
def test_a_number_far_from_all_others_may_mean_missing(numbers: list[float], wanted: float | None) -> None:
    assert missing_number(np.array(numbers, dtype=float)) == wanted


def test_what_can_be_read_in_two_ways_is_asked_about() -> None:
    table = made(
        kilos=[f"{1 + n % 9},{n % 900 + 100}" for n in range(N)],
        money=[f"{'$€'[n % 2]}{n % 90}" for n in range(N)],
        some=[str(n % 60) if n % 3 else f"w{n % 40}" for n in range(N)],
        zip_code=RNG.integers(1000, 9999, N),
        day=["2026-01-31" if n % 2 else "31.01.2026" for n in range(N)],
    )
    wanted = {("kilos", "numbers"), ("money", "units"), ("some", "mixed"), ("zip_code", "code"), ("day", "dates")}
    assert asked(table, "t") == wanted
