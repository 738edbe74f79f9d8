"""`mainstay outcomes` and `mainstay actions` as a person and as a script read them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.workflows.lives import AT, BRIEF, DAY, add, decide

from mainstay.domain.version import VersionName
from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store.home import open_home
from mainstay.workflows import live


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    home = open_home(tmp_path)
    add(home)
    live.deploy(home, VersionName("credit", 1), actor="bo", at=AT)
    decide(home, ["a-1", "a-2"], at=AT + DAY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_counts_first_then_what_comes_next(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "told.csv").write_text("CASE,outcome,happened_at\na-1,1,2026-03-20\nz-9,0,2026-03-20\na-2,,\n")
    assert run(mainstay, ["outcomes", "told.csv", "--id", "CASE"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "3 rows of told.csv: 2 new outcomes, 0 known already."
    assert lines[1].startswith("1 without outcome as yet")
    assert lines[2].startswith("1 id was never decided here")
    assert lines[-1] == "Next: mainstay watch --once"


def test_refused_rows_are_shown_and_the_answer_is_no(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "told.csv").write_text("id,outcome,happened_at\na-1,1,2026-03-20\na-2,perhaps,2026-03-20\n")
    assert run(mainstay, ["outcomes", "told.csv"]) == 1
    said = capsys.readouterr().out
    assert "1 could not be taken; the others are kept" in said
    assert "perhaps" in said
    assert run(mainstay, ["outcomes", "told.csv", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert {name: told[name] for name in ("rows", "new", "repeated", "silent", "unknown_ids", "refused")} == {
        "rows": 2,
        "new": 0,
        "repeated": 1,
        "silent": 0,
        "unknown_ids": 0,
        "refused": 1,
    }
    assert told["faults"][0]["row"] == 2


def test_actions_come_the_same_way(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "done.csv").write_text("id,what,who,when\na-1,decline,anna,2026-03-03\na-2,called,bo,2026-03-04\n")
    named = ["--action", "what", "--by", "who", "--at", "when"]
    assert run(mainstay, ["actions", "done.csv", *named, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["new"] == 2
    assert run(mainstay, ["actions", "done.csv", *named, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["repeated"] == 2


def test_a_column_or_a_file_that_is_not_there_is_asked_wrongly(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "told.csv").write_text("id,Result,happened_at\na-1,1,2026-03-20\n")
    assert run(mainstay, ["outcomes", "told.csv"]) == 2
    assert "--outcome COLUMN" in capsys.readouterr().err
    (project / "done.csv").write_text("id,action,by\na-1,call,bo\n")
    assert run(mainstay, ["actions", "done.csv"]) == 2
    assert "Known: id, action, by. Say which it is: --at COLUMN" in capsys.readouterr().err
    assert run(mainstay, ["outcomes", "tld.csv"]) == 2
    assert "told.csv" in capsys.readouterr().err


def test_a_log_is_imported_and_what_is_odd_in_it_is_said(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ["case,at,score,LIMIT_BAL,pay_0,branch", "b-1,2026-03-05,0.4,50000,1,x", "b-2,2026-03-06,0.1,a lot,0,x"]
    (project / "log.csv").write_text("\n".join([*rows, "b-3,soon,0.2,1,1,x"]) + "\n")
    assert run(mainstay, ["journal", "import", "log.csv"]) == 2
    assert "--map COLUMN=id" in capsys.readouterr().err
    words = ["journal", "import", "log.csv", "--map", "case=id"]
    assert run(mainstay, words) == 1
    said = capsys.readouterr().out
    assert said.startswith("3 rows of log.csv: 2 new decisions, 0 known already.")
    assert "Passed over, as nothing reads them: branch." in said
    assert "soon" in said
    assert said.splitlines()[-1] == "Next: mainstay watch --once"
    assert run(mainstay, [*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {name: told[name] for name in ("version", "resumed_at", "rows", "new")} == {
        "version": "credit/1",
        "resumed_at": 3,
        "rows": 0,
        "new": 0,
    }
    assert run(mainstay, ["journal", "import", "log.csv", "--map", "case"]) == 2
