"""Evidence that creeps: its promise and its power."""

from __future__ import annotations

import numpy as np
import pytest

from mainstay.stats.creep import gather


def noise(memory: float, *, seed: int, n: int = 400, n_series: int = 400) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = np.zeros((n, n_series))
    rows[0] = rng.normal(size=n_series)
    for t in range(1, n):
        rows[t] = memory * rows[t - 1] + np.sqrt(1 - memory**2) * rng.normal(size=n_series)
    return rows


@pytest.mark.parametrize("memory", [0.0, 0.3])
def test_false_alarms_keep_the_promise(memory: float) -> None:
    standard = noise(memory, seed=3) / np.sqrt((1 + memory) / (1 - memory))
    alpha = 1e-3
    found = gather(standard, slack=np.zeros(400), alpha=np.full(400, alpha))
    assert found.alarmed.any(axis=0).mean() <= alpha * 400


def test_an_offset_within_the_slack_is_tolerated() -> None:
    standard = noise(0.0, seed=4) + 0.3
    assert gather(standard, slack=np.full(400, 0.3), alpha=np.full(400, 1e-3)).alarmed.any(axis=0).mean() < 0.4
    assert gather(standard, slack=np.zeros(400), alpha=np.full(400, 1e-3)).alarmed.any(axis=0).mean() > 0.95


def test_what_creeps_is_seen_and_its_beginning_named() -> None:
    standard = noise(0.0, seed=5, n=200)
    standard[100:] += 1.0
    found = gather(standard, slack=np.full(400, 0.1), alpha=np.full(400, 1e-4))
    first = np.argmax(found.alarmed[100:], axis=0)
    assert found.alarmed[100:].any(axis=0).all()
    assert np.median(first) < 25
    begun = found.begun[100 + first, np.arange(400)]
    assert abs(np.median(begun) - 100) <= 3


def test_evidence_falls_after_recovery() -> None:
    standard = np.concatenate([np.full((60, 1), 2.0), np.zeros((60, 1))])
    found = gather(standard, slack=np.zeros(1), alpha=np.full(1, 1e-4))
    assert found.alarmed[59, 0]
    assert not found.alarmed[-1, 0]


def test_one_wild_period_is_not_a_creep() -> None:
    standard = np.zeros((50, 1))
    standard[20] = 50.0
    assert not gather(standard, slack=np.zeros(1), alpha=np.full(1, 1e-4)).alarmed.any()


def test_no_periods() -> None:
    assert gather(np.zeros((0, 2)), slack=np.zeros(2), alpha=np.full(2, 0.01)).alarmed.shape == (0, 2)
