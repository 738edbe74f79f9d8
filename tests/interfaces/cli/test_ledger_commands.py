"""The commands over the ledger, as typed: versions, deploy, rollback, history, signals."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.workflows.lives import AT, BRIEF, DAY, add, raise_signal

from mainstay.domain.event import Act
from mainstay.domain.traffic import InputFault
from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store.clock import now
from mainstay.store.home import open_home
from mainstay.store.ingest import ingest
from mainstay.store.spool import Spool

GATE = ("F04-target-roc-auc",)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a version that is ready, and one that is held."""
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    home = open_home(tmp_path)
    add(home)
    add(home, at=AT + DAY, failed_gates=GATE, value=None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert run(mainstay, list(arguments)) == code
    seen = capsys.readouterr()
    return seen.out if code == 0 else seen.out + seen.err


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    assert run(mainstay, [*arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "code"), [(["watch", "--once"], 0), (["doctor"], 0), (["rollback"], 1), (["rollback", "--shadow"], 1)]
)
def test_before_any_version_training_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int
) -> None:
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    (tmp_path / "rows.csv").write_text("LIMIT_BAL,PAY_0,target\n10000,0,1\n")
    open_home(tmp_path)
    last = said(capsys, *words, "--project", str(tmp_path), code=code).splitlines()[-1]
    assert last in {"Next: mainstay train", "Train first: mainstay train"}


def test_versions_with_their_worth_and_standing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "versions").splitlines()
    assert lines[1].split()[:2] == ["credit/1", "ready"]
    assert "TWD 4,518" in lines[1]
    assert lines[2].split()[:2] == ["credit/2", "held"]
    assert lines[-1] == "Next: mainstay check credit/1", "the newest that may go live, and nobody has examined it"
    first, second = told(capsys, "versions")
    assert first["value"] == {"value": 4518.0, "low": 4318.0, "high": 4718.0}
    assert second["failed_gates"] == list(GATE)
    assert second["value"] is None


def test_a_deployment_and_the_way_back(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "deploy", "credit/1").splitlines()[0] == "credit/1 is live."
    assert "was live already" in said(capsys, "deploy", "1")
    done = told(capsys, "deploy", "credit/2", "--override", "--why", "board decision 12")
    assert (done["live"], done["before"]) == ("credit/2", "credit/1")
    assert said(capsys, "rollback", "--why", "drift").splitlines()[0] == "credit/1 is live again; credit/2 is not."
    assert "no earlier live version" in said(capsys, "rollback", code=1)


