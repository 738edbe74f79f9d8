"""Distances between histograms: bounds, symmetry, no change is 0, and scipy as the oracle."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial import distance as oracle

from mainstay.stats.distance import (
    chi_square,
    hellinger,
    jensen_shannon,
    kolmogorov_smirnov,
    population_stability,
    wasserstein,
)

pairs = st.integers(1, 12).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 50), min_size=n, max_size=n).filter(any)] * 2)
)
Counts = list[int]
BOUNDED = [jensen_shannon, hellinger, kolmogorov_smirnov]
ANY_ORDER = [jensen_shannon, hellinger, population_stability]


@given(pairs)
def test_distances_are_symmetric_and_bounded_and_no_change_is_none(counts: tuple[Counts, Counts]) -> None:
    for distance in BOUNDED:
        found = distance(*counts)
        assert 0.0 <= found <= 1.0 + 1e-12
        assert found == pytest.approx(distance(counts[1], counts[0]))
        assert distance(counts[0], [7 * count for count in counts[0]]) == pytest.approx(0.0, abs=1e-7)
    assert population_stability(*counts) == pytest.approx(population_stability(counts[1], counts[0]))
    assert population_stability(*counts) >= 0.0
    assert population_stability(counts[0], counts[0]) == 0.0


@given(pairs, st.randoms(use_true_random=False))
def test_the_order_of_bins_does_not_matter_where_none_is_meant(counts: tuple[Counts, Counts], random: object) -> None:
    order = list(range(len(counts[0])))[::-1]
    for distance in ANY_ORDER:
        moved = distance(*([column[i] for i in order] for column in counts))
        assert moved == pytest.approx(distance(*counts), abs=1e-9)


@given(pairs)
def test_distances_agree_with_scipy(counts: tuple[Counts, Counts]) -> None:
    p, q = (np.array(column) / sum(column) for column in counts)
    places = np.cumsum(np.arange(p.size) + 0.5)
    assert jensen_shannon(*counts) == pytest.approx(oracle.jensenshannon(p, q, base=2), abs=1e-7)
    assert hellinger(*counts) == pytest.approx(np.linalg.norm(np.sqrt(p) - np.sqrt(q)) / math.sqrt(2), abs=1e-7)
    assert wasserstein(*counts, places) == pytest.approx(stats.wasserstein_distance(places, places, p, q))
    rows = [np.repeat(np.arange(p.size), column) for column in counts]
    assert kolmogorov_smirnov(*counts) == pytest.approx(stats.ks_2samp(*rows, method="asymp").statistic)


@given(pairs)
def test_chi_square_agrees_with_scipy(counts: tuple[Counts, Counts]) -> None:
    table = np.array(counts)
    table = table[:, table.sum(axis=0) > 0]
    found = chi_square(*counts)
    if table.shape[1] < 2:
        assert (found.statistic, found.p_value) == (pytest.approx(0.0), 1.0)
        return
    expected = stats.chi2_contingency(table, correction=False)
    assert found.statistic == pytest.approx(expected.statistic, abs=1e-9)
    assert (found.n_degrees, found.p_value) == (expected.dof, pytest.approx(expected.pvalue))


@given(pairs, st.floats(0.1, 100), st.floats(-100, 100))
def test_wasserstein_has_the_unit_of_the_centres(counts: tuple[Counts, Counts], unit: float, origin: float) -> None:
    places = np.arange(len(counts[0]), dtype=float)
    plain = wasserstein(*counts, places)
    assert wasserstein(*counts, places * unit + origin) == pytest.approx(plain * unit, abs=1e-6)


def test_population_stability_is_the_textbook_sum_with_half_counts() -> None:
    p, q = np.array([90.5, 10.5]) / 101, np.array([70.5, 30.5]) / 101
    assert population_stability([90, 10], [70, 30]) == pytest.approx(np.sum((q - p) * np.log(q / p)))
    assert math.isfinite(population_stability([100, 0], [0, 100]))


@pytest.mark.parametrize("distance", [*BOUNDED, population_stability])
def test_an_empty_side_is_unknown_and_nonsense_is_refused(distance: Callable[..., float]) -> None:
    assert math.isnan(distance([0, 0], [1, 2]))
    assert math.isnan(distance([1, 2], [0, 0]))
    with pytest.raises(ValueError, match="wanted the same bins"):
        distance([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="none below 0"):
        distance([1, -2], [1, 2])
    with pytest.raises(ValueError, match="wanted one bin or more"):
        distance([], [])


def test_empty_and_misplaced_centres() -> None:
    assert math.isnan(chi_square([0, 0], [1, 2]).p_value)
    assert math.isnan(wasserstein([0, 0], [1, 2], [0.0, 1.0]))
    for centres in ([0.0], [1.0, 0.0]):
        with pytest.raises(ValueError, match="2 numbers that do not fall"):
            wasserstein([1, 2], [1, 2], centres)
