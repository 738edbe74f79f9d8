"""What changed in a source, who is hit, and whom to tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.workflows.lives import AT, BRIEF, add, deploy

from mainstay.data.changed_rows import row_changes
from mainstay.data.changes import column_changes
from mainstay.domain.errors import DataError, NotFound, StoreError
from mainstay.domain.source_change import Change
from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store.project import open_project
from mainstay.store.snapshots import Snapshots
from mainstay.workflows.reading import read_rows
from mainstay.workflows.snapshot import take_snapshot
from mainstay.workflows.update import update

OWNED = (
    BRIEF
    + """
[fields.LIMIT_BAL]
source = "core banking, nightly"
owner = "accounts@bank.example"
contract = "https://wiki.bank.example/limits"
[fields.sex]
personal = true
"""
)
N = 2000


def rows(seed: int = 0, n: int = N) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "id": np.arange(n),
            "LIMIT_BAL": random.integers(1, 100, n) * 10_000,
            "PAY_0": random.integers(-2, 9, n),
            "rate": random.normal(5, 1, n),
            "sex": random.choice(["f", "m"], n),
            "target": random.integers(0, 2, n),
        }
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project whose first version is live, and was trained on `rows()`."""
    brief = OWNED.replace('[model]\nname = "credit"', '[model]\nname = "credit"\nowner = "risk@bank.example"')
    (tmp_path / "mainstay.toml").write_text(brief)
    rows().write_csv(tmp_path / "rows.csv")
    project = open_project(tmp_path)
    taken = take_snapshot(project, pl.read_csv(tmp_path / "rows.csv"), actor="anna", at=AT)
    add(project.home, snapshot=taken.root)
    deploy(project.home, 1, at=AT)
    return tmp_path


