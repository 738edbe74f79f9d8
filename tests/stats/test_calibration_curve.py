"""A curve learns how scores are off, is as unsure as it should be, and does not bend for noise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from mainstay.stats.calibration_curve import Curve, learn_curve, odds_of

ODDS = np.linspace(-4, 3, 40)


def learned(random: np.random.Generator, off: np.ndarray, *, rows_each: int) -> Curve:
    """Scores in the middle of 40 bins, truly off by `off` on the log-odds."""
    said = expit(ODDS)
    came = random.binomial(rows_each, expit(ODDS + off))
    return learn_curve(ODDS, came - rows_each * said, rows_each * said * (1 - said))


def test_a_bend_is_learned_from_many_rows() -> None:
    off = 0.15 + 0.2 * np.sin(ODDS)
    curve = learned(np.random.default_rng(1), off, rows_each=2000)
    assert np.abs(curve.shift - off)[5:-5].max() < 0.1


def test_what_is_truly_off_lies_within_the_bounds_nine_times_of_ten() -> None:
    random, held = np.random.default_rng(2), []
    for _ in range(60):
        off = random.normal(0, 0.2) + random.normal(0, 0.08) * ODDS + random.normal(0, 0.1) * np.sin(ODDS)
        curve = learned(random, off, rows_each=100)
        held.append(np.abs(curve.shift - off) < 1.645 * np.sqrt(np.diag(curve.covariance)))
    assert 0.85 < np.mean(held) < 0.96


@pytest.mark.parametrize("rows_each", [5, 500])
def test_scores_that_are_right_are_left_nearly_as_they_are(rows_each: int) -> None:
    curve = learned(np.random.default_rng(3), np.zeros(40), rows_each=rows_each)
    middle = slice(10, 30)
    assert np.abs(curve.shift[middle]).max() < 3 * np.sqrt(np.diag(curve.covariance)[middle]).max()
    assert np.abs(curve.shift[middle]).max() < 0.35


def test_where_no_rows_are_it_knows_least_and_nothing_at_all_is_belief_alone() -> None:
    said = expit(ODDS)
    spread = np.where(ODDS < 0, 100 * said * (1 - said), 0.0)
    sure = np.diag(learn_curve(ODDS, np.zeros(40), spread).covariance)
    assert sure[-1] > sure[10]
    nothing = learn_curve(ODDS, np.zeros(40), np.zeros(40))
    assert not nothing.shift.any()
    assert np.all(np.diag(nothing.covariance) >= sure - 1e-9)
    assert odds_of([0.5]).tolist() == [0.0]
