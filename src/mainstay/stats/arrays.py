"""Turning what callers pass into vectors of one length, or saying what was wrong with it."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]


def vector(name: str, values: npt.ArrayLike) -> FloatArray:
    """The values as one row of finite float64 numbers.

    Raises `ValueError`, naming the argument, for another shape, NaN or infinity.

    >>> vector("scores", [0, 1])
    array([0., 1.])
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} has shape {array.shape}; wanted one dimension, (n,)")
    n_bad = int(array.size - np.count_nonzero(np.isfinite(array)))
    if n_bad:
        raise ValueError(f"{name} holds {n_bad} missing or infinite values of {array.size}; wanted finite numbers only")
    return array


def vectors(**named: npt.ArrayLike) -> tuple[FloatArray, ...]:
    """Every argument as a vector, all of one length, in the order given.

    >>> vectors(scores=[0.2, 0.4], values=[1, 2])[1]
    array([1., 2.])
    """
    arrays = {name: vector(name, values) for name, values in named.items()}
    if len({array.size for array in arrays.values()}) > 1:
        sizes = ", ".join(f"{name} {array.size}" for name, array in arrays.items())
        raise ValueError(f"lengths differ: {sizes}; wanted one length")
    return tuple(arrays.values())


def binary(name: str, values: npt.ArrayLike) -> BoolArray:
    """Zeros and ones (or booleans) as booleans; anything else is a `ValueError`.

    >>> binary("outcomes", [0, 1])
    array([False,  True])
    """
    array = np.asarray(values)
    if array.dtype == np.bool_ and array.ndim == 1:
        return array
    numbers = vector(name, array)
    n_other = int(np.count_nonzero((numbers != 0.0) & (numbers != 1.0)))
    if n_other:
        raise ValueError(f"{name} holds {n_other} values that are neither 0 nor 1, of {numbers.size}; wanted 0 or 1")
    return np.equal(numbers, 1.0)


def outcomes_and_scores(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[BoolArray, FloatArray]:
    """Binary outcomes and their scores, of one length.

    >>> outcomes_and_scores([0, 1], [0.2, 0.7])
    (array([False,  True]), array([0.2, 0.7]))
    """
    happened, given = binary("outcomes", outcomes), vector("scores", scores)
    if happened.size != given.size:
        raise ValueError(f"lengths differ: outcomes {happened.size}, scores {given.size}; wanted one length")
    return happened, given


def outcomes_and_probabilities(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[BoolArray, FloatArray]:
    """Binary outcomes and scores that lie within 0 and 1, of one length.

    >>> outcomes_and_probabilities([1], [0.5])
    (array([ True]), array([0.5]))
    """
    happened, given = outcomes_and_scores(outcomes, scores)
    if given.size and (given.min() < 0.0 or given.max() > 1.0):
        raise ValueError(f"scores reach from {given.min():g} to {given.max():g}; wanted probabilities within 0 and 1")
    return happened, given


def group_numbers(clusters: npt.ArrayLike | None, n: int) -> IntArray:
    """Labels of any sortable kind as numbers 0, 1, …; without labels every row is a group of its own.

    >>> group_numbers(["b", "a", "b"], 3)
    array([1, 0, 1])
    """
    if clusters is None:
        return np.arange(n, dtype=np.int64)
    labels: npt.NDArray[Any] = np.asarray(clusters)
    if labels.shape != (n,):
        raise ValueError(f"clusters has shape {labels.shape}; wanted one label a row, ({n},)")
    numbers: IntArray = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    return numbers


def mean(values: npt.NDArray[Any]) -> float:
    """The mean, and NaN without a warning when there is nothing to take it of.

    >>> mean(np.array([1.0, 3.0])), mean(np.array([]))
    (2.0, nan)
    """
    return float(values.mean()) if values.size else float("nan")
