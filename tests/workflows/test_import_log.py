"""A log of decisions made elsewhere, brought in from every source: once, whole, and never without a word."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import write_deltalake
from tests.workflows.lives import AT, DAY, add

from mainstay.domain.errors import NotFound
from mainstay.store.home import Home, open_home
from mainstay.store.journal import Journal
from mainstay.workflows import import_log as workflow
from mainstay.workflows import live
from mainstay.workflows.import_log import ImportedLog, WantedLog, import_log, source_of

LATER = AT + 60 * DAY
NAMED = {"case": "id", "ts": "at"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = open_home(tmp_path)
    live.deploy(home, add(home), actor="bo", at=AT)
    return home


def log(n_rows: int = 30, **changed: Any) -> pl.DataFrame:
    """A log under names of its own; every third row has an outcome."""
    n = pl.int_range(n_rows, eager=True)
    frame = pl.DataFrame(
        {
            "case": n.cast(pl.String),
            "ts": [AT + timedelta(hours=7 * i) for i in range(n_rows)],
            "score": (n % 10) / 10,
            "LIMIT_BAL": 10_000 + 1_000.0 * n,
            "PAY_0": n % 3,
            "target": [i % 2 if i % 3 == 0 else None for i in range(n_rows)],
        }
    )
    return frame.with_columns(**changed)


def source(home: Home, frame: pl.DataFrame, kind: str) -> tuple[str, str]:
    """Write a log in some form; return the words that name it: a place and a query."""
    path = home.root.parent / f"log-{kind}"
    if kind == "csv":
        frame.write_csv(path)
    elif kind == "ndjson":
        frame.write_ndjson(path)
    elif kind == "parquet":
        frame.write_parquet(path)
    elif kind == "delta":
        write_deltalake(path, frame)
    elif kind == "folder":
        for place in range(3):
            (path / f"part={place}").mkdir(parents=True)
            frame.filter(pl.int_range(pl.len()) % 3 == place).write_parquet(path / f"part={place}" / "rows.parquet")
    else:
        rows = frame.with_columns(pl.col("ts").dt.to_string("iso:strict"))
        with sqlite3.connect(path) as database:
            database.execute(f"create table log ({', '.join(map(json.dumps, rows.columns))})")
            marks = ", ".join("?" * rows.width)
            database.executemany(f"insert into log values ({marks})", rows.rows())
        database.close()
        return f"sqlite:///{path.absolute()}", "select * from log"
    return str(path), ""


def bring(home: Home, words: tuple[str, str], **named: str) -> ImportedLog:
    place, query = words
    wanted = WantedLog(source_of(place, query=query), "credit", NAMED | named)
    return import_log(home, wanted, at=LATER)


def kept(home: Home) -> pl.DataFrame:
    columns = ["id", "at", "version", "score", "decision", "n_LIMIT_BAL", "n_PAY_0", "latency_us"]
    return Journal(home, "credit").decisions(columns=columns).sort(pl.col("id").cast(pl.Int64))


def outcomes(home: Home) -> list[tuple[str, str]]:
    return sorted(Journal(home, "credit").outcomes().select("id", "outcome").rows())


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet", "folder", "delta", "sqlite"])
def test_every_source_brings_the_same_decisions_once(home: Home, kind: str) -> None:
    frame = log()
    words = source(home, frame, kind)
    done = bring(home, words)
    assert (done.rows, done.new, done.repeated, done.n_aside, done.outcomes) == (30, 30, 0, 0, 10)
    rows = kept(home)
    assert rows["id"].to_list() == [str(i) for i in range(30)]
    assert rows["at"].to_list() == frame["ts"].to_list()
    assert rows["n_LIMIT_BAL"].to_list() == frame["LIMIT_BAL"].to_list()
    assert rows["decision"][:4].to_list() == ["approve", "approve", "approve", "decline"]
    assert rows["latency_us"].null_count() == 30

    again = bring(home, words)
    assert (again.new, again.outcomes) == (0, 0)
    assert kept(home).equals(rows)
    assert len(outcomes(home)) == 10
    assert not Journal(home, "credit").repeats().height


def test_a_log_that_has_grown_brings_its_new_rows_alone(home: Home) -> None:
    bring(home, source(home, log(20), "csv"))
    done = bring(home, source(home, log(30, target=pl.int_range(pl.len()) % 2), "parquet"))
    assert (done.new, done.repeated) == (10, 20)
    assert done.outcomes == 23  # seven were known
    assert len(outcomes(home)) == 30


class Stopped(BaseException):
    """A process that dies here."""


@pytest.mark.parametrize("dies_in", ["set_aside", "keep", "keep_decisions"])
def test_an_import_that_was_killed_goes_on_where_it_was(
    home: Home, monkeypatch: pytest.MonkeyPatch, dies_in: str
) -> None:
    odd = pl.when(pl.col("case") == "17").then(None).otherwise(pl.col("ts"))
    words = source(home, log(ts=odd, PAY_0=pl.lit("unknown!")), "csv")
    act, n_calls = getattr(workflow, dies_in), 0

    def dies(*args: Any) -> Any:
        nonlocal n_calls
        n_calls += 1
        if n_calls > 3:
            raise Stopped
        return act(*args)

    monkeypatch.setattr(workflow, "PIECE_ROWS", 6)
    with monkeypatch.context() as patched:
        patched.setattr(workflow, dies_in, dies)
        with pytest.raises(Stopped):
            bring(home, words)
    before = kept(home).height
    assert 0 < before < 29

    done = bring(home, words)
    assert done.resumed_at == 6 * -(-before // 6)  # whole pieces; one row was put aside
    assert kept(home)["id"].to_list() == [str(i) for i in range(30) if i != 17]
    assert len(outcomes(home)) == 10
    faults = Journal(home, "credit").faults()
    assert faults.filter(pl.col("code") == "wrong-type")["n"].sum() == 29
    assert faults.filter(pl.col("refused"))["n"].sum() == 1
    aside = [line for path in aside_files(home) for line in path.read_text().splitlines()]
    assert [json.loads(line)["row"] for line in aside] == [18]


def aside_files(home: Home) -> list[Path]:
    return sorted((home.journal_root / "credit" / "aside").glob("*.ndjson"))


def test_rows_that_are_no_decisions_are_kept_aside_and_counted(home: Home) -> None:
    frame = log().with_columns(pl.col("ts").dt.to_string("iso:strict"))
    case = pl.col("case")
    odd = frame.with_columns(
        ts=pl.when(case == "3").then(pl.lit("soon")).when(case == "4").then(pl.lit("2030-01-01")).otherwise("ts"),
        case=pl.when(case == "6").then(pl.lit("5")).when(case == "7").then(None).otherwise(case),
        happened_at=pl.when(case == "9").then(pl.lit("2020-01-01")),
        version=pl.when(case == "8").then(pl.lit("credit/7")).otherwise(pl.lit("credit/1")),
    )
    done = bring(home, source(home, odd, "csv"))
    assert (done.new, done.n_aside) == (25, 5)
    assert {kind: n for kind, n in done.kinds.items() if kind[2] or kind[0] == "outcome"} == {
        ("at", "wrong-type", True): 1,
        ("at", "in-future", True): 1,
        ("id", "id-conflict", True): 1,
        ("id", "absent", True): 1,
        ("version", "unknown-version", True): 1,
        ("outcome", "label-before-decision", False): 1,
    }
    aside = [json.loads(line) for path in aside_files(home) for line in path.read_text().splitlines()]
    assert [each["row"] for each in aside] == [4, 5, 7, 8, 9, 10]
    assert aside[0]["came"]["ts"] == "soon"
    assert Journal(home, "credit").faults().filter(pl.col("refused"))["n"].sum() == 5


def test_without_any_version_it_is_said_what_to_do(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    path = tmp_path / "log.csv"
    log().write_csv(path)
    with pytest.raises(NotFound, match="no version yet"):
        import_log(home, WantedLog(path, "credit", NAMED), at=LATER)
