"""Two samples are told apart by how their columns go together, and by nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mainstay.stats.joint import own_scores, told_apart

VALUES = arrays(np.float64, (40, 2), elements=st.one_of(st.just(float("nan")), st.integers(-3, 3).map(float)))


@settings(max_examples=30, deadline=None)
@given(VALUES)
def test_scores_have_the_same_margins_whatever_the_values(values: np.ndarray) -> None:
    scores = own_scores(values, seed=1)
    for column, found in zip(values.T, scores.T, strict=True):
        n = int(np.isfinite(column).sum())
        there = np.sort(found[np.isfinite(column)])
        assert there == pytest.approx(-there[::-1], abs=1e-9)
        assert np.unique(there).size == n
        assert (found[~np.isfinite(column)] == 0).all()
        for level in np.unique(column[np.isfinite(column)]):
            mine = found[column == level]
            assert (found[column > level].min(initial=np.inf) > mine).all()


def apart(seed: int, *, correlation: float = 0.0, three: bool = False) -> float:
    rng = np.random.default_rng(seed)
    before, after = rng.normal(size=(600, 6)), rng.normal(size=(300, 6)) * 3 + 1
    after[:, 5] = correlation * after[:, 4] + np.sqrt(1 - correlation**2) * after[:, 5]
    if three:
        after[:, 2] = np.abs(after[:, 2]) * np.sign((after[:, 0] - 1) * (after[:, 1] - 1))
    return told_apart([own_scores(before, seed=0)], [own_scores(after, seed=0)]).area


def test_margins_alone_tell_nothing() -> None:
    areas = [apart(seed) for seed in range(20)]
    assert np.mean(areas) == pytest.approx(0.5, abs=0.02)
    assert max(areas) < 0.6


@pytest.mark.parametrize("change", [{"correlation": 0.7}, {"correlation": -0.7}, {"three": True}])
def test_a_relation_of_two_or_of_three_tells(change: dict[str, float]) -> None:
    assert apart(1, **change) > 0.6  # type: ignore[arg-type]


def test_what_told_most_is_named_and_parts_are_one_sample() -> None:
    rng = np.random.default_rng(3)
    before, after = rng.normal(size=(400, 4)), rng.normal(size=(400, 4))
    after[:, 3] = after[:, 1]
    whole = told_apart([before], [after])
    assert whole.terms[0] == (1, 3)
    assert told_apart([before[:100], before[100:]], [after]) == whole
    assert whole.variance == pytest.approx((200 + 200 + 1) / (12 * 200 * 200) / 2)


def test_columns_that_never_vary_tell_nothing() -> None:
    flat = np.zeros((100, 3))
    assert told_apart([flat], [flat]).area == 0.5
