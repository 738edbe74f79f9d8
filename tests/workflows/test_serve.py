"""Serving from a home: what is live answers, what is answered is kept, and what cannot be kept is not answered."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from tests.interfaces.http.homes import BRIEF, ROW, add, deploy, new_home, shifted
from tests.interfaces.http.spools import journalled, lines

from mainstay.domain.errors import NotFound, StoreError
from mainstay.serving.answer import Answer
from mainstay.serving.body import OtherVersion, Unacceptable
from mainstay.store.home import Home
from mainstay.workflows.home import waiting_models
from mainstay.workflows.serve import (
    Desk,
    NotServed,
    Posted,
    answer,
    close_desk,
    disk_problem,
    explain,
    ledger_moved,
    open_desk,
    read_routes,
    tell_actions,
    tell_outcomes,
    write_faults,
)


def sent(*rows: object, ids: list[str] | None = None, **more: object) -> bytes:
    return msgspec.json.encode({"rows": rows, "ids": ids} | more)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path)


@pytest.fixture
def desk(home: Home, tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def test_an_answer_is_in_the_spool_when_it_is_given(desk: Desk, tmp_path: Path) -> None:
    decided = answer(desk, "credit", sent(ROW, ROW | {"age": "abc"}, ids=["a", "b"]))
    assert decided.n_answered == 1
    (line,) = lines(tmp_path)
    assert (line["id"], line["version"], line["score"]) == ("a", 1, decided.decisions[0].score)
    answer(desk, "credit", sent(ROW, ids=["a"]))
    assert journalled(tmp_path) == ["a"]


def test_what_could_not_be_kept_is_not_remembered_either(desk: Desk, home: Home, tmp_path: Path) -> None:
    home.spool_root.write_text("in the way")
    with pytest.raises(StoreError):
        answer(desk, "credit", sent(ROW, ids=["a"]))
    assert desk.repeats.find("credit", "", "a") is None
    assert disk_problem(home) is not None
    home.spool_root.unlink()
    assert disk_problem(home) is None
    answer(desk, "credit", sent(ROW, ids=["a"]))
    assert journalled(tmp_path) == ["a"]


def test_a_dry_run_answers_and_keeps_nothing(desk: Desk, tmp_path: Path) -> None:
    odd = ROW | {"region": "festival"}
    tried = answer(desk, "credit", sent(ROW, odd, ids=["a", None], dry_run=True))
    write_faults(desk)
    assert (tried.dry_run, tried.n_answered, tried.decisions) == (True, 2, ())
    assert [entry.id for entry in tried.entries] == ["a", None]
    assert (lines(tmp_path), lines(tmp_path, "faults"), desk.repeats.find("credit", "", "a")) == ([], [], None)
    real = answer(desk, "credit", sent(ROW, ids=["a"]))
    assert real.entries == tried.entries[:1]
    assert journalled(tmp_path) == ["a"]


def test_the_brief_may_ask_for_reasons_and_say_what_can_be_changed(home: Home, tmp_path: Path) -> None:
    brief = BRIEF.replace("[decision]", "[decision]\nexplain = true") + "[fields.age]\nactionable = true\n"
    deploy(home, add(home, plan=shifted(-1.5), brief=brief))
    desk = open_desk(tmp_path)
    (entry,) = answer(desk, "credit", sent(ROW)).entries
    assert isinstance(entry, Answer)
    assert entry.reasons is not None
    assert {reason.fields for reason in entry.reasons.top} == {("age",), ("region",)}
    (asked,) = explain(desk, "credit", Posted(sent(ROW))).entries
    assert isinstance(asked, Answer)
    assert asked.reasons == entry.reasons
    assert asked.instead is not None
    assert [(each.field, each.to) for each in asked.instead.changes] == [("age", 65)]  # -1.5 + 0.25 + 1.25 = 0
    assert len(journalled(tmp_path)) == 1


@pytest.mark.parametrize("expected", [1, "1", "credit/1"])
def test_the_version_expected_answers(desk: Desk, expected: object) -> None:
    assert answer(desk, "credit", sent(ROW, expected_version=expected)).version == 1


@pytest.mark.parametrize("expected", [2, "credit/2", "other/1", ""])
def test_another_version_than_expected_decides_nothing(desk: Desk, tmp_path: Path, expected: object) -> None:
    with pytest.raises(OtherVersion) as refused:
        answer(desk, "credit", sent(ROW, expected_version=expected))
    assert refused.value.version == 1
    assert lines(tmp_path) == []


@pytest.fixture
def sister(desk: Desk, tmp_path: Path) -> Desk:
    """Another worker of the same service."""
    return open_desk(tmp_path)


class TestIdsOfAllWorkers:
    """An id is one decision, whichever worker is asked."""

    def test_a_repeat_gets_the_first_answer_and_is_not_journalled(
        self, desk: Desk, sister: Desk, home: Home, tmp_path: Path
    ) -> None:
        odd = ROW | {"region": "festival"}
        (first,) = answer(desk, "credit", sent(odd, ids=["a"])).entries
        deploy(home, add(home, plan=shifted(3.0)))
        sister.routes = read_routes(home, sister.routes)
        again = answer(sister, "credit", sent(odd, ROW, ids=["a", "b"]))
        assert [(entry.id, entry.repeated, entry.version) for entry in again.entries] == [
            ("a", True, 1),
            ("b", False, None),
        ]
        assert isinstance(first, Answer)
        assert again.entries[0] == msgspec.structs.replace(first, repeated=True, version=1)
        assert sorted(journalled(tmp_path)) == ["a", "b"]

    def test_another_row_is_a_conflict(self, desk: Desk, sister: Desk, tmp_path: Path) -> None:
        answer(desk, "credit", sent(ROW, ids=["a"]))
        assert answer(sister, "credit", sent(ROW | {"age": 51}, ids=["a"])).codes == {"id-conflict"}
        assert journalled(tmp_path) == ["a"]

    def test_ids_of_other_callers_and_models_are_others(self, desk: Desk, sister: Desk) -> None:
        answer(desk, "credit", sent(ROW, ids=["a"]), key="shop")
        (entry,) = answer(sister, "credit", sent(ROW | {"age": 51}, ids=["a"]), key="bank").entries
        assert isinstance(entry, Answer)
        assert not entry.repeated

    def test_an_answer_too_large_to_share_is_decided_anew_and_still_no_other_row_is(
        self, desk: Desk, sister: Desk
    ) -> None:
        large = ROW | {f"extra column number {i}": i for i in range(15)}
        answer(desk, "credit", sent(large, ids=["a"]))
        (own,), (others,) = (answer(each, "credit", sent(large, ids=["a"])).entries for each in (desk, sister))
        assert isinstance(own, Answer)
        assert isinstance(others, Answer)
        assert (own.repeated, others.repeated, own.score) == (True, False, others.score)
        assert answer(sister, "credit", sent(ROW, ids=["a"])).codes == {"id-conflict"}

    def test_a_restart_forgets_nothing(self, desk: Desk, tmp_path: Path) -> None:
        answer(desk, "credit", sent(ROW, ids=["a"]))
        close_desk(desk)
        (entry,) = answer(open_desk(tmp_path), "credit", sent(ROW, ids=["a"])).entries
        assert isinstance(entry, Answer)
        assert entry.repeated

    def test_where_nothing_can_be_shared_each_remembers_its_own(self, home: Home, tmp_path: Path) -> None:
        (home.root / "answered").mkdir()
        desk = open_desk(tmp_path)
        answer(desk, "credit", sent(ROW, ids=["a"]))
        (entry,) = answer(desk, "credit", sent(ROW, ids=["a"])).entries
        assert isinstance(entry, Answer)
        assert entry.repeated
        assert journalled(tmp_path) == ["a"]


def test_outcomes_and_actions_are_kept_as_told(desk: Desk, tmp_path: Path) -> None:
    tell_outcomes(desk, "credit", msgspec.json.encode({"outcomes": [{"id": "a", "outcome": 1}, {"id": "b"}]}))
    tell_actions(desk, "credit", msgspec.json.encode({"actions": [{"id": "a", "action": "Call", "by": "me"}]}))
    assert [(line["id"], line["outcome"]) for line in lines(tmp_path, "outcomes")] == [("a", "yes")]
    assert [(line["id"], line["action"], line["by"]) for line in lines(tmp_path, "actions")] == [("a", "call", "me")]


def test_faults_are_folded_and_written_once(desk: Desk, tmp_path: Path) -> None:
    for _ in range(3):
        answer(desk, "credit", sent(ROW | {"region": "festival"}, ROW | {"age": "private"}))
    assert lines(tmp_path, "faults") == []
    write_faults(desk)
    write_faults(desk)
    folded = {(f["field"], f["code"], f["refused"], f["n"]) for f in lines(tmp_path, "faults")}
    assert folded == {("region", "unseen-level", False, 3), ("age", "wrong-type", True, 3)}
    assert len(lines(tmp_path, "faults")) == 2


def test_closing_writes_what_is_left(desk: Desk, tmp_path: Path) -> None:
    answer(desk, "credit", sent(ROW | {"region": "festival"}))
    close_desk(desk)
    assert len(lines(tmp_path, "faults")) == 1


def test_what_is_not_there_is_said(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="Did you mean 'credit'"):
        answer(desk, "credti", sent(ROW))
    with pytest.raises(Unacceptable):
        answer(desk, "credit", b"{}")
    with pytest.raises(NotFound, match=r"there is no \.mainstay"):
        open_desk(tmp_path / "elsewhere")


def test_nothing_live_is_said_until_something_is(tmp_path: Path) -> None:
    home = new_home(tmp_path, live=False)
    desk = open_desk(tmp_path)
    with pytest.raises(NotServed, match="no version of credit is deployed"):
        answer(desk, "credit", sent(ROW))
    assert not ledger_moved(desk)
    deploy(home, 1)
    assert ledger_moved(desk)
    desk.routes = read_routes(home, desk.routes)
    assert answer(desk, "credit", sent(ROW)).version == 1


def test_a_fsync_in_the_brief_reaches_the_spool(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    deploy(home, add(home, plan=shifted(1.0), brief=BRIEF + '[store]\nfsync = "batch"\n'))
    desk = open_desk(tmp_path)
    answer(desk, "credit", sent(ROW, ids=["a"]))
    assert desk.routes.services["credit"].words.store.fsync == "batch"
    assert journalled(tmp_path) == ["a"]


def test_who_starts_the_service_says_which_models_wait_and_loads_little(tmp_path: Path) -> None:
    home = new_home(tmp_path, live=False)
    assert waiting_models(tmp_path / "below") == (tmp_path, ("credit",))
    deploy(home, 1)
    assert waiting_models(tmp_path) == (tmp_path, ())
    loaded = "import sys, mainstay.interfaces.cli.serve; print(sorted({'numpy', 'pydantic', 'rich'} & {*sys.modules}))"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
