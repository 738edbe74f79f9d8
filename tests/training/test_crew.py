"""Those who fit: whether in threads or in processes of their own, the same comes of it."""

import os
import time
from concurrent.futures import wait
from signal import SIGKILL

import numpy as np
import pytest
from tests.training.made import prepared

from mainstay.domain.errors import Refused
from mainstay.store.side_processes import side_processes
from mainstay.training import crew as crew_module
from mainstay.training.contest import INTERRUPTED
from mainstay.training.crew import crew_of
from mainstay.training.effort import Effort, Gather
from mainstay.training.last_fit import untimed
from mainstay.training.lessons import lesson_of
from mainstay.training.train import Trained, train


def trained(apart: Gather | None) -> Trained:
    return train(prepared(600), tick=untimed, effort=Effort(n_tries=2, n_threads=2, apart=apart))


def test_processes_come_to_what_threads_come_to() -> None:
    here, apart = trained(None), trained(side_processes)
    assert apart.trials == here.trials
    assert apart.winner.settings == here.winner.settings
    used = here.prepared.used[here.prepared.holdout]
    for one, other in zip(here.candidates, apart.candidates, strict=True):
        if one.fitted is not None and other.fitted is not None:
            assert np.array_equal(one.fitted.scores(used), other.fitted.scores(used))


def test_a_crew_that_is_dismissed_ends_what_it_is_at_and_leaves_threads() -> None:
    lesson = lesson_of(made := prepared(200), made.training)
    with crew_of(2, apart=side_processes) as crew:
        assert crew.for_lesson(lesson) is crew.processes
        endless = crew.for_lesson(lesson).submit(time.sleep, 3600)
        crew.dismiss()
        assert wait([endless], timeout=60).done
        assert crew.for_lesson(lesson) is crew.threads


def test_a_lesson_too_large_for_processes_is_fitted_by_threads(monkeypatch) -> None:
    lesson = lesson_of(made := prepared(200), made.training)
    monkeypatch.setattr(crew_module, "MOST_VALUES", lesson.used.height * lesson.used.width - 1)
    with crew_of(2, apart=side_processes) as crew:
        assert crew.for_lesson(lesson) is crew.threads
        assert crew.processes is None


def test_a_process_that_somebody_ends_is_told() -> None:
    lesson = lesson_of(made := prepared(200), made.training)
    with pytest.raises(Refused, match="ended from outside"), crew_of(2, apart=side_processes) as crew:
        crew.for_lesson(lesson).submit(os.kill, crew.for_lesson(lesson).submit(os.getpid).result(), SIGKILL).result()


def test_one_alone_needs_no_process() -> None:
    with crew_of(1, apart=side_processes) as crew:
        assert crew.processes is None


def test_whoever_interrupts_processes_keeps_what_was_tried_whole() -> None:
    said: list[str] = []

    def tell(news) -> None:
        said.append(news.text)
        if sum(text.startswith("gradient boosting: cross") for text in said) == 6 and "stopped" not in said:
            said.append("stopped")
            raise KeyboardInterrupt

    effort = Effort(n_tries=50, n_threads=2, apart=side_processes)
    stopped = train(prepared(600), tick=untimed, effort=effort, on_news=tell)
    assert stopped.stopped == INTERRUPTED
    assert {candidate.name for candidate in stopped.candidates} >= {"base_rate", "logistic", "boosting"}
