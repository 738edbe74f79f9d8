"""The journal as it is read, and what the watch appends to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.traffic import AT, AT_US, DAY_US, decision, lines, outcome

from mainstay.domain.errors import Asked, Busy
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.monitoring.cells import add
from mainstay.store.delta import SMALL_FILES
from mainstay.store.home import Home, open_home
from mainstay.store.ingest import ingest
from mainstay.store.journal import Journal
from mainstay.store.spool import Spool
from mainstay.store.tables import CELLS, input_column, input_columns, input_name

DAY = timedelta(days=1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three days of three decisions, each with its outcome a day later, moved in day by day."""
    home = open_home(tmp_path)
    for day in range(3):
        for stream, rows in (
            ("decisions", [decision(f"{day}-{i}", at_us=AT_US + day * DAY_US + i) for i in range(3)]),
            ("outcomes", [outcome(f"{day}-{i}", float(i), learned_us=AT_US + (day + 1) * DAY_US) for i in range(3)]),
        ):
            spool = Spool(home.spool_root, "m", stream)
            spool.write(lines(rows))
            spool.close()
        ingest(home, "m", at=AT)
    return home


@pytest.fixture
def journal(home: Home) -> Journal:
    return Journal(home, "m")


def test_rows_are_read_by_batch(journal: Journal) -> None:
    assert journal.last_batch("decisions") == 3
    assert journal.decisions(after=2)["id"].to_list() == ["2-0", "2-1", "2-2"]
    assert journal.decisions(after=0, through=1)["id"].to_list() == ["0-0", "0-1", "0-2"]
    assert journal.outcomes(after=3).height == 0
    assert journal.outcomes(through=2).height == 6


def test_a_share_of_rows_is_the_same_whoever_asks_and_part_of_a_larger_one(journal: Journal) -> None:
    version = journal.decisions()["version"][0]
    span = {"since": AT, "until": AT + 3 * DAY, "columns": ["id", "id_hash"]}
    every, half = (journal.sampled(version, share, **span) for share in (1.0, 0.5))  # type: ignore[arg-type]
    assert every.height == 9
    assert half["id"].to_list() == every.filter(pl.col("id_hash") < 0)["id"].to_list()
    assert journal.sampled(version + 1, 1.0, **span).is_empty()  # type: ignore[arg-type]


def test_rows_are_read_by_moment_to_the_microsecond(journal: Journal) -> None:
    since, until = AT + timedelta(microseconds=1), AT + DAY + timedelta(microseconds=1)
    assert journal.decisions(since=since, until=until)["id"].to_list() == ["0-1", "0-2", "1-0"]


def test_rows_are_found_by_id(journal: Journal) -> None:
    wanted = pl.DataFrame({"key": ["", "", "other"], "id": ["1-1", "nobody", "0-0"]})
    assert journal.decisions_of(wanted)["id"].to_list() == ["1-1"]
    assert journal.outcomes_of(wanted).select("id", "outcome").rows() == [("1-1", "1")]
    assert journal.decisions_of(wanted, columns=["id", "score"]).rows() == [("1-1", 0.25)]


def test_outcomes_are_as_known_at_a_moment(journal: Journal) -> None:
    assert [journal.outcomes_known(AT + n * DAY).height for n in range(4)] == [0, 3, 6, 9]


@given(st.text(min_size=1))
def test_any_name_of_an_input_makes_a_column_and_comes_back(name: str) -> None:
    for is_number in (True, False):
        column = input_column(name, is_number=is_number)
        assert input_name(column) == name
        assert not set(column) & set(' ,;{}()\n\t=".`')


def test_a_schema_says_where_its_inputs_are(journal: Journal) -> None:
    fields = (Field(name="age", kind=Kind.NUMBER), Field(name="region", kind=Kind.CATEGORY))
    columns = input_columns(Schema(fields=fields, target="t"))
    assert columns == {"age": "n_age", "region": "s_region"}
    assert journal.decisions(columns=list(columns.values()))[0].row(0) == (41.0, "EU")


def test_an_input_that_no_decision_ever_had_is_null(journal: Journal) -> None:
    rows = journal.decisions(columns=["id", "n_never", "s_never"])
    assert rows.schema == {"id": pl.String, "n_never": pl.Float64, "s_never": pl.String}
    assert rows.row(0) == ("0-0", None, None)


def cells(decided: int, n: int, *, learned: int | None = None) -> pl.DataFrame:
    row = dict.fromkeys(CELLS.columns, 0) | {
        "version": 1, "arm": "champion", "segment": "", "subject": "score", "n": n, "decided": AT + decided * DAY,
        "learned": None if learned is None else AT + learned * DAY,
    }  # fmt: skip
    return pl.DataFrame([row], schema=CELLS.columns)


def test_cells_are_counted_once(home: Home, journal: Journal) -> None:
    assert journal.counted_through("decisions") == 0
    journal.append_cells(cells(0, 3), stream="decisions", since=0, through=1, at=AT)
    rival = Journal(home, "m")
    rival.append_cells(cells(1, 6), stream="decisions", since=1, through=3, at=AT)
    with pytest.raises(Busy, match="somebody else"):
        journal.append_cells(cells(1, 6), stream="decisions", since=1, through=3, at=AT)
    journal.append_cells(cells(0, 2, learned=1), stream="outcomes", since=0, through=3, at=AT)
    assert (journal.counted_through("decisions"), journal.counted_through("outcomes")) == (3, 3)
    assert sorted(journal.cells()["n"]) == [2, 3, 6]
    assert journal.cells(version=2).height == 0


