"""`mainstay doctor` as a person and as a script read it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.workflows.lives import BRIEF, add

from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store.home import open_home


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    (tmp_path / "rows.csv").write_text("LIMIT_BAL,PAY_0,target\n10000,0,1\n")
    add(open_home(tmp_path))
    return tmp_path


def test_where_all_is_well_it_says_so_and_exits_with_0(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["doctor", "--project", str(project)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] in {"All is well.", "Nothing is broken; 1 thing to look at."}
    assert lines[-1].startswith("Next: ")


def test_a_fault_is_told_with_a_cure_that_cures(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = project / ".mainstay" / "secret"
    secret.chmod(0o644)
    assert run(mainstay, ["doctor", "--project", str(project)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1 fault to mend first."
    assert lines[-1] == f"Next: chmod 600 {secret}"


def test_scripts_get_findings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".mainstay" / "artifacts" / "credit" / "1" / "bundle" / "plan.json").write_bytes(b"{}")
    assert run(mainstay, ["doctor", "--project", str(project), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "fail"
    (bad,) = [f for f in told["findings"] if f["verdict"] == "fail"]
    assert (bad["code"], bad["subject"]) == ("doctor-bundles", "credit/1")


def test_without_a_project_it_examines_the_environment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["doctor", "--project", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "There is no project" in said
    assert "python" in said
    assert said.splitlines()[-1].startswith("Next: mainstay init")
