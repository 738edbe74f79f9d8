"""Decisions whose outcome is due, by the period they were made in: what came of them, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.domain.evaluation import Estimate
from mainstay.domain.signature import OUTCOME, SCORE
from mainstay.domain.traffic import FOLDS
from mainstay.monitoring.bins import Floats, Ints
from mainstay.monitoring.cells import WHOLE
from mainstay.monitoring.outcomes import NAMES, SURPRISE, measured
from mainstay.stats.intervals import t_interval

SURPRISE_SUMS = ("n", "sum_value", "sum_value_squared")
OUTCOME_SUMS = ("n", "sum_score", "sum_variance", "sum_value")
MEASURED_SUMS = ("n", "sum_score", "sum_value", "sum_value_squared")


@dataclass(frozen=True, slots=True)
class Cohorts:
    """Sums over outcomes by cohort (period decided); n_bins are the score's.

    `by_score` has shape (n_cohorts, 20 folds, n_bins, 2 outcomes, 4 sums): rows, score, score × (1 - score), money;
    `beyond` shape (n_cohorts, 20, 3): rows whose money is known, money beyond what the score made expect, its square.
    `decided` counts the decisions with a score, (n_cohorts,). `measured`, shape (n_cohorts, 20, n_names, 4), holds by
    the names of `outcomes.NAMES` rows, what the reference made expect, what came, and squares of the difference.
    """

    starts: Ints
    ends: Ints
    decided: Ints
    by_score: Floats
    beyond: Floats
    measured: Floats

    @property
    def came(self) -> Ints:
        """How many outcomes came, by cohort."""
        rows: Ints = np.round(self.by_score[..., 0].sum(axis=(1, 2, 3))).astype(np.int64)
        return rows


def cohorts(cells: pl.DataFrame, *, starts: Ints, ends: Ints, n_bins: int) -> Cohorts:
    """Gather the outcome cells of one version by the periods given, all arms together."""
    whole = cells.filter(pl.col("segment") == WHOLE)
    by_score = _gathered(whole.filter(subject=OUTCOME), starts, OUTCOME_SUMS, (FOLDS, n_bins, 2))
    beyond = _gathered(whole.filter(subject=SURPRISE), starts, SURPRISE_SUMS, (FOLDS,))
    scored = whole.filter((pl.col("subject") == SCORE) & (pl.col("bin") > 0))
    decided = _gathered(scored, starts, ("n",), ())[..., 0]
    apart = [_gathered(whole.filter(subject=measured(name)), starts, MEASURED_SUMS, (FOLDS,)) for name in NAMES]
    return Cohorts(starts, ends, np.round(decided).astype(np.int64), by_score, beyond, np.stack(apart, axis=2))


def together(known: Cohorts, which: slice) -> Cohorts:
    """Take some cohorts as one.

    >>> none = np.zeros((2, 20, 1, 2, 4))
    >>> two = Cohorts(np.arange(2), np.arange(1, 3), np.array([3, 4]), none, np.zeros((2, 20, 3)), none)
    >>> together(two, slice(0, 2)).decided.tolist()
    [7]
    """
    return Cohorts(
        known.starts[which][:1],
        known.ends[which][-1:],
        known.decided[which].sum(keepdims=True),
        known.by_score[which].sum(axis=0, keepdims=True),
        known.beyond[which].sum(axis=0, keepdims=True),
        known.measured[which].sum(axis=0, keepdims=True),
    )


def pooled(known: Cohorts, *, at_least: int) -> Cohorts:
    """Put thin cohorts together with those after them until each has `at_least` outcomes; the rest is left out."""
    n, parts, first = known.came, list[Cohorts](), 0
    for i in range(n.size):
        if n[first : i + 1].sum() >= at_least:
            parts.append(together(known, slice(first, i + 1)))
            first = i + 1
    return joined(parts, known)


def joined(parts: Sequence[Cohorts], known: Cohorts) -> Cohorts:
    """Put cohorts one after another; without any the result is empty, and shaped as `known`."""
    empty = slice(0, 0)
    arrays = [[getattr(part, name) for part in parts] or [getattr(known, name)[empty]] for name in Cohorts.__slots__]
    return Cohorts(*(np.concatenate(each) for each in arrays))


def roc_auc(one: Cohorts) -> Estimate:
    """Return the ROC AUC of all cohorts together with its 95% interval, a jackknife over the folds of the entity.

    Scores of one bin count as ties: with 64 bins the area is then within about 0.002 of that of the rows.
    """
    counts = one.by_score[..., 0].sum(axis=0)
    return _jackknifed(_area, counts)


def money(one: Cohorts) -> Estimate:
    """Return the money per decision, of decisions whose money is known, with its 95% jackknife interval."""
    paid = one.by_score[..., 3].sum(axis=(0, 2, 3))
    rows = one.beyond[..., 0].sum(axis=0)
    return _jackknifed(_ratio, np.stack([paid, rows], axis=1))


def beyond(one: Cohorts) -> Estimate:
    """Return the money per decision beyond what scores made expect, with its 95% jackknife interval."""
    sums = one.beyond[0]
    return _jackknifed(_ratio, np.stack([sums[:, 1], sums[:, 0]], axis=1))


def mean_of(one: Cohorts, name: str) -> Estimate:
    """Return the mean of what was measured under a name, such as the size of errors, with its 95% interval."""
    sums = one.measured[0, :, NAMES.index(name)]
    return _jackknifed(_ratio, np.stack([sums[:, 2], sums[:, 0]], axis=1))


def brier(one: Cohorts) -> Estimate:
    """Return the mean squared distance of scores from outcomes, with its 95% jackknife interval."""
    sums = one.by_score[..., :3].sum(axis=(0, 2))  # folds, outcomes, and rows, p and p (1 - p)
    squares = (sums[..., 1] - sums[..., 2]).sum(axis=1)  # of p
    distance = squares + sums[:, 1, 0] - 2 * sums[:, 1, 1]
    return _jackknifed(_ratio, np.stack([distance, sums[..., 0].sum(axis=1)], axis=1))


def _area(counts: Floats) -> float:
    """The area under the ROC curve from counts of shape (n_bins, 2)."""
    negative, positive = counts[:, 0], counts[:, 1]
    total = float(negative.sum() * positive.sum())
    below = np.cumsum(negative) - negative / 2
    return float(positive @ below) / total if total > 0 else float("nan")


def _ratio(sums: Floats) -> float:
    return float(sums[0] / sums[1]) if sums[1] > 0 else float("nan")


def _jackknifed(statistic: object, by_fold: Floats) -> Estimate:
    """A statistic of sums and its interval, leaving out one fold at a time; `by_fold` has the folds first."""
    assert callable(statistic)
    total = by_fold.sum(axis=0)
    value = float(statistic(total))
    filled = [fold for fold in by_fold if np.any(fold != 0)]
    without = np.array([float(statistic(total - fold)) for fold in filled])
    n = without.size
    if n < 2 or not np.isfinite(value) or not np.isfinite(without).all():
        return Estimate(value)
    error = float(np.sqrt((n - 1) / n * np.sum((without - without.mean()) ** 2)))
    bounds = t_interval(value, error, n)
    return Estimate(value, bounds.low, bounds.high)


def _gathered(cells: pl.DataFrame, starts: Ints, sums: tuple[str, ...], shape: tuple[int, ...]) -> Floats:
    """Add cells up into an array of shape (n_starts, *shape, n_sums): by period decided, then fold, bin and outcome."""
    out = np.zeros((starts.size, int(np.prod(shape, dtype=np.int64)), len(sums)))
    if cells.is_empty() or not starts.size:
        return out.reshape(starts.size, *shape, len(sums))
    decided = cells["decided"].dt.timestamp("us").to_numpy()
    row = np.minimum(np.searchsorted(starts, decided), starts.size - 1)
    inside = starts[row] == decided
    axes = [cells[name].to_numpy()[inside] for name in ("fold", "bin", "outcome")[: len(shape)]]
    place = np.ravel_multi_index((row[inside], *axes), (starts.size, *shape))
    for i, name in enumerate(sums):
        weights = cells[name].cast(pl.Float64).to_numpy()[inside]
        out[..., i] = np.bincount(place, weights=weights, minlength=out[..., 0].size).reshape(out.shape[:2])
    return out.reshape(starts.size, *shape, len(sums))
