"""Contrasts: few numbers per histogram that say where it lies, how it spreads, and what share is where.

All have one unit: the standard deviation of a single row, so that a mean over n rows scatters by 1 / sqrt(n). Few
contrasts find a change with fewer rows than many bins do.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mainstay.stats.arrays import FloatArray, vector


def smooth_scores(shares: npt.ArrayLike, *, degree: int = 4) -> FloatArray:
    """Give each ordered bin its scores under the orthonormal polynomials of the bins' mid-ranks.

    `shares`, shape (n_bins,), holds the reference's rows by bin. Column 0 of the result, shape (n_bins, k), tells
    location, column 1 spread, then skewness and tails; under the reference each has mean 0 and variance 1, and all are
    uncorrelated. There are fewer than `degree` columns where there are few bins with rows. Source: Neyman (1937);
    Rayner and Best (1989).

    >>> smooth_scores([1, 1], degree=1).ravel().round(6).tolist()
    [-1.0, 1.0]
    """
    weights = vector("shares", shares)
    total = float(weights.sum())
    n_columns = min(degree, int(np.count_nonzero(weights)) - 1)
    if n_columns < 1:
        return np.zeros((weights.size, 0))
    weights = weights / total
    middle = np.cumsum(weights) - weights / 2
    columns = [np.ones(weights.size)]
    for power in range(1, n_columns + 1):
        columns.append(_orthonormal((2 * middle - 1) ** power, columns, weights))
    return np.stack(columns[1:], axis=1)


def mean_scores(counts: npt.NDArray[np.int64], scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mean scores of each period and its number of rows.

    `counts` has shape (n_periods, n_bins), `scores` (n_bins, k); the results (n_periods, k) and (n_periods,). A period
    without rows has mean 0.

    >>> mean_scores(np.array([[1, 3], [0, 0]]), np.array([[-1.0], [1.0]]))[0].ravel().tolist()
    [0.5, 0.0]
    """
    rows = counts.sum(axis=1).astype(np.float64)
    return (counts @ scores) / np.maximum(rows, 1.0)[:, None], rows


def share_angle(n_with: npt.ArrayLike, n: npt.ArrayLike) -> FloatArray:
    """Turn shares into angles whose variance is 1 / n whatever the share, for rare and common alike.

    Both arguments hold counts. Source: Anscombe (1948).

    >>> share_angle([0, 50], [100, 100]).round(2).tolist()
    [0.12, 1.57]
    """
    having, total = np.asarray(n_with, dtype=np.float64), np.asarray(n, dtype=np.float64)
    angle: FloatArray = 2 * np.arcsin(np.sqrt(np.clip((having + 0.375) / (total + 0.75), 0.0, 1.0)))
    return angle


def _orthonormal(column: FloatArray, others: list[FloatArray], weights: FloatArray) -> FloatArray:
    """Take the others' part out of a column, twice for accuracy, and scale it to variance 1 under the weights."""
    for _ in range(2):
        for other in others:
            column = column - other * float((weights * other * column).sum())
    norm: FloatArray = column / np.sqrt(float((weights * column**2).sum()))
    return norm
