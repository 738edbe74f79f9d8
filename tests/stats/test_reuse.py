"""What a holdout answers after many looks stays with the truth, and a real gain is still told."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.stats.intervals import Interval, unknown
from mainstay.stats.reuse import corrected, widening

numbers = st.floats(-1e6, 1e6)


@given(numbers, st.floats(1e-6, 1e3), st.none() | numbers, st.integers(1, 1000))
def test_the_answer_is_the_number_or_the_best_and_lies_within_its_interval(
    value: float, half: float, best: float | None, look: int
) -> None:
    plain = Interval(value, value - half, value + half)
    told = corrected(plain, best, look=look)
    assert told.value in (value, best)
    assert told.low <= plain.low
    assert told.high >= plain.high
    assert told.low <= told.value <= told.high


def test_one_look_is_plain_and_a_number_without_an_interval_stays_as_it_is() -> None:
    plain = Interval(0.7, 0.6, 0.8)
    assert corrected(plain, None, look=1) == plain
    assert math.isnan(corrected(unknown(0.9), 0.7, look=3).low)
    with pytest.raises(ValueError, match="wanted 1 or more"):
        corrected(plain, None, look=0)


def test_intervals_widen_with_every_look() -> None:
    widths = [widening(look) for look in range(1, 600)]
    assert widths[0] == 1.0
    assert widths == sorted(set(widths))


def team(seed: int, *, looks: int, honest: bool, n: int = 400, n_inputs: int = 60) -> tuple[float, float, float]:
    """A team tweaks a rule at random and keeps what scores better on one holdout; its accuracy there, and the truth.

    Outcomes are coins: no rule is ever right more often than half of the time. Returns the accuracy of the rule that
    was kept as the team was told it, as the holdout says it plainly, and on as many fresh rows.
    """
    random = np.random.default_rng(seed)
    inputs, outcomes = random.normal(size=(2, n, n_inputs)), random.integers(0, 2, size=(2, n))
    weights, told = np.zeros(n_inputs), None
    for look in range(1, looks + 1):
        tweaked = weights + random.normal(size=n_inputs)
        right = ((inputs[0] @ tweaked > 0) == outcomes[0]).mean()
        half = 1.96 * math.sqrt(right * (1 - right) / n)
        plain = Interval(right, right - half, right + half)
        answer = corrected(plain, told, look=look).value if honest else right
        if told is None or answer > told:
            weights, told = tweaked, answer
    plainly, truly = (((inputs[i] @ weights > 0) == outcomes[i]).mean() for i in (0, 1))
    return float(told or 0), float(plainly), float(truly)


def test_a_team_that_peeks_gains_nothing_that_is_not_taken_back() -> None:
    fooled = np.array([team(seed, looks=300, honest=False) for seed in range(12)])
    held = np.array([team(seed, looks=300, honest=True) for seed in range(12)])
    assert fooled[:, 0].mean() > 0.58  # what it believes
    assert fooled[:, 2].mean() == pytest.approx(0.5, abs=0.02)  # what is true
    assert held[:, 0].mean() == pytest.approx(0.5, abs=0.02)
    assert held[:, 2].mean() == pytest.approx(0.5, abs=0.02)


def test_luck_alone_moves_an_answer_at_one_holdout_of_twenty_however_many_looks_come() -> None:
    random = np.random.default_rng(3)
    moved = 0
    for _ in range(1000):
        common, half = random.normal(), 1.96 * 0.01
        answers: list[float] = []
        for look in range(1, 61):
            value = 0.75 + 0.01 * (math.sqrt(0.5) * common + math.sqrt(0.5) * random.normal())
            told = corrected(Interval(value, value - half, value + half), max(answers, default=None), look=look)
            answers.append(told.value)
        moved += len(set(answers)) > 1
    assert moved / 1000 < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 1000)


def test_a_real_gain_is_told_even_after_many_looks() -> None:
    assert corrected(Interval(0.80, 0.7804, 0.8196), 0.75, look=20).value == 0.80
    assert corrected(Interval(0.70, 0.6804, 0.7196), 0.75, look=20).value == 0.70
