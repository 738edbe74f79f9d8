"""How a model stands, at every stage of its life."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.workflows.lives import AT, BRIEF, DAY, add, decide, deploy, examine, learn, raise_signal, train

from mainstay.domain.errors import NotFound
from mainstay.domain.finding import Verdict
from mainstay.store.home import Home, open_home
from mainstay.store.ingest import ingest
from mainstay.workflows.status import Status, statuses
from mainstay.workflows.watch import gather, open_watch


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
    assert seen(home, days=1).waiting[0].remedy == "mainstay check credit/1", "an exam before anybody signs"
    examine(home, 1, at=AT + 2 * DAY)
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


def test_gates_that_only_wait_for_an_exam_have_not_failed(home: Home) -> None:
    train(home, 1, gates_of_exam=("F18-fairness",))
    (wait,) = [w for w in seen(home).waiting if w.code in {"nothing-live", "gates-failed"}]
    assert (wait.code, wait.remedy) == ("nothing-live", "mainstay check credit/1")
    examine(home, 1, at=AT + DAY, failed_gates=("F18-fairness",))
    assert codes(seen(home))[0] == "gates-failed"


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
    train(home, 3, at=AT + 3 * DAY, gates_of_exam=("F18-fairness",))
    (newer,) = [wait for wait in seen(home).waiting if wait.code == "newer-version"]
    assert newer.remedy == "mainstay check credit/3"
    examine(home, 3, at=AT + 4 * DAY)
    (newer,) = [wait for wait in seen(home).waiting if wait.code == "newer-version"]
    assert newer.remedy == "mainstay report credit/3, then mainstay deploy credit/3"


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
    add(home, brief=BRIEF.replace("2026-12-01", "2026-03-05"))
    assert "review" not in codes(seen(home, days=2))
    deploy(home, 1, at=AT + DAY)
    assert "review" in codes(seen(home, days=2))


def test_a_torn_bundle_does_not_hide_what_is_live(home: Home) -> None:
    add(home)
    deploy(home, 1, at=AT + DAY)
    (home.artifacts.bundle_folder("credit", 1) / "plan.json").unlink()
    assert seen(home).life.live == 1


def answered(home: Home) -> None:
    """A live version, three decisions in March of which one outcome is known, and one in April still in the spool."""
    add(home)
    deploy(home, 1, at=AT)
    decide(home, ["a-1", "a-2"], at=AT + DAY)
    decide(home, ["a-3"], at=AT + 20 * DAY)
    ingest(home, "credit", at=AT + 20 * DAY)
    learn(home, {"a-1": "0"}, at=AT + 25 * DAY)
    ingest(home, "credit", at=AT + 25 * DAY)
    decide(home, ["a-4"], at=AT + 31 * DAY)


def test_before_anybody_asked_a_decision_is_waited_for(home: Home) -> None:
    add(home)
    deploy(home, 1, at=AT)
    status = seen(home)
    assert codes(status) == ["no-decisions"]
    assert status.waiting[0].remedy == "mainstay serve"


def test_outcomes_that_are_due_and_missing_are_told_from_those_not_due_yet(home: Home) -> None:
    answered(home)
    traffic = seen(home, days=35).traffic
    assert (traffic.decisions, traffic.due, traffic.missing, traffic.early) == (3, 2, 1, 1)
    assert traffic.next_due_at == AT + 50 * DAY
    waiting = {wait.code: wait for wait in seen(home, days=35).waiting}
    assert waiting["outcomes-missing"].because == "1 of the 2 outcomes that are due have not come."
    assert waiting["outcomes-missing"].remedy == "mainstay outcomes FILE"
    assert waiting["outcomes-early"].because == "1 outcome not due yet; the next on 2026-04-20."


def test_what_is_known_of_outcomes_is_as_known_at_the_moment(home: Home) -> None:
    answered(home)
    assert seen(home, days=24).traffic.early == 3
    assert seen(home, days=26).traffic.early == 2


def test_silence_that_will_be_taken_as_negative_is_said_so(home: Home) -> None:
    add(home, brief=BRIEF.replace("[decision]", 'no_outcome_means = "negative"\n[decision]'))
    deploy(home, 1, at=AT)
    decide(home, ["a-1"], at=AT + DAY)
    ingest(home, "credit", at=AT + DAY)
    (missing,) = [w for w in seen(home, days=40).waiting if w.code == "outcomes-missing"]
    assert "silence" in missing.because


def test_rows_in_the_spool_and_rows_unwatched_are_waited_for(home: Home) -> None:
    answered(home)
    waiting = {wait.code: wait for wait in seen(home, days=35).waiting}
    assert waiting["spool"].n == 1
    assert "since 2026-04-01 09:00 UTC" in waiting["spool"].because
    assert waiting["unwatched"].n == 3
    assert "the first of 2026-03-02 09:00 UTC" in waiting["unwatched"].because


def test_after_a_look_what_was_earned_on_ripe_decisions_is_told(home: Home) -> None:
    add(home)
    deploy(home, 1, at=AT)
    ids = [f"a-{i}" for i in range(40)]
    decide(home, ids, at=AT + DAY)
    learn(home, {each: "1" if i % 4 == 0 else "0" for i, each in enumerate(ids)}, at=AT + 5 * DAY)
    gather(open_watch(home, "credit"), home.ledger.life("credit"), at=AT + 6 * DAY)
    assert seen(home, days=6).realised is None, "the delay of 30 days has not passed"
    status = seen(home, days=40)
    assert "unwatched" not in codes(status)
    assert status.realised is not None
    assert status.realised.rows == 40
    # Approved are the even ones: of those 10 lose a fifth of 50,000 and 10 earn 6% of it; declined ones earn nothing.
    assert status.realised.value.value == pytest.approx((10 * -10_000 + 10 * 3_000) / 40)


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


def test_a_time_box_that_is_missed_is_waited_for_with_what_to_do(home: Home) -> None:
    train(home, 1)
    late = next(wait for wait in seen(home, days=15).waiting if wait.code == "time-box")
    assert late.n == 15
    assert "time_box" in late.remedy
    deploy(home, 1, at=AT + 16 * DAY)
    assert "time-box" not in codes(seen(home, days=17))
