"""How good scores and decisions are: metrics under scikit-learn's names, each with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstay.stats.arrays import binary, mean, outcomes_and_probabilities, vectors
from mainstay.stats.calibration import calibration_error
from mainstay.stats.intervals import NAN, Interval, mean_interval, ratio_interval, unknown, wilson
from mainstay.stats.ranking import average_precision, average_precision_interval, roc_auc, roc_auc_interval

if TYPE_CHECKING:
    import numpy.typing as npt

    from mainstay.stats.arrays import FloatArray

__all__ = [
    "ClassReport",
    "ClassificationReport",
    "Confusion",
    "accuracy",
    "average_precision",
    "average_precision_interval",
    "brier_score",
    "classification_report",
    "confusion",
    "f1_macro",
    "log_loss",
    "mae",
    "metrics_binary",
    "metrics_regression",
    "r2",
    "rmse",
    "roc_auc",
    "roc_auc_interval",
]

N_RESAMPLES = 500  # counts only, so cheap; the bounds then move by about a twentieth of their width from seed to seed
EPSILON = float(np.finfo(np.float64).eps)  # scikit-learn's clip, so that both say the same of a score of exactly 0


@dataclass(frozen=True, slots=True)
class Confusion:
    """Decided high or not, against what happened: four counts of rows."""

    n_true_positive: int
    n_false_positive: int
    n_true_negative: int
    n_false_negative: int

    @property
    def n(self) -> int:
        """All rows."""
        return self.n_true_positive + self.n_false_positive + self.n_true_negative + self.n_false_negative


@dataclass(frozen=True, slots=True)
class ClassReport:
    """One class: how many rows decided so were so (precision), how many that were so were decided so (recall)."""

    precision: Interval
    recall: Interval
    f1: Interval
    support: int


@dataclass(frozen=True, slots=True)
class ClassificationReport:
    """Both classes, the share decided rightly, and the counts it all comes from."""

    positive: ClassReport
    negative: ClassReport
    accuracy: Interval
    confusion: Confusion


def log_loss(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """The mean negative log likelihood of the outcomes in nats; scores are probabilities, clipped just inside 0 and 1.

    >>> round(log_loss([0, 1], [0.5, 0.5]), 4)
    0.6931
    """
    return mean(_log_losses(outcomes, scores))


def brier_score(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """The mean squared distance of the scores from what happened.

    >>> brier_score([0, 1], [0.5, 0.5])
    0.25
    """
    return mean(_squared_distances(outcomes, scores))


def accuracy(outcomes: npt.ArrayLike, decided_high: npt.ArrayLike) -> float:
    """The share of rows decided as they turned out.

    >>> accuracy([0, 1], [1, 1])
    0.5
    """
    counts = confusion(outcomes, decided_high)
    return (counts.n_true_positive + counts.n_true_negative) / counts.n if counts.n else NAN


def confusion(outcomes: npt.ArrayLike, decided_high: npt.ArrayLike) -> Confusion:
    """Counts of rows by decision and outcome, both 0 or 1 of shape (n,).

    >>> confusion([0, 1, 1], [1, 1, 0]).n_false_positive
    1
    """
    happened, high = binary("outcomes", outcomes), binary("decided_high", decided_high)
    if happened.size != high.size:
        raise ValueError(f"lengths differ: outcomes {happened.size}, decided_high {high.size}; wanted one length")
    n_true_positive = int(np.count_nonzero(happened & high))
    n_high, n_happened = int(np.count_nonzero(high)), int(np.count_nonzero(happened))
    n_true_negative = happened.size - n_high - n_happened + n_true_positive
    return Confusion(n_true_positive, n_high - n_true_positive, n_true_negative, n_happened - n_true_positive)


def classification_report(outcomes: npt.ArrayLike, decided_high: npt.ArrayLike) -> ClassificationReport:
    """Precision, recall, F1 and support of both classes with Wilson intervals, unknown where nothing was decided so.

    F1 is twice the Jaccard share J over 1 + J, and J is a plain share of rows, so F1 has Wilson's interval too.

    >>> classification_report([0, 1, 1], [1, 1, 0]).positive.recall.value
    0.5
    """
    counts = confusion(outcomes, decided_high)
    right = counts.n_true_positive + counts.n_true_negative
    return ClassificationReport(
        positive=_class_report(counts.n_true_positive, counts.n_false_positive, counts.n_false_negative),
        negative=_class_report(counts.n_true_negative, counts.n_false_negative, counts.n_false_positive),
        accuracy=wilson(right, counts.n),
        confusion=counts,
    )


def f1_macro(outcomes: npt.ArrayLike, decisions: npt.ArrayLike) -> float:
    """The plain mean over classes of F1; a class decided but never seen counts 0. Any labels, two classes or more.

    >>> f1_macro(["a", "b", "b"], ["a", "b", "a"]).__round__(4)
    0.6667
    """
    actual, decided = np.asarray(outcomes), np.asarray(decisions)
    if actual.shape != decided.shape or actual.ndim != 1:
        raise ValueError(
            f"outcomes {actual.shape} and decisions {decided.shape} came; wanted two vectors of one length"
        )
    labels, numbers = np.unique(np.concatenate([actual, decided]), return_inverse=True)
    first, second = numbers[: actual.size], numbers[actual.size :]
    right = np.bincount(first[first == second], minlength=labels.size)
    total = np.bincount(first, minlength=labels.size) + np.bincount(second, minlength=labels.size)
    return mean(2 * right / total)


def r2(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """The share of the outcomes' variance that the scores explain; NaN when the outcomes do not vary.

    >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    1.0
    """
    actual, given = vectors(outcomes=outcomes, scores=scores)
    if actual.size < 2 or float(np.ptp(actual)) == 0.0:
        return NAN
    return 1.0 - float(np.sum((actual - given) ** 2) / np.sum((actual - actual.mean()) ** 2))


def rmse(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """The root of the mean squared error, in the outcome's unit.

    >>> rmse([0.0, 0.0], [3.0, 3.0])
    3.0
    """
    actual, given = vectors(outcomes=outcomes, scores=scores)
    return math.sqrt(mean((actual - given) ** 2))


def mae(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """The mean absolute error, in the outcome's unit.

    >>> mae([0.0, 0.0], [1.0, -3.0])
    2.0
    """
    actual, given = vectors(outcomes=outcomes, scores=scores)
    return mean(np.abs(actual - given))


def metrics_binary(
    outcomes: npt.ArrayLike, scores: npt.ArrayLike, threshold: float, *, seed: int
) -> dict[str, Interval]:
    """Every binary metric of design and brief by its name, each with a 95% interval.

    Scores are probabilities; a row is decided high when its score reaches the threshold (infinity decides none so).
    DeLong's interval for the ROC area, Student's for mean losses, Wilson's for accuracy, the bootstrap for the rest.
    """
    happened, given = outcomes_and_probabilities(outcomes, scores)
    high = given >= threshold
    report = classification_report(happened, high)
    return {
        "roc_auc": roc_auc_interval(happened, given),
        "average_precision": average_precision_interval(happened, given, seed=seed),
        "log_loss": mean_interval(_log_losses(happened, given)),
        "brier_score": mean_interval(_squared_distances(happened, given)),
        "calibration_error": calibration_error(happened, given),
        "accuracy": report.accuracy,
        "f1_macro": _f1_macro_interval(report.confusion, seed=seed),
    }


def metrics_regression(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> dict[str, Interval]:
    """R², root mean squared and mean absolute error by name, each with a 95% interval.

    >>> sorted(metrics_regression([1.0, 2.0, 4.0], [1.0, 2.0, 3.0]))
    ['mae', 'r2', 'rmse']
    """
    actual, given = vectors(outcomes=outcomes, scores=scores)
    squares = (actual - given) ** 2
    mean_square = mean_interval(squares)
    return {
        "r2": _r2_interval(actual, squares),
        "rmse": _root(mean_square),
        "mae": mean_interval(np.abs(actual - given)),
    }


def _log_losses(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> FloatArray:
    happened, given = outcomes_and_probabilities(outcomes, scores)
    clipped = np.clip(given, EPSILON, 1 - EPSILON)
    return -np.log(np.where(happened, clipped, 1 - clipped))


def _squared_distances(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> FloatArray:
    happened, given = outcomes_and_probabilities(outcomes, scores)
    return np.square(given - happened)


def _class_report(n_right: int, n_wrongly_named: int, n_missed: int) -> ClassReport:
    jaccard = wilson(n_right, n_right + n_wrongly_named + n_missed)
    return ClassReport(
        precision=wilson(n_right, n_right + n_wrongly_named),
        recall=wilson(n_right, n_right + n_missed),
        f1=Interval(*(2 * share / (1 + share) for share in (jaccard.value, jaccard.low, jaccard.high))),
        support=n_right + n_missed,
    )


def _f1_macro_interval(counts: Confusion, *, seed: int) -> Interval:
    """F1 is made of four counts, so resampling rows is drawing the counts again."""
    cells = np.array([counts.n_true_positive, counts.n_false_positive, counts.n_true_negative, counts.n_false_negative])
    if counts.n < 2:
        return unknown()
    draws = np.random.default_rng(seed).multinomial(counts.n, cells / counts.n, size=N_RESAMPLES)
    low, high = np.quantile(_f1_macros(draws), [0.025, 0.975])
    value = float(_f1_macros(cells[None, :])[0])
    return Interval(value, min(float(low), value), max(float(high), value))


def _f1_macros(cells: npt.NDArray[np.int64]) -> FloatArray:
    """Macro F1 by row of (true positive, false positive, true negative, false negative), absent classes left out."""
    wrong = cells[:, 1] + cells[:, 3]
    right = 2.0 * cells[:, [0, 2]]
    total = right + wrong[:, None]
    by_class = np.divide(right, total, out=np.zeros_like(right), where=total > 0)
    return np.asarray(by_class.sum(axis=1) / np.maximum((total > 0).sum(axis=1), 1))


def _r2_interval(actual: FloatArray, squares: FloatArray) -> Interval:
    if actual.size < 2 or float(np.ptp(actual)) == 0.0:
        return unknown()
    unexplained = ratio_interval(squares, (actual - actual.mean()) ** 2)
    return Interval(1 - unexplained.value, 1 - unexplained.high, 1 - unexplained.low)


def _root(square: Interval) -> Interval:
    return Interval(math.sqrt(square.value), math.sqrt(max(square.low, 0.0)), math.sqrt(square.high))
