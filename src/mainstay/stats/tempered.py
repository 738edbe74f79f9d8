"""The log loss that scores would have at their best temperature: how well they tell, whatever they are sure of.

Fits that grow become too sure of themselves long before they stop learning to tell rows apart. As a curve mends the
former, sizes and settings are compared by what is left after it.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, log_softmax, softmax

from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.calibration import EPSILON, logits_of

COOLEST, HOTTEST = 1 / 64, 64.0  # the range of inverse temperatures
MOST_STEPS = 20
LONGEST_STEP = 4.0  # times or parts of the last inverse temperature
STILL = 1e-6  # a step, in parts, after which nothing moves any more


def sharpness(outcomes: FloatArray, scores: FloatArray, *, start: float = 1.0) -> float:
    """The inverse temperature of least log loss; below 1 scores were too sure of themselves.

    `scores` are probabilities of the second of two outcomes, shape (n,), or of classes, shape (n, n_classes);
    `outcomes` are 0 and 1 or class numbers, shape (n,). The loss is convex, so Newton's steps from `start` find it.
    Sources: Guo and others (2017) for one temperature; Cox (1958) for two outcomes.

    >>> round(sharpness(np.array([0.0] * 3 + [1.0] * 7), np.full(10, 0.9)), 2)
    0.39
    """
    shape = _margins if scores.ndim == 1 else _logs
    rows = shape(outcomes, scores)
    found = start
    for _ in range(MOST_STEPS):
        slope, bend = _margin_slopes(rows, found) if scores.ndim == 1 else _class_slopes(outcomes, rows, found)
        moved = found - slope / bend if bend > 0 else found
        moved = min(max(moved, found / LONGEST_STEP, COOLEST), found * LONGEST_STEP, HOTTEST)
        if abs(moved - found) <= STILL * found:
            return moved
        found = moved
    return found


def tempered(scores: FloatArray, sharp: float) -> FloatArray:
    """Probabilities at an inverse temperature, in the shape of `scores`.

    >>> tempered(np.array([0.5, 0.8]), 2.0).round(3)
    array([0.5  , 0.941])
    """
    if scores.ndim == 1:
        return np.asarray(expit(sharp * logits_of(scores)))
    return np.asarray(np.exp(log_softmax(sharp * np.log(np.maximum(scores, EPSILON)), axis=1)))


def _margins(outcomes: FloatArray, scores: FloatArray) -> FloatArray:
    leans = logits_of(scores)
    return np.where(outcomes == 1.0, leans, -leans)


def _logs(outcomes: FloatArray, scores: FloatArray) -> FloatArray:
    return np.log(np.maximum(scores, EPSILON))


def _margin_slopes(margins: FloatArray, sharp: float) -> tuple[float, float]:
    """First and second derivative of the summed loss of two outcomes."""
    wrong = expit(-sharp * margins)
    return -float((margins * wrong).sum()), float((margins**2 * wrong * (1 - wrong)).sum())


def _class_slopes(outcomes: FloatArray, logs: FloatArray, sharp: float) -> tuple[float, float]:
    """First and second derivative of the summed loss of several classes."""
    came: IntArray = outcomes.astype(np.int64)
    shares = softmax(sharp * logs, axis=1)
    mean = (shares * logs).sum(axis=1)
    slope = float((mean - logs[np.arange(came.size), came]).sum())
    return slope, float(((shares * logs**2).sum(axis=1) - mean**2).sum())
