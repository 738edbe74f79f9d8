"""Real rows bent, and rows made from the schema: honest services pass, each planted fault is found by its own bend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec
import polars as pl
import pytest
from tests.checks.made import changed, exam, lending
from tests.checks.served import amounts, classes, served

from mainstay.checks.bends import NEVER_SEEN
from mainstay.checks.bent import bent
from mainstay.checks.examined import Examined, Reply, Row
from mainstay.checks.schema_made import made, schema_made
from mainstay.domain.finding import Finding, Verdict
from mainstay.serving.admission import Admitted, admit, index_schema


def by_bend(examined: Examined) -> dict[str, Finding]:
    return {finding.code.removeprefix("F19-bent-"): finding for finding in bent(examined)}


def not_passed(examined: Examined) -> set[str]:
    return {name for name, finding in by_bend(examined).items() if finding.verdict is not Verdict.PASS}


@pytest.mark.parametrize("make", [served, amounts, classes])
def test_an_honest_service_stands_every_bend(make: Callable[[], Examined]) -> None:
    examined = make()
    assert not_passed(examined) == set()
    assert [finding.verdict for finding in schema_made(examined)] == [Verdict.PASS]


def test_a_bend_of_texts_does_not_apply_where_there_are_none() -> None:
    table, chance = lending(400)
    asked = by_bend(served(exam(table.drop("region", "sex"), chance)))
    without = {name for name, finding in asked.items() if not finding.applies}
    assert without == {"case-and-spaces", "unseen-level", "unicode"}
    assert {asked[name].verdict for name in without} == {Verdict.UNKNOWN}


def test_missing_values_and_odd_names_are_no_fault() -> None:
    table, chance = lending(1500)
    gone = pl.when(pl.int_range(pl.len()) % 7 == 0).then(None).otherwise(pl.col("income"))
    table = table.with_columns(gone.alias("income")).rename({"late": 'l"<b>\n🦋', "region": "^x$"})
    assert not_passed(served(exam(table, chance))) == set()


def test_a_batch_whose_rows_depend_on_each_other_is_found() -> None:
    honest = served()
    found = not_passed(changed(honest, reply=faulty(honest, "shuffle")))
    assert {"shuffled", "alone"} <= found


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("case", "case-and-spaces"),
        ("text", "text-for-numbers"),
        ("order", "reordered"),
        ("extra", "extra"),
        ("alone", "alone"),
        ("silent-level", "unseen-level"),
        ("nan-on-missing", "missing"),
    ],
)
def test_each_fault_is_found_by_its_bend(fault: str, found: str) -> None:
    honest = served()
    assert found in not_passed(changed(honest, reply=faulty(honest, fault)))
    others = not_passed(changed(honest, reply=faulty(honest, fault))) - {found}
    assert others == set()


def faulty(honest: Examined, fault: str) -> Callable[[Sequence[Row]], list[Reply]]:
    def reply(rows: Sequence[Row]) -> list[Reply]:
        said = honest.reply(rows)
        return [spoilt(fault, row, said[place], place, len(rows)) for place, row in enumerate(rows)]

    return reply


def spoilt(fault: str, row: Row, said: Reply, place: int, n: int) -> Reply:
    assert said.score is not None
    region = row.get("region")
    moves = {
        "case": region in ("  NORTH\t", "  SOUTH\t", "  WEST\t"),
        "text": isinstance(row.get("late"), str),
        "order": next(iter(row)) == "sex",
        "extra": "not known to anybody" in row,
        "alone": n == 1,
        "shuffle": n > 1,
    }
    if moves.get(fault):
        return replace(said, score=said.score * (1 - 0.001 * place if fault == "shuffle" else 0.9))
    if fault == "silent-level" and region == NEVER_SEEN:
        return replace(said, warnings=())
    if fault == "nan-on-missing" and None in (row.get("late"), row.get("income"), region):
        return replace(said, score=float("nan"))
    return said


def test_what_was_out_of_range_before_it_was_bent_is_not_asked_twice() -> None:
    honest = served()
    fields = tuple(
        msgspec.structs.replace(each, high=4.0) if each.name == "late" else each for each in honest.schema.fields
    )
    narrow = changed(honest, schema=msgspec.structs.replace(honest.schema, fields=fields))
    index = index_schema(narrow.schema)

    def reply(rows: Sequence[Row]) -> list[Reply]:
        read = [admit(dict(row), index) for row in rows]
        codes = [tuple(warned.code for warned in each.warnings) for each in read if isinstance(each, Admitted)]
        return [replace(said, warnings=told) for said, told in zip(honest.reply(rows), codes, strict=True)]

    assert not_passed(changed(narrow, reply=reply)) == set()


def test_a_line_without_bounds_is_told_for_numbers_it_never_saw() -> None:
    wild = by_bend(served(clip=False))
    assert wild["extreme"].verdict in (Verdict.WARN, Verdict.FAIL)
    assert set(wild["extreme"].subjects) <= {"late", "income"}
    assert {name for name, finding in wild.items() if finding.verdict is not Verdict.PASS} <= {"extreme", "unit-change"}


def test_one_that_breaks_or_has_too_few_rows_is_told() -> None:
    def breaks(rows: Sequence[Row]) -> list[Reply]:
        raise ValueError("personal")

    broken = changed(exam(), reply=breaks)
    assert [finding.verdict for finding in bent(broken)] == [Verdict.FAIL]
    assert "personal" not in next(iter(bent(broken))).because
    assert [finding.verdict for finding in schema_made(broken)] == [Verdict.FAIL]
    few = exam()
    assert [each.verdict for each in bent(changed(few, holdout=few.holdout[:5]))] == [Verdict.UNKNOWN]


def test_made_rows_are_the_same_for_a_seed_and_others_for_another() -> None:
    schema = served().schema
    assert repr(made(schema, seed=1)) == repr(made(schema, seed=1)) != repr(made(schema, seed=2))


def test_a_score_that_is_no_number_on_a_made_row_is_found() -> None:
    honest = served()

    def reply(rows: Sequence[Row]) -> list[Reply]:
        said = honest.reply(rows)
        odd = [
            isinstance(row.get("income"), str) and each.score is not None for each, row in zip(said, rows, strict=True)
        ]
        return [replace(each, score=float("nan")) if is_odd else each for each, is_odd in zip(said, odd, strict=True)]

    found = list(schema_made(changed(honest, reply=reply)))
    assert found[0].verdict is Verdict.FAIL
