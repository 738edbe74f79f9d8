"""What moving alone does to scores of ranks is told from what is more than moving."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from mainstay.stats.contrasts import smooth_scores
from mainstay.stats.translation import translation

EVEN = np.full(58, 1 / 58)
CUTS = ndtri(np.cumsum(EVEN)[:-1])


def shares(move: float, spread: float = 1.0) -> np.ndarray:
    return np.diff(ndtr((CUTS - move) / spread), prepend=0.0, append=1.0)


def beyond(chances: np.ndarray) -> np.ndarray:
    scores = smooth_scores(EVEN)
    left, _ = translation(EVEN, scores).beyond(chances[None] @ scores, np.full((1, scores.shape[1]), 100.0))
    return np.asarray(left[0])


@given(st.floats(-2.0, 2.0))
def test_what_only_moves_leaves_nothing_but_location(move: float) -> None:
    left = beyond(shares(move))
    assert np.abs(left[1:]).max() < 0.01
    assert left[0] == pytest.approx(float(shares(move) @ smooth_scores(EVEN)[:, 0]))


@given(st.floats(-1.0, 1.0), st.floats(1.2, 2.0))
def test_what_spreads_is_seen_wherever_it_lies(move: float, spread: float) -> None:
    wider, narrower = beyond(shares(move, spread))[1], beyond(shares(move, 1 / spread))[1]
    assert wider > 0.1
    assert narrower < -0.1


@given(st.floats(-3.0, 3.0))
def test_rows_are_never_worth_more_than_they_are(move: float) -> None:
    scores = smooth_scores(EVEN)
    rows = np.full((1, scores.shape[1]), 100.0)
    _, worth = translation(EVEN, scores).beyond(shares(move)[None] @ scores, rows)
    assert worth[0, 0] == 100.0
    assert (worth <= rows).all()


def test_noise_is_that_of_the_rows() -> None:
    scores, random = smooth_scores(EVEN), np.random.default_rng(1)
    means = random.multinomial(400, shares(0.7), size=4000) / 400 @ scores
    left, worth = translation(EVEN, scores).beyond(means, np.full(means.shape, 400.0))
    assert (left.var(axis=0) <= 1.1 / worth.mean(axis=0)).all()


def test_few_bins_have_what_they_have() -> None:
    scores = smooth_scores([3, 0, 1])
    assert translation([3, 0, 1], scores).means.shape[1] == 1
