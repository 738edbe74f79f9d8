"""`mainstay predict` as a person and as a script read it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tests.interfaces.http.homes import AT, BRIEF, add, new_home
from tests.workflows.lives import examine

from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store.home import open_home
from mainstay.workflows import predict as workflow


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    new_home(tmp_path)
    (tmp_path / "rows.csv").write_text(
        "customer;age;income;region;member;joined;late\n"
        "c-1;50;1000;EU;True;2021-05-01;0\nc-2;12;1000;EU;True;2021-05-01;0\nc-3;x;1000;EU;True;2021-05-01;0\nc-4;1\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_counts_first_then_what_was_unexpected_then_what_comes_next(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(mainstay, ["predict", "rows.csv", "--out", "out.csv", "--id", "customer"]) == 0
    told = capsys.readouterr()
    said = told.out.splitlines()
    assert said[0] == "2 of 4 rows of rows.csv answered by credit/1, in out.csv."
    assert said[1] == "1 of them with a warning."
    assert said[2].startswith("2 refused: each is in its place")
    assert [" ".join(line.split()) for line in said[4:8]] == [
        "column code rows",
        "age out-of-range warned 1",
        "age wrong-type refused 1",
        "– not-a-row refused 1",
    ]
    assert said[-1].startswith("Next: mainstay watch --once")
    assert "4 rows answered" in told.err
    rows = (project / "out.csv").read_text().splitlines()
    assert rows[3].startswith("c-3,1,,,,,,")
    assert "wrong-type: age; got" in rows[3]
    assert "line 5 has 2 fields, the header has 7" in rows[4]


def test_what_a_spreadsheet_would_run_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = (project / "rows.csv").read_text()
    (project / "rows.csv").write_text(rows.replace("c-1", "=c-1"))
    words = ["predict", "rows.csv", "--out", "out.csv", "--id", "customer", "--no-journal"]
    assert run(mainstay, words) == 0
    said = capsys.readouterr().err
    assert "A spreadsheet takes texts of out.csv for formulas (column 'id'): they stand there as they came." in said
    assert "c-1" not in said
    assert run(mainstay, [*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["formulas"] == ["id"]


def test_a_script_reads_one_document(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["predict", "rows.csv", "--out", "out.parquet", "--no-journal", "--version", "1", "--json"]
    assert run(mainstay, words) == 0
    told = json.loads(capsys.readouterr().out)
    assert {name: told[name] for name in ("version", "rows", "answered", "warned", "refused", "journalled")} == {
        "version": "credit/1",
        "rows": 4,
        "answered": 2,
        "warned": 1,
        "refused": 2,
        "journalled": False,
    }
    assert {"field": "age", "code": "wrong-type", "refused": True, "n": 1} in told["unexpected"]


def test_who_tries_a_version_is_sent_to_its_exam_before_it_is_deployed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = open_home(project)
    add(home)
    words = ["predict", "rows.csv", "--out", "out.csv", "--version", "2"]
    assert run(mainstay, words) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Next: mainstay check credit/2"
    examine(home, 2, at=AT)
    assert run(mainstay, words) == 0
    assert "Next: mainstay deploy credit/2, so that its decisions are watched." in capsys.readouterr().out
    examine(home, 2, at=AT, failed_gates=["F16-service-p99"])
    assert run(mainstay, words) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("which failed its gates: F16-service-p99")


def test_where_no_row_is_answered_the_answer_is_no(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "bad.csv").write_text("age,region\nx,EU\n")
    assert run(mainstay, ["predict", "bad.csv", "--out", "out.csv"]) == 1
    assert capsys.readouterr().out.startswith("0 of 1 rows")


def test_interrupted_it_says_how_to_go_on(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> object:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(workflow, "answer_rows", interrupted)
        assert run(mainstay, ["predict", "rows.csv", "--out", "out.csv"]) == 130
    assert "the same command goes on from there" in capsys.readouterr().err
    assert run(mainstay, ["predict", "rows.csv", "--out", "out.csv"]) == 0


def test_a_file_that_is_not_there_is_asked_wrongly(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["predict", "row.csv", "--out", "out.csv"]) == 2
    assert "Did you mean 'rows.csv'" in capsys.readouterr().err


def test_a_missing_driver_is_said_with_the_command_that_brings_it(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mainstay.workflows.predict_table", "mainstay.store.postgres"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    words = ["predict", "--from", "select 1", "--to", "t", "--id", "x", "--database", "postgresql://localhost/x"]
    assert run(mainstay, words) == 2
    assert "pip install 'mainstay[postgres]'" in capsys.readouterr().err


def test_rows_need_a_place_to_come_from_and_one_to_go_to(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["predict", "rows.csv"]) == 2
    assert "--out FILE" in capsys.readouterr().err
    assert run(mainstay, ["predict", "--from", "select 1", "--to", "t", "--id", "x"]) == 2
    assert "--database" in capsys.readouterr().err
