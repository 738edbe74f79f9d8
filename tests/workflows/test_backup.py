"""A home taken away while it is used, and brought back with everything that was answered."""

from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path

import pytest
from tests.workflows.lives import AT, DAY, add, decide

from mainstay.domain.errors import Asked, NotFound, StoreError
from mainstay.domain.event import Act
from mainstay.domain.version import VersionName
from mainstay.store.home import Home, open_home
from mainstay.store.ingest import ingest
from mainstay.store.journal import Journal
from mainstay.workflows import live
from mainstay.workflows.backup import back_up, bring_back, default_name
from mainstay.workflows.doctor.examine import HOME
from mainstay.workflows.doctor.site import Site

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = open_home(tmp_path / "credit")
    for number in (1, 2):
        add(home)
        live.deploy(home, VersionName("credit", number), actor="bo", at=AT + number * DAY)
    add(home, model="upsell")
    decide(home, ["a-1", "a-2"], at=AT + 3 * DAY)
    ingest(home, "credit", at=AT + 3 * DAY)
    decide(home, ["a-3"], at=AT + 4 * DAY)
    return home


def test_what_comes_back_is_what_was_there_and_says_that_it_came_back(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "kept.tar"
    taken = back_up(home, file, at=AT + 5 * DAY)
    back = bring_back(file, tmp_path / "other", actor="cy", at=AT + 6 * DAY)

    assert back.breaks == ()
    assert back.digest == taken.digest
    assert back.begun_at == "2026-03-06T09:00:00Z"
    events = back.home.ledger.events("credit")
    assert events[:-1] == home.ledger.events("credit")
    assert (events[-1].act, events[-1].actor) == (Act.RESTORED, "cy")
    assert events[-1].body["backup"] == taken.digest
    assert back.home.ledger.events("upsell")[-1].act == Act.RESTORED
    assert back.home.ledger.verify() == ()
    assert back.home.ledger.life("credit").live == 2


def test_it_says_what_it_holds(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "kept.tar"
    credit, upsell = back_up(home, file, at=AT + 5 * DAY).held
    assert (credit.versions, credit.live, credit.decisions, credit.waiting) == (2, 2, 2, 1)
    assert (upsell.versions, upsell.live, upsell.decisions) == (1, None, 0)
    back = bring_back(file, tmp_path / "other", actor="cy", at=AT + 6 * DAY).held[0]
    assert (back.decisions, back.waiting, back.events) == (2, 1, credit.events + 1)


def test_what_was_in_the_spool_reaches_the_restored_journal_once(home: Home, tmp_path: Path) -> None:
    back_up(home, tmp_path / "kept.tar", at=AT + 5 * DAY)
    back = bring_back(tmp_path / "kept.tar", tmp_path / "other", actor="cy", at=AT + 6 * DAY)
    ingest(back.home, "credit", at=AT + 7 * DAY)
    ingest(back.home, "credit", at=AT + 7 * DAY)
    assert Journal(back.home, "credit").decisions()["id"].to_list() == ["a-1", "a-2", "a-3"]


def test_a_restored_home_can_be_worked_in(home: Home, tmp_path: Path) -> None:
    back_up(home, tmp_path / "kept.tar", at=AT + 5 * DAY)
    back = bring_back(tmp_path / "kept.tar", tmp_path / "other", actor="cy", at=AT + 6 * DAY)
    live.rollback(back.home, "credit", actor="cy", at=AT + 7 * DAY)
    assert back.home.ledger.life("credit").live == 1
    site = Site(tmp_path / "other", AT + 8 * DAY)
    found = [finding for _, check in HOME for finding in check(back.home, site)]
    assert {f.verdict.value for f in found if f.code != "doctor-spool"} == {"pass"}


def answer_for_a_while(folder: str) -> None:
    home = open_home(Path(folder))
    for number in range(100):
        decide(home, [f"b-{number}"], at=AT + 4 * DAY)
        if number % 20 == 19:
            ingest(home, "credit", at=AT + 4 * DAY)


def test_a_backup_taken_while_others_answer_holds_what_was_answered_before(home: Home, tmp_path: Path) -> None:
    busy = SPAWN.Process(target=answer_for_a_while, args=(str(home.root.parent),))
    busy.start()
    try:
        for number in range(2):
            before = _ids(home)
            back_up(home, tmp_path / f"{number}.tar", at=AT + 5 * DAY)
            back = bring_back(tmp_path / f"{number}.tar", tmp_path / f"n{number}", actor="cy", at=AT + 6 * DAY)
            ingest(back.home, "credit", at=AT + 6 * DAY)
            ids = Journal(back.home, "credit").decisions()["id"].to_list()
            assert back.breaks == ()
            assert set(before) <= set(ids)
            assert len(ids) == len(set(ids))
    finally:
        busy.join(60)
    assert busy.exitcode == 0


def _ids(home: Home) -> list[str]:
    ids: list[str] = Journal(home, "credit").decisions()["id"].to_list()
    return ids


def test_nothing_is_written_over(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "kept.tar"
    back_up(home, file, at=AT)
    with pytest.raises(Asked, match="already"):
        back_up(home, file, at=AT)
    with pytest.raises(Asked, match="already"):
        bring_back(file, home.root.parent, actor="cy", at=AT)


def test_a_changed_or_missing_backup_is_refused_and_leaves_nothing(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "kept.tar"
    back_up(home, file, at=AT)
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(bytes(raw))
    with pytest.raises(StoreError):
        bring_back(file, tmp_path / "other", actor="cy", at=AT)
    with pytest.raises(NotFound):
        bring_back(tmp_path / "nowhere.tar", tmp_path / "other", actor="cy", at=AT)
    assert not (tmp_path / "other" / ".mainstay").exists()


def test_a_history_that_was_changed_before_the_backup_is_said_and_left_alone(home: Home, tmp_path: Path) -> None:
    with sqlite3.connect(home.root / "ledger.sqlite") as db:
        db.execute("DROP TRIGGER event_is_never_changed")
        db.execute("UPDATE event SET actor = 'nobody' WHERE model = 'credit' AND seq = 2")
    back_up(home, tmp_path / "kept.tar", at=AT + 5 * DAY)
    back = bring_back(tmp_path / "kept.tar", tmp_path / "other", actor="cy", at=AT + 6 * DAY)
    assert ("credit", 2) in [(each.model, each.seq) for each in back.breaks]
    assert back.home.ledger.events("credit")[-1].act != Act.RESTORED


def test_the_default_name_says_of_what_and_when(home: Home) -> None:
    assert default_name(home, AT) == "credit-2026-03-01T09-00-00Z.mainstay.tar"
