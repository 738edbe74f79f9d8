"""Brief, source and home: there and readable, or said with the cure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mainstay.domain.finding import Finding, Verdict
from mainstay.store.home import open_home
from mainstay.workflows.doctor.project import brief, home, source
from mainstay.workflows.doctor.site import Site, site_of, spoken

AT = datetime(2026, 3, 1, tzinfo=UTC)
BRIEF = '[model]\nname = "credit"\n[data]\ntarget = "target"\nsource = "rows.csv"\n'


def at(folder: Path, text: str | None = BRIEF) -> Site:
    if text is not None:
        (folder / "mainstay.toml").write_text(text)
    return site_of(folder, at=AT)


def only(check: Callable[[Site], Iterable[Finding]], site: Site) -> Finding:
    (finding,) = spoken("doctor-x", lambda: check(site))
    return finding


def test_the_nearest_project_above_is_found(tmp_path: Path) -> None:
    at(tmp_path)
    (tmp_path / "notebooks" / "old").mkdir(parents=True)
    assert site_of(tmp_path / "notebooks" / "old", at=AT).folder == tmp_path


def test_no_project_is_said(tmp_path: Path) -> None:
    site = at(tmp_path, None)
    found = only(brief, site)
    assert found.verdict is Verdict.UNKNOWN
    assert found.remedy.startswith("mainstay init")
    assert not list(source(site))
    assert not list(home(site))


def test_a_good_project_passes_and_nothing_is_made(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a,target\n1,0\n")
    site = at(tmp_path)
    assert only(brief, site).verdict is Verdict.PASS
    assert only(source, site).verdict is Verdict.PASS
    assert only(home, site).verdict is Verdict.UNKNOWN
    assert not (tmp_path / ".mainstay").exists()


def test_a_brief_that_is_wrong_is_said_with_its_line(tmp_path: Path) -> None:
    found = only(brief, at(tmp_path, BRIEF + "[wach]\n"))
    assert found.verdict is Verdict.FAIL
    assert "mainstay.toml:6" in found.because
    assert "Did you mean 'watch'" in found.because


def test_a_source_that_is_not_there_or_not_named_is_warned_of(tmp_path: Path) -> None:
    found = only(source, at(tmp_path))
    assert found.verdict is Verdict.WARN
    assert "rows.csv is not there" in found.because
    assert only(source, at(tmp_path, BRIEF.replace('source = "rows.csv"\n', ""))).verdict is Verdict.WARN


def test_a_secret_that_others_may_read_fails_and_the_cure_cures(tmp_path: Path) -> None:
    secret = open_home(tmp_path).root / "secret"
    site = at(tmp_path)
    assert only(home, site).verdict is Verdict.PASS
    secret.chmod(0o644)
    found = only(home, site)
    assert found.verdict is Verdict.FAIL
    assert found.remedy == f"chmod 600 {secret}"
    secret.chmod(0o600)
    assert only(home, site).verdict is Verdict.PASS


@pytest.mark.parametrize("harm", ["gone", "torn"])
def test_a_lost_secret_fails(tmp_path: Path, harm: str) -> None:
    secret = open_home(tmp_path).root / "secret"
    if harm == "gone":
        secret.unlink()
    else:
        secret.write_bytes(b"short")
    found = only(home, at(tmp_path))
    assert found.verdict is Verdict.FAIL
    assert "mainstay restore" in found.remedy
