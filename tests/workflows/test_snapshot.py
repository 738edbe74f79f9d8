"""The rows that a version is examined on are those that it was made from, or none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from mainstay.domain.errors import StoreError
from mainstay.domain.event import Act
from mainstay.domain.finding import Verdict
from mainstay.store.project import Project, open_project, write_brief
from mainstay.store.snapshots import Snapshots
from mainstay.workflows.snapshot import mend_snapshots, proven_rows, take_snapshot

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
    with pytest.raises(StoreError, match="were changed") as caught:
        proven_rows(project, root)
    assert "Or train again" in caught.value.remedy


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


def damage(path: Path) -> None:
    """Turn one bit in the middle of a file over, as a disk does."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def without_digests(project: Project, root: str) -> None:
    """A snapshot as an older edition kept it."""
    kept = rows_of(project, root).with_name("snapshot.json")
    told = json.loads(kept.read_text())
    del told["files"]
    kept.write_text(json.dumps(told))


@pytest.mark.parametrize("is_old", [False, True])
@pytest.mark.parametrize("is_gone", [False, True])
def test_damaged_rows_are_written_anew_from_a_source_that_still_holds_them(
    project: Project, is_old: bool, is_gone: bool
) -> None:
    root = take_snapshot(project, ROWS, actor="anna", at=AT).root
    if is_old:
        without_digests(project, root)
    assert mend_snapshots(project, ROWS, actor="anna", at=AT) == ()
    rows_of(project, root).unlink() if is_gone else damage(rows_of(project, root))
    (found,) = mend_snapshots(project, ROWS, actor="anna", at=AT)
    assert (found.code, found.verdict) == ("F14-snapshot-damaged", Verdict.WARN)
    assert "were written anew" in found.because
    assert proven_rows(project, root).equals(ROWS, null_equal=True)
    events = [event.body for event in project.home.ledger.events("calls") if event.act == Act.SNAPSHOT_TAKEN]
    assert [body["snapshot"] for body in events] == [root, root]
    assert [body.get("mended", False) for body in events] == [False, True]
    assert mend_snapshots(project, ROWS, actor="anna", at=AT) == ()
    assert take_snapshot(project, ROWS, actor="anna", at=AT).root == root
    assert len(Snapshots(project.home).all()) == 1


def test_rows_whose_proof_is_damaged_are_kept_anew_under_another_root(project: Project) -> None:
    root = take_snapshot(project, ROWS, actor="anna", at=AT).root
    damage(rows_of(project, root).with_name("salts"))
    (found,) = mend_snapshots(project, ROWS, actor="anna", at=AT)
    assert "under another root" in found.because
    assert "restored from a backup" in found.remedy
    anew = take_snapshot(project, ROWS, actor="anna", at=AT)
    assert anew.root != root
    assert proven_rows(project, anew.root).equals(ROWS, null_equal=True)
    assert mend_snapshots(project, ROWS, actor="anna", at=AT) == (), "told once"
    assert take_snapshot(project, ROWS, actor="anna", at=AT) == anew


def test_other_rows_mend_nothing(project: Project) -> None:
    root = take_snapshot(project, ROWS, actor="anna", at=AT).root
    damage(rows_of(project, root))
    other = ROWS.reverse()
    assert mend_snapshots(project, other, actor="anna", at=AT) == ()
    assert take_snapshot(project, other, actor="anna", at=AT).root != root
    with pytest.raises(StoreError):
        proven_rows(project, root)
