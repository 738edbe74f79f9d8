"""`mainstay keys` as typed: a key is shown once, then only what it opens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.workflows.lives import BRIEF

from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    monkeypatch.chdir(tmp_path)


def said(capsys: pytest.CaptureFixture[str], line: str, code: int = 0) -> str:
    assert run(mainstay, ["keys", *line.split()]) == code
    seen = capsys.readouterr()
    return seen.out if code == 0 else seen.err


def test_a_key_from_its_making_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert "No key yet" in said(capsys, "list")
    shown = said(capsys, "add shop --scopes decide,outcomes --rate 100/s --expires 90d")
    assert "shop.1 opens decide, outcomes, at most 100/s, until " in shown
    (key,) = [line.strip() for line in shown.splitlines() if line.startswith("  mk_")]
    told = json.loads(said(capsys, "add shop --json"))
    assert (told["id"], told["scopes"], told["rate"]) == ("shop.2", ["decide", "outcomes"], "100/s")
    assert told["key"].startswith("mk_")
    assert said(capsys, "revoke shop --older --why lost").startswith("Revoked: shop.1.")
    listed = said(capsys, "list --all")
    assert [line.split()[:2] for line in listed.splitlines()[1:3]] == [["shop.1", "revoked"], ["shop.2", "active"]]
    assert [each["id"] for each in json.loads(said(capsys, "list --json"))] == ["shop.2"]
    assert key not in listed
    said(capsys, "revoke shop")
    assert "nobody can call" in said(capsys, "list")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("add shop", "what may shop do?"),
        ("add shop --scopes decid", "Did you mean 'decide'?"),
        ("add Shop --scopes decide", "no name for a caller"),
        ("add shop --scopes decide --rate 0/s", "is no rate"),
        ("add shop --scopes decide --rate many", "is no rate"),
        ("add shop --scopes decide --expires soon", "is not a duration"),
        ("add shop --scopes decide --model credt", "no model 'credt'"),
        ("revoke shop", "There is none yet"),
    ],
)
def test_what_is_asked_wrongly_is_said(capsys: pytest.CaptureFixture[str], line: str, why: str) -> None:
    assert why in said(capsys, line, code=2)
