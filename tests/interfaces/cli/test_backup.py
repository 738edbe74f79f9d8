"""`mainstay backup` and `mainstay restore` as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.workflows.lives import AT, add, decide

from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store.home import open_home


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "credit"
    home = open_home(folder)
    add(home)
    decide(home, ["a-1"], at=AT)
    monkeypatch.chdir(tmp_path)
    return folder


def test_there_and_back(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["backup", "--project", "credit"]) == 0
    said = capsys.readouterr().out
    (file,) = tmp_path.glob("credit-*.mainstay.tar")
    assert said.splitlines()[0].startswith(f"Wrote {file.name}")
    assert said.splitlines()[-1].startswith(f"Next: mainstay restore {file.name} FOLDER")
    assert file.stat().st_mode & 0o777 == 0o600

    assert run(mainstay, ["restore", file.name, "again"]) == 0
    assert "its history is whole" in capsys.readouterr().out
    assert run(mainstay, ["history", "--project", "again", "--json"]) == 0
    acts = [event["act"] for event in json.loads(capsys.readouterr().out)["events"]]
    assert acts == ["trained", "restored"]


def test_scripts_get_one_document_each(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["backup", "kept.tar", "--project", "credit", "--json"]) == 0
    kept = json.loads(capsys.readouterr().out)
    assert kept["holds"][0]["waiting"] == 1
    assert run(mainstay, ["restore", "kept.tar", "again", "--json"]) == 0
    back = json.loads(capsys.readouterr().out)
    assert back["whole"]
    assert back["digest"] == kept["digest"]


def test_refusals(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["backup", "kept.tar", "--project", "credit"]) == 0
    assert run(mainstay, ["backup", "kept.tar", "--project", "credit"]) == 2
    assert run(mainstay, ["restore", "nowhere.tar", "again"]) == 2
    assert run(mainstay, ["restore", "kept.tar", "credit"]) == 2
    raw = (tmp_path / "kept.tar").read_bytes()
    (tmp_path / "kept.tar").write_bytes(raw[: len(raw) // 2])
    assert run(mainstay, ["restore", "kept.tar", "again"]) == 1
    assert "Traceback" not in capsys.readouterr().err
    assert not (tmp_path / "again").exists() or list((tmp_path / "again").iterdir()) == []
