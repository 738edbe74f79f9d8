"""Measuring a curve's ladder while time lasts: every size once in every repeat, then once more, draw by draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from mainstay.stats.arrays import FloatArray
from mainstay.training.curve_points import Ladder, Rung

Tick: TypeAlias = Callable[[], float]
Point: TypeAlias = tuple[float, float]  # metric, money per decision
Fit: TypeAlias = Callable[[Rung, int], Point]  # the rung, and which of its draws

FIRST_SHARE = 0.4  # of the time, for the first repeat: so that there are two at least, without which luck is unknown
LEAST_REPEATS = 2


@dataclass(frozen=True, slots=True)
class Allowance:
    """How long measuring may take, by the clock `tick` (seconds): `seconds` for a curve; None is without a limit."""

    tick: Tick = lambda: 0.0
    seconds: float | None = None


FREE = Allowance()


@dataclass(frozen=True, slots=True)
class Climbed:
    """A ladder as measured: metrics and money of each repeat and size, (n_repeats, n_sizes), and draws a size had."""

    ladder: Ladder
    metrics: FloatArray
    money: FloatArray
    draws: FloatArray


@dataclass(slots=True)
class _Climb:
    """How far a climb has come: the clock, when it began, what a fit of each size took, and the points."""

    allowance: Allowance
    started: float
    took_s: dict[int, float] = field(default_factory=dict)
    points: dict[tuple[int, int], list[Point]] = field(default_factory=dict)

    def lasts(self, seconds: float, share: float = 1.0) -> bool:
        """Whether so many more seconds end within a share of the time."""
        limit = self.allowance.seconds
        return limit is None or self.allowance.tick() - self.started + seconds <= share * limit

    def measure(self, fit: Fit, rung: Rung, at: int, place: tuple[int, int]) -> None:
        """Fit one draw of a rung and keep its point."""
        begun = self.allowance.tick()
        self.points.setdefault(place, []).append(fit(rung, at))
        self.took_s[place[1]] = self.allowance.tick() - begun


def climb(ladder: Ladder, fit: Fit, allowance: Allowance) -> Climbed | None:
    """Measure as much of a ladder as time allows: without a limit all of it, None where that is not two repeats.

    The first repeat says which sizes can be measured at all: the largest are left out where they would take too long.
    """
    going = _Climb(allowance, allowance.tick())
    ladder = ladder.first(_first_repeat(ladder, fit, going))
    for at, repeat in _passes(ladder):
        some = [(i, rung) for i, rung in enumerate(ladder.repeats[repeat]) if at < len(rung.draws)]
        if not going.lasts(sum(going.took_s[i] for i, _ in some)):
            break
        for i, rung in some:
            going.measure(fit, rung, at, (repeat, i))
    return _gathered(ladder, going)


def _first_repeat(ladder: Ladder, fit: Fit, going: _Climb) -> int:
    """Measure one draw of every size, each as quick a row as the one before; return how many there was time for."""
    row_s = 0.0
    for i, rung in enumerate(ladder.repeats[0]):
        if not going.lasts(rung.draws[0].size * row_s, FIRST_SHARE):
            return i
        going.measure(fit, rung, 0, (0, i))
        row_s = going.took_s[i] / rung.draws[0].size
    return len(ladder.sizes)


def _passes(ladder: Ladder) -> Iterator[tuple[int, int]]:
    """Which draw of which repeat comes next, after the first of the first."""
    most = max(ladder.draws, default=0)
    return ((at, repeat) for at in range(most) for repeat in range(len(ladder.repeats)) if at or repeat)


def _gathered(ladder: Ladder, going: _Climb) -> Climbed | None:
    n_sizes, n_repeats = len(ladder.sizes), len({repeat for repeat, _ in going.points})
    if not n_sizes or n_repeats < min(LEAST_REPEATS, len(ladder.repeats)):
        return None
    cells = [[going.points[repeat, i] for i in range(n_sizes)] for repeat in range(n_repeats)]
    means = np.array([[np.mean(points, axis=0) for points in row] for row in cells])
    draws = np.array([[len(points) for points in row] for row in cells]).mean(axis=0)
    if not bool(np.all(np.isfinite(means[..., 0]))):
        return None
    return Climbed(ladder, means[..., 0], means[..., 1], draws)
