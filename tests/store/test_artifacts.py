"""Artifacts: there whole, never changed, and numbered without gaps however many train at once."""

from __future__ import annotations

import multiprocessing
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mainstay.domain.errors import Asked, LedgerBroken, MainstayError, NotFound, Refused, StoreError
from mainstay.domain.event import Act
from mainstay.store.artifacts import Artifacts
from mainstay.store.home import open_home
from mainstay.store.versions import NewVersion, add_version

AT = datetime(2026, 3, 1, tzinfo=UTC)
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts(tmp_path / "artifacts")


def test_a_version_comes_back_as_it_was_put(artifacts: Artifacts) -> None:
    artifacts.put_version("credit", 1, {"bundle/plan.json": b"{}", "bundle/code/x.py": b"", "evaluation.parquet": b"P"})
    assert artifacts.version_files("credit", 1) == {"plan.json": b"{}", "code/x.py": b""}
    assert artifacts.artifact("credit", 1, "evaluation.parquet") == b"P"
    assert artifacts.artifact_names("credit", 1) == ("evaluation.parquet",)


def test_nothing_is_ever_changed(artifacts: Artifacts) -> None:
    artifacts.put_version("credit", 1, {"bundle/plan.json": b"{}"})
    with pytest.raises(Refused, match="never change"):
        artifacts.put_version("credit", 1, {"bundle/plan.json": b"other"})
    artifacts.put_artifact("credit", 1, "report.html", b"<p>")
    assert artifacts.put_artifact("credit", 1, "report.html", b"<p>").read_bytes() == b"<p>"
    with pytest.raises(Refused, match=r"another report\.html"):
        artifacts.put_artifact("credit", 1, "report.html", b"<b>")
    with pytest.raises(Refused, match="in the bundle"):
        artifacts.put_artifact("credit", 1, "bundle/late.json", b"{}")


def test_what_is_not_there_is_said(artifacts: Artifacts) -> None:
    with pytest.raises(NotFound, match="credit/2"):
        artifacts.version_files("credit", 2)
    artifacts.put_version("credit", 1, {"bundle/plan.json": b"{}", "evaluation.parquet": b"P"})
    with pytest.raises(NotFound, match=r"Did you mean 'evaluation\.parquet'"):
        artifacts.artifact("credit", 1, "evaluation.parket")


@pytest.mark.parametrize(("model", "number"), [("..", 1), ("a/b", 1), ("", 1), ("credit", 0), ("credit", -1)])
def test_a_version_cannot_lie_elsewhere(artifacts: Artifacts, model: str, number: int) -> None:
    with pytest.raises(Asked, match="is not a version"):
        artifacts.put_version(model, number, {"bundle/a": b""})
    with pytest.raises(MainstayError):
        artifacts.artifact("credit", 1, "../../secret")


def body(number: int) -> dict[str, Any]:
    return {
        "version": number,
        "model_digest": "m",
        "bundle_digest": "b",
        "snapshot": "s",
        "failed_gates": [],
        "summary": {},
    }


def made(number: int) -> NewVersion:
    return NewVersion({"plan.json": b"%d" % number}, {"evaluation.parquet": b"P"}, body(number))


def add_many(folder: str, n: int) -> None:
    home = open_home(Path(folder))
    for _ in range(n):
        add_version(home, "credit", made, actor="anna", at=AT)


def test_trainings_at_once_get_numbers_of_their_own(tmp_path: Path) -> None:
    processes = [SPAWN.Process(target=add_many, args=(str(tmp_path), 10)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    home = open_home(tmp_path)
    assert [version.number for version in home.ledger.life("credit").versions] == list(range(1, 31))
    for number in range(1, 31):
        assert home.artifacts.version_files("credit", number) == {"plan.json": b"%d" % number}


def test_what_a_killed_training_left_is_replaced(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    add_version(home, "credit", made, actor="anna", at=AT)
    home.artifacts.put_version("credit", 2, {"bundle/plan.json": b"orphan"})
    event = add_version(home, "credit", made, actor="anna", at=AT)
    assert (event.act, event.body["version"]) == (Act.TRAINED, 2)
    assert home.artifacts.version_files("credit", 2) == {"plan.json": b"2"}


def test_a_training_that_fails_at_the_end_takes_no_number(tmp_path: Path) -> None:
    home = open_home(tmp_path)

    def broken(number: int) -> NewVersion:
        return NewVersion({"../x": b""}, {}, body(number))

    with pytest.raises(Asked):
        add_version(home, "credit", broken, actor="anna", at=AT)
    assert home.ledger.life("credit").versions == ()
    assert add_version(home, "credit", made, actor="anna", at=AT).body["version"] == 1


def test_a_training_in_a_history_that_was_cut_removes_nothing(tmp_path: Path) -> None:
    home = open_home(tmp_path)

    def add(body: bytes) -> None:
        digest = "sha256:" + "a" * 64
        add_version(home, "credit", lambda number: NewVersion({"plan.json": body}, {}, {
            "version": number, "model_digest": digest, "bundle_digest": digest, "snapshot": "s", "failed_gates": [],
            "summary": {},
        }), actor="x", at=AT)  # fmt: skip

    add(b"1")
    with sqlite3.connect(home.root / "ledger.sqlite") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    old = (home.root / "ledger.sqlite").read_bytes()
    add(b"2")
    for path in home.root.glob("ledger.sqlite*"):
        path.unlink()
    (home.root / "ledger.sqlite").write_bytes(old)
    with pytest.raises(LedgerBroken, match="cut: event 2 of credit"):
        add(b"3")
    assert home.artifacts.version_files("credit", 2) == {"plan.json": b"2"}
    (home.root / "ledger.sqlite").unlink()
    with pytest.raises(StoreError):
        add(b"3")
    assert home.artifacts.version_files("credit", 1) == {"plan.json": b"1"}


def test_a_version_whose_event_cannot_be_written_leaves_no_folder(tmp_path: Path) -> None:
    home = open_home(tmp_path)

    def made(number: int) -> NewVersion:
        return NewVersion({"plan.json": b"{}"}, {}, {"version": number, "not JSON": float("nan")})

    with pytest.raises(ValueError, match="no NaN"):
        add_version(home, "credit", made, actor="anna", at=AT)
    assert home.artifacts.folders() == ()
