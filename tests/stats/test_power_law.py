"""What a learning curve's law foretells holds as often as it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.stats.power_law import fit_power_law

SIZES = np.array([250.0, 500, 1000, 2000, 4000, 8000])


def drawn(rng: np.random.Generator, n: np.ndarray, *, power: float, noise: float, n_repeats: int = 5) -> np.ndarray:
    """Repeats of one curve, each with its own level, and luck that falls with the root of the rows."""
    levels = rng.normal(scale=0.01, size=(n_repeats, 1))
    luck = rng.normal(size=(n_repeats, n.size)) * noise * (n / n[0]) ** -0.5
    return 0.8 - 0.1 * (n / n[0]) ** -power + levels + luck


def test_three_times_the_rows_lie_within_what_was_foretold_nineteen_times_in_twenty() -> None:
    rng = np.random.default_rng(1)
    inside, n_laws = 0, 120
    for seed in range(n_laws):
        power = float(np.exp(rng.normal(np.log(0.75), 0.3)))
        metrics = drawn(rng, SIZES * 1.0, power=power, noise=0.003)
        law = fit_power_law(SIZES, metrics, n_max=24000, seed=seed)
        truth = metrics.mean() - (0.8 - 0.1 * (SIZES / SIZES[0]) ** -power).mean()
        foretold = law.at(24000)
        inside += foretold.low <= 0.8 - 0.1 * (24000 / SIZES[0]) ** -power + truth <= foretold.high
    assert 0.92 <= inside / n_laws <= 1.0


@pytest.mark.parametrize("power", [0.35, 1.4])
def test_curves_of_unusual_powers_are_still_held_mostly(power: float) -> None:
    rng = np.random.default_rng(2)
    inside = 0
    for seed in range(25):
        metrics = drawn(rng, SIZES, power=power, noise=0.001)
        law = fit_power_law(SIZES, metrics, n_max=24000, seed=seed)
        shift = metrics.mean() - (0.8 - 0.1 * (SIZES / SIZES[0]) ** -power).mean()
        foretold = law.at(24000)
        inside += foretold.low <= 0.8 - 0.1 * (24000 / SIZES[0]) ** -power + shift <= foretold.high
    assert inside / 25 >= 0.75


def test_the_rows_that_are_enough_are_those_of_the_curve_itself() -> None:
    rng = np.random.default_rng(3)
    metrics = drawn(rng, SIZES, power=0.8, noise=0.0005)
    law = fit_power_law(SIZES, metrics, n_max=16000, highest=1.0, seed=1)
    baseline = 0.5 + metrics.mean() - (0.8 - 0.1 * (SIZES / SIZES[0]) ** -0.8).mean()
    top = 0.3 - 0.1 * (8000 / SIZES[0]) ** -0.8
    truth = SIZES[0] * (0.1 / (0.3 - 0.99 * top)) ** (1 / 0.8)
    enough = law.enough(0.99, n_all=8000, baseline=float(baseline))
    assert enough.low <= truth <= enough.high
    assert enough.high / enough.low < 3


def test_a_curve_below_its_baseline_has_no_enough() -> None:
    law = fit_power_law(SIZES, np.tile(0.6 - 1 / SIZES, (3, 1)), n_max=16000, seed=1)
    assert not law.enough(0.99, n_all=8000, baseline=0.9).known


def test_nothing_is_foretold_above_the_bound() -> None:
    rng = np.random.default_rng(4)
    metrics = np.minimum(1 - 0.05 * (SIZES / SIZES[0]) ** -0.9 + rng.normal(scale=0.004, size=(4, SIZES.size)), 1.0)
    law = fit_power_law(SIZES, metrics, n_max=64000, highest=1.0, seed=1)
    assert max(law.at(64000).high, law.measured_at(64000, seed=1).high, law.limit_interval().high) <= 1.0


def test_a_lone_repeat_is_unsure_and_draws_make_it_surer() -> None:
    rng = np.random.default_rng(5)
    metrics = drawn(rng, SIZES, power=0.7, noise=0.004)
    alone = fit_power_law(SIZES, metrics[:1], n_max=8000, seed=1).at(8000)
    together = fit_power_law(SIZES, metrics, n_max=8000, seed=1).at(8000)
    assert alone.high - alone.low > together.high - together.low > 0


@settings(max_examples=12)
@given(
    limit=st.floats(0.5, 1.0),
    scale=st.floats(1e-4, 2.0),
    power=st.floats(0.1, 2.0),
    noise=st.floats(0, 0.05),
    seed=st.integers(0, 99),
)
def test_any_curve_gives_finite_bounds_around_its_middle(
    limit: float, scale: float, power: float, noise: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    metrics = limit - scale * SIZES**-power + noise * rng.normal(size=(3, SIZES.size))
    law = fit_power_law(SIZES, metrics, n_max=16000, seed=seed)
    for n in (250.0, 3000.0, 16000.0):
        found = law.at(n)
        assert -np.inf < found.low <= found.value <= found.high < np.inf
    again = fit_power_law(SIZES, metrics, n_max=16000, seed=seed)
    assert np.array_equal(law.paths, again.paths)


@pytest.mark.parametrize(
    ("sizes", "metrics"),
    [
        ([1.0, 2.0], [[0.1, 0.2]]),
        ([1.0, 3.0, 2.0], [[0.1, 0.2, 0.3]]),
        ([0.0, 1.0, 2.0], [[0.1, 0.2, 0.3]]),
        ([1.0, 2.0, 3.0], [[0.1, 0.2]]),
        ([1.0, 2.0, 3.0], [[0.1, np.nan, 0.3]]),
    ],
)
def test_what_is_no_curve_is_refused(sizes: list[float], metrics: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="wanted"):
        fit_power_law(sizes, metrics, n_max=10, seed=1)


def test_nothing_is_foretold_beyond_what_was_asked_for() -> None:
    law = fit_power_law(SIZES, np.tile(0.6 - 1 / SIZES, (3, 1)), n_max=16000, seed=1)
    with pytest.raises(ValueError, match="wanted between 250 and 16000"):
        law.at(17000)
