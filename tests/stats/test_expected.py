"""Like is compared with like: the promise holds through weekdays, seasons and memory, seen or unseen."""

from __future__ import annotations

import numpy as np
import pytest

from mainstay.stats.expected import Departures, departures
from mainstay.stats.variation import Blocks, cycle_phases, variation

ALPHA = 1e-3
N = 150  # contrasts


def world(
    n_days: int, *, seed: int, memory: float = 0.0, season: float = 0.0, weekday: float = 0.0, rows: float = 200.0
) -> Blocks:
    """Days whose means wander by 0.05 of a row's sd, by season and weekday, seen through `rows` rows each."""
    rng = np.random.default_rng(seed)
    day = np.arange(float(n_days))
    own = np.zeros((n_days, N))
    own[0] = rng.normal(size=N)
    for t in range(1, n_days):
        own[t] = memory * own[t - 1] + np.sqrt(1 - memory**2) * rng.normal(size=N)
    height, phase = season * rng.uniform(0, 1, N), rng.uniform(0, 2 * np.pi, N)
    values = 0.05 * own + height * np.cos(2 * np.pi * day[:, None] / 365.25 - phase)
    values += weekday * rng.normal(size=(7, N))[day.astype(int) % 7]
    values += rng.normal(size=(n_days, N)) / np.sqrt(rows)
    return Blocks(values, np.full((n_days, N), rows), day, cycle_phases(day, 7))


def part(blocks: Blocks, first: int, last: int | None = None) -> Blocks:
    some = slice(first, last)
    return Blocks(blocks.values[some], blocks.rows[some], blocks.days[some], blocks.phases[some])


def judged(blocks: Blocks, n_reference: int) -> Departures:
    reference = part(blocks, 0, n_reference)
    return departures(reference, part(blocks, n_reference), variation(reference), covered_days=8)


@pytest.mark.parametrize("memory", [0.0, 0.3, 0.7])
@pytest.mark.parametrize("n_reference", [12, 40, 120, 400])
def test_alarms_keep_their_rate_in_calm_worlds(n_reference: int, memory: float) -> None:
    found = judged(world(n_reference + 90, seed=n_reference, memory=memory, weekday=0.1), n_reference)
    assert (found.chance < ALPHA).mean() <= 1.6 * ALPHA


@pytest.mark.parametrize("rows", [200.0, 5000.0])
@pytest.mark.parametrize("n_reference", [40, 120, 400])
def test_a_season_is_no_alarm_seen_or_unseen(n_reference: int, rows: float) -> None:
    found = judged(world(n_reference + 150, seed=1, season=0.3, weekday=0.1, rows=rows, memory=0.3), n_reference)
    assert found.seen.all() == (n_reference == 400)
    assert (found.chance < ALPHA).mean() <= 2 * ALPHA


def test_by_the_reference_alone_an_unseen_season_looks_strange() -> None:
    found = judged(world(270, seed=1, season=0.5, rows=2000.0), 90)
    assert (found.strange < ALPHA).mean() > 0.1


@pytest.mark.parametrize(("n_reference", "season"), [(60, 0.0), (60, 0.3), (400, 0.3)])
def test_a_jump_stands_out_at_once_in_any_season(n_reference: int, season: float) -> None:
    blocks = world(n_reference + 60, seed=2, season=season, weekday=0.1, memory=0.3)
    blocks.values[n_reference + 30 :] += 0.5
    found = judged(blocks, n_reference)
    assert (found.chance[30] < ALPHA).mean() > 0.7
    assert (found.chance[30:34] < ALPHA).any(axis=0).mean() > 0.95


def test_a_slow_mover_is_compared_with_its_own_season() -> None:
    found = judged(world(400 + 60, seed=3, season=2.0, rows=2000.0), 400)
    assert (found.chance < ALPHA).mean() <= 3 * ALPHA
    assert np.abs(found.shift).mean() < 0.1


def test_what_the_reference_does_not_know_is_not_judged() -> None:
    blocks = world(12, seed=1)
    assert (judged(blocks, 2).chance == 1).all()
    blocks.rows[:, 0] = 0
    assert (judged(blocks, 8).chance[:, 0] == 1).all()


def test_thin_periods_scatter_more() -> None:
    blocks = world(100, seed=4)
    thin = Blocks(blocks.values, np.where(np.arange(100)[:, None] < 60, blocks.rows, 50.0), blocks.days, blocks.phases)
    rng = np.random.default_rng(1)
    thin.values[60:] += rng.normal(size=(40, N)) * np.sqrt(1 / 50 - 1 / 200)
    assert (judged(thin, 60).chance < ALPHA).mean() <= 1.6 * ALPHA


def test_variation_is_what_days_do_beyond_chance() -> None:
    known = variation(world(400, seed=5, rows=2000.0))
    assert abs(np.median(known.between) - 0.05**2) < 0.0005
    assert np.median(known.persistence) == 1
    slow = variation(world(400, seed=5, rows=1e6, memory=0.8))
    assert 3 < np.median(slow.persistence) < 12


def test_speed_is_that_of_the_season() -> None:
    still, moving = variation(world(180, seed=6)).speed, variation(world(180, seed=6, season=2.0)).speed
    assert np.median(still) == 0
    assert 0.005 < np.median(moving) < 0.04


def test_each_contrast_has_its_own_seasons() -> None:
    """Scores of a short holdout cover less of the year than inputs do."""
    blocks = world(430, seed=7, season=0.5, rows=2000.0)
    blocks.rows[:280, : N // 2] = 0
    found = judged(blocks, 365)
    assert not found.seen[8:, : N // 2].any()
    assert found.seen[:, N // 2 :].all()
    assert (found.chance < ALPHA).mean() <= 2 * ALPHA


def test_at_the_edge_of_what_was_seen_a_season_may_have_moved() -> None:
    blocks = world(80, seed=8, season=0.5, rows=2000.0)
    found = judged(blocks, 72)
    assert found.seen.all()
    assert (found.chance < ALPHA).mean() <= 2 * ALPHA
