"""Exponentials and logarithms are right, and one number alone gives the bits that a column gives."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.serving.exact import (
    exp,
    exp_of,
    interpolate,
    interpolate_of,
    log,
    log_odds,
    log_odds_of,
    log_of,
    log_shares,
    log_shares_of,
    sigmoid,
    sigmoid_of,
)

RAW = st.floats(-800, 800) | st.sampled_from([0.0, -0.0, 5e-324, -5e-324, 1e308, -1e308, math.inf, -math.inf, math.nan])
POSITIVE = st.floats(5e-324, 1e308) | st.floats(0.5, 2.0)


def alike(column: Callable, alone: Callable, x: float) -> float:
    """What both say, which must be the same."""
    got = float(column(np.array([x]))[0])
    np.testing.assert_array_equal(got, alone(x))
    return got


@given(RAW)
def test_exp(x: float) -> None:
    got = alike(exp, exp_of, x)
    assert got == pytest.approx(math.exp(min(max(x, -745.0), 709.0)), rel=1e-15, abs=1e-323) or math.isnan(x)


@given(RAW)
def test_sigmoid(x: float) -> None:
    got = alike(sigmoid, sigmoid_of, x)
    assert math.isnan(got) if math.isnan(x) else 0.0 <= got <= 1.0
    assert not abs(x) < 700 or got == pytest.approx(1 / (1 + math.exp(-x)), rel=1e-15)


@given(st.floats(-700, 700))
def test_logarithms_of_shares(x: float) -> None:
    of_columns, alone = log_shares(np.array([x])), log_shares_of(x)
    assert tuple(float(each[0]) for each in of_columns) == alone
    wanted = [-math.log1p(math.exp(-x)) if x > 0 else x - math.log1p(math.exp(x)) for x in (x, -x)]
    assert alone == pytest.approx(wanted, rel=2e-15, abs=1e-300)


@given(POSITIVE)
def test_log(x: float) -> None:
    assert alike(log, log_of, x) == pytest.approx(math.log(x), rel=1e-15, abs=1e-16)


@given(st.floats(1e-12, 1 - 1e-12))
def test_log_odds(x: float) -> None:
    assert alike(log_odds, log_odds_of, x) == pytest.approx(math.log(x) - math.log(1 - x), rel=1e-12, abs=1e-14)


@given(st.floats(-1, 2), st.integers(1, 5), st.integers(0, 99))
def test_interpolate(x: float, n_knots: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    knots, heights = np.sort(random.random(n_knots)).tolist(), random.random(n_knots).tolist()
    got = alike(lambda each: interpolate(each, knots, heights), lambda each: interpolate_of(each, knots, heights), x)
    assert got == pytest.approx(float(np.interp(x, knots, heights)), abs=1e-12)