def changed(folder: Path, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Any:
    change(rows()).write_csv(folder / "rows.csv")
    return update(open_project(folder))


def test_a_source_that_is_the_same_is_said_so(folder: Path) -> None:
    seen = update(open_project(folder))
    assert seen.changes == ()
    assert (seen.rows.was, seen.rows.new, seen.rows.gone, seen.rows.changed, seen.rows.key) == (N, 0, 0, 0, "id")
    assert not seen.hits_live


def test_more_of_the_same_is_no_change(folder: Path) -> None:
    seen = changed(folder, lambda table: pl.concat([table, rows(1).with_columns(pl.col("id") + N)]))
    assert seen.changes == ()
    assert (seen.rows.now, seen.rows.new) == (2 * N, N)


def test_a_lost_column_that_the_live_version_reads_hits_it(folder: Path) -> None:
    seen = changed(folder, lambda table: table.drop("LIMIT_BAL"))
    (who,) = seen.concerned
    assert seen.changes[0].change is Change.LOST
    assert (who.owner, who.contract) == ("accounts@bank.example", "https://wiki.bank.example/limits")
    assert who.versions == who.broken == ("credit/1",)
    assert who.tell == ("accounts@bank.example", "risk@bank.example")
    assert seen.hits_live


def test_a_lost_column_that_nobody_reads_hits_nobody(folder: Path) -> None:
    seen = changed(folder, lambda table: table.drop("rate"))
    assert [change.change for change in seen.changes] == [Change.LOST]
    assert not seen.hits_live


@pytest.mark.parametrize(
    ("change", "kind", "hits"),
    [
        (pl.format("T{}", "LIMIT_BAL").alias("LIMIT_BAL"), Change.TYPE, True),
        (pl.col("LIMIT_BAL") + 0.5, Change.TYPE, False),
        (pl.col("LIMIT_BAL") * 1000, Change.UNIT, True),
        (pl.col("LIMIT_BAL") / 100, Change.UNIT, True),
        (pl.when(pl.col("id") % 10 != 0).then("LIMIT_BAL").alias("LIMIT_BAL"), Change.MISSING, False),
        (pl.col("LIMIT_BAL") + 500_000, Change.RANGE, False),
        (pl.col("PAY_0").replace(8, 88), Change.LEVELS, False),
    ],
)
def test_a_change_of_a_column_is_named(folder: Path, change: pl.Expr, kind: Change, hits: bool) -> None:
    seen = changed(folder, lambda table: table.with_columns(change))
    assert kind in [each.change for each in seen.changes]
    assert seen.hits_live == hits
    assert seen.rows.changed


def test_a_renamed_column_is_recognised_and_an_alias_proposed(folder: Path) -> None:
    seen = changed(folder, lambda table: table.rename({"LIMIT_BAL": "limit_balance"}))
    (one,) = seen.changes
    assert (one.change, one.was, one.now) == (Change.RENAMED, "LIMIT_BAL", "limit_balance")
    assert '[fields.LIMIT_BAL]\naliases = ["limit_balance"]' in seen.proposed
    assert seen.hits_live


def test_a_renamed_column_is_named_with_what_heals_it_and_then_read(folder: Path) -> None:
    brief = folder / "mainstay.toml"
    before = brief.read_text()
    rows().rename({"LIMIT_BAL": "credit line"}).write_csv(folder / "rows.csv")
    with pytest.raises(DataError, match="fields: there is no column 'LIMIT_BAL'") as caught:
        read_rows(open_project(folder))
    heals = '[fields.LIMIT_BAL]\naliases = ["credit line"]'
    assert heals in caught.value.remedy
    brief.write_text(before.replace("[fields.LIMIT_BAL]", heals))
    assert read_rows(open_project(folder)).columns == rows().columns


def test_a_new_column_belongs_to_nobody_yet(folder: Path) -> None:
    seen = changed(folder, lambda table: table.with_columns(pl.lit("x").alias("new one")))
    assert [(each.column, each.change) for each in seen.changes] == [("new one", Change.NEW)]
    assert '[fields."new one"]\nsource = ""\nowner = ""' in seen.proposed


def test_levels_of_a_personal_column_are_not_told(folder: Path) -> None:
    seen = changed(folder, lambda table: table.with_columns(pl.col("sex").replace("f", "w")))
    (one,) = seen.changes
    assert one.change is Change.LEVELS
    assert (one.new_levels, one.lost_levels) == ((), ())


def test_nothing_is_written_and_what_stands_in_the_brief_stays(folder: Path) -> None:
    text, events = (folder / "mainstay.toml").read_text(), open_project(folder).home.ledger.events("credit")
    changed(folder, lambda table: table.drop("LIMIT_BAL"))
    assert (folder / "mainstay.toml").read_text() == text
    assert open_project(folder).home.ledger.events("credit") == events
    assert len(Snapshots(open_project(folder).home).all()) == 1


def test_without_a_snapshot_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    with pytest.raises(NotFound, match="no snapshot yet"):
        update(open_project(tmp_path))


def test_rows_that_were_changed_are_compared_with_nothing(folder: Path) -> None:
    project = open_project(folder)
    (kept,) = Snapshots(project.home).all()
    altered = pl.read_csv(folder / "rows.csv").with_columns(LIMIT_BAL=pl.col("LIMIT_BAL") + 1)
    altered.write_parquet(project.home.snapshots_root / kept.id / "rows.parquet")
    with pytest.raises(StoreError, match="were changed"):
        update(project)


def test_as_typed(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert run(mainstay, ["init", "--update"]) == 0
    assert "No column changed." in capsys.readouterr().out
    rows().drop("LIMIT_BAL").with_columns(pl.col("sex").replace("f", "w")).write_csv(folder / "rows.csv")
    assert run(mainstay, ["init", "--update"]) == 1
    said = capsys.readouterr().out
    assert "■ LIMIT_BAL: is gone; it held whole numbers." in said
    assert "Tell accounts@bank.example, risk@bank.example." in said
    assert run(mainstay, ["init", "--update", "--json", "-p", str(folder)]) == 1
    assert json.loads(capsys.readouterr().out)["hits_live"] is True
    assert run(mainstay, ["init", str(folder), "--update", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["hits_live"] is True
    assert told["live"] == "credit/1"
    (folder / "rows.csv").unlink()
    assert run(mainstay, ["init", "--update"]) == 2
    assert "rows.csv is not there" in capsys.readouterr().err


def test_rows_without_a_key_are_told_apart_by_all_they_hold() -> None:
    before = pl.DataFrame({"a": [1, 1, 2], "b": ["x", "x", None]})
    after = pl.DataFrame({"b": ["x", None, "y"], "a": [1.0, 2.0, 3.0], "c": [0, 0, 0]})
    seen = row_changes(before, after)
    assert (seen.new, seen.gone, seen.changed, seen.key) == (1, 1, None, None)


@pytest.mark.parametrize("seed", range(20))
def test_chance_alone_changes_nothing(seed: int) -> None:
    first, second = rows(2 * seed + 1, 500), rows(2 * seed + 2, 5000)
    gaps = pl.when(pl.Series(np.random.default_rng(seed).random(500) > 0.1)).then(pl.lit(1.0)).alias("gaps")
    more = pl.when(pl.Series(np.random.default_rng(seed + 99).random(5000) > 0.1)).then(pl.lit(1.0)).alias("gaps")
    found = column_changes(first.with_columns(gaps), second.with_columns(more))
    assert found == ()


@pytest.mark.parametrize("name", ["^x$", "*", "a b"])
def test_odd_names_and_odd_types(name: str) -> None:
    before = pl.DataFrame({name: [1, 2], "l": [[1], [2]], "b": [b"x", b"y"]})
    found = column_changes(before, pl.DataFrame({name: ["p", "q"], "l": ["x", "y"], "b": [b"x", b"y"]}))
    assert [(change.column, change.change) for change in found] == [(name, Change.TYPE), ("l", Change.TYPE)]
    assert row_changes(before, before).new == 0
