"""How a model stands, at every stage of its life."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.workflows.lives import AT, BRIEF, DAY, deploy, raise_signal, train

from mainstay.domain.errors import NotFound
from mainstay.domain.finding import Verdict
from mainstay.store.home import Home, open_home
from mainstay.workflows.status import Status, statuses


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    return open_home(tmp_path)


def seen(home: Home, *, days: float = 10) -> Status:
    (status,) = statuses(home.root.parent, None, at=AT + days * DAY)
    return status


def codes(status: Status) -> list[str]:
    return [wait.code for wait in status.waiting]


def test_before_anything_a_training_is_waited_for(home: Home) -> None:
    status = seen(home)
    assert status.life.live is None
    assert status.worth is None
    assert status.time_box is None
    assert codes(status) == ["no-version"]
    assert status.waiting[0].remedy == "mainstay train"


def test_what_is_trained_waits_to_be_deployed(home: Home) -> None:
    train(home, 1)
    status = seen(home, days=4)
    assert codes(status)[0] == "nothing-live"
    assert status.waiting[0].remedy == "mainstay deploy credit/1"
    assert status.worth is not None
    assert status.worth.value is not None
    assert status.time_box is not None
    assert status.time_box.taken == 4 * DAY
    assert not status.time_box.is_over


def test_the_time_box_ends_with_the_first_deployment_not_the_last(home: Home) -> None:
    train(home, 1)
    deploy(home, 1, at=AT + 3 * DAY)
    train(home, 2, at=AT + 40 * DAY)
    deploy(home, 2, at=AT + 41 * DAY)
    box = seen(home, days=60).time_box
    assert box is not None
    assert box.taken == 3 * DAY
    assert not box.is_over


def test_a_time_box_that_has_passed_is_over(home: Home) -> None:
    train(home, 1)
    box = seen(home, days=15).time_box
    assert box is not None
    assert box.is_over
    assert box.live_at is None


def test_gates_that_failed_are_named(home: Home) -> None:
    train(home, 1, failed_gates=("F04-target-roc-auc",))
    (wait,) = [w for w in seen(home).waiting if w.code == "gates-failed"]
    assert "F04-target-roc-auc" in wait.because
    assert wait.remedy == "mainstay report credit/1"


def test_a_version_without_a_worth_says_so(home: Home) -> None:
    train(home, 1, value=None)
    deploy(home, 1, at=AT + DAY)
    (wait,) = [w for w in seen(home).waiting if w.code == "no-value"]
    assert "[value]" in wait.remedy


def test_a_newer_version_that_is_ready_is_pointed_at_and_one_that_is_held_is_not(home: Home) -> None:
    train(home, 1)
    deploy(home, 1, at=AT + DAY)
    train(home, 2, at=AT + 2 * DAY, failed_gates=("F04-target-roc-auc",))
    assert "newer-version" not in codes(seen(home))
    train(home, 3, at=AT + 3 * DAY)
    assert "newer-version" in codes(seen(home))


def test_signals_come_worst_first_then_oldest(home: Home) -> None:
    train(home, 1)
    deploy(home, 1, at=AT)
    raise_signal(home, "s-late", at=AT + 5 * DAY)
    raise_signal(home, "s-bad", verdict=Verdict.FAIL, at=AT + 6 * DAY)
    raise_signal(home, "s-early", at=AT + 6 * DAY)
    assert [s.id for s in seen(home).signals] == ["s-bad", "s-late", "s-early"]


def test_a_review_is_waited_for_a_month_ahead(home: Home) -> None:
    train(home, 1)
    assert "review" not in codes(seen(home, days=200))
    (wait,) = [w for w in seen(home, days=260).waiting if w.code == "review"]
    assert "is due on 2026-12-01" in wait.because
    (wait,) = [w for w in seen(home, days=300).waiting if w.code == "review"]
    assert "was due" in wait.because


def test_a_status_is_as_known_at_its_moment(home: Home) -> None:
    train(home, 1)
    deploy(home, 1, at=AT + DAY)
    train(home, 2, at=AT + 5 * DAY)
    deploy(home, 2, at=AT + 6 * DAY)
    assert seen(home, days=3).life.live == 1
    assert seen(home, days=10).life.live == 2


def test_the_brief_in_force_is_that_of_the_live_version(home: Home) -> None:
    train(home, 1)
    home.artifacts.put_version("credit", 1, {"bundle/brief.toml": BRIEF.replace("2026-12-01", "2026-03-05").encode()})
    assert "review" not in codes(seen(home, days=2))
    deploy(home, 1, at=AT + DAY)
    assert "review" in codes(seen(home, days=2))


def test_every_model_of_a_home_is_told_and_one_can_be_asked_for(home: Home) -> None:
    train(home, 1)
    train(home, 1, model="upsell")
    folder = home.root.parent
    assert [s.life.model for s in statuses(folder, None, at=AT + DAY)] == ["credit", "upsell"]
    assert [s.life.model for s in statuses(folder, "upsell", at=AT + DAY)] == ["upsell"]
    with pytest.raises(NotFound, match="upsel"):
        statuses(folder, "upsel", at=AT + DAY)


def test_a_wrong_brief_does_not_hide_how_the_model_stands(home: Home) -> None:
    train(home, 1)
    deploy(home, 1, at=AT)
    (home.root.parent / "mainstay.toml").write_text(BRIEF + "[wach]\n")
    status = seen(home)
    assert status.life.live == 1
    assert codes(status)[0] == "brief-wrong"
    assert "mainstay.toml:" in status.waiting[0].because


def test_a_home_without_a_brief_is_enough(home: Home) -> None:
    train(home, 1)
    (home.root.parent / "mainstay.toml").unlink()
    status = seen(home)
    assert codes(status) == ["nothing-live"]
    assert status.time_box is not None
    assert status.time_box.limit is None


def test_an_empty_home_says_how_to_begin(tmp_path: Path) -> None:
    open_home(tmp_path)
    with pytest.raises(NotFound, match="no model"):
        statuses(tmp_path, None, at=AT + timedelta(days=1))
