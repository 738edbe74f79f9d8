"""The learning curve: how much of what all rows teach fewer rows teach too, and what more would bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mainstay.domain.evaluation import Curve
from mainstay.stats.power_law import MIN_POINTS
from mainstay.training.curve_metric import BY_TASK, measured, money_per_decision
from mainstay.training.curve_points import Ladder, Rung, history_ladder, rows_ladder
from mainstay.training.curve_told import Measured, told
from mainstay.training.learner import Learner, Settings
from mainstay.training.lessons import lesson_of
from mainstay.training.prepared import Prepared

MIN_ROWS = 200  # training rows, below which every size is luck

Tick = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Allowance:
    """How long measuring may take, by the clock `tick` (seconds): `seconds` for a curve; None is without a limit."""

    tick: Tick = lambda: 0.0
    seconds: float | None = None


FREE = Allowance()


def learn_curve(
    prepared: Prepared, learner: Learner, settings: Settings, *, seed: int, allowance: Allowance = FREE
) -> Curve | None:
    """Return how the metric grows with training rows, or None where there are too few to tell.

    Fits on training rows alone, and scores training rows that no fit saw. With an allowance, the largest sizes (first)
    and repeats are left out when time runs short; without one the result is the same on every call.
    """
    return _curve(prepared, learner, settings, ladder=rows_ladder(prepared, seed=seed), allowance=allowance)


def learn_history(
    prepared: Prepared, learner: Learner, settings: Settings, *, allowance: Allowance = FREE
) -> Curve | None:
    """Return how the metric grows with the length of history, scored on what follows it; None without time."""
    return _curve(prepared, learner, settings, ladder=history_ladder(prepared), allowance=allowance)


def _curve(
    prepared: Prepared, learner: Learner, settings: Settings, *, ladder: Ladder, allowance: Allowance
) -> Curve | None:
    if prepared.training.size < MIN_ROWS or len(ladder.sizes) < MIN_POINTS:
        return None
    found = _measure(prepared, learner, settings, ladder, allowance)
    return None if found is None else told(found, prepared)


def _measure(
    prepared: Prepared, learner: Learner, settings: Settings, ladder: Ladder, allowance: Allowance
) -> Measured | None:
    """Measure repeat after repeat while time lasts; the first may take half of it, and leave out the largest sizes."""
    started = allowance.tick()
    done: list[list[tuple[float, float]]] = []
    for rungs in ladder.repeats:
        took = allowance.tick() - started
        if done and allowance.seconds is not None and took * (1 + 1 / len(done)) > allowance.seconds:
            break
        limit = None if done or allowance.seconds is None else allowance.seconds / 2
        kept = rungs[: len(ladder.sizes)]
        points = _measure_repeat(prepared, learner, settings, kept, Allowance(allowance.tick, limit))
        ladder = ladder if len(points) == len(ladder.sizes) else ladder.first(len(points))
        done.append(points[: len(ladder.sizes)])
    metrics = np.array([[metric for metric, _ in points[: len(ladder.sizes)]] for points in done])
    if len(ladder.sizes) < MIN_POINTS or not bool(np.all(np.isfinite(metrics))):
        return None
    money = np.array([[each for _, each in points[: len(ladder.sizes)]] for points in done])
    return Measured(ladder, BY_TASK[prepared.task].sign * metrics, money)


def _measure_repeat(
    prepared: Prepared, learner: Learner, settings: Settings, rungs: tuple[Rung, ...], allowance: Allowance
) -> list[tuple[float, float]]:
    """Metric and money at each size, up to the size that would take longer than allowed."""
    started, points = allowance.tick(), list[tuple[float, float]]()
    begun, n_before = started, 0.0
    for rung in rungs:
        now = allowance.tick()
        n_rows = float(sum(draw.size for draw in rung.draws))
        next_s = (now - begun) * n_rows / n_before if n_before else 0.0
        if allowance.seconds is not None and len(points) >= MIN_POINTS and now - started + next_s > allowance.seconds:
            break
        points.append(_measure_rung(prepared, learner, settings, rung))
        begun, n_before = now, n_rows
    return points


def _measure_rung(prepared: Prepared, learner: Learner, settings: Settings, rung: Rung) -> tuple[float, float]:
    used, outcomes = prepared.used[rung.scored], prepared.outcomes[rung.scored]
    metrics, money = [], []
    for draw in rung.draws:
        scores = learner.fit(lesson_of(prepared, np.sort(draw)), settings).scores(used)
        metrics.append(measured(prepared.task, outcomes, scores))
        money.append(money_per_decision(prepared, rung.scored, scores))
    return float(np.mean(metrics)), float(np.mean(money))
