"""Rows worth labelling: unsure and unlike each other, never one that has its outcome, whatever the table is like."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.workflows.lives import add

from mainstay.domain.errors import DataError, NotFound
from mainstay.domain.version import VersionName
from mainstay.store.home import Home, open_home
from mainstay.workflows.review import Review, review, write_rows


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    found = open_home(tmp_path / "home")
    add(found)
    return found


def table(n: int = 300) -> pl.DataFrame:
    random = np.random.default_rng(1)
    return pl.DataFrame(
        {
            "case": [f"c-{i}" for i in range(n)],
            "LIMIT_BAL": random.integers(1, 50, n) * 10_000,
            "PAY_0": random.integers(-2, 8, n),
            "target": [None if i % 3 else i % 2 for i in range(n)],
        }
    )


def reviewed(home: Home, rows: pl.DataFrame, tmp_path: Path, n: int = 20) -> Review:
    place = tmp_path / "rows.parquet"
    rows.write_parquet(place)
    return review(home, VersionName("credit", 1), place, name="rows.parquet", n=n, seed=1)


def test_picks_are_unsure_distinct_and_without_an_outcome(home: Home, tmp_path: Path) -> None:
    rows = table()
    found = reviewed(home, rows, tmp_path)
    assert (found.rows, found.labelled, len(found.picked)) == (300, 100, 20)
    numbers = [pick.row - 1 for pick in found.picked]
    assert len(set(numbers)) == 20
    assert rows["target"][numbers].null_count() == 20
    given = rows.filter(pl.col("target").is_null())
    raw = -1.1 + given["PAY_0"] - 0.5 * (given["LIMIT_BAL"] - 50_000) / 100_000
    usual = float(np.abs(1 / (1 + np.exp(-raw.to_numpy())) - 0.5).mean())
    assert np.mean([abs(pick.score - 0.5) for pick in found.picked]) < 0.6 * usual
    assert found.table.columns == rows.columns
    assert found.table["case"].to_list() == [f"c-{number}" for number in numbers]
    assert found.table["target"].null_count() == 20
    assert found.picked == reviewed(home, rows, tmp_path).picked


def test_an_outcome_is_missing_as_people_leave_it_out(home: Home, tmp_path: Path) -> None:
    rows = table(12).with_columns(
        pl.Series("target", ["", " ", "NA", "?", "null", "none", None, "0", "1", "0", "1", "x"])
    )
    assert reviewed(home, rows, tmp_path).labelled == 5
    rows = table(3).with_columns(pl.Series("target", [float("nan"), None, 1.0]))
    assert reviewed(home, rows, tmp_path).labelled == 1
    found = reviewed(home, table(3).drop("target"), tmp_path)
    assert found.labelled == 0
    assert found.table.columns[-1] == "target"


def test_fewer_rows_than_asked_are_all_picked(home: Home, tmp_path: Path) -> None:
    assert len(reviewed(home, table(6), tmp_path, n=50).picked) == 4
    labelled = table(6).with_columns(pl.lit(1).alias("target"))
    assert reviewed(home, labelled, tmp_path).picked == ()


def test_missing_columns_and_other_types_are_said_and_scored_as_missing(home: Home, tmp_path: Path) -> None:
    rows = table(30).drop("LIMIT_BAL").with_columns(pl.lit("a lot").alias("PAY_0"))
    found = reviewed(home, rows, tmp_path)
    assert {finding.code for finding in found.findings} == {"F15-absent-column", "F15-unreadable-values"}
    assert len({pick.score for pick in found.picked}) == 1
    assert len(found.picked) == 20


def test_a_table_about_something_else_is_refused(home: Home, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column that the model reads"):
        reviewed(home, pl.DataFrame({"weather": ["sun"]}), tmp_path)
    with pytest.raises(NotFound):
        review(home, VersionName("credit", 1), tmp_path / "no.csv", name="no.csv", n=5, seed=1)
    (tmp_path / "empty.csv").write_text("PAY_0,LIMIT_BAL\n")
    with pytest.raises(DataError, match="no rows"):
        review(home, VersionName("credit", 1), tmp_path / "empty.csv", name="empty.csv", n=5, seed=1)


def test_nested_columns_are_not_written_as_csv(home: Home, tmp_path: Path) -> None:
    found = reviewed(home, table(9).with_columns(pl.Series("tags", [["a"]] * 9)), tmp_path)
    with pytest.raises(DataError, match="'tags' holds List"):
        write_rows(found, tmp_path / "next.csv")
    assert not (tmp_path / "next.csv").exists()
