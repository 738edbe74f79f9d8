"""How well scores put the positives first: area under the curve, average precision, and their intervals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, logit, stdtrit

from mainstay.stats.arrays import group_numbers, outcomes_and_scores, vector
from mainstay.stats.buckets import bucket_sums, snapped_ends, tie_ends
from mainstay.stats.intervals import NAN, Interval, drawn_counts, unknown, wilson

if TYPE_CHECKING:
    import numpy.typing as npt

    from mainstay.stats.arrays import BoolArray, FloatArray, IntArray

N_EXACT_RANKS = 512  # the first ranks carry average precision, so they are resampled one by one, the rest in cells
N_COARSE_CELLS = 512


def roc_auc(outcomes: npt.ArrayLike, scores: npt.ArrayLike, *, weights: npt.ArrayLike | None = None) -> float:
    """The chance that a positive row scores above a negative one, ties counting half.

    Outcomes are 0 or 1, scores any finite numbers, weights at least 0, all of shape (n,). NaN when a class is missing.

    >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    happened, given = outcomes_and_scores(outcomes, scores)
    weight = np.ones(given.size) if weights is None else vector("weights", weights)
    if weight.size != given.size or bool(np.any(weight < 0)):
        raise ValueError(f"weights came with length {weight.size} or below 0; wanted {given.size} numbers of 0 or more")
    order = np.argsort(given, kind="stable")
    ends = tie_ends(given[order])
    positive = bucket_sums((weight * happened)[order], ends)
    negative = bucket_sums((weight * ~happened)[order], ends)
    pairs = positive.sum() * negative.sum()
    below = np.cumsum(negative) - negative / 2
    return float(positive @ below / pairs) if pairs > 0 else NAN


def roc_auc_interval(
    outcomes: npt.ArrayLike, scores: npt.ArrayLike, *, clusters: npt.ArrayLike | None = None, level: float = 0.95
) -> Interval:
    """The area under the ROC curve with DeLong's interval on the logit scale, so that it stays within 0 and 1.

    Unknown with fewer than two rows (or clusters) in a class. Where the variance is nought (classes that do not
    overlap) the bound is Wilson's for the smaller class: twelve right of twelve is not certainty. Rows of one of the
    `clusters` may depend on each other. Sources: DeLong and others (1988), Obuchowski (1997).

    >>> roc_auc_interval([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).value
    0.75
    """
    happened, given = outcomes_and_scores(outcomes, scores)
    area = roc_auc(happened, given)
    groups = group_numbers(clusters, given.size)
    n_carrying = min(np.unique(groups[happened]).size, np.unique(groups[~happened]).size)
    if n_carrying < 2:
        return unknown(area)
    by_group = np.bincount(groups, weights=auc_influence(happened, given))
    return logit_interval(area, math.sqrt(float(by_group @ by_group)), n_carrying, level=level)


def auc_influence(happened: BoolArray, given: FloatArray) -> FloatArray:
    """How much each row moves the area, shape (n,): the sum of squares is DeLong's variance of independent rows.

    Both classes need two rows or more.

    >>> auc_influence(np.array([False, False, True, True]), np.array([0.1, 0.4, 0.35, 0.8])).round(3).tolist()
    [0.177, -0.177, -0.177, 0.177]
    """
    influence = np.empty(given.size)
    for rows, placed in zip((happened, ~happened), _placements(happened, given), strict=True):
        influence[rows] = (placed - placed.mean()) / math.sqrt(placed.size * (placed.size - 1))
    return influence


def logit_interval(share: float, standard_error: float, n: int, *, level: float = 0.95) -> Interval:
    """An interval for a number between 0 and 1: Student's on the logit scale, or Wilson's where the error is nought.

    n is the number of rows that carry the evidence (the smaller class): for twelve the normal's 1.96 is too short.

    >>> logit_interval(1.0, 0.0, 12).low > 0.7
    True
    """
    if standard_error < 1e-12 or not 0.0 < share < 1.0:
        return wilson(share * n, n, level=level)
    half = float(stdtrit(n - 1, 0.5 + level / 2)) * standard_error / (share * (1 - share))
    middle = float(logit(share))
    return Interval(share, float(expit(middle - half)), float(expit(middle + half)))