def test_a_shadow_begins_and_ends(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "nothing is live" in said(capsys, "deploy", "credit/2", "--as", "shadow", code=1)
    said(capsys, "deploy", "credit/1")
    begun = said(capsys, "deploy", "credit/2", "--as", "shadow", "--why", "try it").splitlines()
    assert begun[0] == "credit/2 is the shadow of credit/1: scored on what that decides, answering nobody."
    assert "was the shadow already" in said(capsys, "deploy", "credit/2", "--as", "shadow")
    assert [version["status"] for version in told(capsys, "versions")] == ["live", "shadow"]
    (seen,) = told(capsys, "status")["models"]
    assert seen["shadow"]["version"] == "credit/2"
    assert "credit/2 is the shadow, since" in said(capsys, "status")
    assert "shadowed" in said(capsys, "history")
    assert said(capsys, "rollback", "--shadow").splitlines()[0].startswith("credit/2 is no longer the shadow")
    assert told(capsys, "status")["models"][0]["shadow"] is None


def test_other_words_than_before_are_said_to_people_and_to_scripts(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(open_home(project), at=AT + 2 * DAY, words=("yes", "no"))
    assert told(capsys, "deploy", "credit/1")["words_changed"] is False
    assert run(mainstay, ["deploy", "credit/3"]) == 0
    remark = "credit/3 answers yes/no where credit/1 answered decline/approve: tell those who call."
    assert capsys.readouterr().err.strip() == remark
    assert told(capsys, "rollback")["words_changed"] is True


@pytest.mark.parametrize(
    ("arguments", "code", "what"),
    [
        (("deploy", "credit/2"), 1, "failed its gates"),
        (("deploy", "credit/2", "--override"), 1, "needs a reason"),
        (("deploy", "credit/9"), 2, "there is no version credit/9"),
        (("deploy", "credit/one"), 2, "credit/one"),
        (("deploy", "upsell/1"), 2, "upsell"),
        (("history", "--at", "yesterday"), 2, "is not a date"),
    ],
)
def test_what_is_refused_and_what_is_asked_wrongly(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, what: str
) -> None:
    assert what in said(capsys, *arguments, code=code)
    assert what in told(capsys, *arguments, code=code)["error"]["what"]


def test_history_says_who_did_what_and_who_was_live_when(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "deploy", "credit/1", "--why", "first")
    seen = said(capsys, "history")
    assert "trained" in seen
    assert "credit/1, first" in seen
    assert "Now, credit/1 is live" in seen
    then = told(capsys, "history", "--at", "2026-03-02")
    assert then["live"] is None
    assert [event["act"] for event in then["events"]] == ["trained"]
    assert "At 2026-03-02 00:00 UTC, no version" in said(capsys, "history", "--at", "2026-03-02")


def test_events_of_one_kind_are_told_apart(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = open_home(project)
    body = {"version": 1, "artifact": "exams/0a1b.json", "digest": "sha256:0a1b", "failed_gates": []}
    acts = [
        (Act.HOLDOUT_SEALED, {"name": "h1", "n_rows": 6000, "snapshot": "sha256:0123456789abcdef"}),
        (Act.HOLDOUT_SEALED, {"name": "h2", "n_rows": 6000, "snapshot": "sha256:0123456789abcdef"}),
        (Act.HOLDOUT_LOOKED, {"version": 1, "holdout": "h1", "look": 1, "rows": "sha256:aa"}),
        (Act.HOLDOUT_LOOKED, {"version": 1, "holdout": "h2", "look": 1, "rows": "sha256:aa"}),
        (Act.EXAMINED, body),
        (Act.EXAMINED, body | {"failed_gates": ["F18-fairness"]}),
        (Act.KEY_ADDED, {"caller": "shop", "number": 1, "digest": "hmac"}),
        (Act.KEY_ADDED, {"caller": "shop", "number": 2, "digest": "hmac"}),
    ]
    home.ledger.extend("credit", acts, actor="anna", at=AT + 2 * DAY)
    raise_signal(home, "s-1", at=AT + 2 * DAY)
    lines = said(capsys, "history").splitlines()
    told = [line.rstrip() for line in lines if line.startswith("2026-03-03")]
    assert len({*told}) == len(acts) + 1
    assert told[0].endswith("h1, 6,000 rows, sha256:0123456789ab")
    assert told[2].endswith("credit/1, h1, look 1")
    assert told[5].endswith("credit/1, fails F18-fairness, exams/0a1b.json")
    assert told[-1].endswith("s-1 F29-input-drift LIMIT_BAL")


def test_a_changed_history_is_said_and_exits_with_1(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is whole" in said(capsys, "history", "--verify")
    with sqlite3.connect(project / ".mainstay" / "ledger.sqlite") as db:
        db.execute("DROP TRIGGER event_is_never_changed")
        db.execute("UPDATE event SET actor = 'nobody' WHERE seq = 2")
    assert "credit event 2" in said(capsys, "history", "--verify", code=1)
    found = told(capsys, "history", "--verify", code=1)
    assert not found["whole"]
    assert {"model", "seq", "what"} == found["breaks"][0].keys()


def test_signals_are_told_with_cause_and_next_step(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "signals").splitlines()[0] == "No open signal."
    raise_signal(open_home(project), "s-1", at=AT + 2 * DAY)
    seen = said(capsys, "signals")
    assert "▲ warn  s-1  F29-input-drift LIMIT_BAL, since 2026-03-03" in seen
    assert "Likely cause: data pipe. Look at where it comes from." in seen
    (signal,) = told(capsys, "signals")
    assert (signal["id"], signal["status"], signal["subjects"]) == ("s-1", "open", ["LIMIT_BAL"])


def test_odd_inputs_are_told_by_kind_and_never_by_value(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nothing odd has reached the journal" in said(capsys, "signals", "--inputs").splitlines()[0]
    home, at_us = open_home(project), int(now().timestamp() * 1e6)
    spool = Spool(home.spool_root, "credit", "faults", fsync=False)
    kinds = [("AGE", "wrong-type", True, 3), ("AGE", "wrong-type", True, 4), ("\x1b[2J", "extra-column", False, 1)]
    for n, (name, code, refused, count) in enumerate(kinds):
        fault = InputFault(
            at_us=at_us - n * 60_000_000, key="shop", version=1, field=name, code=code, n=count, refused=refused
        )
        spool.write(msgspec.json.Encoder().encode_lines([fault]))
    old = InputFault(at_us=at_us - 40 * 86_400_000_000, key="", version=1, field="", code="not-json", n=9, refused=True)
    spool.write(msgspec.json.Encoder().encode_lines([old]))
    spool.close()
    waiting = said(capsys, "signals", "--inputs").splitlines()
    assert waiting[0] == "4 rows wait in the spool, not looked at yet: mainstay watch --once reads them."
    assert waiting[-1] == "Next: mainstay watch --once, then mainstay signals --inputs again."
    ingest(home, "credit", at=now())
    first, second = told(capsys, "signals", "--inputs")
    assert [first[name] for name in ("key", "field", "code", "refused", "count")] == [
        "shop",
        "AGE",
        "wrong-type",
        True,
        7,
    ]
    assert first["first"] < first["last"]
    assert (second["field"], second["versions"]) == ("\x1b[2J", [1])
    assert told(capsys, "signals", "--inputs", "--within", "60d")[0]["code"] == "not-json"
    seen = said(capsys, "signals", "--inputs")
    assert "refused" in seen
    assert "\x1b" not in seen
    assert "·[2J" in seen
