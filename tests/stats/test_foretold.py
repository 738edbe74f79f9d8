"""What scores foretell holds what comes as often as it says, and agrees with the rows it was summed from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from mainstay.stats.calibration_curve import Curve
from mainstay.stats.foretold import (
    Foretold,
    area_foretold,
    foretell,
    mean_by_bin,
    mean_foretold,
    share_foretold,
    within_unit,
)
from mainstay.stats.intervals import Interval

N_BINS = 64
FAIR = Curve(np.zeros(N_BINS), np.zeros((N_BINS, N_BINS)))


def drawn(random: np.random.Generator, n: int) -> np.ndarray:
    return np.asarray(expit(random.normal(-1.0, 1.3, n)))


def by_bin(scores: np.ndarray, n_bins: int = N_BINS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    edges = np.quantile(scores, np.linspace(0, 1, n_bins + 1)[1:-1])
    place = np.searchsorted(edges, scores, side="right")
    sums = (np.ones(scores.size), scores, scores * (1 - scores))
    rows, chances, spreads = (np.bincount(place, weights=each, minlength=n_bins) for each in sums)
    return rows, chances, spreads


def summed(scores: np.ndarray, positive: np.ndarray, negative: np.ndarray) -> Foretold:
    expected, noise, slopes = foretell(scores, positive, negative)
    return Foretold(scores.size, float(expected.sum()), float(noise.sum()), np.full(N_BINS, slopes.sum() / N_BINS))


def test_intervals_hold_nine_of_ten_realised_areas_shares_and_means() -> None:
    random = np.random.default_rng(1)
    held = np.zeros(3)
    for _ in range(400):
        scores = drawn(random, 600)
        came = random.random(600) < scores
        worth = random.lognormal(0, 0.5, 600)
        right = summed(scores, (scores >= 0.4).astype(float), (scores < 0.4).astype(float))
        found = (
            (area_foretold(*by_bin(scores), FAIR), roc_auc_score(came, scores)),
            (share_foretold(right, FAIR), np.mean((scores >= 0.4) == came)),
            (mean_foretold(summed(scores, worth, -0.3 * worth), FAIR), np.where(came, worth, -0.3 * worth).mean()),
        )
        held += [said.low <= true <= said.high for said, true in found]
    assert np.all(held / 400 > 0.86)
    assert np.all(held / 400 < 0.94)


@settings(max_examples=20)
@given(st.integers(0, 1000), st.sampled_from([60, 300, 2000]))
def test_the_area_of_bins_is_that_of_the_rows(seed: int, n: int) -> None:
    scores = np.sort(drawn(np.random.default_rng(seed), n))
    below = np.concatenate([[0.0], np.cumsum(1 - scores)[:-1]])
    pairs = scores.sum() * (1 - scores).sum() - (scores * (1 - scores)).sum()
    assert area_foretold(*by_bin(scores), FAIR).value == pytest.approx(float(scores @ below) / pairs, abs=0.002)


def test_errors_by_bin_hold_nine_of_ten_realised_means() -> None:
    random = np.random.default_rng(4)
    held = 0
    for _ in range(300):
        scale = np.array([1.0, 3.0])
        known = [np.abs(random.normal(0, each, 400)) for each in scale]
        means, squares = np.array([k.mean() for k in known]), np.array([(k**2).mean() for k in known])
        said = mean_by_bin(np.array([50.0, 250.0]), np.full(2, 400.0), means, squares)
        true = np.abs(random.normal(0, np.repeat(scale, [50, 250]))).mean()
        held += said.low <= true <= said.high
    assert 0.85 < held / 300 < 0.95


def test_nothing_known_is_unknown_and_shares_stay_within_0_and_1() -> None:
    nothing, fair = np.zeros(2), Curve(np.zeros(2), np.zeros((2, 2)))
    assert not area_foretold(nothing, nothing, nothing, fair).known
    assert not mean_foretold(Foretold(0.0, 0.0, 0.0, np.zeros(2)), fair).known
    assert not mean_by_bin(nothing, nothing, nothing, nothing).known
    assert not area_foretold(np.array([9.0, 0.0]), np.array([9.0, 0.0]), nothing, fair).known
    assert within_unit(Interval(0.99, 0.9, 1.08)).high < 1