def _placements(happened: BoolArray, given: FloatArray) -> tuple[FloatArray, FloatArray]:
    """For each positive the share of negatives below it, for each negative the share of positives above it."""
    positives, negatives = given[happened], given[~happened]
    return _share_below(np.sort(negatives), positives), 1 - _share_below(np.sort(positives), negatives)


def _share_below(ordered: FloatArray, values: FloatArray) -> FloatArray:
    low, high = np.searchsorted(ordered, values, "left"), np.searchsorted(ordered, values, "right")
    return (low + high) / (2 * ordered.size)


def average_precision(outcomes: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """Precision averaged over the positives as the threshold falls; its floor is the share of positives.

    Rows that share a score enter together. NaN without positives.

    >>> round(average_precision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 4)
    0.8333
    """
    happened, given = outcomes_and_scores(outcomes, scores)
    order = np.argsort(-given, kind="stable")
    ends = tie_ends(given[order])
    positive = bucket_sums(happened[order], ends)
    return float(_average_precisions(positive, bucket_sums(~happened[order], ends)))


def average_precision_interval(
    outcomes: npt.ArrayLike,
    scores: npt.ArrayLike,
    *,
    seed: int,
    clusters: npt.ArrayLike | None = None,
    n: int = 300,
    level: float = 0.95,
) -> Interval:
    """Average precision with an interval on the logit scale from the bootstrap's spread; unknown below two positives.

    The spread is that of average precision itself, carried to the logit scale by its slope: draws that are perfect
    have no logit, and near 1 there are many of them.
    Resampling draws counts for about a thousand cells of neighbouring ranks (the first 512 ranks one by one), so its
    cost does not grow with the rows; with `clusters` it draws whole ones.
    """
    happened, given = outcomes_and_scores(outcomes, scores)
    value = average_precision(happened, given)
    n_positive = int(np.count_nonzero(happened))
    if n_positive < 2:
        return unknown(value)
    order = np.argsort(-given, kind="stable")
    ends = snapped_ends(given[order], _rank_cells(given.size))
    counts = np.concatenate([bucket_sums(happened[order], ends), bucket_sums(~happened[order], ends)])
    n_carrying = n_positive
    draws: npt.NDArray[Any]
    if clusters is None:
        draws = np.random.default_rng(seed).multinomial(given.size, counts / given.size, size=n)
    else:
        groups = group_numbers(clusters, given.size)
        n_carrying = np.unique(groups[happened]).size
        cell = np.searchsorted(ends, np.arange(given.size), side="right") + ends.size * ~happened[order]
        draws = drawn_counts(groups[order], cell, counts.size, seed=seed, n=n)
    if n_carrying < 2:
        return unknown(value)
    found = _average_precisions(draws[:, : ends.size], draws[:, ends.size :])
    return logit_interval(value, float(np.std(found[np.isfinite(found)], ddof=1)), n_carrying, level=level)


def _rank_cells(n: int) -> IntArray:
    exact = np.arange(1, min(n, N_EXACT_RANKS) + 1)
    coarse = np.geomspace(N_EXACT_RANKS, max(n, N_EXACT_RANKS), N_COARSE_CELLS).astype(np.int64)
    return np.concatenate([exact, coarse[coarse <= n]])


def _average_precisions(positive: npt.NDArray[np.generic], negative: npt.NDArray[np.generic]) -> FloatArray:
    """Average precision along the last axis of counts by score, highest first; NaN where nothing is positive."""
    found = np.cumsum(positive, axis=-1, dtype=np.float64)
    shown = found + np.cumsum(negative, axis=-1, dtype=np.float64)
    precision = found / np.maximum(shown, 1.0)
    total = np.asarray(positive, dtype=np.float64).sum(axis=-1)
    gained = (np.asarray(positive, dtype=np.float64) * precision).sum(axis=-1)
    return np.asarray(gained / np.where(total > 0, total, np.nan))
