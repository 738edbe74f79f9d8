"""A drafted brief finds its table, wherever the two lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mainstay.workflows.init import source_from


@pytest.mark.parametrize(
    ("folder", "data", "source"),
    [
        ("credit", "credit/rows.csv", "rows.csv"),
        ("credit", "credit/tables/rows.csv", "tables/rows.csv"),
        ("credit", "rows.csv", "../rows.csv"),
        ("models/credit", "data/rows.csv", "../../data/rows.csv"),
        (".", "rows.csv", "rows.csv"),
    ],
)
def test_a_table_is_named_relative_to_the_brief(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, data: str, source: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert source_from(Path(folder), Path(data)) == source
    assert source_from(tmp_path / folder, tmp_path / data) == source


def test_a_folder_reached_by_a_link_leads_to_the_table_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "far" / "away").mkdir(parents=True)
    (tmp_path / "near").symlink_to(tmp_path / "far" / "away", target_is_directory=True)
    (tmp_path / "rows.csv").touch()
    assert (tmp_path / "near" / source_from(tmp_path / "near", tmp_path / "rows.csv")).exists()


def test_where_no_relative_way_leads_the_source_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def another_drive(*_: object) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(os.path, "relpath", another_drive)
    assert source_from(tmp_path / "credit", tmp_path / "rows.csv") == (tmp_path / "rows.csv").as_posix()
