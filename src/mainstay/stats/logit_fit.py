"""Logistic regression on a few columns, the same to the last digit however many threads there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from mainstay.stats.arrays import FloatArray

if TYPE_CHECKING:
    from mainstay.stats.arrays import BoolArray

RIDGE = 1e-4  # of one row's weight: only holds coefficients finite where the classes do not overlap
MOST_STEPS, MOST_HALVINGS = 100, 30


def fit_logit(columns: FloatArray, happened: BoolArray, start: FloatArray) -> FloatArray:
    """The coefficients of greatest likelihood, held by a faint ridge around `start`; shape (n_columns,).

    `columns` has shape (n_columns, n), one of them constant for an intercept. Newton's iterations with halved steps on
    a concave function, so they end.
    """
    current = start
    for _ in range(MOST_STEPS):
        gap = happened - expit(leaning(columns, current))
        gradient = np.array([float((gap * column).sum()) for column in columns]) - RIDGE * (current - start)
        step = np.asarray(np.linalg.solve(information(columns, current), gradient), dtype=np.float64)
        moved = _climbed(columns, happened, start, current, step)
        if float(np.max(np.abs(moved - current))) < 1e-10:
            return moved
        current = moved
    return current


def leaning(columns: FloatArray, coefficients: FloatArray) -> FloatArray:
    """The logit of each row, shape (n,), added up column by column.

    >>> leaning(np.array([[1.0, 2.0], [1.0, 1.0]]), np.array([2.0, 1.0]))
    array([3., 5.])
    """
    total = np.zeros(columns.shape[1])
    for column, coefficient in zip(columns, coefficients, strict=True):
        total += coefficient * column
    return total


def information(columns: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Fisher's information with the ridge, shape (n_columns, n_columns)."""
    fitted = expit(leaning(columns, coefficients))
    weight = fitted * (1 - fitted)
    # Sums and not dot products: those depend on the number of threads, and a bundle's digest depends on these digits.
    found = [[float((weight * one * other).sum()) for other in columns] for one in columns]
    return np.array(found) + RIDGE * np.eye(len(columns))


def log_likelihood(columns: FloatArray, happened: BoolArray, coefficients: FloatArray) -> float:
    """The log likelihood of what happened, in nats.

    >>> round(log_likelihood(np.ones((1, 2)), np.array([True, False]), np.zeros(1)), 4)
    -1.3863
    """
    leans = leaning(columns, coefficients)
    return -float(np.logaddexp(0.0, np.where(happened, -leans, leans)).sum())


def _climbed(
    columns: FloatArray, happened: BoolArray, start: FloatArray, current: FloatArray, step: FloatArray
) -> FloatArray:
    """The full step, or the largest halving of it that does not lose likelihood."""

    def height(coefficients: FloatArray) -> float:
        penalty = RIDGE / 2 * float(np.sum((coefficients - start) ** 2))
        return log_likelihood(columns, happened, coefficients) - penalty

    ground = height(current)
    for halvings in range(MOST_HALVINGS):
        moved: FloatArray = current + step / 2**halvings
        if height(moved) >= ground:
            return moved
    return current
