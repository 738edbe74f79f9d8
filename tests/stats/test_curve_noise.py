"""The luck of a curve's points is told apart from what repeats differ in anyway."""

from __future__ import annotations

import numpy as np

from mainstay.stats.curve_noise import noise_of

SIZES = np.array([100.0, 200, 400, 800, 1600, 3200])


def test_the_spread_of_means_is_learned_from_the_repeats_and_is_not_told_too_small() -> None:
    rng = np.random.default_rng(1)
    found = []
    for _ in range(200):
        luck = rng.normal(size=(5, 6)) * 0.02 * (SIZES / 100) ** -0.5
        level, slope = rng.normal(size=(5, 1)), rng.normal(size=(5, 1))
        found.append(noise_of(SIZES, luck + level + slope * np.log(SIZES)).variances)
    truth = (0.02 * (SIZES / 100) ** -0.5) ** 2 / 5
    ratio = np.sqrt(np.mean(found, axis=0) / truth)
    assert np.all((ratio > 0.85) & (ratio < 1.8))


def test_a_mean_of_four_draws_has_half_the_spread() -> None:
    rng = np.random.default_rng(2)
    draws = np.array([4.0, 4, 4, 1, 1, 1])
    found = noise_of(SIZES, rng.normal(size=(400, 6)) / np.sqrt(draws), draws)
    assert np.allclose(found.variances, 1 / draws / 400, rtol=0.3)


def test_few_repeats_are_unsure_of_the_noise_itself() -> None:
    rng = np.random.default_rng(3)
    noise = noise_of(SIZES, rng.normal(size=(2, 6)))
    spread = noise.spread(4000, np.random.default_rng(1))
    assert np.quantile(spread, 0.975) > 1.5 * noise.at_one
    assert noise.freedom == 4
