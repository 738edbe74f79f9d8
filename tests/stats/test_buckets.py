"""Buckets are nearly equal, cover every row once, and never part equal scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mainstay.stats.buckets import bucket_sums, equal_count_ends, snapped_ends, tie_ends

ordered = hnp.arrays(np.float64, st.integers(1, 60), elements=st.integers(0, 12).map(float)).map(np.sort)


@given(ordered, st.integers(1, 15))
def test_buckets_cover_all_rows_and_never_part_ties(scores: np.ndarray, n_buckets: int) -> None:
    ends = equal_count_ends(scores, n_buckets)
    assert ends[-1] == scores.size
    assert np.all(np.diff(ends, prepend=0) > 0)
    assert ends.size <= n_buckets
    assert np.all(np.isin(ends, tie_ends(scores)))
    assert np.all(scores[ends[:-1] - 1] != scores[ends[:-1]])


@given(st.integers(1, 200), st.integers(1, 20))
def test_without_ties_counts_differ_by_at_most_one(n: int, n_buckets: int) -> None:
    sizes = np.diff(equal_count_ends(np.arange(float(n)), n_buckets), prepend=0)
    assert sizes.size == min(n, n_buckets)
    assert sizes.max() - sizes.min() <= 1


@given(ordered, st.integers(1, 15))
def test_bucket_sums_add_up(scores: np.ndarray, n_buckets: int) -> None:
    ends = equal_count_ends(scores, n_buckets)
    parts = [part.sum() for part in np.split(scores, ends[:-1])]
    assert bucket_sums(scores, ends) == pytest.approx(parts)


def test_nothing_has_no_buckets_and_zero_buckets_are_refused() -> None:
    assert tie_ends(np.array([])).size == 0
    assert snapped_ends(np.array([]), [1, 2]).size == 0
    with pytest.raises(ValueError, match="wanted 1 or more"):
        equal_count_ends(np.arange(3.0), 0)
