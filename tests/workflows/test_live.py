"""What is live changes only by an event, only to a whole bundle, and only past gates or with a reason."""

from __future__ import annotations

import itertools
import multiprocessing
from datetime import timedelta
from pathlib import Path

import pytest
from tests.workflows.lives import AT, BRIEF, DAY, add, bundle, examine

from mainstay.domain.errors import BundleError, MainstayError, NotFound, Refused
from mainstay.domain.event import Act
from mainstay.domain.version import VersionName
from mainstay.store.home import Home, open_home
from mainstay.workflows.live import deploy, rollback

SPAWN = multiprocessing.get_context("spawn")
GATE = ("F04-target-roc-auc",)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path)


def stand_live(home: Home, *numbers: int) -> None:
    for day, number in enumerate(numbers, start=1):
        deploy(home, VersionName("credit", number), actor="bo", at=AT + day * DAY)


def acts(home: Home) -> list[str]:
    return [event.act for event in home.ledger.events("credit")]


def test_a_deployment_is_one_event_that_says_who_and_when(home: Home) -> None:
    name = add(home)
    life = deploy(home, name, actor="bo", at=AT + DAY, why="first")
    assert (life.live, life.live_by) == (1, "bo")
    event = home.ledger.events("credit")[-1]
    assert event.act == Act.DEPLOYED
    assert event.body == {"version": 1, "override": False, "why": "first", "failed_gates": []}


def test_deploying_what_is_live_changes_nothing(home: Home) -> None:
    name = add(home)
    stand_live(home, 1)
    before = home.ledger.events("credit")
    assert deploy(home, name, actor="anna", at=AT + 5 * DAY).live_by == "bo"
    assert home.ledger.events("credit") == before


def test_a_version_that_is_not_there_is_not_found_and_those_there_are_named(home: Home) -> None:
    add(home)
    with pytest.raises(NotFound, match="credit/7") as caught:
        deploy(home, VersionName("credit", 7), actor="bo", at=AT)
    assert "credit/1" in caught.value.remedy


def test_failed_gates_refuse_and_are_named(home: Home) -> None:
    name = add(home, failed_gates=GATE)
    with pytest.raises(Refused, match=GATE[0]) as caught:
        deploy(home, name, actor="bo", at=AT)
    assert "--override --why" in caught.value.remedy
    assert acts(home) == [Act.TRAINED]


@pytest.mark.parametrize("why", ["", "   "])
def test_an_override_needs_a_reason(home: Home, why: str) -> None:
    name = add(home, failed_gates=GATE)
    with pytest.raises(Refused, match="needs a reason"):
        deploy(home, name, actor="bo", at=AT, override=True, why=why)
    assert acts(home) == [Act.TRAINED]


def test_an_override_is_recorded_with_its_reason_and_what_it_overrode(home: Home) -> None:
    name = add(home, failed_gates=GATE)
    deploy(home, name, actor="bo", at=AT, override=True, why="board decision 12")
    body = home.ledger.events("credit")[-1].body
    assert body == {"version": 1, "override": True, "why": "board decision 12", "failed_gates": list(GATE)}


def test_an_override_of_nothing_is_none(home: Home) -> None:
    deploy(home, add(home), actor="bo", at=AT, override=True)
    assert home.ledger.events("credit")[-1].body["override"] is False


APPROVED_BY_ANNA = BRIEF + "[lifecycle]\napprovers = ['anna']\n"


def test_an_approver_deploys_and_nobody_else(home: Home) -> None:
    name = add(home, brief=APPROVED_BY_ANNA)
    with pytest.raises(Refused, match=r"bo is not an approver of credit/1; its brief names anna") as caught:
        deploy(home, name, actor="bo", at=AT)
    assert "--override --why" in caught.value.remedy
    with pytest.raises(Refused, match="needs a reason"):
        deploy(home, name, actor="bo", at=AT, override=True)
    assert acts(home) == [Act.TRAINED]
    deploy(home, name, actor="anna", at=AT)
    body = home.ledger.events("credit")[-1].body
    assert body == {"version": 1, "override": False, "why": "", "failed_gates": []}


def test_who_is_not_an_approver_and_overrides_is_recorded_as_such(home: Home) -> None:
    deploy(home, add(home, brief=APPROVED_BY_ANNA), actor="bo", at=AT, override=True, why="anna is ill")
    body = home.ledger.events("credit")[-1].body
    assert (body["override"], body["why"], body["overridden"]) == (True, "anna is ill", ["not an approver"])


