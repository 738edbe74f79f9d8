"""`mainstay ledger` as typed: where the history is, and a move that everything goes on from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.workflows.lives import BRIEF, add

from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store.home import open_home

pytest.importorskip("psycopg", reason="no psycopg here: no ledger was moved into PostgreSQL")


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert run(mainstay, list(words)) == code
    seen = capsys.readouterr()
    return seen.out if code == 0 else seen.err


def test_a_history_is_moved_and_commands_go_on_from_there(
    tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mainstay.toml").write_text(BRIEF)
    add(open_home(tmp_path))
    before = json.loads(said(capsys, "history", "--json"))["events"]
    assert "ledger.sqlite" in said(capsys, "ledger")

    assert f"Moved {len(before)} events" in said(capsys, "ledger", "--move", database)
    Path("mainstay.toml").write_text(f'{BRIEF}\n[store]\nledger = "{database}"\n')
    assert json.loads(said(capsys, "history", "--json"))["events"] == before
    assert "whole" in said(capsys, "history", "--verify")
    said(capsys, "deploy", "1")
    said(capsys, "backup", "kept")
    said(capsys, "restore", "kept", "again")
    told = json.loads(said(capsys, "ledger", "--project", "again", "--json"))
    assert told["place"].endswith("ledger.sqlite")
    assert told["events"]["credit"] == len(before) + 2  # deployed, restored
    assert "database already" in said(capsys, "ledger", "--move", database, code=2)


def test_a_project_begins_with_its_history_in_a_database(
    tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text("age,paid\n" + "".join(f"{20 + n % 50},{n % 2}\n" for n in range(60)))
    words = ("init", "loans", "--data", "rows.csv", "--target", "paid", "--ledger")
    assert "a ledger is in PostgreSQL" in said(capsys, *words, "mysql://host/db", code=2)
    assert not Path("loans").exists()
    said(capsys, *words, database)
    assert f'ledger = "{database}"' in Path("loans/mainstay.toml").read_text()
    assert json.loads(said(capsys, "ledger", "--project", "loans", "--json"))["events"] == {"loans": 1}
    assert not Path("loans/.mainstay/ledger.sqlite").exists()
