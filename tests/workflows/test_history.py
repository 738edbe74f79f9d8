"""Looking back: what happened, what was live then, and whether the record is as it was written."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from tests.workflows.lives import AT, DAY, add

from mainstay.domain.errors import NotFound
from mainstay.domain.event import Act
from mainstay.domain.version import VersionName
from mainstay.store.home import Home, open_home
from mainstay.workflows.history import broken, past
from mainstay.workflows.live import deploy, rollback


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = open_home(tmp_path)
    for number in (1, 2):
        add(home, at=AT + 2 * number * DAY)
        deploy(home, VersionName("credit", number), actor="bo", at=AT + (2 * number + 1) * DAY)
    rollback(home, "credit", actor="cy", at=AT + 9 * DAY, why="drift")
    return home


def test_all_of_it_in_order(home: Home) -> None:
    seen = past(home, "credit")
    assert [event.act for event in seen.events] == [
        Act.TRAINED,
        Act.DEPLOYED,
        Act.TRAINED,
        Act.DEPLOYED,
        Act.ROLLED_BACK,
    ]
    assert seen.life.live == 1
    assert seen.life.live_by == "cy"


@pytest.mark.parametrize(("days", "n_events", "live"), [(0, 0, None), (2, 1, None), (3, 2, 1), (6, 4, 2), (9, 5, 1)])
def test_as_it_was_at_a_moment(home: Home, days: int, n_events: int, live: int | None) -> None:
    seen = past(home, "credit", at=AT + days * DAY)
    assert len(seen.events) == n_events
    assert seen.life.live == live


def test_a_model_nobody_knows_has_no_past(home: Home) -> None:
    assert past(home, "upsell").events == ()


def test_a_whole_history_has_no_breaks_from_anywhere_within_the_project(home: Home) -> None:
    inner = home.root.parent / "notebooks"
    inner.mkdir()
    assert broken(inner) == ()


def test_where_there_is_no_project_there_is_nothing_to_verify(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(NotFound):
        broken(tmp_path_factory.mktemp("nothing"))


def test_a_rewritten_reason_is_found(home: Home) -> None:
    with sqlite3.connect(home.root / "ledger.sqlite") as db:
        db.execute("DROP TRIGGER event_is_never_changed")
        db.execute("UPDATE event SET body = replace(body, 'drift', 'holiday') WHERE act = 'rolled-back'")
    breaks = broken(home.root.parent)
    assert ("credit", 5) in [(each.model, each.seq) for each in breaks]


def test_any_single_altered_byte_of_any_event_is_found(home: Home) -> None:
    raw = home.root / "ledger.sqlite"
    sqlite3.connect(raw).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    whole = raw.read_bytes()
    start = whole.index(b'"version":2')
    for offset in range(start, start + 11):
        changed = bytearray(whole)
        changed[offset] ^= 1
        raw.write_bytes(bytes(changed))
        assert broken(home.root.parent), f"byte {offset}"
    raw.write_bytes(whole)
    assert broken(home.root.parent) == ()
