"""A sample that is not there, no table or the table itself stops no exam: it says why there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.store.project import Project, open_project, write_brief
from mainstay.workflows.population import sample_of

BRIEF = '[model]\nname = "m"\n[data]\nsource = "rows.csv"\ntarget = "y"\n'


def project(folder: Path, population: str) -> Project:
    (folder / "rows.csv").write_text("x,y\n1,0\n2,1\n")
    (folder / "empty.csv").write_text("")
    (folder / "folder").mkdir()
    write_brief(folder, f'{BRIEF}population = "{population}"\n' if population else BRIEF)
    return open_project(folder)


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("", ""),
        ("rows.csv", "is the table itself"),
        ("./rows.csv", "is the table itself"),
        ("gone.csv", "cannot be read (gone.csv is not there)"),
        ("empty.csv", "cannot be read (empty.csv is empty)"),
        ("folder", "cannot be read"),
    ],
)
def test_why_there_is_none(named: str, why: str, tmp_path: Path) -> None:
    sample, said = sample_of(project(tmp_path, named))
    assert sample is None
    assert why in said
    assert bool(said) == bool(named)


def test_another_table_is_the_sample(tmp_path: Path) -> None:
    (tmp_path / "all.csv").write_text("x\n1\n2\n3\n")
    sample, said = sample_of(project(tmp_path, "all.csv"))
    assert sample is not None
    assert (sample.height, said) == (3, "")
