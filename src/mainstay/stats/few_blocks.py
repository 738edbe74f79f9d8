"""Judging a period where the reference hardly shows how periods vary: few blocks, or nothing but one value."""

from __future__ import annotations

import numpy as np
from scipy.special import betaln, chdtrc, fdtrc, gammaln

from mainstay.stats.arrays import FloatArray

ASSUMED_SPREAD = 1e-3  # period-to-period variance, in a row's, that few blocks could hide
AGREEING = 0.2  # blocks differ below this p-value: low power, so an easy bar
MIN_EXPECTED = 5.0  # bins with fewer expected rows are taken together: below this chi-square is not chi-square


def rows_elsewhere(n: float, n_elsewhere: float, n_reference: float, *, prior: float = 0.5) -> float:
    """The chance of at least `n_elsewhere` of n rows where none of the reference's rows are.

    The predictive binomial (beta-binomial) under a prior worth `prior` rows elsewhere, a half being Jeffreys': it knows
    that the reference, too, is a sample.

    >>> rows_elsewhere(100, 0, 1000), rows_elsewhere(100, 10, 1000) < 1e-9
    (1.0, True)
    """
    if n_elsewhere <= 0:
        return 1.0
    a, b = prior, 0.5 + n_reference
    k = np.arange(n_elsewhere, n + 1)
    ways = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return min(float(np.exp(ways + betaln(a + k, b + n - k) - betaln(a, b)).sum()), 1.0)


def overdispersed(current: FloatArray, blocks: FloatArray) -> float:
    """The p-value of new counts (n_bins,) against few reference blocks (n_blocks, n_bins), all with rows; conservative.

    Bins never seen are judged by `rows_elsewhere`, with as much held possible as bins seen once suggest. The others by
    chi-square: where the blocks agree with each other, as if they still varied by a thousandth of a row's variance
    (too few have been seen to say that they do not); where they differ, over their own chi-square, by F with only as
    many degrees as blocks less one. The smaller of the two p-values is doubled. It cries too often only where periods
    vary by more than that, all in one direction, and the few seen happen to agree.

    >>> overdispersed(np.array([50.0, 50.0]), np.array([[50.0, 50.0], [49.0, 51.0]]))
    1.0
    """
    pooled = blocks.sum(axis=0)
    seen = pooled > 0
    prior = 0.5 * np.count_nonzero(~seen) + np.count_nonzero(pooled == 1) + 0.5
    elsewhere = rows_elsewhere(float(current.sum()), float(current[~seen].sum()), float(pooled.sum()), prior=prior)
    return min(2 * min(elsewhere, _against_blocks(*_merged(current[seen], blocks[:, seen]))), 1.0)


def _against_blocks(current: FloatArray, blocks: FloatArray) -> float:
    n, n_blocks = float(current.sum()), blocks.shape[0]
    if current.size < 2 or not n:
        return 1.0
    # A larger period is compared as if thinned to the blocks' size: how blocks vary is known at that size only.
    kept = min(float(blocks.sum()) / n_blocks / n, 1.0)
    statistic, n_degrees = _chi_square(np.stack([kept * current, blocks.sum(axis=0)]))
    statistic += n_degrees * (1 - kept)
    between, n_between = _chi_square(blocks)
    if n_blocks == 1 or float(chdtrc(n_between, between)) > AGREEING:
        return float(chdtrc(n_degrees, statistic / (1 + ASSUMED_SPREAD * kept * n)))
    return float(fdtrc(n_degrees, n_blocks - 1, statistic / n_degrees / (between / n_between)))


def _chi_square(table: FloatArray) -> tuple[float, int]:
    """Pearson's statistic of a table with rows in every line and column, and its degrees of freedom."""
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return float(np.sum((table - expected) ** 2 / expected)), (table.shape[0] - 1) * (table.shape[1] - 1)


def _merged(current: FloatArray, blocks: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both with the rarest bins taken together, until each bin expects five rows in the smallest line."""
    pooled = blocks.sum(axis=0)
    n_least = min(float(blocks.sum(axis=1).min()), float(current.sum()))
    order = np.argsort(pooled, kind="stable")
    starts, held = [0], 0.0
    for i, count in enumerate(pooled[order]):
        held += float(count) / float(pooled.sum()) * n_least
        if held >= MIN_EXPECTED:
            starts.append(i + 1)
            held = 0.0
    starts = starts[:-1] or [0]  # the last start ends the bins, or opens one too rare, which joins the one before
    return np.add.reduceat(current[order], starts), np.add.reduceat(blocks[:, order], starts, axis=1)