def test_rolling_back_walks_the_versions_that_were_live_backwards(home: Home) -> None:
    for _ in range(3):
        add(home)
    stand_live(home, 1, 2, 3)
    assert rollback(home, "credit", actor="bo", at=AT + 10 * DAY, why="too many declined").live == 2
    assert rollback(home, "credit", actor="bo", at=AT + 11 * DAY).live == 1
    with pytest.raises(Refused, match="no earlier live version"):
        rollback(home, "credit", actor="bo", at=AT + 12 * DAY)
    body = next(event.body for event in home.ledger.events("credit") if event.act == Act.ROLLED_BACK)
    assert (body["version"], body["from_version"], body["why"]) == (2, 3, "too many declined")


def test_after_a_rollback_a_new_deployment_is_rolled_back_to_what_was_live(home: Home) -> None:
    for _ in range(3):
        add(home)
    stand_live(home, 1, 2)
    rollback(home, "credit", actor="bo", at=AT + 10 * DAY)
    deploy(home, VersionName("credit", 3), actor="bo", at=AT + 11 * DAY)
    assert rollback(home, "credit", actor="bo", at=AT + 12 * DAY).live == 1


def test_who_was_live_then_has_an_answer_whatever_came_later(home: Home) -> None:
    add(home)
    add(home)
    stand_live(home, 1, 2)
    rollback(home, "credit", actor="bo", at=AT + 10 * DAY)
    lived = [home.ledger.life("credit", at=AT + days * DAY).live for days in (0, 1, 2, 9, 10)]
    assert lived == [None, 1, 2, 2, 1]


def altered(home: Home, number: int, name: str) -> Path:
    path = home.artifacts.bundle_folder("credit", number) / name
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(bytes(raw))
    return path


@pytest.mark.parametrize("name", ["plan.json", "schema.json", "brief.toml", "golden.json", "manifest.json"])
def test_one_altered_byte_refuses_and_nothing_is_written(home: Home, name: str) -> None:
    version = add(home)
    altered(home, 1, name)
    with pytest.raises(MainstayError) as caught:
        deploy(home, version, actor="bo", at=AT)
    assert isinstance(caught.value, BundleError | Refused)
    assert caught.value.exit_code == 1
    assert acts(home) == [Act.TRAINED]


def test_a_missing_file_and_a_missing_bundle_refuse(home: Home) -> None:
    version = add(home)
    (home.artifacts.bundle_folder("credit", 1) / "plan.json").unlink()
    with pytest.raises(BundleError, match=r"plan\.json is missing"):
        deploy(home, version, actor="bo", at=AT)
    for path in home.artifacts.bundle_folder("credit", 1).iterdir():
        path.unlink()
    with pytest.raises(NotFound, match="not there"):
        deploy(home, version, actor="bo", at=AT)


def test_another_whole_bundle_in_its_place_refuses(home: Home) -> None:
    version = add(home)
    folder = home.artifacts.bundle_folder("credit", 1)
    for name, content in bundle(2).items():
        (folder / name).write_bytes(content)
    with pytest.raises(Refused, match="not the one that was trained"):
        deploy(home, version, actor="bo", at=AT)


def test_rolling_back_to_an_altered_bundle_refuses_and_what_is_live_stays(home: Home) -> None:
    add(home)
    add(home)
    stand_live(home, 1, 2)
    altered(home, 1, "plan.json")
    with pytest.raises(BundleError, match=r"plan\.json"):
        rollback(home, "credit", actor="bo", at=AT + 9 * DAY)
    assert home.ledger.life("credit").live == 2


def deploy_many(folder: str, actor: str, first: int) -> None:
    home = open_home(Path(folder))
    for turn in range(6):
        version = VersionName("credit", 1 + (first + turn) % 2)
        deploy(home, version, actor=actor, at=AT + timedelta(days=1, seconds=turn))


def test_two_processes_that_deploy_at_once_leave_one_whole_history(home: Home) -> None:
    add(home)
    add(home)
    folder = str(home.root.parent)
    both = [SPAWN.Process(target=deploy_many, args=(folder, actor, i)) for i, actor in enumerate(("anna", "bo"))]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    deployed = [event.body["version"] for event in home.ledger.events("credit") if event.act == Act.DEPLOYED]
    assert deployed
    assert all(a != b for a, b in itertools.pairwise(deployed)), "each was decided on the newest state"
    assert home.ledger.verify() == ()
    assert home.ledger.life("credit").live == deployed[-1]


def test_gates_that_only_an_exam_answers_wait_for_one_and_the_newest_counts(home: Home) -> None:
    name = add(home, gates_of_exam=("F01-owned",))
    with pytest.raises(Refused, match=r"was not examined, and its gates ask for F01-owned") as caught:
        deploy(home, name, actor="bo", at=AT)
    assert caught.value.remedy == "Examine it: mainstay check credit/1"
    examine(home, name.number, at=AT, failed_gates=("F01-owned",))
    with pytest.raises(Refused, match=r"failed its gates: F01-owned"):
        deploy(home, name, actor="bo", at=AT)
    examine(home, name.number, at=AT)
    assert deploy(home, name, actor="bo", at=AT).live == 1
