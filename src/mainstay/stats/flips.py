"""What share of outcomes was written down as another one, told by chances that were learned elsewhere."""

from __future__ import annotations

import math

import numpy as np

from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.intervals import Interval, unknown


def flip_share(chances: FloatArray, classes: IntArray, *, z: float = 1.96) -> Interval:
    """Estimate the share of rows whose class was replaced by any other, each as likely, at `z` standard errors.

    `chances`, shape (n, n_classes), are what the classes would be without flips; `classes`, shape (n,), what is
    written. With a share q of flips the mean of a class moves from p to p + q ((1 - p) / (k - 1) - p): a line through
    nothing in q, fitted by least squares. It tells flips, which go both ways, and not a shift of all chances alone.
    Below 0 where outcomes follow the chances more closely than these say. Unknown where no row is sure of anything.
    Source: symmetric noise as in Natarajan and others (2013), with the moments of the classes.

    >>> flip_share(np.array([[0.0, 1.0], [1.0, 0.0]] * 5), np.array([1, 0] * 4 + [0, 1])).value
    0.2
    """
    n, k = chances.shape
    moves = (1 - chances) / max(k - 1, 1) - chances
    weight = float(np.square(moves).sum())
    if n < 2 or weight < 1e-9:
        return unknown()
    along = moves[np.arange(n), classes] - (moves * chances).sum(axis=1)
    value = float(along.sum()) / weight
    left = along - value * np.square(moves).sum(axis=1)
    error = math.sqrt(float(left @ left)) / weight
    return Interval(value, value - z * error, value + z * error)
