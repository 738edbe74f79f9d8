"""How two things go together, whatever each does alone: tables of counts, and what of them lies beyond their margins.

A table of two things says three things: how each is distributed (its margins) and how they go together. Scaling rows
and columns changes the margins and leaves all ratios of odds as they are; so a table is compared with the one that has
the reference's odds ratios and its own margins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mainstay.stats.arrays import BoolArray, FloatArray
from mainstay.stats.contrasts import smooth_scores

N_SCORES = 2  # of each side: where it lies and how far out
LEAST_SD = 0.25  # where one side all but tells the other, a single odd row would else weigh as much as hundreds
PRIOR_ROWS = 1.0  # spread as if nothing went together, so that a pair of groups never seen can still be expected
MOST_STEPS = 50
NEAR = 1e-5  # of all rows, by which margins may still be off


@dataclass(frozen=True, slots=True)
class Patterns:
    """Ways in which a relation can change: `weights` of the cells, shape (n, n_rows, n_columns), and their units.

    The mean weight of a table beyond its margins scatters by at most 1 / sqrt(rows) where nothing changed; times
    `units`, shape (n,), it is a change of correlation. `usual` is that correlation in the reference.
    """

    weights: FloatArray
    units: FloatArray
    usual: FloatArray


def joint_shares(table: npt.ArrayLike) -> FloatArray:
    """Return the shares of a table of counts, drawn by one row's worth to what independence makes expect.

    >>> joint_shares([[1, 0], [0, 1]]).round(3).tolist()
    [[0.417, 0.083], [0.083, 0.417]]
    """
    counts = np.asarray(table, dtype=np.float64)
    n = counts.sum()
    alone = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(n, 1.0) ** 2
    shares: FloatArray = (counts + PRIOR_ROWS * alone) / (n + PRIOR_ROWS)
    return shares


def raked(joint: FloatArray, rows: FloatArray, columns: FloatArray) -> FloatArray:
    """Return tables of given margins with the odds ratios of `joint`, shape (n, n_rows, n_columns).

    `rows` and `columns` hold shares, shape (n, n_rows) and (n, n_columns), each adding up to 1 (or all 0). Source:
    Deming and Stephan (1940), iterative proportional fitting.

    >>> raked(np.full((2, 2), 0.25), np.array([[0.5, 0.5]]), np.array([[0.9, 0.1]])).tolist()
    [[[0.45, 0.05], [0.45, 0.05]]]
    """
    tables = np.broadcast_to(joint, (rows.shape[0], *joint.shape))
    for _ in range(MOST_STEPS):
        tables = tables * _over(rows, tables.sum(axis=2))[:, :, None]
        now = tables.sum(axis=1)
        tables = tables * _over(columns, now)[:, None, :]
        if np.abs(now - columns).max(initial=0.0) < NEAR:
            break
    return tables


def beyond_margins(tables: FloatArray, joint: FloatArray) -> FloatArray:
    """Return by how many rows each cell exceeds what `joint` and the tables' own margins make expect.

    `tables` has shape (n, n_rows, n_columns), as has the result; its rows and columns add up to 0.

    >>> beyond_margins(np.array([[[2.0, 0.0], [0.0, 2.0]]]), np.full((2, 2), 0.25)).tolist()
    [[[1.0, -1.0], [-1.0, 1.0]]]
    """
    total = tables.sum(axis=(1, 2))[:, None]
    rows, columns = tables.sum(axis=2) / np.maximum(total, 1.0), tables.sum(axis=1) / np.maximum(total, 1.0)
    found: FloatArray = tables - total[:, :, None] * raked(joint, rows, columns)
    return found


def relation_patterns(joint: FloatArray, *, is_ordered: tuple[bool, bool]) -> Patterns:
    """Return the ways in which a relation can change that are looked for: products of the two sides' scores.

    An ordered side has scores of place and of spread; one without order those that go together most with the other
    side (the first two canonical ones). Sources: Neyman (1937) for the former; Hirschfeld (1935) for the latter.

    >>> relation_patterns(np.full((2, 2), 0.25), is_ordered=(True, True)).weights.round(6).tolist()
    [[[1.0, -1.0], [-1.0, 1.0]]]
    """
    first, second = _scores(joint, is_ordered[0]), _scores(joint.T, is_ordered[1])
    products = np.einsum("ik,jl->klij", first, second).reshape(-1, *joint.shape)
    spreads = np.array([_spread_beyond(each, joint) for each in products]).reshape(-1)
    units = np.maximum(spreads, LEAST_SD)
    return Patterns(products / units[:, None, None], units, np.einsum("kij,ij->k", products, joint))


def association(table: npt.ArrayLike) -> float:
    """How far two things go together, 0 (not at all) to 1 (one tells the other): Cramér's V squared, without its bias.

    `table` holds counts, shape (n_rows, n_columns). Source: Bergsma (2013).

    >>> association([[50, 0], [0, 50]]) > 0.97, association([[25, 25], [25, 25]])
    (True, 0.0)
    """
    counts = np.asarray(table, dtype=np.float64)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    n, (r, c) = counts.sum(), counts.shape
    if n < 2 or min(r, c) < 2:
        return 0.0
    alone = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    squared = float(((counts - alone) ** 2 / alone).sum() / n) - (r - 1) * (c - 1) / (n - 1)
    least = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return float(np.clip(squared / least, 0.0, 1.0)) if least > 0 else 0.0


def _over(wanted: FloatArray, now: FloatArray) -> FloatArray:
    return np.divide(wanted, now, out=np.zeros_like(wanted), where=_some(now))


def _some(values: FloatArray) -> BoolArray:
    some: BoolArray = values > 0
    return some


def _scores(joint: FloatArray, is_ordered: bool) -> FloatArray:
    """Scores of the rows of a table, mean 0 and variance 1 under it, shape (n_rows, n_scores)."""
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    if is_ordered:
        return smooth_scores(rows, degree=N_SCORES)
    kept = rows > 0
    alone = np.sqrt(np.outer(rows[kept], columns))
    surplus = np.divide(joint[kept], alone, out=np.zeros_like(alone), where=_some(alone)) - alone
    sides = np.linalg.svd(surplus, full_matrices=True)[0][:, : min(N_SCORES, int(kept.sum()) - 1)]
    scores = np.zeros((rows.size, sides.shape[1]))
    scores[kept] = sides / np.sqrt(rows[kept])[:, None]
    largest = scores[np.argmax(np.abs(scores), axis=0), np.arange(scores.shape[1])]
    signed: FloatArray = scores * np.where(largest < 0, -1.0, 1.0)
    return signed


def _spread_beyond(product: FloatArray, joint: FloatArray) -> float:
    """The standard deviation of a row's weight once all that margins explain of it is taken out."""
    n_rows, n_columns = joint.shape
    sides = np.concatenate(
        [np.repeat(np.eye(n_rows), n_columns, axis=0), np.tile(np.eye(n_columns), (n_rows, 1))], axis=1
    )
    root = np.sqrt(joint.ravel())
    explained = np.linalg.lstsq(sides * root[:, None], product.ravel() * root, rcond=None)[0]
    left = product.ravel() - sides @ explained
    return float(np.sqrt(joint.ravel() @ left**2))
