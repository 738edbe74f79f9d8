"""What scores foretell holds what comes as often as it says, and agrees with the rows it was summed from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from mainstay.stats.foretold import (
    Curve,
    Foretold,
    area_foretold,
    believed,
    bends_of,
    foretell,
    learn_curve,
    mean_by_bin,
    mean_foretold,
    odds_of,
    share_foretold,
    within_unit,
)
from mainstay.stats.intervals import Interval

FAIR = Curve(np.zeros(3), np.zeros((3, 3)))


def drawn(random: np.random.Generator, n: int) -> np.ndarray:
    return np.asarray(expit(random.normal(-1.0, 1.3, n)))


def by_bin(scores: np.ndarray, n_bins: int = 64) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    edges = np.quantile(scores, np.linspace(0, 1, n_bins + 1)[1:-1])
    place = np.searchsorted(edges, scores, side="right")
    sums = (np.ones(scores.size), scores, scores * (1 - scores))
    rows, chances, spreads = (np.bincount(place, weights=each, minlength=n_bins) for each in sums)
    return rows, chances, spreads


def summed(scores: np.ndarray, positive: np.ndarray, negative: np.ndarray) -> Foretold:
    expected, noise, slopes = foretell(scores, positive, negative)
    return Foretold(scores.size, float(expected.sum()), float(noise.sum()), slopes.sum(axis=0))


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


def test_a_curve_is_learned_and_moves_what_is_foretold_to_what_comes() -> None:
    random = np.random.default_rng(2)
    said = drawn(random, 60_000)
    true = expit(0.15 + 0.92 * odds_of(said))
    curve = learn_curve((random.random(40_000) < true[:40_000]).astype(float), said[:40_000])
    rest, came = said[40_000:], random.random(20_000) < true[40_000:]
    losses = summed(rest, (1 - rest) ** 2, rest**2)
    found, blind = mean_foretold(losses, curve), mean_foretold(losses, FAIR)
    realised = float(np.mean((came - rest) ** 2))
    assert found.low <= realised <= found.high
    assert abs(found.value - realised) < abs(blind.value - realised)
    area = area_foretold(*by_bin(rest), curve)
    assert area.low <= roc_auc_score(came, rest) <= area.high


def test_few_rows_leave_the_curve_unsure_and_the_interval_wide() -> None:
    random = np.random.default_rng(3)
    scores = drawn(random, 20_000)
    came = (random.random(20_000) < scores).astype(float)
    few, many = learn_curve(came[:200], scores[:200]), learn_curve(came, scores)
    sums = summed(scores, np.ones(scores.size), np.zeros(scores.size))
    widths = [mean_foretold(sums, curve).high - mean_foretold(sums, curve).low for curve in (FAIR, many, few)]
    assert widths[0] < widths[1] < widths[2]
    assert np.all(np.abs(many.shift) < 3 * np.sqrt(np.diag(many.covariance)))
    rows, chances, _ = by_bin(scores)
    assert believed(rows, chances / rows).covariance == pytest.approx(many.covariance, rel=0.3)


def test_a_shift_of_all_odds_moves_the_share_and_widens_it() -> None:
    scores = np.full(1000, 0.5)
    sums = summed(scores, np.ones(1000), np.zeros(1000))
    moved = mean_foretold(sums, FAIR.moved(0.2, variance=0.01))
    assert moved.value == pytest.approx(0.5 + 0.2 * 0.25)
    assert moved.high - moved.low > mean_foretold(sums, FAIR).high - mean_foretold(sums, FAIR).low


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
    nothing = np.zeros(2)
    assert not area_foretold(nothing, nothing, nothing, FAIR).known
    assert not mean_foretold(Foretold(0.0, 0.0, 0.0, np.zeros(3)), FAIR).known
    assert not mean_by_bin(nothing, nothing, nothing, nothing).known
    assert not area_foretold(np.array([9.0]), np.array([9.0]), np.array([0.0]), FAIR).known
    assert within_unit(Interval(0.99, 0.9, 1.08)).high < 1
    assert bends_of(odds_of([0.0])).shape == (1, 3)
    assert np.isfinite(odds_of([0.0, 1.0])).all()
