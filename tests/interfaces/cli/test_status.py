"""`mainstay status` as a person and as a script read it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.workflows.lives import AT, BRIEF, DAY, deploy, raise_signal, train

from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store.home import open_home


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    home = open_home(tmp_path)
    train(home, 1)
    deploy(home, 1, at=AT + 3 * DAY)
    raise_signal(home, "s-1", at=AT + 5 * DAY)
    train(home, 2, at=AT + 6 * DAY)
    return tmp_path


def said(project: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(mainstay, ["status", "--project", str(project), "--at", "2026-03-11", *arguments]) == 0
    return capsys.readouterr().out


def test_the_answer_comes_first_and_the_next_step_last(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(project, capsys).splitlines()
    assert lines[0] == "credit/1 is live, since 2026-03-04 09:00 UTC, by bo."
    assert lines[1].startswith("credit/1 is worth TWD 4,518 a decision (likely 4,318 to 4,718")
    assert "It went live 3 days after the first fit, within the time box of 14 days." in lines
    assert "1 open signal:" in lines
    assert lines[-1].startswith("Next: mainstay ")


def test_scripts_get_one_document(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(said(project, capsys, "--json"))
    assert told["at"] == "2026-03-11T00:00:00Z"
    (model,) = told["models"]
    assert model["live"] == {"version": "credit/1", "since": "2026-03-04T09:00:00Z", "by": "bo"}
    assert model["value"]["per_decision"] == {"value": 4518.0, "low": 4318.0, "high": 4718.0}
    assert [signal["id"] for signal in model["signals"]] == ["s-1"]
    assert model["time_box"]["days"] == 3
    assert not model["time_box"]["over"]
    assert all({"code", "n", "because", "remedy"} <= wait.keys() for wait in model["waiting"])
    assert "newer-version" in [wait["code"] for wait in model["waiting"]]


def test_before_a_training_the_next_step_is_to_train(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    lines = said(tmp_path, capsys).splitlines()
    assert lines[0] == "No version of credit is live."
    assert lines[-1] == "Next: mainstay train"


def test_no_learner_is_loaded() -> None:
    code = "import sys, mainstay.interfaces.cli.status; print({'sklearn', 'skops', 'altair'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
