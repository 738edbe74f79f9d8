"""Exponentials and logarithms of our own, for whole columns and for one number: the same bits on every machine.

Needs nothing but numpy, because this text also travels inside bundles. Every step is an IEEE operation in a fixed
order, which the functions of a C library are not.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]

LN_2 = float.fromhex("0x1.62e42fefa39efp-1")
LN_2_HIGH, LN_2_LOW = float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33")  # add up to ln 2
EXP_TERMS = tuple(1.0 / math.factorial(n) for n in range(13, -1, -1))
ATANH_TERMS = tuple(1.0 / n for n in range(37, 0, -2))  # of the third of one at most: the next term is below 2^-60
LOWEST_EXP, HIGHEST_EXP = -745.0, 709.0  # exp() of less is next to nothing, of more near the largest number there is
ROOT_HALF = math.sqrt(0.5)


def exp(x: FloatArray) -> FloatArray:
    """Return `exp(x)` within two units in the last place: a power of two times a Taylor polynomial."""
    clipped = np.minimum(np.maximum(x, LOWEST_EXP), HIGHEST_EXP)
    power = np.rint(clipped / LN_2)
    rest = (clipped - power * LN_2_HIGH) - power * LN_2_LOW
    return np.ldexp(_polynomial(EXP_TERMS, rest), np.nan_to_num(power).astype(np.int64))


def exp_of(x: float) -> float:
    """Return what `exp` gives for one number."""
    if math.isnan(x):
        return x
    clipped = min(max(x, LOWEST_EXP), HIGHEST_EXP)
    power = round(clipped / LN_2)
    rest = (clipped - power * LN_2_HIGH) - power * LN_2_LOW
    total = EXP_TERMS[0]
    for term in EXP_TERMS[1:]:
        total = total * rest + term
    return math.ldexp(total, power)


def sigmoid(raw: FloatArray) -> FloatArray:
    """Return `1 / (1 + exp(-raw))`.

    >>> sigmoid(np.array([0.0, 800.0])).tolist()
    [0.5, 1.0]
    """
    small = exp(-np.abs(raw))
    return np.where(raw >= 0, 1.0, small) / (1.0 + small)


def sigmoid_of(raw: float) -> float:
    """Return what `sigmoid` gives for one number."""
    small = exp_of(-abs(raw))
    return (1.0 if raw >= 0 else small) / (1.0 + small)


def log_shares(raw: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the logarithms of `sigmoid(raw)` and of what it leaves of one, neither of which loses precision.

    >>> [float(x[0]) for x in log_shares(np.array([800.0]))]
    [-0.0, -800.0]
    """
    small = exp(-np.abs(raw))
    both = _twice_atanh(small / (2.0 + small))  # ln(1 + small)
    return -(both + np.maximum(-raw, 0.0)), -(both + np.maximum(raw, 0.0))


def log_shares_of(raw: float) -> tuple[float, float]:
    """Return what `log_shares` gives for one number."""
    small = exp_of(-abs(raw))
    both = _twice_atanh_of(small / (2.0 + small))
    return -(both + max(-raw, 0.0)), -(both + max(raw, 0.0))


def log_odds(share: FloatArray) -> FloatArray:
    """Return `ln(share / (1 - share))` for shares within 0 and 1, both left out.

    >>> log_odds(np.array([0.5])).tolist()
    [0.0]
    """
    return log(share) - log(1.0 - share)


def log_odds_of(share: float) -> float:
    """Return what `log_odds` gives for one number."""
    return log_of(share) - log_of(1.0 - share)


def log(x: FloatArray) -> FloatArray:
    """Return the natural logarithm of positive numbers.

    >>> log(np.array([1.0])).tolist()
    [0.0]
    """
    part, power = np.frexp(x)
    low = part < ROOT_HALF
    part, power = np.where(low, part * 2.0, part), power - low
    return _twice_atanh((part - 1.0) / (part + 1.0)) + power * LN_2


def log_of(x: float) -> float:
    """Return what `log` gives for one number."""
    part, power = math.frexp(x)
    if part < ROOT_HALF:
        part, power = part * 2.0, power - 1
    return _twice_atanh_of((part - 1.0) / (part + 1.0)) + power * LN_2


def _twice_atanh(s: FloatArray) -> FloatArray:
    return 2.0 * s * _polynomial(ATANH_TERMS, s * s)


def _polynomial(terms: Sequence[float], x: FloatArray) -> FloatArray:
    total = np.full_like(x, terms[0])
    for term in terms[1:]:
        total *= x
        total += term
    return total


def _twice_atanh_of(s: float) -> float:
    square, total = s * s, ATANH_TERMS[0]
    for term in ATANH_TERMS[1:]:
        total = total * square + term
    return 2.0 * s * total


def sums(parts: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.floating[Any]]:
    """Return the sum of each column of parts, shape (n_parts, n_rows), added one by one from the first to the last.

    Across rows of memory numpy has no other order; along them, also of a single column, it would take pairs.

    >>> sums(np.array([[1e16, 1.0], [1.0, 2.0], [1.0, 3.0]])).tolist()
    [1e+16, 6.0]
    """
    added: npt.NDArray[np.floating[Any]]
    if parts.shape[1] < 2:
        added = np.add.accumulate(parts, axis=0)[-1]
    else:
        added = np.add.reduce(np.ascontiguousarray(parts), axis=0)
    return added


def interpolate(x: FloatArray, knots: Sequence[float], heights: Sequence[float]) -> FloatArray:
    """Return the heights at x, linear between ascending knots and level beyond them.

    >>> interpolate(np.array([0.0, 0.5, 2.0]), [0.0, 1.0], [0.1, 0.3]).tolist()
    [0.1, 0.2, 0.3]
    """
    if len(knots) == 1:
        return np.full_like(x, heights[0])
    at, height = np.asarray(knots, dtype=np.float64), np.asarray(heights, dtype=np.float64)
    i = np.clip(np.searchsorted(at, x, side="right") - 1, 0, at.size - 2)
    between = height[i] + (x - at[i]) / (at[i + 1] - at[i]) * (height[i + 1] - height[i])
    return np.where(x <= at[0], height[0], np.where(x >= at[-1], height[-1], between))


def interpolate_of(x: float, knots: Sequence[float], heights: Sequence[float]) -> float:
    """Return what `interpolate` gives for one number."""
    if len(knots) == 1 or x <= knots[0]:
        return heights[0]
    if x >= knots[-1]:
        return heights[-1]
    i = bisect_right(knots, x) - 1
    return heights[i] + (x - knots[i]) / (knots[i + 1] - knots[i]) * (heights[i + 1] - heights[i])
