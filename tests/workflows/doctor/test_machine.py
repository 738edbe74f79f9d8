"""Disk, clocks and leftovers, each brought out of order and found."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mainstay.domain.event import Act
from mainstay.domain.finding import Finding, Verdict
from mainstay.store.clock import now
from mainstay.store.home import Home, open_home
from mainstay.store.machine import Room
from mainstay.workflows.doctor import machine
from mainstay.workflows.doctor.site import Site

AT = datetime(2026, 3, 1, tzinfo=UTC)
KILLED = """
import os, signal, sys
from pathlib import Path
from mainstay.store.files import temporary_folder
with temporary_folder(Path(sys.argv[1]) / "1"):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def opened(tmp_path: Path) -> Home:
    return open_home(tmp_path)


def site(home: Home) -> Site:
    return Site(home.root.parent, AT)


def only(findings: object) -> Finding:
    (finding,) = findings  # type: ignore[misc]
    return finding


def test_a_full_disk_is_warned_of(opened: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "room", lambda _: Room(free=500 << 20, total=4 << 30))
    found = only(machine.disk(site(opened)))
    assert found.verdict is Verdict.WARN
    assert "du -xsh" in found.remedy
    monkeypatch.setattr(machine, "room", lambda _: Room(free=40 << 30, total=1000 << 30))
    assert only(machine.disk(site(opened))).verdict is Verdict.WARN
    monkeypatch.setattr(machine, "room", lambda _: Room(free=60 << 30, total=1000 << 30))
    assert only(machine.disk(site(opened))).verdict is Verdict.PASS


def test_leftovers_are_named_and_the_cure_cures(opened: Home) -> None:
    assert only(machine.leftovers(opened, site(opened))).verdict is Verdict.PASS
    folder = opened.root / "artifacts" / "credit"
    folder.mkdir(parents=True)
    subprocess.run([sys.executable, "-c", KILLED, str(folder)], check=False, timeout=60)
    found = only(machine.leftovers(opened, site(opened)))
    assert found.verdict is Verdict.WARN
    assert ".mainstay/artifacts/credit/.1." in found.because
    subprocess.run(["sh", "-c", found.remedy], check=True)
    assert only(machine.leftovers(opened, site(opened))).verdict is Verdict.PASS


def test_a_clock_that_was_stepped_back_fails(opened: Home) -> None:
    opened.ledger.append("credit", Act.INITIALISED, {}, actor="anna", at=AT + timedelta(days=3))
    opened.ledger.append("older", Act.INITIALISED, {}, actor="anna", at=AT - timedelta(days=3))
    found = only(machine.clock(opened, site(opened)))
    assert found.verdict is Verdict.FAIL
    assert found.subjects == ("credit",)
    assert "3 days from now" in found.because
    assert found.measured == timedelta(days=3).total_seconds()


def test_events_of_the_past_are_fine(opened: Home) -> None:
    assert only(machine.clock(opened, site(opened))).verdict is Verdict.PASS
    opened.ledger.append("credit", Act.INITIALISED, {}, actor="anna", at=AT)
    assert only(machine.clock(opened, site(opened))).verdict is Verdict.PASS


def test_this_disk_has_our_time(opened: Home) -> None:
    assert only(machine.disk_clock(opened, site(opened))).verdict is Verdict.PASS


def test_a_disk_with_another_clock_is_warned_of(opened: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mainstay.store.machine.now", lambda: now() - timedelta(minutes=5))
    found = only(machine.disk_clock(opened, site(opened)))
    assert found.verdict is Verdict.WARN
    assert "300 s later" in found.because
