"""Labels needed: where one way's loss falls to another's, with an interval over repeats."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mainstay.stats.labels import labels_needed

COUNTS = [100, 200, 400, 800]


def test_the_interval_holds_the_truth_nineteen_times_in_twenty() -> None:
    rng = np.random.default_rng(1)
    inside = 0
    for seed in range(200):
        luck = rng.normal(scale=0.03, size=(20, 4))
        losses = 1.0 - 0.2 * np.log2(np.array(COUNTS) / 100) + luck + rng.normal(scale=0.05, size=(20, 1))
        found = labels_needed(COUNTS, losses, 0.7 + rng.normal(scale=0.03, size=20), seed=seed)
        inside += found.low <= 100 * 2**1.5 <= found.high
    assert inside / 200 >= 0.9


def test_a_way_that_never_gets_there_needs_more_than_was_given() -> None:
    found = labels_needed(COUNTS, [[0.9, 0.8, 0.7, 0.6]] * 3, [0.5] * 3, seed=1)
    assert math.isinf(found.value)
    assert math.isinf(found.high)


def test_a_way_that_is_there_at_once_needs_the_first_labels() -> None:
    assert labels_needed(COUNTS, [[0.2, 0.1, 0.1, 0.1]] * 2, [0.5] * 2, seed=1).value == pytest.approx(100)


def test_one_repeat_has_no_interval() -> None:
    assert not labels_needed(COUNTS, [[0.9, 0.5, 0.3, 0.1]], [0.4], seed=1).known


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        labels_needed(COUNTS, [[0.1, 0.2]], [0.1], seed=1)
