"""`mainstay expect`: proposes, writes once, and what it writes is asked by the exam."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from mainstay.domain.errors import Refused
from mainstay.domain.expectation import parse_expectations
from mainstay.interfaces.cli.check import check
from mainstay.interfaces.cli.expect import expect
from mainstay.simulation.streams import clean_stream
from mainstay.store.project import EXPECTATIONS, open_project, write_brief
from mainstay.workflows.train import train

BRIEF = """
[model]
name = "calls"
[data]
source = "rows.csv"
target = "outcome"
positive = 1
time = "at"
protected = ["{protected}"]
[decision]
when_high = "call"
when_low = "leave"
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("expect")
    rows = clean_stream(seed=3, days=60, rows_per_day=20, n_numbers=3, n_categories=1).rows
    texts = [name for name in rows.columns if str(rows[name].dtype) == "String" and name != "at"]
    rows.write_csv(folder / "rows.csv")
    write_brief(folder, BRIEF.format(protected=texts[-1]))
    train(open_project(folder), seed=0, actor="anna", at=datetime(2026, 5, 4, tzinfo=UTC),
          on_progress=lambda what, share: None)  # fmt: skip
    return folder


def said(command: object, folder: Path, *words: str) -> str:
    done = CliRunner().invoke(command, [*words, "--project", str(folder)], standalone_mode=False)  # type: ignore[arg-type]
    if done.exception is not None:
        raise done.exception
    return done.stdout


def test_it_proposes_writes_once_and_the_exam_asks(project: Path) -> None:
    told = json.loads(said(expect, project, "--json"))
    assert told["written"] is None
    names = [each.name for each in parse_expectations(told["text"])]
    assert names == [each["name"] for each in told["proposed"]]
    assert any(name.startswith("a change of ") for name in names)
    text = said(expect, project)
    assert "[[" in text
    assert not any(f": {name}: " in line for line in text.splitlines() for name in names), "a name stands once"
    assert "expectations.toml" in said(expect, project, "--write")
    with pytest.raises(Refused):
        said(expect, project, "--write")
    found = json.loads(said(check, project, "--only", "F19-expectation", "--json"))["findings"]
    assert [finding["subject"] for finding in found] == names


def test_some_questions_lead_on_to_all_of_them(project: Path) -> None:
    shown = said(check, project, "--only", "F01-owned")
    assert "pass" not in shown
    assert "0 of 1 findings" in shown
    assert "Next: mainstay check calls/1, which asks every question" in shown


def test_a_broken_file_is_a_finding_of_its_own_and_ends_nothing_else(project: Path) -> None:
    file = project / EXPECTATIONS
    kept = file.read_bytes() if file.exists() else b""
    file.write_bytes(b"[[monotone\n")
    words = ("--only", "F19-expectation", "--only", "F01-owned", "--json")
    owned, broken = json.loads(said(check, project, *words))["findings"]
    assert (owned["code"], broken["verdict"]) == ("F01-owned", "fail")
    assert broken["because"].startswith("expectations.toml:1: ")
    assert "Mend expectations.toml" in broken["remedy"]
    assert "[[" in said(expect, project)
    file.write_bytes(kept)
