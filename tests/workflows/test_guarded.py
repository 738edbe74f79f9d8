"""Others' code behind a deadline and a breaker: whatever it does, rows get the fallback, and it costs one thread."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from tests.interfaces.http.homes import new_home
from tests.serving.made import PLAN, ROW, SCHEMA, words

from mainstay.domain.plan import Packed
from mainstay.interfaces.http.measures import Measures
from mainstay.interfaces.http.pages import resting
from mainstay.serving.answer import Answer
from mainstay.serving.service import make_service
from mainstay.workflows.guarded import PATIENCE, RESTS_S, Guarded, ModelFailed
from mainstay.workflows.serve import Desk, answer, model_states, open_desk

PACKED = msgspec.structs.replace(PLAN, models=(Packed("pandas", (), "sha256:0"),))


class Model:
    """A packed model that does as it is told: a number is its score, an error is raised, an event is waited for."""

    def __init__(self, does: float | BaseException | threading.Event) -> None:
        self.does, self.n_asked = does, 0

    def __call__(self, columns: Any, n_rows: int) -> Any:
        self.n_asked += 1
        if isinstance(self.does, BaseException):
            raise self.does
        if isinstance(self.does, threading.Event):
            self.does.wait(60)
            return np.zeros(n_rows)
        return np.full(n_rows, self.does)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.us = 0

    def __call__(self) -> int:
        return self.us


@pytest.fixture
def stuck() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def ask(guarded: Guarded) -> float:
    return float(guarded({"age": [1.0]}, 1)[0])


def test_what_works_is_what_the_model_says() -> None:
    guarded = Guarded(Model(0.25))
    assert [ask(guarded) for _ in range(3)] == [0.25] * 3
    assert guarded.state == "works"


@pytest.mark.parametrize("error", [RuntimeError("private"), MemoryError(), OSError(), KeyError("x"), RecursionError()])
def test_whatever_it_raises_is_a_failure_of_the_model_that_tells_nothing(error: Exception) -> None:
    with pytest.raises(ModelFailed, match=f"^the model raised {type(error).__name__}$"):
        ask(Guarded(Model(error)))


def test_a_model_that_fails_many_times_in_a_row_rests_and_is_tried_again() -> None:
    model, clock = Model(RuntimeError()), Clock()
    guarded = Guarded(model, clock_us=clock)
    for _ in range(PATIENCE + 5):
        with pytest.raises(ModelFailed):
            ask(guarded)
    assert (model.n_asked, guarded.state) == (PATIENCE, "rests")
    clock.us = round(RESTS_S * 1e6)
    with pytest.raises(ModelFailed):
        ask(guarded)
    assert (model.n_asked, guarded.state) == (PATIENCE + 1, "rests")
    clock.us *= 2
    model.does = 0.5
    assert (ask(guarded), guarded.state) == (0.5, "works")
    model.does = RuntimeError()
    with pytest.raises(ModelFailed):
        ask(guarded)
    assert guarded.state == "works"


def test_a_model_that_hangs_is_not_waited_for_and_costs_one_thread(stuck: threading.Event) -> None:
    before = set(threading.enumerate())
    model = Model(stuck)
    guarded = Guarded(model, budget_s=1.0)
    with pytest.raises(ModelFailed, match="took more than 1 s"):
        ask(guarded)
    for _ in range(100):
        with pytest.raises(ModelFailed, match="hangs"):
            ask(guarded)
    assert (model.n_asked, len(set(threading.enumerate()) - before)) == (1, 1)
    model.does = 0.5
    stuck.set()
    while guarded.state == "hangs":
        threading.Event().wait(0.01)
    assert ask(guarded) == 0.5


def test_a_model_that_is_dropped_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    guarded = Guarded(Model(0.5))
    (thread,) = set(threading.enumerate()) - before
    del guarded
    gc.collect()
    thread.join(30)
    assert not thread.is_alive()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    new_home(tmp_path)
    return open_desk(tmp_path)


def serve(desk: Desk, model: Model, *, fallback: str | None, budget_s: float = 3.0) -> None:
    raw = Guarded(model, budget_s=budget_s)
    service = make_service("credit", 1, schema=SCHEMA, plan=PACKED, words=words(fallback=fallback), raw=raw)
    desk.routes = replace(desk.routes, services={"credit": service})


def decide(desk: Desk, n: int) -> list[Any]:
    return list(answer(desk, "credit", msgspec.json.encode({"rows": [ROW] * n})).entries)


def test_rows_get_the_fallback_while_the_model_hangs(desk: Desk, stuck: threading.Event) -> None:
    model = Model(stuck)
    serve(desk, model, fallback="wait", budget_s=0.01)
    entries = decide(desk, 500)
    assert {(entry.arm, entry.decision, entry.score) for entry in entries} == {("fallback", "wait", None)}
    assert model.n_asked == 1
    assert model_states(desk.routes) == {"credit": "hangs"}


def test_what_rests_is_told_to_operators(desk: Desk, stuck: threading.Event) -> None:
    serve(desk, Model(0.5), fallback="wait")
    gauge = 'mainstay_model_resting{model="credit"}'
    assert f"{gauge} 0.0" in Measures(desk).text().decode()
    serve(desk, Model(stuck), fallback="wait", budget_s=0.01)
    decide(desk, 1)
    assert f"{gauge} 1.0" in Measures(desk).text().decode()
    assert resting(desk.routes) == ["the model of credit/1 hangs"]


def test_without_a_fallback_nothing_is_answered_and_nothing_breaks(desk: Desk) -> None:
    serve(desk, Model(RuntimeError("private")), fallback=None)
    entries = decide(desk, 2)
    assert [entry.error.code for entry in entries] == ["model-failed"] * 2
    assert not any(isinstance(entry, Answer) for entry in entries)
    assert "private" not in str(entries)
