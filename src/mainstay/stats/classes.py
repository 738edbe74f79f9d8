"""How good scores and decisions of several classes are: metrics under scikit-learn's names, each with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstay.stats.arrays import FloatArray, IntArray, group_numbers
from mainstay.stats.calibration import MIN_ROWS, binned_gaps, root_mean_square
from mainstay.stats.intervals import Interval, mean_interval, unknown
from mainstay.stats.ranking import auc_influence, logit_interval, roc_auc
from mainstay.stats.scores import EPSILON, accuracy_interval, f1_macro_interval

if TYPE_CHECKING:
    import numpy.typing as npt

SLACK = 1e-6  # probabilities of a row may miss 1 by rounding


@dataclass(frozen=True, slots=True)
class Classes:
    """Rows with several outcomes: `outcomes` are class numbers, shape (n,), `scores` probabilities, (n, n_classes)."""

    outcomes: IntArray
    scores: FloatArray

    @property
    def n_classes(self) -> int:
        """How many classes there are, seen or not."""
        return int(self.scores.shape[1])


def classes_and_scores(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> Classes:
    """Class numbers and probabilities of each class, checked; `ValueError` says what was wrong.

    >>> classes_and_scores([2, 0], [[0.1, 0.2, 0.7], [0.5, 0.5, 0.0]]).n_classes
    3
    """
    given, came = np.asarray(scores, dtype=np.float64), np.asarray(outcomes, dtype=np.float64)
    if given.ndim != 2 or came.shape != given.shape[:1] or given.shape[1] < 2:
        raise ValueError(f"outcomes {came.shape} and scores {given.shape} came; wanted (n,) and (n, n_classes)")
    if not np.all((given >= 0) & (given <= 1)) or not np.all(np.abs(given.sum(axis=1) - 1) <= SLACK):
        raise ValueError("scores hold rows that are not probabilities; wanted numbers within 0 and 1 that add up to 1")
    if not np.all(np.isin(came, np.arange(given.shape[1]))):
        raise ValueError(f"outcomes hold numbers that are no class; wanted 0 to {given.shape[1] - 1}")
    return Classes(came.astype(np.int64), given)


def metrics_multiclass(
    outcomes: npt.ArrayLike,
    scores: npt.ArrayLike,
    decisions: npt.ArrayLike,
    *,
    seed: int,
    clusters: npt.ArrayLike | None = None,
) -> dict[str, Interval]:
    """Every metric of several classes by its name, each with a 95% interval, honest about `clusters`.

    `outcomes` and `decisions` are class numbers, shape (n,), `scores` probabilities, shape (n, n_classes).
    """
    rows, decided = classes_and_scores(outcomes, scores), np.asarray(decisions).astype(np.int64)
    return {
        "roc_auc": roc_auc_ovr(rows, clusters=clusters),
        "log_loss": mean_interval(log_losses(rows), clusters=clusters),
        "brier_score": mean_interval(squared_distances(rows), clusters=clusters),
        "calibration_error": calibration_error_by_class(rows),
        "accuracy": accuracy_interval(rows.outcomes == decided, clusters=clusters),
        "f1_macro": f1_macro_interval(rows.outcomes, decided, n_classes=rows.n_classes, seed=seed, clusters=clusters),
    }


def log_losses(rows: Classes) -> FloatArray:
    """Minus the log of what was given to the class that came, by row, clipped as scikit-learn clips it.

    >>> log_losses(classes_and_scores([0], [[0.5, 0.25, 0.25]])).round(4)
    array([0.6931])
    """
    given = rows.scores[np.arange(rows.outcomes.size), rows.outcomes]
    return -np.log(np.clip(given, EPSILON, 1 - EPSILON))


def squared_distances(rows: Classes) -> FloatArray:
    """The squared distance of a row's probabilities from what came, summed over classes: 0 to 2 (Brier's own form).

    >>> squared_distances(classes_and_scores([0], [[0.5, 0.25, 0.25]]))
    array([0.375])
    """
    return np.asarray(((rows.scores - _came(rows)) ** 2).sum(axis=1))


def roc_auc_ovr(rows: Classes, *, clusters: npt.ArrayLike | None = None, level: float = 0.95) -> Interval:
    """The plain mean over classes of each class's ROC area against the rest, with DeLong's interval of that mean.

    Classes that no row has, or all have, are left out of the mean; the interval is unknown where any class has fewer
    than two rows or clusters. Its degrees of freedom are Satterthwaite's over the classes. Sources: DeLong and others
    (1988), Satterthwaite (1946).

    >>> roc_auc_ovr(classes_and_scores([0, 1, 2], np.eye(3))).value
    1.0
    """
    groups = group_numbers(clusters, rows.outcomes.size)
    came = _came(rows).astype(np.bool_)
    seen = [k for k in range(rows.n_classes) if came[:, k].any() and not came[:, k].all()]
    if not seen:
        return unknown()
    area = float(np.mean([roc_auc(came[:, k], rows.scores[:, k]) for k in seen]))
    n_carrying = np.array(
        [np.unique(groups[came[:, k] == side]).size for k in range(rows.n_classes) for side in (1, 0)]
    )
    if n_carrying.min() < 2:
        return unknown(area)
    influences = np.stack([auc_influence(came[:, k], rows.scores[:, k]) for k in seen], axis=1) / len(seen)
    by_group = np.bincount(groups, weights=influences.sum(axis=1))
    n_class = n_carrying.reshape(-1, 2).min(axis=1)
    parts = (influences**2).sum(axis=0)
    freedom = parts.sum() ** 2 / max(float((parts**2 / (n_class - 1)).sum()), 1e-300)
    n = int(min(max(round(freedom) + 1, n_class.min()), rows.outcomes.size))
    return logit_interval(area, math.sqrt(float(by_group @ by_group)), n, level=level)


def calibration_error_by_class(rows: Classes, *, level: float = 0.95) -> Interval:
    """How far the probabilities of classes are from what happens: root mean square over rows and classes.

    Each class is judged against the rest in bins of equal noise, freed of what chance makes of it (the marginal
    calibration error of Kumar, Liang & Ma, 2019, with all classes weighing alike). A row's gaps add up to 0 over the
    classes, so the noise counts for one class less. Unknown below 50 rows, or where a class has fewer than two.
    """
    n = np.bincount(rows.outcomes, minlength=rows.n_classes)
    if rows.outcomes.size < MIN_ROWS or n.min() < 2:
        return unknown()
    came = _came(rows).astype(np.bool_)
    parts = [binned_gaps(came[:, k], rows.scores[:, k]) for k in range(rows.n_classes)]
    gap, variance, weight = (np.concatenate([part[i] for part in parts]) for i in range(3))
    dependence = rows.n_classes / (rows.n_classes - 1)
    return root_mean_square(gap, variance, weight / rows.n_classes, level, dependence=dependence)


def _came(rows: Classes) -> FloatArray:
    return np.asarray(np.eye(rows.n_classes)[rows.outcomes])
