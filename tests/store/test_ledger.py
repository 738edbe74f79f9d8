"""The ledger: appended by many, never changed, and a single altered byte is found."""

from __future__ import annotations

import multiprocessing
import re
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mainstay.domain.errors import Asked, Busy, LedgerBroken, StoreError
from mainstay.domain.event import Act, Event
from mainstay.store.home import Home, open_home
from mainstay.store.ledger import Ledger
from mainstay.store.ledger_file import LedgerFile
from mainstay.store.ledger_place import opened
from mainstay.store.ledger_watch import LedgerWatch

AT = datetime(2026, 3, 1, tzinfo=UTC)
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(params=["file", "database"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """A new home, its ledger in a file or in a real PostgreSQL."""
    if request.param == "file":
        return open_home(tmp_path)
    return open_home(tmp_path, ledger=request.getfixturevalue("database"))


@pytest.fixture
def ledger(home: Home) -> Ledger:
    return home.ledger


@pytest.fixture
def filed(tmp_path: Path) -> Ledger:
    return open_home(tmp_path).ledger


def file_of(ledger: Ledger) -> Path:
    assert isinstance(ledger.place, LedgerFile)
    return ledger.place.path


def trained(version: int) -> dict[str, object]:
    digest = "sha256:" + "a" * 64
    summary = {"metrics": {"roc_auc": 0.78}, "why": "ünïcode"}
    return {
        "version": version, "model_digest": digest, "bundle_digest": digest, "snapshot": "s", "failed_gates": [],
        "summary": summary,
    }  # fmt: skip


def live(ledger: Ledger, n: int = 3, actor: str = "anna") -> None:
    for number in range(1, n + 1):
        ledger.append("credit", Act.TRAINED, trained(number), actor=actor, at=AT + timedelta(days=number))
        ledger.append("credit", Act.DEPLOYED, {"version": number}, actor="bo", at=AT + timedelta(days=number, hours=1))


def test_what_is_appended_is_read_back_and_folds_into_a_life(ledger: Ledger) -> None:
    live(ledger)
    assert ledger.life("credit").live == 3
    assert ledger.life("credit", at=AT + timedelta(days=2, minutes=30)).live == 1
    assert [event.seq for event in ledger.events("credit")] == [1, 2, 3, 4, 5, 6]
    assert ledger.models() == ("credit",)
    assert ledger.verify() == ()


def test_chains_of_models_are_apart(ledger: Ledger) -> None:
    ledger.append("a", "note", {}, actor="x", at=AT)
    assert ledger.append("b", "note", {}, actor="x", at=AT).seq == 1
    assert ledger.life("nobody").seq == 0


LEAVES = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False)
BODIES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BODIES)
def test_any_body_comes_back_and_verifies(ledger: Ledger, value: object) -> None:
    written = ledger.append("m", "note", {"value": value}, actor="x", at=AT)
    assert ledger.events("m")[-1] == written
    assert ledger.verify() == ()


def test_a_text_that_is_not_unicode_is_refused_and_nothing_is_written(ledger: Ledger) -> None:
    with pytest.raises(Asked, match="Unicode"):
        ledger.append("m", "note", {"why": "\udc80"}, actor="x", at=AT)
    assert ledger.events("m") == ()


def test_several_events_go_in_together_or_not_at_all(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="NaN"):
        ledger.extend("m", [("note", {}), ("note", {"x": float("nan")})], actor="x", at=AT)
    assert ledger.events("m") == ()
    assert len(ledger.extend("m", [("note", {}), ("note", {})], actor="x", at=AT)) == 2


def test_a_clock_stepped_back_does_not_turn_history_around(ledger: Ledger) -> None:
    ledger.append("m", "note", {}, actor="x", at=AT)
    event = ledger.append("m", "note", {"why": "late"}, actor="x", at=AT - timedelta(seconds=90))
    assert event.at == "2026-03-01T00:00:00Z"
    assert event.body == {"why": "late", "clock_behind_s": 90.0}
    assert len(ledger.events("m", until=AT)) == 2


def test_moments_with_and_without_fractions_are_compared_as_moments(ledger: Ledger) -> None:
    ledger.append("m", "note", {}, actor="x", at=AT)
    ledger.append("m", "note", {}, actor="x", at=AT + timedelta(microseconds=5))
    assert len(ledger.events("m", until=AT)) == 1
    assert "clock_behind_s" not in ledger.events("m")[1].body


