"""The rows that a version is examined on are those that it was made from, or none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from mainstay.domain.errors import StoreError
from mainstay.store.project import Project, open_project, write_brief
from mainstay.store.snapshots import Snapshots
from mainstay.workflows.snapshot import proven_rows, take_snapshot

AT = datetime(2026, 5, 4, tzinfo=UTC)
BRIEF = """
[model]
name = "calls"
[data]
source = "rows.csv"
target = "outcome"
positive = 1
"""
ROWS = pl.DataFrame(
    {
        "amount": [1.5, None, float("nan"), -0.0],
        "kind": pl.Series(["a", "b", None, "a"], dtype=pl.Categorical),
        "at": [datetime(2026, 5, day, tzinfo=UTC) for day in (1, 2, 3, 4)],
        "outcome": [0, 1, 0, 1],
    }
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write_brief(tmp_path, BRIEF)
    return open_project(tmp_path)


def rows_of(project: Project, root: str) -> Path:
    snapshot = next(each for each in Snapshots(project.home).all() if each.root == root)
    return project.home.snapshots_root / snapshot.id / "rows.parquet"


def test_rows_are_proven(project: Project) -> None:
    root = take_snapshot(project, ROWS, actor="anna", at=AT).root
    assert proven_rows(project, root).equals(ROWS, null_equal=True)


def test_one_other_value_is_refused(project: Project) -> None:
    root = take_snapshot(project, ROWS, actor="anna", at=AT).root
    ROWS.with_columns(outcome=pl.Series([0, 1, 0, 0])).write_parquet(rows_of(project, root))
    with pytest.raises(StoreError, match="were changed"):
        proven_rows(project, root)


def test_a_row_less_is_refused(project: Project) -> None:
    root = take_snapshot(project, ROWS, actor="anna", at=AT).root
    ROWS.head(3).write_parquet(rows_of(project, root))
    with pytest.raises(StoreError, match="were changed"):
        proven_rows(project, root)


def test_the_root_decides_where_the_fingerprint_differs(project: Project) -> None:
    root = take_snapshot(project, ROWS, actor="anna", at=AT).root
    kept = rows_of(project, root).with_name("snapshot.json")
    kept.write_text(kept.read_text().replace("hmac-sha256:", "hmac-sha256:0"))
    assert proven_rows(project, root).height == ROWS.height
