"""Where a column's scale jumps between two stretches of rows, as when somebody changes its unit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import ndtri

from mainstay.stats.arrays import FloatArray, IntArray

MIN_BLOCK, MOST_BLOCKS = 10, 40
MIN_STRETCH = 30  # rows: the median of fewer whole numbers may lie anywhere
LEAST = math.log(1.5)
AT_ONCE = 0.6  # of the jump must happen from one row to the next: seasons and growth take their time
STEADY = 0.35  # of the jump is the most that a stretch may move in itself, beyond the noise of its blocks
NOISE_RANGE = 4.5  # standard errors between the highest and the lowest of forty blocks
QUANTILES = np.array([0.1, 0.25, 0.5, 0.75, 0.9])
Z_SURE = 6.0  # holds over the 800 stretches of each of a thousand columns
SLACK = 0.15  # of the jump, by which its size may differ from quantile to quantile
OF_MEDIAN = 1.2533  # a normal's standard error of the median, in those of the mean


@dataclass(frozen=True, slots=True)
class ScaleJump:
    """A jump: rows `first` to `last` (exclusive) are `factor` times the others; `low` to `high` hold it at 95%."""

    first: int
    last: int
    factor: float
    low: float
    high: float


def scale_jump(numbers: FloatArray) -> ScaleJump | None:
    """Find the stretch of rows whose numbers are a multiple of the others', None where there is none that is sure.

    `numbers`, shape (n,), are in the order of the rows; zeros and NaN are passed over, signs too. A jump is one where
    each block of the stretch is above (or below) every block outside it, both are steady in themselves, most of it
    happens from one row to the next, and all quantiles moved alike: a multiple, no mixture. The blocks beside a border
    are left out: they may hold both. Source: scan statistics over blocks (Kulldorff 1997), with medians.

    >>> steady = np.exp(np.random.default_rng(1).normal(size=400))
    >>> scale_jump(steady) is None, round(scale_jump(np.concatenate([steady, steady * 1000])).factor, -1)
    (True, 1000.0)
    """
    places = np.flatnonzero(np.isfinite(numbers) & (numbers != 0))
    n_blocks = min(MOST_BLOCKS, places.size // MIN_BLOCK)
    if n_blocks < 4:
        return None
    logs = np.log(np.abs(numbers[places]))
    edges = np.linspace(0, places.size, n_blocks + 1).astype(np.int64)
    least = math.ceil(MIN_STRETCH * n_blocks / places.size)
    best = max(_stretches(np.array([np.median(logs[a:b]) for a, b in pairwise(edges)]), least), default=None)
    if best is None:
        return None
    _, start, end = best
    first, last = int(edges[start]), int(edges[end])
    before, after = int(edges[max(start - 1, 0)]), int(edges[min(end + 1, n_blocks)])
    jump = _sure_jump(logs[first:last], np.concatenate([logs[:before], logs[after:]]), places.size / n_blocks)
    ends = ([start] if start > 0 else []) + ([end] if end < n_blocks else [])
    borders = [(int(edges[max(at - 2, 0)]), int(edges[min(at + 2, n_blocks)])) for at in ends]
    if jump is None or not all(_is_at_once(logs[a:b], abs(jump[0]), jump[3]) for a, b in borders):
        return None
    factor, low, high = (math.exp(each) for each in jump[:3])
    return ScaleJump(int(places[first]), int(places[last - 1]) + 1, factor, low, high)


def _stretches(medians: FloatArray, least: int) -> Iterator[tuple[float, int, int]]:
    """Yield how clear each stretch of blocks is that lies apart from all but its neighbours, with its blocks."""
    n = medians.size
    for start in range(n):
        low, high = math.inf, -math.inf
        for end in range(start + 1, n + (start > 0)):
            low, high = min(low, medians[end - 1]), max(high, medians[end - 1])
            if start == 1 or end == n - 1:
                continue  # of the one block beyond that border, left out as its neighbour, nothing would be known
            out = np.concatenate([medians[: max(start - 1, 0)], medians[end + 1 :]])
            if min(end - start, out.size) < max(least, 1) or out.size < 2:
                continue
            gap = max(low - float(out.max()), float(out.min()) - high)
            if gap > 0 and abs(float(np.median(medians[start:end]) - np.median(out))) >= LEAST:
                yield gap * math.sqrt(min(end - start, out.size)), start, end


def _sure_jump(inside: FloatArray, outside: FloatArray, n_block: float) -> tuple[float, float, float, float] | None:
    """The jump in logs with its bounds and the spread of a row; None where not sure, not steady or no multiple."""
    moved = np.quantile(inside, QUANTILES) - np.quantile(outside, QUANTILES)
    jump = float(moved[2])
    spread = float(np.subtract(*np.quantile(np.concatenate([inside - jump, outside]), [0.75, 0.25]))) / 1.349
    root = math.sqrt(1 / inside.size + 1 / outside.size)
    error = OF_MEDIAN * spread * root
    shares = QUANTILES * (1 - QUANTILES)
    # A normal's errors: those of the outer quantiles are larger, as its density is lower there.
    errors = spread * root * np.sqrt(shares) / (np.exp(-np.square(ndtri(QUANTILES)) / 2) / math.sqrt(2 * math.pi))
    is_alike = bool(np.all(np.abs(moved - jump) <= SLACK * abs(jump) + 4 * errors))
    noise = NOISE_RANGE * OF_MEDIAN * spread / math.sqrt(n_block)
    is_steady = all(_range(part, n_block) <= STEADY * abs(jump) + noise for part in (inside, outside))
    if abs(jump) < max(LEAST, Z_SURE * error) or not (is_alike and is_steady):
        return None
    return jump, jump - 1.96 * error, jump + 1.96 * error, spread


def _range(part: FloatArray, n_block: float) -> float:
    edges: IntArray = np.linspace(0, part.size, max(1, round(part.size / n_block)) + 1).astype(np.int64)
    return float(np.ptp([np.median(part[a:b]) for a, b in pairwise(edges)]))


def _is_at_once(logs: FloatArray, jump: float, spread: float) -> bool:
    """Whether a stretch of rows around a border steps by most of the jump, as few rows on both sides tell as may be."""
    sums = np.cumsum(logs - logs.mean())
    at = int(np.argmax(np.abs(sums[:-1]))) + 1
    n = max(MIN_BLOCK, math.ceil((8 * spread / jump) ** 2))
    before, after = logs[max(at - n, 0) : at], logs[at : at + n]
    return abs(float(np.median(after) - np.median(before))) >= AT_ONCE * jump