def test_a_decision_taken_on_a_stale_life_is_refused(ledger: Ledger) -> None:
    seq = ledger.life("m").seq
    ledger.append("m", "note", {}, actor="first", at=AT, expect_seq=seq)
    with pytest.raises(Busy, match="changed meanwhile"):
        ledger.append("m", "note", {}, actor="second", at=AT, expect_seq=seq)


def test_a_cut_or_rewritten_chain_is_not_appended_to(ledger: Ledger) -> None:
    live(ledger)
    altered(ledger, "UPDATE event SET hash = 'sha256:forged' WHERE seq = 6")
    with pytest.raises(LedgerBroken, match="rewritten: event 6 of credit"):
        ledger.append("credit", "note", {}, actor="x", at=AT)
    altered(ledger, "DELETE FROM event WHERE model = 'credit' AND seq > 4")
    refuses_and_keeps_its_witness(ledger, "cut: event 6 of credit was the last written, the ledger ends at 4")


def append_many(folder: str, name: str, n: int) -> None:
    ledger = open_home(Path(folder)).ledger
    for i in range(n):
        ledger.append("m", "note", {"i": i}, actor=name, at=AT)


def test_processes_append_at_once_and_the_chain_holds(home: Home, tmp_path: Path) -> None:
    processes = [SPAWN.Process(target=append_many, args=(str(tmp_path), f"p{k}", 40)) for k in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    ledger = home.ledger
    events = ledger.events("m")
    assert [event.seq for event in events] == list(range(1, 121))
    for k in range(3):
        assert [event.body["i"] for event in events if event.actor == f"p{k}"] == list(range(40))
    assert ledger.verify() == ()


def test_a_writer_killed_in_the_middle_leaves_a_whole_chain(ledger: Ledger, tmp_path: Path) -> None:
    process = SPAWN.Process(target=append_many, args=(str(tmp_path), "victim", 100_000))
    process.start()
    while len(ledger.events("m")) < 20:
        pass
    process.kill()
    process.join()
    n = len(ledger.events("m"))
    assert ledger.verify() == ()
    assert ledger.append("m", "note", {}, actor="x", at=AT).seq == n + 1
    assert ledger.verify() == ()


def test_somebody_who_holds_the_file_too_long_is_busy(filed: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mainstay.store.ledger_file.WAIT_S", 0.05)
    holder = sqlite3.connect(file_of(filed), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy, match="another process"):
        filed.append("m", "note", {}, actor="x", at=AT)
    holder.execute("ROLLBACK")
    holder.close()


def settle(ledger: Ledger) -> bytes:
    with sqlite3.connect(file_of(ledger)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return file_of(ledger).read_bytes()


def all_events(ledger: Ledger) -> list[Event]:
    return [event for model in ledger.models() for event in ledger.events(model)]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ledger, bytes]:
    ledger = open_home(tmp_path_factory.mktemp("written")).ledger
    live(ledger, 5)
    ledger.append("other", "note", {"why": "first"}, actor="x", at=AT)
    return ledger, settle(ledger)


def test_every_altered_byte_is_found_or_changes_nothing(written: tuple[Ledger, bytes]) -> None:
    ledger, whole = written
    before = all_events(ledger)
    try:
        for place in [i for i in range(len(whole)) if i < 120 or i % (5 if whole[i] else 97) == 0]:
            file_of(ledger).write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            if ledger.verify() == ():
                assert all_events(ledger) == before, place
    finally:
        file_of(ledger).write_bytes(whole)
    assert ledger.verify() == ()


def test_every_altered_byte_of_an_event_is_found(written: tuple[Ledger, bytes]) -> None:
    ledger, whole = written
    body = b'"why":"\xc3\xbcn\xc3\xafcode"'
    place = whole.index(body)
    try:
        for i in range(place, place + len(body)):
            file_of(ledger).write_bytes(whole[:i] + bytes([whole[i] ^ 2]) + whole[i + 1 :])
            (found, *_) = ledger.verify()
            assert found.model == "credit"
    finally:
        file_of(ledger).write_bytes(whole)


def test_every_altered_byte_of_the_witness_is_found(written: tuple[Ledger, bytes]) -> None:
    ledger, _ = written
    path = ledger.witness
    whole = path.read_bytes()
    try:
        for i in range(len(whole)):
            path.write_bytes(whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :])
            assert any("witness" in b.what or "heads was changed" in b.what for b in ledger.verify()), i
    finally:
        path.write_bytes(whole)


def altered(ledger: Ledger, *statements: str) -> None:
    """Change what no statement may change, as somebody would who may define things there."""
    if isinstance(ledger.place, LedgerFile):
        with closing(sqlite3.connect(ledger.place.path, isolation_level=None)) as db:
            triggers = [sql for (sql,) in db.execute("SELECT sql FROM sqlite_schema WHERE type = 'trigger'")]
            for name in ("event_is_never_changed", "event_is_never_removed"):
                db.execute(f"DROP TRIGGER {name}")
            for statement in (*statements, *triggers):
                db.execute(statement)
        return
    with opened(ledger.place) as there:
        there.ask("alter table mainstay.event disable trigger all")
        for statement in statements:
            there.ask(re.sub(r"\bevent\b", "{event}", statement))
        there.ask("alter table mainstay.event enable trigger all")


def tampered(ledger: Ledger, *statements: str) -> list[str]:
    altered(ledger, *statements)
    return [found.what for found in ledger.verify()]


def test_changing_and_removing_is_refused_by_the_place_itself(ledger: Ledger) -> None:
    live(ledger)
    with opened(ledger.place) as there:
        for statement in ("UPDATE {event} SET actor = 'eve'", "DELETE FROM {event}"):
            with pytest.raises(StoreError, match="never"):
                there.ask(statement)
    assert ledger.verify() == ()


def test_a_removed_event_is_named(ledger: Ledger) -> None:
    live(ledger)
    assert "events 3 to 3 are missing" in tampered(ledger, "DELETE FROM event WHERE seq = 3")[0]


def test_the_last_events_removed_are_missed(ledger: Ledger) -> None:
    live(ledger)
    (what,) = tampered(ledger, "DELETE FROM event WHERE seq > 4")
    assert what == "the chain ends at event 4; 6 had been written"


def test_a_whole_chain_removed_is_missed(ledger: Ledger) -> None:
    live(ledger)
    (what,) = tampered(ledger, "DELETE FROM event")
    assert what == "all 6 events are missing"


def test_swapped_events_are_found(ledger: Ledger) -> None:
    live(ledger)
    swap = [f"UPDATE event SET seq = {new} WHERE seq = {old}" for old, new in ((2, 99), (3, 2), (99, 3))]
    assert tampered(ledger, *swap)


def test_a_dropped_trigger_is_found(home: Home) -> None:
    ledger = home.ledger
    with opened(ledger.place) as there:
        there.ask(
            "DROP TRIGGER event_is_never_removed"
            if home.address is None
            else "alter table {event} disable trigger event_is_never_changed"
        )
    assert [found.what for found in ledger.verify()] == ["the table or a trigger was redefined"]


def test_an_older_copy_put_back_is_found(filed: Ledger) -> None:
    live(filed, 2)
    old = settle(filed)
    live(filed, 1)
    settle(filed)
    for left in file_of(filed).parent.glob("ledger.sqlite-*"):
        left.unlink()
    file_of(filed).write_bytes(old)
    assert "6 had been written" in filed.verify()[0].what


def test_a_chain_rewritten_without_the_secret_is_found(filed: Ledger, tmp_path: Path) -> None:
    live(filed)
    forger = replace(open_home(tmp_path / "elsewhere").ledger, secret=b"x" * 32)
    live(forger, 4, actor="eve")
    settle(filed)
    file_of(filed).write_bytes(settle(forger))
    for left in file_of(filed).parent.glob("ledger.sqlite-*"):
        left.unlink()
    assert [found.what for found in filed.verify()] == ["the chain was rewritten: another event stands here"]


def test_a_witness_that_is_gone_is_said_and_not_made_anew(ledger: Ledger) -> None:
    ledger.witness.unlink()
    live(ledger, 1)
    assert "ledger.heads is gone" in ledger.verify()[0].what


def test_a_damaged_page_is_reported(filed: Ledger) -> None:
    live(filed)
    whole = settle(filed)
    file_of(filed).write_bytes(whole[:4096] + b"\xff" * 4096 + whole[8192:])
    assert "damaged" in filed.verify()[0].what
    with pytest.raises(LedgerBroken, match="damaged"):
        filed.life("credit")


def test_a_file_that_is_no_ledger_is_reported(filed: Ledger) -> None:
    file_of(filed).write_bytes(b"not a database" * 1000)
    assert "damaged" in filed.verify()[0].what
    file_of(filed).unlink()
    with pytest.raises(StoreError, match="cannot be opened"):
        filed.life("credit")
    assert not file_of(filed).exists()


def test_the_watch_sees_what_others_append(ledger: Ledger) -> None:
    watch = LedgerWatch(ledger.place)
    assert watch.changed()
    assert not watch.changed()
    live(ledger, 1)
    assert watch.changed()
    assert not watch.changed()
    watch.close()


def put_back(ledger: Ledger, old: bytes) -> None:
    for left in file_of(ledger).parent.glob("ledger.sqlite-*"):
        left.unlink()
    file_of(ledger).write_bytes(old)


def refuses_and_keeps_its_witness(ledger: Ledger, said: str) -> None:
    witness = ledger.witness.read_bytes()
    with pytest.raises(LedgerBroken, match=said) as raised:
        ledger.append("credit", "note", {}, actor="x", at=AT)
    assert "history --verify" in raised.value.remedy
    with pytest.raises(LedgerBroken, match=said):
        ledger.check("credit")
    ledger.append("other", "note", {}, actor="x", at=AT)
    assert ledger.witness.read_bytes() != witness
    assert [found.model for found in ledger.verify()] == ["credit"]


def test_an_older_copy_put_back_is_not_appended_to(filed: Ledger) -> None:
    empty = settle(filed)
    live(filed, 2)
    old = settle(filed)
    live(filed, 1)
    settle(filed)
    put_back(filed, old)
    refuses_and_keeps_its_witness(filed, "cut: event 6 of credit was the last written, the ledger ends at 4")
    put_back(filed, empty)
    with pytest.raises(LedgerBroken, match="the ledger ends at 0"):
        filed.append("credit", "note", {}, actor="x", at=AT)


def test_a_chain_that_was_rewritten_is_not_appended_to(filed: Ledger, tmp_path: Path) -> None:
    live(filed)
    forger = replace(open_home(tmp_path / "elsewhere").ledger, secret=b"x" * 32)
    live(forger, 4, actor="eve")
    settle(filed)
    put_back(filed, settle(forger))
    refuses_and_keeps_its_witness(filed, "rewritten: event 6 of credit")


def test_a_witness_that_lags_behind_is_caught_up(ledger: Ledger) -> None:
    live(ledger, 1)
    lagging = ledger.witness.read_bytes()
    live(ledger, 1)
    ledger.witness.write_bytes(lagging)
    ledger.check("credit")
    assert ledger.append("credit", "note", {}, actor="x", at=AT).seq == 5
    assert ledger.verify() == ()
    assert b'"credit":[5,' in ledger.witness.read_bytes()


def test_any_byte_of_the_schema_with_its_high_bit_turned_is_damage_in_words(written: tuple[Ledger, bytes]) -> None:
    ledger, whole = written
    try:
        for place in [i for i in range(100, 4096) if whole[i]]:
            file_of(ledger).write_bytes(whole[:place] + bytes([whole[place] ^ 0x80]) + whole[place + 1 :])
            ledger.verify()
            with suppress(StoreError):
                ledger.life("credit")
    finally:
        file_of(ledger).write_bytes(whole)


def test_a_body_that_is_not_what_was_written_is_damage_in_words(ledger: Ledger) -> None:
    live(ledger)
    tampered(ledger, "UPDATE event SET body = 'torn' WHERE seq = 2")
    with pytest.raises(LedgerBroken, match="event 2 of credit cannot be read"):
        ledger.life("credit")


def test_a_disk_that_does_not_let_it_be_read_is_no_change(ledger: Ledger, small_disk: Path) -> None:
    full = open_home(small_disk).ledger
    live(full)
    with suppress(OSError), (small_disk / "fill").open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 512)
    with pytest.raises(StoreError, match="full") as caught:
        full.verify()
    assert not isinstance(caught.value, LedgerBroken)
    (small_disk / "fill").unlink()
    assert full.verify() == ()


def test_a_changed_event_makes_the_history_refused_where_all_of_it_counts(ledger: Ledger) -> None:
    live(ledger)
    ledger.require_whole()
    altered(ledger, "UPDATE event SET actor = 'nobody' WHERE seq = 2")
    with pytest.raises(LedgerBroken):
        ledger.require_whole()
