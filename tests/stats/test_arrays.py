"""What callers pass is taken as vectors, or refused with what came and what is wanted."""

from __future__ import annotations

import numpy as np
import pytest

from mainstay.stats import arrays


def test_integers_booleans_and_lists_become_float_vectors() -> None:
    for values in ([1, 0], np.array([True, False]), np.array([1, 0], dtype=np.int8), (1.0, 0.0)):
        assert arrays.vector("values", values).tolist() == [1.0, 0.0]
        assert arrays.binary("values", values).tolist() == [True, False]


@pytest.mark.parametrize("values", [[np.nan, 1.0], [np.inf], [[1.0]], 3.0])
def test_what_is_not_a_finite_vector_is_refused_by_name(values: object) -> None:
    with pytest.raises(ValueError, match=r"scores .*wanted"):
        arrays.vector("scores", values)  # type: ignore[arg-type]


def test_outcomes_must_be_zero_or_one() -> None:
    with pytest.raises(ValueError, match="2 values that are neither 0 nor 1, of 3"):
        arrays.binary("outcomes", [0, 2, 0.5])


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="a 1, b 2; wanted one length"):
        arrays.vectors(a=[1], b=[1, 2])
    with pytest.raises(ValueError, match="outcomes 1, scores 2"):
        arrays.outcomes_and_scores([1], [0.1, 0.2])


def test_labels_of_any_kind_become_numbers() -> None:
    assert arrays.group_numbers(["x", "a", "x"], 3).tolist() == [1, 0, 1]
    assert arrays.group_numbers(None, 3).tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match=r"wanted one label a row, \(3,\)"):
        arrays.group_numbers(["x"], 3)


def test_the_mean_of_nothing_is_nan_without_a_warning() -> None:
    assert np.isnan(arrays.mean(np.array([])))
