"""Gaps of groups hold their promise, and agree with hand-made cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.stats.group_gaps import difference, ratio, share_of
from mainstay.stats.intervals import Interval, wilson


@pytest.mark.parametrize(("p", "q", "n", "m"), [(0.3, 0.3, 100, 100), (0.1, 0.4, 60, 300), (0.03, 0.05, 300, 200)])
def test_bounds_hold_the_truth_as_often_as_they_say(p: float, q: float, n: int, m: int) -> None:
    rng = np.random.default_rng(1)
    first, second = rng.binomial(n, p, 3000), rng.binomial(m, q, 3000)
    pairs = [(wilson(a, n), wilson(b, m)) for a, b in zip(first, second, strict=True)]
    differences = [difference(a, b) for a, b in pairs]
    ratios = [found for found in (ratio(a, b) for a, b in pairs) if found.known]
    assert np.mean([d.low <= p - q <= d.high for d in differences]) > 0.93
    assert np.mean([r.low <= p / q <= r.high for r in ratios]) > 0.93


SHARES = st.tuples(st.integers(0, 50), st.integers(1, 50)).map(lambda pair: wilson(min(pair), max(pair)))


@given(first=SHARES, second=SHARES)
def test_values_lie_inside_and_sides_mirror(first: Interval, second: Interval) -> None:
    one, other = difference(first, second), difference(second, first)
    assert one.low <= one.value <= one.high
    assert np.isclose(one.low, -other.high)
    over = ratio(first, second)
    assert not over.known or 0 <= over.low <= over.value <= over.high


def test_clusters_widen_and_nought_of_many_is_no_certainty() -> None:
    clusters = np.repeat(np.arange(20), 10)
    part = np.repeat(np.arange(20) % 2, 10)
    apart, together = share_of(part, np.ones(200)), share_of(part, np.ones(200), clusters=clusters)
    assert together.high - together.low > 2 * (apart.high - apart.low)
    assert share_of(np.zeros(200), np.ones(200), clusters=clusters).high > 0.01


def test_nothing_to_share_is_unknown() -> None:
    assert not share_of([0, 0], [0, 0]).known
    assert not ratio(wilson(1, 10), wilson(0, 10)).known
