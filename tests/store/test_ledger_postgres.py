"""The ledger in PostgreSQL: one home's alone, proven after a move, and never half an act when a connection is lost."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mainstay.domain.errors import Asked, Busy, LedgerBroken, NotFound, StoreError
from mainstay.store.backup import backup
from mainstay.store.home import Home, open_home
from mainstay.store.ledger_move import move_ledger
from mainstay.store.ledger_place import INSERT, LAST, Unsettled, opened
from mainstay.store.ledger_where import database_place
from mainstay.store.restore import restore

psycopg = pytest.importorskip("psycopg", reason="no psycopg here: ledgers were not kept in PostgreSQL")

AT = datetime(2026, 3, 1, tzinfo=UTC)


def note(home: Home, n: int = 1, model: str = "credit") -> None:
    for i in range(n):
        home.ledger.append(model, "note", {"i": i}, actor="x", at=AT)


@pytest.fixture
def filed(tmp_path: Path) -> Home:
    home = open_home(tmp_path / "filed")
    note(home, 3)
    note(home, 1, model="other")
    return home


@pytest.fixture
def shared(tmp_path: Path, database: str) -> Home:
    return open_home(tmp_path / "shared", ledger=database)


def test_a_moved_history_is_the_same_and_goes_on(filed: Home, database: str) -> None:
    before = filed.ledger.events("credit")
    assert move_ledger(filed, database) == 4
    moved = open_home(filed.root.parent)
    assert (moved.address, moved.ledger.events("credit"), moved.ledger.verify()) == (database, before, ())
    assert moved.ledger.append("credit", "note", {}, actor="x", at=AT).seq == 4
    assert moved.ledger.verify() == ()
    with pytest.raises(StoreError, match="the history has moved"):  # whoever still knows the file
        note(filed)
    with pytest.raises(Asked, match="in a database already"):
        move_ledger(moved, database)


def test_a_move_that_was_killed_goes_on_and_other_events_are_left_alone(filed: Home, database: str) -> None:
    place = database_place(database, filed.secret)
    place.make()
    with opened(filed.ledger.place) as here, opened(place) as there:
        (last,) = here.ask(LAST, ("credit",))
        there.ask(INSERT, ("credit", *last[1:3], "eve", *last[4:]))
        with pytest.raises(StoreError, match="events that this history does not"):
            move_ledger(filed, database)
        note(filed)  # nothing was moved
        there.ask("truncate mainstay.home")
    with pytest.raises(StoreError, match="another home"):
        move_ledger(filed, database)


def test_a_half_copied_history_is_completed(filed: Home, database: str) -> None:
    place = database_place(database, filed.secret)
    place.make()
    with opened(filed.ledger.place) as here, opened(place) as there:
        for event in here.raw_events()[:2]:
            there.ask(INSERT, event)
    assert move_ledger(filed, database) == 4
    assert open_home(filed.root.parent).ledger.verify() == ()


def test_a_database_is_one_homes_alone(shared: Home, database: str, tmp_path: Path) -> None:
    note(shared)
    with pytest.raises(StoreError, match="another home") as raised:
        open_home(tmp_path / "another", ledger=database)
    assert "each home has its own" in raised.value.remedy


def test_a_brief_that_wants_another_place_is_refused(filed: Home, database: str) -> None:
    with pytest.raises(Asked, match=r"this home has it in ledger\.sqlite") as raised:
        open_home(filed.root.parent, ledger=database)
    assert f"mainstay ledger --move '{database}'" in raised.value.remedy


def test_a_history_that_is_gone_is_not_begun_anew(shared: Home, database: str) -> None:
    note(shared)
    with psycopg.connect(database, autocommit=True) as db:
        db.execute("set client_min_messages = error; drop schema mainstay cascade")
    with pytest.raises(LedgerBroken, match="the history is gone"):
        open_home(shared.root.parent).ledger.models()


def test_a_backup_brings_it_back_as_a_file_of_its_own(shared: Home, tmp_path: Path) -> None:
    note(shared, 3)
    backup(shared, tmp_path / "kept", at=AT)
    again = restore(tmp_path / "kept", tmp_path / "again").home
    assert again.address is None
    assert again.ledger.events("credit") == shared.ledger.events("credit")
    assert again.ledger.verify() == ()


def test_a_password_is_in_no_file_and_no_message(
    filed: Home, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Asked, match="holds a password"):
        open_home(tmp_path / "new", ledger="postgresql://anna:geheim@host/db")
    address = database.replace("postgres@", "postgres:${SECRET}@").replace("/postgres?", "/nowhere?")
    with pytest.raises(NotFound, match="needs SECRET"):
        move_ledger(filed, address)
    monkeypatch.setenv("SECRET", "geheim")
    with pytest.raises(StoreError, match=r"refused: .*nowhere.* does not exist") as raised:
        move_ledger(filed, address)
    assert "geheim" not in f"{raised.value} {raised.value.__cause__}"
    move_ledger(filed, address.replace("nowhere", "postgres"))
    kept = [path for path in filed.root.rglob("*") if path.is_file() and b"geheim" in path.read_bytes()]
    assert not kept
    assert "geheim" not in open_home(filed.root.parent).ledger.place.name


def test_who_holds_it_too_long_is_named(shared: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mainstay.store.ledger_postgres.WAIT_S", 0.05)
    assert shared.ledger.place.holders() == frozenset()
    with opened(shared.ledger.place) as there, there.writing():
        (holder,) = shared.ledger.place.holders()
        assert holder.name.startswith("Session ")
        with pytest.raises(Busy, match="another process"):
            note(shared)


class Between:
    """Stands between a home and its database, and cuts the connection where one is told to."""

    def __init__(self, folder: Path, behind: str) -> None:
        self.cuts = ""  # 'before' or 'after' the next commit; 'for good' after it
        self._behind = behind
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(folder / ".s.PGSQL.5432"))
        self._server.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._behind)
                threading.Thread(target=self._ask, args=(client, server), daemon=True).start()
                threading.Thread(target=_carry, args=(server, client), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65_536):
                cuts = self.cuts if b"COMMIT\0" in data else ""
                if cuts == "for good":
                    self.close()  # first: who is cut off asks again at once
                if cuts in ("after", "for good"):
                    _end(client)  # the answer reaches nobody
                if cuts != "before":
                    server.sendall(data)
                if cuts:
                    self.cuts = ""
                    _end(client)
        _end(server)

    def close(self) -> None:
        _end(self._server)
        self._server.close()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    _end(target)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def between(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Between]:
    folder = tmp_path_factory.mktemp("b")
    real = parse_qs(urlsplit(database).query)["host"][0]
    there = Between(folder, f"{real}/.s.PGSQL.5432")
    yield there
    there.close()
    shutil.rmtree(folder)


@pytest.fixture
def behind(between: Between, tmp_path: Path, database: str) -> Home:
    """A home that reaches its database through what can be cut."""
    folder = between._server.getsockname().rpartition("/")[0]
    return open_home(tmp_path / "behind", ledger=f"postgresql://postgres@/postgres?host={folder}")


def test_a_connection_lost_before_the_end_leaves_nothing(between: Between, behind: Home) -> None:
    note(behind)
    between.cuts = "before"
    with pytest.raises(StoreError, match="nothing of it is there"):
        behind.ledger.extend("credit", [("note", {}), ("note", {})], actor="x", at=AT)
    assert (len(behind.ledger.events("credit")), behind.ledger.verify()) == (1, ())
    assert behind.ledger.append("credit", "note", {}, actor="x", at=AT).seq == 2


def test_an_answer_that_was_lost_is_looked_up(between: Between, behind: Home) -> None:
    note(behind)
    between.cuts = "after"
    assert behind.ledger.append("credit", "note", {}, actor="x", at=AT).seq == 2
    assert (len(behind.ledger.events("credit")), behind.ledger.verify()) == (2, ())


def test_what_cannot_be_looked_up_is_said_to_be_unknown(between: Between, behind: Home) -> None:
    note(behind)
    between.cuts = "for good"
    with pytest.raises(Unsettled) as raised:
        note(behind)
    assert "see whether it is there" in raised.value.remedy
    with pytest.raises(StoreError, match="out of reach"):
        behind.ledger.events("credit")
