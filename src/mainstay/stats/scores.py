"""How good scores and decisions are: metrics under scikit-learn's names, each with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstay.stats.arrays import binary, group_numbers, mean, outcomes_and_probabilities
from mainstay.stats.calibration import calibration_error
from mainstay.stats.intervals import NAN, Interval, drawn_counts, mean_interval, unknown, wilson
from mainstay.stats.ranking import average_precision, average_precision_interval, roc_auc, roc_auc_interval

if TYPE_CHECKING:
    import numpy.typing as npt

    from mainstay.stats.arrays import FloatArray

__all__ = [
    "ClassReport",
    "ClassificationReport",
    "Confusion",
    "accuracy",
    "accuracy_interval",
    "average_precision",
    "average_precision_interval",
    "brier_score",
    "classification_report",
    "confusion",
    "f1_macro",
    "f1_macro_interval",
    "log_loss",
    "log_losses",
    "metrics_binary",
    "roc_auc",
    "roc_auc_interval",
    "squared_distances",
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
    return mean(log_losses(outcomes, scores))


def brier_score(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """The mean squared distance of the scores from what happened.

    >>> brier_score([0, 1], [0.5, 0.5])
    0.25
    """
    return mean(squared_distances(outcomes, scores))


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


def metrics_binary(
    outcomes: npt.ArrayLike,
    scores: npt.ArrayLike,
    threshold: float,
    *,
    seed: int,
    clusters: npt.ArrayLike | None = None,
) -> dict[str, Interval]:
    """Every binary metric of design and brief by its name, each with a 95% interval.

    Scores are probabilities; a row is decided high when its score reaches the threshold (infinity decides none so).
    DeLong's interval for the ROC area, Student's for mean losses, Wilson's for accuracy, the bootstrap for the rest;
    all but that of the calibration error take rows of one of the `clusters` as one draw.
    """
    happened, given = outcomes_and_probabilities(outcomes, scores)
    high = given >= threshold
    return {
        "roc_auc": roc_auc_interval(happened, given, clusters=clusters),
        "average_precision": average_precision_interval(happened, given, seed=seed, clusters=clusters),
        "log_loss": mean_interval(log_losses(happened, given), clusters=clusters),
        "brier_score": mean_interval(squared_distances(happened, given), clusters=clusters),
        "calibration_error": calibration_error(happened, given),
        "accuracy": accuracy_interval(happened == high, clusters=clusters),
        "f1_macro": f1_macro_interval(happened, high, n_classes=2, seed=seed, clusters=clusters),
    }


def log_losses(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> FloatArray:
    """Each row's surprise, in nats, shape (n,); scores of exactly 0 or 1 are clipped as scikit-learn does.

    >>> log_losses([1.0], [0.5]).round(3).tolist()
    [0.693]
    """
    happened, given = outcomes_and_probabilities(outcomes, scores)
    clipped = np.clip(given, EPSILON, 1 - EPSILON)
    return -np.log(np.where(happened, clipped, 1 - clipped))


def squared_distances(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> FloatArray:
    """Each row's squared distance of its score from what happened, shape (n,); their mean is the Brier score.

    >>> squared_distances([1.0], [0.5]).tolist()
    [0.25]
    """
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


def accuracy_interval(right: npt.ArrayLike, *, clusters: npt.ArrayLike | None = None) -> Interval:
    """The share of rows decided rightly: Wilson's interval, or Student's over `clusters`, kept within 0 and 1.

    >>> accuracy_interval([True, True, False, True]).value
    0.75
    """
    were_right = binary("right", right)
    if clusters is None:
        return wilson(int(np.count_nonzero(were_right)), were_right.size)
    found = mean_interval(were_right.astype(np.float64), clusters=clusters)
    return Interval(
        found.value, *(min(max(bound, 0.0), 1.0) if found.known else NAN for bound in (found.low, found.high))
    )


def f1_macro_interval(
    outcomes: npt.ArrayLike,
    decisions: npt.ArrayLike,
    *,
    n_classes: int,
    seed: int,
    clusters: npt.ArrayLike | None = None,
) -> Interval:
    """Macro F1 with its bootstrap interval; outcomes and decisions are numbers below `n_classes`, shape (n,).

    F1 is made of the counts of a confusion matrix, so resampling rows is drawing those counts again. Unknown below two
    rows or clusters.

    >>> f1_macro_interval([0, 1, 2, 1], [0, 1, 2, 1], n_classes=3, seed=1).value
    1.0
    """
    actual, decided = (np.asarray(numbers).astype(np.int64) for numbers in (outcomes, decisions))
    groups = group_numbers(clusters, actual.size)
    if not groups.size or groups.max() < 1:
        return unknown()
    cells, n_cells = n_classes * actual + decided, n_classes**2
    counts = np.bincount(cells, minlength=n_cells)
    draws: npt.NDArray[Any]
    if clusters is None:
        draws = np.random.default_rng(seed).multinomial(actual.size, counts / actual.size, size=N_RESAMPLES)
    else:
        draws = drawn_counts(groups, cells, n_cells, seed=seed, n=N_RESAMPLES)
    low, high = np.quantile(_f1_macros(draws, n_classes), [0.025, 0.975])
    value = float(_f1_macros(counts[None, :], n_classes)[0])
    return Interval(value, min(float(low), value), max(float(high), value))


def _f1_macros(cells: npt.NDArray[Any], n_classes: int) -> FloatArray:
    """Macro F1 of each row of flat confusion matrices (actual, decided); classes neither seen nor decided left out."""
    tables = cells.reshape(-1, n_classes, n_classes).astype(np.float64)
    right = 2.0 * np.diagonal(tables, axis1=1, axis2=2)
    total = tables.sum(axis=1) + tables.sum(axis=2)
    by_class = np.divide(right, total, out=np.zeros_like(right), where=total > 0)
    return np.asarray(by_class.sum(axis=1) / np.maximum((total > 0).sum(axis=1), 1))
