"""Keys through their life: made, replaced, revoked, run out; what the ledger keeps of them, and what a worker knows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.workflows.lives import AT, DAY, add

from mainstay.domain.errors import Asked, NotFound
from mainstay.domain.event import Act
from mainstay.domain.key import CHAIN, Rate, Scope, parse_scopes
from mainstay.store.home import Home, open_home
from mainstay.store.key_use import note_use
from mainstay.workflows.backup import back_up, bring_back
from mainstay.workflows.keyring import read_keyring
from mainstay.workflows.keys import Made, Wanted, add_key, list_keys, revoke_keys

BOTH = (Scope.DECIDE, Scope.OUTCOMES)
PLAIN = Wanted(scopes=BOTH)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = open_home(tmp_path)
    add(home)
    return home


def make(home: Home, caller: str = "shop", wanted: Wanted = PLAIN) -> Made:
    return add_key(home, caller, wanted, actor="anna", at=AT)


def test_the_ledger_tells_of_a_key_and_nothing_in_the_home_holds_it(home: Home) -> None:
    made = make(home, wanted=Wanted(scopes=BOTH, models=("credit",), rate=Rate(100, 1), lasts=90 * DAY))
    (event,) = home.ledger.events(CHAIN)
    assert (event.act, event.actor) == (Act.KEY_ADDED, "anna")
    assert event.body["scopes"] == ["decide", "outcomes"]
    assert event.body["expires_at"] == "2026-05-30T09:00:00Z"
    kept = [path.read_bytes() for path in home.root.rglob("*") if path.is_file()]
    assert not [found for found in kept if made.text.encode() in found]
    assert made.text not in repr(made)
    assert not home.ledger.verify()
    assert home.ledger.models() == ("credit",), "the chain of keys is no model"
    assert home.ledger.all_keys() == (made.key,)


def test_a_worker_finds_a_key_by_what_is_presented_and_nothing_else(home: Home, tmp_path: Path) -> None:
    made = make(home)
    ring = read_keyring(home)
    grant = ring.find(made.text.encode())
    assert grant is not None
    assert (grant.id, grant.scopes) == ("shop.1", {"decide", "outcomes"})
    for wrong in (
        b"",
        b"mk_",
        made.text[:-1].encode(),
        made.text.upper().encode(),
        made.key.digest.encode(),
        b"x" * 999,
    ):
        assert ring.find(wrong) is None
    other = open_home(tmp_path / "other")
    add_key(other, "shop", Wanted(scopes=BOTH), actor="anna", at=AT)
    assert read_keyring(other).find(made.text.encode()) is None, "another home has another secret"


def test_a_key_is_replaced_without_a_moment_in_which_none_holds(home: Home) -> None:
    old, new = make(home, wanted=Wanted(scopes=BOTH, rate=Rate(5, 60))), make(home, wanted=Wanted())
    assert (new.key.id, new.key.scopes, new.key.rate) == ("shop.2", BOTH, Rate(5, 60)), "as the one before"
    assert [each.status for each in list_keys(home, at=AT)] == ["active", "active"]
    assert revoke_keys(home, "shop", actor="bo", at=AT + DAY, older=True, why="a laptop was lost") == (old.key,)
    assert [each.status for each in list_keys(home, at=AT + DAY)] == ["revoked", "active"]
    assert home.ledger.events(CHAIN)[-1].body == {"caller": "shop", "number": 1, "why": "a laptop was lost"}
    assert revoke_keys(home, "shop.1", actor="bo", at=AT + DAY) == ()
    assert revoke_keys(home, "shop.2", actor="bo", at=AT + DAY) == (new.key,)
    ring = read_keyring(home)
    assert ring.required, "revoking the last key does not open the door"
    assert {grant.until_us for grant in ring.by_digest.values()} == {0}
    with pytest.raises(Asked, match="what may shop do"):
        make(home, wanted=Wanted())


def test_a_key_runs_out_to_the_second(home: Home) -> None:
    key = make(home, wanted=Wanted(scopes=BOTH, lasts=timedelta(hours=1))).key
    assert key.status(AT + timedelta(minutes=59, seconds=59)) == "active"
    assert key.status(AT + timedelta(hours=1)) == "expired"


def test_when_a_key_was_used_is_known(home: Home) -> None:
    make(home)
    assert list_keys(home, at=AT)[0].used_at is None
    note_use(home, "shop.1")
    assert list_keys(home, at=AT)[0].used_at is not None


@pytest.mark.parametrize("caller", ["", "Shop", "a b", "../up", "shop.1", "@keys", "x" * 41])
def test_names_that_are_none(home: Home, caller: str) -> None:
    with pytest.raises(Asked, match="no name for a caller"):
        make(home, caller)


def test_what_is_not_there_is_said(home: Home) -> None:
    with pytest.raises(NotFound, match="no model 'credt'") as raised:
        make(home, wanted=Wanted(scopes=BOTH, models=("credt",)))
    assert "'credit'" in raised.value.remedy
    make(home)
    with pytest.raises(NotFound, match="no key 'shpo'") as raised:
        revoke_keys(home, "shpo", actor="bo", at=AT)
    assert "'shop'" in raised.value.remedy
    with pytest.raises(Asked, match="opens nothing"):
        parse_scopes(" , ")


def test_a_restored_home_knows_its_keys_and_says_that_it_came_back(home: Home, tmp_path: Path) -> None:
    made = make(home)
    back_up(home, tmp_path / "kept.tar", at=AT)
    back = bring_back(tmp_path / "kept.tar", tmp_path / "again", actor="cy", at=AT + DAY)
    assert not back.breaks
    assert [event.act for event in back.home.ledger.events(CHAIN)] == [Act.KEY_ADDED, Act.RESTORED]
    assert read_keyring(back.home).find(made.text.encode()) is not None
