"""The gap of outcomes between marked rows and others is as uncertain as it says, also with entities."""

from __future__ import annotations

import numpy as np

from mainstay.stats.mean_gap import standard_gap


def test_no_gap_is_within_the_bounds_as_often_as_promised() -> None:
    rng, found = np.random.default_rng(4), []
    for _ in range(500):
        found.append(standard_gap(rng.random(400) < 0.2, (rng.random(400) < 0.3) * 1.0))
    assert 0.92 < np.mean([each.low <= 0 <= each.high for each in found]) < 0.98


def test_rows_of_one_entity_are_not_counted_twice() -> None:
    rng, entity, found = np.random.default_rng(5), np.repeat(np.arange(40), 10), []
    for _ in range(300):
        marked, outcomes = (rng.random(40) < 0.5)[entity], rng.normal(size=40)[entity]
        found.append(standard_gap(marked, outcomes, clusters=entity))
    assert np.mean([each.low <= 0 <= each.high for each in found]) > 0.9


def test_one_side_alone_is_unknown() -> None:
    assert not standard_gap(np.zeros(5, dtype=bool), np.arange(5.0)).known
