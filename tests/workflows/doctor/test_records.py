"""History and bundles: whole, or named where they are not."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from tests.workflows.lives import AT, DAY, add, bundle

from mainstay.domain.canonical import digest
from mainstay.domain.event import Act
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.holdout import Holdout
from mainstay.domain.version import VersionName
from mainstay.store.home import Home, open_home
from mainstay.store.machine import LOCKS, file_system
from mainstay.store.seals import SealedKeys, put_seal
from mainstay.workflows import live
from mainstay.workflows.doctor.records import bundles, holdouts, ledger, ledger_held, ledger_place, unfinished
from mainstay.workflows.doctor.site import Site


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = open_home(tmp_path)
    add(home)
    add(home)
    live.deploy(home, VersionName("credit", 1), actor="bo", at=AT + DAY)
    return home


def found(home: Home, check: object) -> list[Finding]:
    return list(check(home, Site(home.root.parent, AT)))  # type: ignore[operator]


def test_what_is_whole_passes_with_a_count(home: Home) -> None:
    (history,), (kept,) = found(home, ledger), found(home, bundles)
    assert (history.verdict, kept.verdict) == (Verdict.PASS, Verdict.PASS)
    assert "3 events" in history.because
    assert "2 versions" in kept.because


def test_a_changed_history_fails_at_its_event(home: Home) -> None:
    with sqlite3.connect(home.root / "ledger.sqlite") as db:
        db.execute("DROP TRIGGER event_is_never_changed")
        db.execute("UPDATE event SET actor = 'nobody' WHERE seq = 3")
    findings = found(home, ledger)
    assert {f.verdict for f in findings} == {Verdict.FAIL}
    assert any("credit event 3" in f.because for f in findings)
    assert all("mainstay restore" in f.remedy for f in findings)


def test_a_file_on_another_machines_disk_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (here,) = found(home, ledger_place)
    kind = file_system(home.root)
    monkeypatch.setattr("mainstay.workflows.doctor.records.NETWORK", {kind})
    (there,) = found(home, ledger_place)
    assert (here.verdict, there.verdict) == (Verdict.PASS, Verdict.WARN)
    assert f"a SQLite file on {kind}," in there.because
    assert "mainstay ledger --move" in there.remedy


def test_every_changed_missing_or_swapped_bundle_is_named(home: Home) -> None:
    (home.artifacts.bundle_folder("credit", 1) / "plan.json").write_bytes(b"{}")
    for name, content in bundle(3).items():
        (home.artifacts.bundle_folder("credit", 2) / name).write_bytes(content)
    first, second = found(home, bundles)
    assert (first.subject, second.subject) == ("credit/1", "credit/2")
    assert first.because.endswith("plan.json was changed: its digest is not the manifest's.")
    assert "mainstay rollback" in first.remedy
    assert "not the one that the ledger knows" in second.because
    for path in home.artifacts.bundle_folder("credit", 2).iterdir():
        path.unlink()
    assert "not there" in found(home, bundles)[1].because


def test_a_process_that_holds_the_ledger_is_named(home: Home) -> None:
    (free,) = found(home, ledger_held)
    assert free.verdict is Verdict.PASS
    if not LOCKS.exists():
        pytest.skip(f"no {LOCKS}, so nobody tells who holds a file")
    code = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None); db.execute('BEGIN IMMEDIATE')"
    code += "; print('held', flush=True); sys.stdin.read()"
    held = [sys.executable, "-c", code, str(home.root / "ledger.sqlite")]
    with subprocess.Popen(held, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        (busy,) = found(home, ledger_held)
        process.communicate()
    assert busy.verdict is Verdict.WARN
    assert f"Process {process.pid} holds the ledger" in busy.because
    assert busy.remedy.endswith(f"-p {process.pid}")


def sealed(home: Home) -> Holdout:
    """A holdout of ten rows, sealed as a training does."""
    keys = np.arange(10, dtype=np.uint64)
    bare = Holdout(
        name="h1",
        batch=1,
        kind="random",
        n_rows=10,
        digest=digest(keys.tobytes()),
        seed=0,
        share=0.2,
        snapshot="",
        model="credit",
    )
    kept = put_seal(home, bare, SealedKeys(keys, keys[:0], np.arange(10)))
    body = {name: value for name, value in msgspec.to_builtins(kept).items() if name not in {"model", "sealed_at"}}
    home.ledger.append("credit", Act.HOLDOUT_SEALED, body, actor="bo", at=AT + DAY)
    return kept


def test_holdouts_are_held_against_the_ledger(home: Home) -> None:
    assert "No row is sealed" in found(home, holdouts)[0].because
    holdout = sealed(home)
    (fine,) = found(home, holdouts)
    assert (fine.verdict, fine.because) == (Verdict.PASS, "1 holdout, sealed as told.")
    (path,) = home.holdouts_root.glob("*/*.npz")
    path.with_name("left.npz").write_bytes(b"")
    (left,) = found(home, holdouts)
    assert (left.verdict, left.remedy) == (Verdict.WARN, f"rm {path.with_name('left.npz')}")
    path.with_name("left.npz").unlink()
    np.savez(
        path, members=np.arange(10, dtype=np.uint64), taught=np.arange(3, dtype=np.uint64), positions=np.arange(10)
    )
    (changed,) = found(home, holdouts)
    assert changed.verdict is Verdict.FAIL
    assert f"keys of holdout {holdout.name} are not those that were sealed" in changed.because
    path.unlink()
    (gone,) = found(home, holdouts)
    assert "are gone" in gone.because


def test_a_folder_that_an_interrupted_training_left_is_named(home: Home) -> None:
    assert [each.verdict for each in found(home, unfinished)] == [Verdict.PASS]
    home.artifacts.put_version("credit", 3, {"bundle/plan.json": b"{}"})
    (left,) = found(home, unfinished)
    assert left.verdict is Verdict.WARN
    assert left.because.startswith("artifacts/credit/3 is no version")
    assert left.remedy.endswith(f"rm -r {home.artifacts.folder('credit', 3)}")
