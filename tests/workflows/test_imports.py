"""Outcomes and actions from tables: read as the service reads them, kept once, or told row by row."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import write_deltalake
from hypothesis import given
from hypothesis import strategies as st
from tests.workflows.lives import AT, BRIEF, DAY, SCHEMA, add, decide, plan, us

from mainstay.domain.errors import DataError, NotFound
from mainstay.domain.version import VersionName
from mainstay.serving.intake import Told, take_outcomes
from mainstay.serving.service import make_service, read_words
from mainstay.store.home import Home, open_home
from mainstay.store.ingest import ingest
from mainstay.store.journal import Journal
from mainstay.workflows import live
from mainstay.workflows.imports import ACTIONS, OUTCOMES, Imported, Kind, import_table
from mainstay.workflows.serve import close_desk, open_desk, tell_outcomes
from mainstay.workflows.told_rows import by_key, told

LATER = AT + 40 * DAY
ROWS = {
    "id": ["a-1", "a-2", "a-3"],
    "outcome": [1, 0, 1],
    "happened_at": ["2026-03-20", "2026-03-21T08:00:00Z", "2026-03-22"],
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = open_home(tmp_path)
    live.deploy(home, add(home), actor="bo", at=AT)
    decide(home, ["a-1", "a-2", "a-3"], at=AT + DAY)
    return home


def table(home: Home, rows: dict[str, Any], name: str = "told.csv") -> Path:
    path = home.root.parent / name
    frame = pl.DataFrame(rows)
    if name.endswith(".csv"):
        frame.write_csv(path)
    elif name.endswith(".parquet"):
        frame.write_parquet(path)
    else:
        write_deltalake(path, frame)
    return path


def bring(home: Home, path: Path, kind: Kind = OUTCOMES, *, at: datetime = LATER, **columns: str) -> Imported:
    return import_table(home, "credit", path, kind, columns=columns, at=at)


def kept(home: Home) -> list[tuple[str, str, datetime]]:
    return Journal(home, "credit").outcomes().select("id", "outcome", "happened").sort("id", "happened").rows()


@pytest.mark.parametrize("name", ["told.csv", "told.parquet", "told-delta"])
def test_every_kind_of_table_is_read(home: Home, name: str) -> None:
    done = bring(home, table(home, ROWS, name))
    assert (done.rows, done.new, done.repeated, done.unknown, done.faults) == (3, 3, 0, 0, ())
    ids, outcomes, happened = zip(*kept(home), strict=True)
    assert ids == ("a-1", "a-2", "a-3")
    assert outcomes == ("1", "0", "1")
    assert happened[1].isoformat() == "2026-03-21T08:00:00+00:00"


def test_the_same_table_again_changes_nothing(home: Home) -> None:
    path = table(home, ROWS)
    bring(home, path)
    before = kept(home)
    again = bring(home, path, at=LATER + DAY)
    assert (again.new, again.repeated) == (0, 3)
    assert kept(home) == before


def test_a_longer_table_brings_what_is_new(home: Home) -> None:
    bring(home, table(home, {name: values[:2] for name, values in ROWS.items()}))
    done = bring(home, table(home, ROWS), at=LATER + DAY)
    assert (done.new, done.repeated) == (1, 2)


def test_a_correction_is_kept_beside_what_it_corrects(home: Home) -> None:
    bring(home, table(home, ROWS))
    corrected = {**ROWS, "outcome": [0, 0, 1]}
    assert bring(home, table(home, corrected), at=LATER + DAY).new == 1
    known = Journal(home, "credit").outcomes_known(LATER + 2 * DAY)
    assert dict(known.select("id", "outcome").iter_rows()) == {"a-1": "0", "a-2": "0", "a-3": "1"}
    then = Journal(home, "credit").outcomes_known(LATER)
    assert dict(then.select("id", "outcome").iter_rows())["a-1"] == "1"


def test_ids_that_were_never_decided_are_kept_and_counted_once(home: Home) -> None:
    rows = {
        "id": ["a-1", "z-1", "z-1"],
        "outcome": [1, 1, 0],
        "happened_at": ["2026-03-20", "2026-03-20", "2026-03-21"],
    }
    done = bring(home, table(home, rows))
    assert (done.new, done.unknown) == (3, 1)


def test_rows_without_an_outcome_say_nothing_yet(home: Home) -> None:
    rows = {**ROWS, "outcome": [1, None, None]}
    done = bring(home, table(home, rows))
    assert (done.rows, done.new, done.silent, done.faults) == (3, 1, 2, ())


def test_what_cannot_be_taken_is_told_by_its_row_and_the_rest_is_kept(home: Home) -> None:
    rows = {
        "id": ["a-1", "a-2", None, "a-3"],
        "outcome": ["1", "perhaps", "1", "0"],
        "happened_at": ["2026-03-20", "2026-03-20", "2026-03-20", None],
    }
    done = bring(home, table(home, rows))
    assert done.new == 1
    assert [(fault.row, fault.field) for fault in done.faults] == [(2, "outcome"), (3, "id"), (4, "happened_at")]
    assert "1 (positive) or 0 (negative)" in done.faults[0].wanted


def test_columns_of_other_names_are_mapped(home: Home) -> None:
    rows = {"CASE": [101, 102], "RESULT": [True, False], "ON": [AT.date(), AT.date()], "outcome": ["x", "y"]}
    done = bring(home, table(home, rows, "told.parquet"), id="CASE", outcome="RESULT", happened_at="ON")
    assert (done.new, done.faults) == (2, ())
    assert [row[:2] for row in kept(home)] == [("101", "1"), ("102", "0")]


def test_a_column_that_is_not_there_is_asked_for_by_its_option(home: Home) -> None:
    path = table(home, {"id": ["a-1"], "Outcomes": [1], "happened_at": ["2026-03-20"]})
    with pytest.raises(DataError, match=r"'outcome' is not in told\.csv") as caught:
        bring(home, path)
    assert "Did you mean 'Outcomes'?" in caught.value.remedy
    assert "--outcome COLUMN" in caught.value.remedy
    with pytest.raises(DataError, match="'nobody'"):
        bring(home, path, outcome="Outcomes", key="nobody")


def test_before_the_first_training_nothing_can_be_matched(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with pytest.raises(NotFound, match="no version yet"):
        bring(home, table(home, ROWS))


def test_without_a_live_version_the_newest_reads(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    add(home)
    assert bring(home, table(home, ROWS)).new == 3


def test_ids_belong_to_the_key_of_their_caller(home: Home) -> None:
    rows = {**ROWS, "id": ["a-1", "a-1", "a-1"], "key": ["", "bank", None]}
    done = bring(home, table(home, rows, "told.parquet"))
    assert (done.new, done.unknown) == (3, 1)
    assert sorted(Journal(home, "credit").outcomes()["key"].to_list()) == ["", "", "bank"]


def test_told_over_http_and_from_a_table_is_told_once(home: Home) -> None:
    desk = open_desk(home.root.parent)
    said = [dict(zip(ROWS, row, strict=True)) for row in zip(*ROWS.values(), strict=True)]
    tell_outcomes(desk, "credit", json.dumps({"outcomes": said}).encode())
    close_desk(desk)
    done = bring(home, table(home, ROWS))
    assert (done.new, done.repeated) == (0, 3)


SAID = st.one_of(
    st.lists(st.sampled_from(["1", "0", " 1 ", "1.0", "yes", "perhaps", ""]), min_size=1, max_size=6),
    st.lists(st.integers(-1, 2), min_size=1, max_size=6),
    st.lists(st.sampled_from([0.0, 1.0, 0.5, -0.0]), min_size=1, max_size=6),
    st.lists(st.booleans(), min_size=1, max_size=6),
)
SERVICE = make_service("credit", 1, schema=SCHEMA, plan=plan(1), words=read_words(BRIEF))


@given(said=SAID)
def test_a_table_is_read_as_http_is(said: list[Any]) -> None:
    over_http = [{"id": f"a-{i}", "outcome": each, "happened_at": "2026-03-20"} for i, each in enumerate(said)]
    frame = told(pl.DataFrame(over_http), {}, needed=OUTCOMES.needed, optional=OUTCOMES.optional, name="t.csv")
    ((_, numbers, rows),) = by_key(frame)
    assert numbers == list(range(1, len(said) + 1))
    assert take_outcomes(rows, SERVICE, Told("", us(AT))) == take_outcomes(over_http, SERVICE, Told("", us(AT)))


def test_actions_are_kept_with_who_and_when(home: Home) -> None:
    rows = {
        "id": ["a-1", "a-2", "a-3"],
        "action": ["DECLINE", "called", None],
        "by": [4711, 4712, 4713],
        "at": ["2026-03-03", "2026-03-04", None],
    }
    done = bring(home, table(home, rows), ACTIONS)
    assert (done.new, done.silent, done.faults) == (2, 1, ())
    told_ = Journal(home, "credit").actions().select("id", "action", "by").rows()
    assert told_ == [("a-1", "decline", "4711"), ("a-2", "called", "4712")]
    assert bring(home, table(home, rows), ACTIONS, at=LATER + DAY).repeated == 2


def test_moments_of_tables_keep_their_zone(home: Home) -> None:
    aware = pl.Series("happened_at", [AT, AT + timedelta(hours=1, microseconds=5)]).dt.convert_time_zone(
        "Europe/Berlin"
    )
    path = home.root.parent / "told.parquet"
    pl.DataFrame([pl.Series("id", ["a-1", "a-2"]), pl.Series("outcome", [1, 0]), aware]).write_parquet(path)
    bring(home, path)
    assert [row[2] for row in kept(home)] == [AT, AT + timedelta(hours=1, microseconds=5)]


def test_decisions_still_in_the_spool_are_known(home: Home) -> None:
    assert Journal(home, "credit").decisions().is_empty()
    assert bring(home, table(home, ROWS)).unknown == 0
    assert ingest(home, "credit", at=LATER).decisions == 0


def test_a_version_that_is_live_is_the_one_that_reads(home: Home) -> None:
    live.deploy(home, add(home), actor="bo", at=AT + DAY)
    assert home.ledger.life("credit").live == VersionName("credit", 2).number
    assert bring(home, table(home, ROWS)).new == 3
