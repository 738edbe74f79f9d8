"""`mainstay signals` as a person and as a script use it: look, show one whole, have it in hand, mute."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from tests.workflows.lives import BRIEF, DAY, add, decide, deploy, raise_signal

from mainstay.domain.event import Act
from mainstay.domain.finding import Finding, Verdict
from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store.clock import now
from mainstay.store.home import Home, open_home
from mainstay.store.ingest import ingest
from mainstay.store.journal import Journal

Out = pytest.CaptureFixture[str]
BEGUN = now() - 5 * DAY


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A live version, decisions of four days, and a signal of two of them."""
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    home = open_home(tmp_path)
    add(home, at=BEGUN)
    deploy(home, 1, at=BEGUN)
    for day in range(4):
        decide(home, [f"d-{day}-{row}" for row in range(10)], at=BEGUN + day * DAY)
    ingest(home, "credit", at=BEGUN + 4 * DAY)
    for day in (3, 4):
        moved = Finding(
            code="F29-input-drift",
            verdict=Verdict.WARN,
            because="LIMIT_BAL has moved",
            subjects=("LIMIT_BAL",),
            measured=0.1 * day,
            limit=0.1,
        )
        Journal(home, "credit").append_judgement(1, BEGUN + day * DAY, [moved], at=BEGUN + day * DAY)
    raise_signal(home, "1", at=BEGUN + 2 * DAY)
    return home


def said(home: Home, capsys: Out, *arguments: str, code: int = 0) -> str:
    assert run(mainstay, ["signals", *arguments, "--project", str(home.root.parent)]) == code
    printed = capsys.readouterr()
    return printed.out if code == 0 else printed.err


def test_a_signal_is_told_whole(home: Home, capsys: Out) -> None:
    lines = said(home, capsys, "show", "1").splitlines()
    assert lines[0].startswith("▲ warn  1  F29-input-drift, open, since ")
    told = "\n".join(lines)
    assert "Measured   0.3, limit 0.1" in told
    assert "About      LIMIT_BAL" in told
    assert "Cause      data pipe: many inputs moved in the same period" in told
    assert "Decisions  all 20 since then together, no single one" in told
    assert "To do      Look at where it comes from." in told
    assert told.count("▲ warn  0.") == 2, "how it went, by period"
    assert "signal-opened by watch: LIMIT_BAL has moved." in told
    assert lines[-1].startswith("Next: mainstay signals ack 1 --why")


def test_scripts_get_one_document(home: Home, capsys: Out) -> None:
    told = json.loads(said(home, capsys, "show", "1", "--json"))
    assert (told["id"], told["status"], told["measured"], told["limit"], told["said"]) == ("1", "open", 0.3, 0.1, None)
    assert [round(each["measured"], 1) for each in told["course"]] == [0.3, 0.4]
    assert (told["hit"]["decisions"], told["hit"]["row_by_row"], told["hit"]["ids"]) == (20, False, None)
    assert [step["act"] for step in told["story"]] == ["signal-opened"]


def test_a_signal_of_an_input_that_the_live_version_does_not_know_is_told_too(home: Home, capsys: Out) -> None:
    _open(home, "2", Finding(code="F29-missing-surge", verdict=Verdict.FAIL, because="missing", subjects=("PAY_0",)))
    told = json.loads(said(home, capsys, "show", "2", "--ids", "--json"))
    assert (told["hit"]["decisions"], told["hit"]["row_by_row"], told["hit"]["ids"]) == (40, False, [])


def _open(home: Home, id_: str, finding: Finding) -> None:
    signal = {"id": id_, "finding": msgspec.to_builtins(finding), "since": BEGUN.isoformat(), "cause": "data pipe"}
    home.ledger.append("credit", Act.SIGNAL_OPENED, {"signal": signal}, actor="watch", at=now())


def test_who_has_it_in_hand_is_told_until_it_gets_worse(home: Home, capsys: Out) -> None:
    said(home, capsys, "ack", "1", "--why", "asked the source")
    (shown,) = json.loads(said(home, capsys, "--json"))
    assert (shown["status"], shown["said"]["why"]) == ("acknowledged", "asked the source")
    assert datetime.fromisoformat(shown["said"]["until"]) > now() + 29 * DAY
    assert "Acknowledged by" in said(home, capsys)
    _worse(home)
    (shown,) = json.loads(said(home, capsys, "--json"))
    assert (shown["status"], shown["verdict"], shown["said"]) == ("open", "fail", None)
    acts = [event.act for event in home.ledger.events("credit")]
    assert acts[-2:] == ["acknowledged", "signal-changed"]


def _worse(home: Home) -> None:
    finding = home.ledger.life("credit").signals["1"].finding
    worse = msgspec.structs.replace(finding, verdict=Verdict.FAIL)
    signal = {"id": "1", "finding": msgspec.to_builtins(worse), "since": BEGUN.isoformat(), "cause": "data pipe"}
    home.ledger.append("credit", Act.SIGNAL_CHANGED, {"signal": signal}, actor="watch", at=now())


@pytest.mark.parametrize("what", ["1", "F29-input-drift", "LIMIT_BAL"])
def test_what_is_muted_is_still_shown_and_can_be_heard_again(home: Home, capsys: Out, what: str) -> None:
    assert "it covers 1 open signal now" in said(home, capsys, "mute", what, "--until", "14d", "--why", "a known move")
    (shown,) = json.loads(said(home, capsys, "--json"))
    assert shown["status"] == "muted"
    assert "(muted)" in said(home, capsys)
    said(home, capsys, "unmute", what)
    (shown,) = json.loads(said(home, capsys, "--json"))
    assert shown["status"] == "open"


def test_what_cannot_be_meant_is_refused_with_the_next_step(home: Home, capsys: Out) -> None:
    assert "credit has no signal '7'" in said(home, capsys, "show", "7", code=2)
    assert "Did you mean 'LIMIT_BAL'?" in said(home, capsys, "mute", "LIMITBAL", "--until", "1d", "--why", "x", code=2)
    assert "is past" in said(home, capsys, "mute", "1", "--until", "2020-01-01", "--why", "x", code=2)
    assert "why?" in said(home, capsys, "ack", "1", "--why", " ", code=2)
    assert "'1' is not muted" in said(home, capsys, "unmute", "1", code=2)
    home.ledger.append("credit", Act.SIGNAL_CLOSED, {"id": "1", "because": "quiet"}, actor="watch", at=now())
    assert "is over" in said(home, capsys, "ack", "1", "--why", "late", code=1)


def test_a_mute_that_ran_out_is_open_again(home: Home, capsys: Out) -> None:
    until = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    body = {"kind": "signal", "name": "1", "why": "known", "until": until}
    home.ledger.append("credit", Act.MUTED, body, actor="anna", at=now() - 2 * DAY)
    (shown,) = json.loads(said(home, capsys, "--json"))
    assert (shown["status"], shown["said"]) == ("open", None)
