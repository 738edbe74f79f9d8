"""Curves that make scores into shares beside the logistic one: beta, temperature and isotonic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import expit, log_softmax, softmax

from mainstay.stats.arrays import FloatArray, outcomes_and_probabilities
from mainstay.stats.buckets import bucket_sums, tie_ends
from mainstay.stats.calibration import EPSILON
from mainstay.stats.logit_fit import fit_logit, leaning

if TYPE_CHECKING:
    import numpy.typing as npt

    from mainstay.stats.arrays import IntArray

AS_IT_IS = np.array([1.0, 1.0, 0.0])  # a, b and c of a beta curve that changes nothing
COOLEST, HOTTEST = 1 / 64, 64.0  # the range of inverse temperatures that is searched
MOST_HALVINGS = 60  # of that range: beyond the last digit


def fit_beta(scores: npt.ArrayLike, outcomes: npt.ArrayLike) -> tuple[float, float, float]:
    """The a, b and c of beta calibration, `sigmoid(a * ln p - b * ln(1 - p) + c)`, by greatest likelihood.

    Shapes (n,): probabilities, and outcomes 0 or 1. A curve that would fall somewhere is fitted again without the part
    that makes it fall, so a and b are at least 0. Source: Kull, Silva Filho and Flach (2017).

    >>> a, b, c = fit_beta([0.2] * 5 + [0.8] * 5, [0, 0, 0, 0, 1, 0, 1, 1, 1, 1])
    >>> round(a, 2), round(b, 2), abs(round(c, 2))
    (1.0, 1.0, 0.0)
    """
    happened, given = outcomes_and_probabilities(outcomes, scores)
    columns = _beta_columns(given)
    found = fit_logit(columns, happened, AS_IT_IS)
    for _ in range(2):  # taking one part out can turn the other
        kept = np.append(found[:2] > 0, True)
        if kept.all():
            break
        found = np.zeros(3)
        found[kept] = fit_logit(columns[kept], happened, AS_IT_IS[kept])
    return float(max(found[0], 0.0)), float(max(found[1], 0.0)), float(found[2])


def apply_beta(scores: npt.ArrayLike, a: float, b: float, c: float) -> FloatArray:
    """Scores moved by a beta curve; they stay within 0 and 1 and in their order.

    >>> apply_beta([0.2, 0.8], 1.0, 1.0, 0.0).round(6)
    array([0.2, 0.8])
    """
    columns = _beta_columns(np.asarray(scores, dtype=np.float64))
    return np.asarray(expit(leaning(columns, np.array([a, b, c]))))


def fit_temperature(scores: FloatArray, outcomes: IntArray) -> float:
    """The temperature of greatest likelihood: logs of the scores are divided by it before they share out 1 again.

    `scores` are probabilities, shape (n, n_classes), `outcomes` class numbers, shape (n,). Above 1 scores were too sure
    of themselves. The likelihood is concave in the inverse, so halving finds it. Source: Guo and others (2017).

    >>> scores = np.array([[0.9, 0.1]] * 10)
    >>> fit_temperature(scores, np.array([0] * 7 + [1] * 3)) > 2
    True
    """
    logs = _logs(scores)
    rows = np.arange(outcomes.size)
    low, high = np.log(COOLEST), np.log(HOTTEST)
    for _ in range(MOST_HALVINGS):
        middle = (low + high) / 2
        shares = softmax(np.exp(middle) * logs, axis=1)
        slope = float((logs[rows, outcomes] - (shares * logs).sum(axis=1)).sum())
        low, high = (middle, high) if slope > 0 else (low, middle)
    return float(np.exp(-(low + high) / 2))


def apply_temperature(scores: FloatArray, temperature: float) -> FloatArray:
    """Probabilities of classes at another temperature, shape (n, n_classes).

    >>> apply_temperature(np.array([[0.8, 0.2]]), 1.0).round(6)
    array([[0.8, 0.2]])
    """
    return np.asarray(np.exp(log_softmax(_logs(scores) / temperature, axis=1)))


def fit_isotonic(scores: npt.ArrayLike, outcomes: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """The knots of a rising curve from scores to shares: ascending scores, and the share at each.

    Pools neighbours until shares rise, and puts a knot in the middle of each pool; between knots the curve is a line.
    Each pool is drawn towards the overall share by one imagined row, so that no share is 0 or 1. Sources: Ayer and
    others (1955), Zadrozny and Elkan (2002).

    >>> [knots.round(2).tolist() for knots in fit_isotonic([0.1, 0.2, 0.8, 0.9], [0, 1, 0, 1])]
    [[0.1, 0.5, 0.9], [0.25, 0.5, 0.75]]
    """
    happened, given = outcomes_and_probabilities(outcomes, scores)
    order = np.argsort(given, kind="stable")
    ends = tie_ends(given[order])
    n, n_positive = np.diff(ends, prepend=0).astype(np.float64), bucket_sums(happened[order], ends)
    pools = isotonic_regression(n_positive / n, weights=n).blocks[1:]
    by_pool = [np.diff(np.insert(np.cumsum(values), 0, 0.0)[pools], prepend=0.0) for values in (n, n_positive)]
    middle = np.diff(np.insert(np.cumsum(n * given[order][ends - 1]), 0, 0.0)[pools], prepend=0.0) / by_pool[0]
    share = (by_pool[1] + happened.mean()) / (by_pool[0] + 1)
    # Imagined rows weigh more in small pools, so shares are made to rise once more.
    return middle, np.asarray(isotonic_regression(share, weights=by_pool[0]).x)


def _beta_columns(given: FloatArray) -> FloatArray:
    inside = np.clip(given, EPSILON, 1 - EPSILON)
    return np.stack([np.log(inside), -np.log1p(-inside), np.ones(inside.size)])


def _logs(scores: FloatArray) -> FloatArray:
    return np.log(np.maximum(scores, EPSILON))
