"""Keys that end soon, that nobody uses, or that are all gone."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from tests.workflows.lives import AT, DAY

from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.key import Scope
from mainstay.store.home import Home, open_home
from mainstay.store.key_use import FOLDER, note_use
from mainstay.workflows.doctor.examine import HOME
from mainstay.workflows.doctor.keys import KEYS, keys
from mainstay.workflows.doctor.site import Site
from mainstay.workflows.keys import Wanted, add_key, revoke_keys


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path)


def make(home: Home, caller: str, *, days: int | None = None) -> None:
    lasts = timedelta(days=days) if days is not None else None
    add_key(home, caller, Wanted(scopes=(Scope.DECIDE,), lasts=lasts), actor="anna", at=AT)


def found(home: Home, *, after: int = 0) -> list[Finding]:
    return list(keys(home, Site(home.root.parent, AT + after * DAY)))


def test_it_is_among_what_the_doctor_looks_at() -> None:
    assert set(KEYS) <= set(HOME)


def test_nothing_to_say_of_none_and_of_keys_that_hold(home: Home) -> None:
    assert [f.verdict for f in found(home)] == [Verdict.PASS]
    make(home, "shop", days=90)
    make(home, "till")
    (only,) = found(home)
    assert (only.verdict, only.because) == (Verdict.PASS, "2 keys hold.")


def test_a_key_that_ends_soon_is_told_unless_another_lasts(home: Home) -> None:
    make(home, "shop", days=20)
    assert [f.verdict for f in found(home, after=5)] == [Verdict.PASS]
    (ending,) = found(home, after=7)
    assert (ending.verdict, ending.subjects) == (Verdict.WARN, ("shop.1",))
    assert "ends in 13 days" in ending.because
    assert ending.remedy.endswith("mainstay keys add shop")
    make(home, "shop")
    assert [f.verdict for f in found(home, after=7)] == [Verdict.PASS]


def test_a_key_that_nobody_uses_is_told(home: Home) -> None:
    make(home, "shop")
    assert [f.verdict for f in found(home, after=30)] == [Verdict.PASS]
    (unused,) = found(home, after=31)
    assert "never used on this machine, and was made 31 days ago" in unused.because
    note_use(home, "shop.1")
    used_at = (AT + 10 * DAY).timestamp()
    os.utime(home.root / FOLDER / "shop.1", (used_at, used_at))
    assert [f.verdict for f in found(home, after=31)] == [Verdict.PASS]
    (unused,) = found(home, after=51)
    assert "was used last 41 days ago" in unused.because
    assert unused.remedy.endswith("mainstay keys revoke shop.1")


def test_a_door_that_nobody_can_open_is_told(home: Home) -> None:
    make(home, "shop")
    revoke_keys(home, "shop", actor="bo", at=AT)
    (shut,) = found(home)
    assert (shut.verdict, shut.remedy[:17]) == (Verdict.WARN, "mainstay keys add")