def test_of_two_who_count_at_once_one_must_count_again(home: Home, journal: Journal) -> None:
    rival = Journal(home, "m")
    table = rival.table(CELLS.name)
    journal.append_cells(cells(0, 3), stream="decisions", since=0, through=1, at=AT)
    assert not table.append(cells(0, 3), {"count:decisions": 1}, at=AT)


def test_cells_are_as_known_at_a_moment(journal: Journal) -> None:
    journal.append_cells(cells(0, 3), stream="decisions", since=0, through=1, at=AT)
    journal.append_cells(cells(5, 4), stream="decisions", since=1, through=2, at=AT)
    journal.append_cells(cells(0, 2, learned=4), stream="outcomes", since=0, through=1, at=AT)
    assert sorted(journal.cells(known_at=AT + DAY)["n"]) == [3]
    assert sorted(journal.cells(known_at=AT + 4 * DAY)["n"]) == [2, 3]
    assert sorted(journal.cells(known_at=AT + 5 * DAY)["n"]) == [2, 3, 4]


def test_a_period_is_judged_once(home: Home, journal: Journal) -> None:
    finding = Finding(code="F1", verdict=Verdict.FAIL, because="it moved", subjects=("age",), measured=0.3, limit=0.1)
    assert journal.judged_through(1) is None
    assert journal.append_judgement(1, AT + DAY, [finding], at=AT + DAY)
    assert not journal.append_judgement(1, AT + DAY, [finding], at=AT + 2 * DAY)
    assert Journal(home, "m").append_judgement(1, AT + 2 * DAY, [], at=AT + 2 * DAY)
    assert journal.append_judgement(2, AT, [finding], at=AT)
    assert journal.judged_through(1) == AT + 2 * DAY
    (row,) = journal.judgements(version=1).iter_rows(named=True)
    assert (row["code"], row["subjects"], row["verdict"], row["measured"]) == ("F1", '["age"]', "fail", 0.3)
    assert row["period_end"] == AT + DAY
    assert journal.judgements().height == 2


def test_tidying_is_cheap_when_there_is_nothing_to_do(journal: Journal) -> None:
    assert journal.tidy() == ()


def test_a_name_that_is_none_is_refused(home: Home) -> None:
    with pytest.raises(Asked, match="not a model's name"):
        Journal(home, "../elsewhere")


def plain(journal: Journal, at: int) -> list[int]:
    return sorted(journal.plain_cells(1, known_at=AT + at * DAY)["n"])


def test_plain_cells_follow_what_is_counted_here_and_elsewhere(home: Home, journal: Journal) -> None:
    assert plain(journal, 9) == []
    journal.append_cells(cells(0, 3), stream="decisions", since=0, through=1, at=AT)
    assert plain(journal, 9) == [3]
    detail = cells(0, 7).with_columns(segment=pl.lit("sex=f"), subject=pl.lit("input:age"))
    others = cells(0, 8).with_columns(version=pl.lit(2, pl.Int64))
    score = cells(2, 9).with_columns(segment=pl.lit("sex=f"))
    journal.append_cells(pl.concat([detail, others, score]), stream="decisions", since=1, through=2, at=AT)
    assert plain(journal, 9) == [3, 9]
    assert plain(journal, 1) == [3]
    Journal(home, "m").append_cells(cells(1, 5), stream="decisions", since=2, through=3, at=AT)
    journal.append_cells(cells(1, 6), stream="decisions", since=3, through=4, at=AT)
    assert plain(journal, 9) == [3, 5, 6, 9]
    assert sorted(journal.cells()["n"]) == [3, 5, 6, 7, 8, 9]


def test_cells_of_a_key_are_added_up_and_known_as_before(home: Home, journal: Journal) -> None:
    rival = Journal(home, "m")
    for i in range(SMALL_FILES):
        assert not journal.fold_cells(add, at=AT)
        row = cells(0, 1) if i % 2 else cells(0, 10, learned=4)
        detail = row.with_columns(segment=pl.lit("sex=f"), subject=pl.lit("input:age"))
        journal.append_cells(pl.concat([row, detail]), stream="decisions", since=i, through=i + 1, at=AT)
    assert plain(rival, 9) == plain(journal, 9)

    came = [0]

    def add_late(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
        came[0] += tables[0]["subject"][0] == "score"
        if came[0] == 2:  # first what is held; then, while cells that were read are added up, somebody counts
            rival.append_cells(cells(0, 100), stream="decisions", since=SMALL_FILES, through=SMALL_FILES + 1, at=AT)
        return add(tables)

    assert journal.fold_cells(add_late, at=AT)
    assert sorted(journal.cells().filter(subject="input:age")["n"]) == [16, 160]
    assert journal.cells().height == 2 + SMALL_FILES + 1  # plain cells were left for the next time
    assert journal.fold_cells(add, at=AT)
    for each in (journal, rival, Journal(home, "m")):
        assert plain(each, 1) == [116]
        assert plain(each, 9) == [116, 160]
        assert sorted(each.cells()["n"]) == [16, 116, 160, 160]
    assert journal.counted_through("decisions") == SMALL_FILES + 1
    assert not journal.fold_cells(add, at=AT)


def test_stages_end_with_batches(journal: Journal) -> None:
    last = journal.last_batch("decisions")
    assert journal.stages("decisions", after=0, through=last, n_rows=1_000_000) == [last]
    assert journal.stages("decisions", after=0, through=last, n_rows=1) == list(range(1, last + 1))
    assert journal.stages("decisions", after=last, through=last, n_rows=1) == []
