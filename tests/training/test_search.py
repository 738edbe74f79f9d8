"""A search tries good settings first, gives up what falls behind, keeps to its time and is the same every time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pytest
from tests.training.made import brief, prepared, without_money

from mainstay.domain.task import Task
from mainstay.domain.worth import AmountWorth
from mainstay.stats.tempered import sharpness, tempered
from mainstay.training.compared import compared, fewer
from mainstay.training.contest import ENOUGH, INTERRUPTED, contest
from mainstay.training.crew import crew_of
from mainstay.training.crossfit import again, best_size, fold_stages, grown, room_of
from mainstay.training.effort import Effort, OutOfTime, Watch
from mainstay.training.learner import Stages
from mainstay.training.learners import BASE_RATE, BOOSTING, LOGISTIC
from mainstay.training.learners.contestants import contestants, worth_most_at
from mainstay.training.loss import log_losses, losses_of
from mainstay.training.met import met
from mainstay.training.prepared import Prepared
from mainstay.training.search import Found, Plan, search
from mainstay.training.train import MOST_ROWS, rows_wanted, train
from mainstay.training.tries import Bench, attempt, behind


@dataclass
class Clock:
    """A clock that moves on by `step_s` whenever somebody looks at it."""

    step_s: float = 0.0
    now_s: float = 0.0

    def __call__(self) -> float:
        self.now_s += self.step_s
        return self.now_s


@contextmanager
def bench(given: Prepared, *, ends_at: float = math.inf, clock: Clock | None = None, n: int = 1) -> Iterator[Bench]:
    on = compared(given)
    with crew_of(n) as crew:
        rooms = tuple(room_of(on.lesson, fold) for fold in on.folds)
        watch = Watch(clock or Clock(), ends_at)
        yield Bench(lesson=on.lesson, rooms=rooms, crew=crew, watch=watch, n_threads=n)


def plan(n_tries: int) -> Plan:
    return Plan(lambda tries: len(tries) < n_tries, lambda: None, lambda tried: None)


def searched(given: Prepared, n_tries: int, *, n: int = 1) -> Found:
    with bench(given, n=n) as at:
        found = search(BOOSTING, at, plan(n_tries))
    assert found is not None
    return found


def test_good_settings_come_first_and_the_rest_is_the_same_every_time() -> None:
    given = prepared(600)
    found, again_found = searched(given, 5), searched(given, 5, n=2)
    assert [trial.settings for trial in found.trials] == [trial.settings for trial in again_found.trials]
    assert [trial.gain for trial in found.trials] == [trial.gain for trial in again_found.trials]
    for trial, first in zip(found.trials, BOOSTING.first, strict=False):
        assert {**trial.settings, **first} == trial.settings
    assert found.cross.settings == max((t for t in found.trials if not t.pruned), key=lambda t: t.gain or 0).settings
    assert found.cross.scores.tolist() == again_found.cross.scores.tolist()


def test_what_is_clearly_behind_is_given_up() -> None:
    assert behind(np.array([1.0, 1.2, 1.1]), np.array([0.5, 0.6, 0.7]))
    assert not behind(np.array([0.5, 0.9]), np.array([0.9, 0.5]))
    assert not behind(np.array([0.5, np.nan]), np.array([0.5, 0.1]))


def test_what_a_search_found_can_be_found_again() -> None:
    given = prepared(600)
    found = searched(given, 1)
    with bench(given) as at:
        repeated = again(BOOSTING, found.cross.settings, at.lesson, at.rooms)
    assert repeated.scores.tolist() == found.cross.scores.tolist()


def test_a_size_is_chosen_over_all_folds_together() -> None:
    def stages(*losses: float) -> Stages:
        return Stages(np.array(losses), lambda size: np.zeros(1))

    assert best_size([stages(3.0, 1.0, 2.0), stages(3.0, 2.0)], [1, 1]) == 2
    assert best_size([stages(3.0, 1.0, 2.0), stages(9.0, 9.0, 0.0)], [1, 9]) == 3


def test_a_search_that_has_no_time_for_one_try_finds_nothing() -> None:
    with bench(prepared(600), ends_at=2.0, clock=Clock(step_s=0.5)) as at:
        assert search(BOOSTING, at, plan(5)) is None


def test_a_time_limit_ends_a_search_and_leaves_time_for_what_follows() -> None:
    clock = Clock(step_s=0.25)
    trained = train(prepared(600), tick=clock, effort=Effort(ends_at=120.0, tail_s=10.0))
    assert clock.now_s <= 120.0
    n_boosting = sum(trial.learner == "boosting" for trial in trained.trials)
    assert n_boosting > len(BOOSTING.first)
    assert {candidate.name for candidate in trained.candidates} == {"base_rate", "today", "logistic", "boosting"}


def test_a_slow_try_stops_growing_and_is_whole() -> None:
    with bench(prepared(600), ends_at=60.0, clock=Clock(step_s=1.0)) as at:
        found = search(BOOSTING, at, plan(1))
    assert found is not None
    assert found.best.settings["trees"] <= 100


def test_targets_that_are_met_end_a_search() -> None:
    modest = replace(prepared(3000), brief=brief().model_copy(update={"targets": targets(roc_auc=0.55)}))
    trained = train(modest, tick=Clock(), effort=Effort(n_tries=5))
    assert trained.stopped == ENOUGH
    assert [trial.learner for trial in trained.trials].count("boosting") == 1
    bold = replace(modest, brief=brief().model_copy(update={"targets": targets(roc_auc=0.999)}))
    assert train(bold, tick=Clock(), effort=Effort(n_tries=2)).stopped == ""


def targets(**limits: float) -> object:
    return brief().targets.model_copy(update={"roc_auc": None, "value_over_today": None, **limits})


def test_targets_are_judged_without_the_holdout() -> None:
    given = replace(prepared(3000), brief=brief().model_copy(update={"targets": targets(roc_auc=0.6)}))
    blind = given.outcomes.copy()
    blind[given.holdout] = 1 - blind[given.holdout]
    on, found = compared(given), searched(given, 1)
    with bench(given) as at:
        base = search(BASE_RATE, at, plan(1))
    assert base is not None
    assert met([base, found], on, given) is met([base, found], on, replace(given, outcomes=blind)) is True


def interrupting(at: Callable[[], bool]) -> Callable[[object], None]:
    def tell(news: object) -> None:
        if at():
            raise KeyboardInterrupt

    return tell


def test_an_interrupted_contest_keeps_what_was_tried_whole() -> None:
    counts = iter(range(10_000))
    with bench(prepared(600)) as at:
        told = interrupting(lambda: next(counts) == 30)
        outcome = contest((BASE_RATE, LOGISTIC, BOOSTING), at, Effort(n_tries=50), on_news=told, good_enough=never)
    assert outcome.stopped == INTERRUPTED
    assert [one.learner.name for one in outcome.found][:2] == ["base_rate", "logistic"]


def test_an_interrupted_contest_without_a_candidate_keeps_nothing() -> None:
    told = interrupting(lambda: True)
    with bench(prepared(600)) as at, pytest.raises(KeyboardInterrupt):
        contest((BASE_RATE, LOGISTIC), at, Effort(), on_news=told, good_enough=never)


def never(found: object) -> bool:
    return False


def test_a_stopped_watch_lets_nothing_begin() -> None:
    watch = Watch(Clock(), math.inf)
    watch.stopped = True
    with pytest.raises(OutOfTime):
        watch.require(0.0)


def test_fewer_rows_for_less_time() -> None:
    given = prepared(2000)
    assert rows_wanted(given, Effort(), Clock()) is None
    assert rows_wanted(given, Effort(n_rows=100), Clock()) == 100
    assert rows_wanted(given, Effort(ends_at=60.0), Clock()) is None
    many = replace(given, training=np.zeros(3_000_000, dtype=np.int64))
    assert rows_wanted(many, Effort(), Clock()) == MOST_ROWS
    assert rows_wanted(many, Effort(ends_at=4.0), Clock()) == 100_000


def test_in_time_the_newest_rows_are_kept() -> None:
    given = prepared(400)
    moments = np.random.default_rng(1).permutation(400).astype(float)
    kept = fewer(replace(given, moments=moments, split_by="time"), 50).training
    assert kept.size == 50
    others = np.setdiff1d(given.training, kept)
    assert moments[kept].min() > moments[others].max()


def amounts(n_rows: int = 1500) -> Prepared:
    """An amount that costs three times as much to miss from below; its spread grows with `late`."""
    given = without_money(prepared(n_rows))
    late = given.used["late"].to_numpy()
    outcomes = 10 + 3 * late + (1 + late) * np.random.default_rng(1).exponential(3, n_rows)
    text = '[model]\nname = "m"\n[data]\ntarget = "t"\n[value]\ncurrency = "EUR"\nover = -1\nunder = -3\n'

    def judged(decided: np.ndarray, rows: np.ndarray) -> np.ndarray:
        missed = outcomes[rows] - decided
        return -np.maximum(3 * missed, -missed)

    return replace(
        given, task=Task.REGRESSION, outcomes=outcomes, brief=brief(text), worth=AmountWorth(judged), today=None
    )


def test_amounts_of_uneven_cost_are_foretold_at_the_quantile_that_is_worth_most() -> None:
    given = amounts()
    assert worth_most_at(given) == 0.75
    assert [each.name for each in contestants(given)] == ["mean", "ridge", "quantile", "boosting"]
    trained = train(given, tick=Clock(), effort=Effort(n_tries=1))
    assert trained.winner.name == "quantile"
    assert trained.winner.fitted is not None
    above = given.outcomes[given.holdout] > trained.winner.fitted.scores(given.used[given.holdout])
    assert above.mean() == pytest.approx(0.25, abs=0.08)


def test_being_too_sure_counts_in_time_alone() -> None:
    given = prepared(600)
    with bench(given) as at:
        settings = {"learning_rate": 0.2, "max_leaf_nodes": 200, "min_samples_leaf": 2, "trees": 200}
        free = again(BOOSTING, settings, at.lesson, at.rooms)
        rooms = [
            replace(room, lesson=replace(room.lesson, moments=np.arange(room.lesson.outcomes.size)))
            for room in at.rooms
        ]
        held = again(BOOSTING, settings, replace(at.lesson, moments=np.arange(at.lesson.outcomes.size)), rooms)
    assert free.sharp < 0.8
    assert log_losses(at.lesson.outcomes, free.told).mean() < log_losses(at.lesson.outcomes, free.scores).mean()
    assert held.sharp == 1.0
    assert held.told.tolist() == held.scores.tolist() == free.scores.tolist()


def test_folds_that_gained_no_more_are_grown_to_the_size_of_all() -> None:
    given = prepared(600)
    with bench(given) as at:
        tried = attempt(BOOSTING, BOOSTING.first[0], at, best=None, on_fold=lambda: None)
        cross = tried.cross
        assert cross is not None
        assert cross.short
        whole = grown(BOOSTING, cross, at.lesson, at.rooms, at.hands)
        repeated = again(BOOSTING, cross.settings, at.lesson, at.rooms)
    assert not whole.short
    assert whole.scores.tolist() == repeated.scores.tolist()
    assert whole.scores.tolist() != cross.scores.tolist()


def test_losses_told_in_steps_are_those_of_every_size() -> None:
    with bench(prepared(600)) as at:
        room = at.rooms[0]
        stages = fold_stages(BOOSTING, room, BOOSTING.first[0], before=lambda size, more: size < 100)
    assert stages.losses.size == 100
    for size in (1, 50, 51, 100):  # on both sides of a step
        scores = stages.scores_at(size)
        sharp = sharpness(room.unseen.outcomes, scores)
        told = losses_of(room.unseen.task, room.unseen.outcomes, tempered(scores, sharp)).mean()
        assert stages.losses[size - 1] == pytest.approx(told, abs=1e-6)
