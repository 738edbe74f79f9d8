"""Gaps between pairs of groups over time: thin periods wait for each other, and evidence adds up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np

from mainstay.domain.brief.parts import FairnessView
from mainstay.monitoring.bins import Floats, Ints
from mainstay.monitoring.evidence import CAREFUL, standardised
from mainstay.monitoring.group_sums import SHARES, Sums
from mainstay.stats.creep import Gathered, gather
from mainstay.stats.group_gaps import difference
from mainstay.stats.intervals import Interval, t_interval, unknown, wilson

LEAST_ROWS = 30  # of either group that carry a metric: with fewer, a period waits for the next
LEAST_GAP = 0.05  # between shares, or of a score's mean from the outcome's: less is not worth finding
LEAST_SPREAD = 0.1  # of amounts and money: in standard deviations of a row


class Asked(StrEnum):
    """What is asked of a gap."""

    WIDENED = "widened"  # whether it lies further from nothing than the reference's
    GAP = "gap"  # whether the difference is beyond the brief's limit
    RATIO = "ratio"  # whether the ratio is


@dataclass(frozen=True, slots=True)
class Pair:
    """One question about two parts of a column: `before` is the reference's gap (one less other), `limit` the bound."""

    metric: str
    asked: Asked
    one: int
    other: int
    before: Interval
    limit: float


@dataclass(frozen=True, slots=True)
class Points:
    """A pair's periods put together until either group has rows enough: each point from period `first` to `last`."""

    first: Ints
    last: Ints
    one: Sums
    other: Sums


@dataclass(frozen=True, slots=True)
class Gaps:
    """Evidence on every pair: `points[i]` are those of `pairs[i]`, columns of `gathered` pairs and rows points."""

    pairs: tuple[Pair, ...]
    points: tuple[Points, ...]
    gathered: Gathered


def pairs_of(
    metrics: Sequence[str],
    groups: Sequence[int],
    *,
    reference: Mapping[str, Mapping[int, tuple[float, float, float]]],
    limits: FairnessView,
    limited: str,
) -> Iterator[Pair]:
    """Yield what is asked of every pair: whether gaps widened, and of the metric `limited` the brief's bounds.

    `reference[metric][group]` are sums that the version was made with; a pair that it does not know cannot widen.
    """
    for metric in metrics:
        known = {group: interval_of(metric, *sums) for group, sums in reference.get(metric, {}).items()}
        for one, other in combinations(groups, 2):
            before = difference(known[one], known[other]) if one in known and other in known else unknown()
            if before.known:
                yield Pair(metric, Asked.WIDENED, one, other, before, _least(metric, reference[metric]))
            if metric == limited and limits.max_gap is not None:
                yield Pair(metric, Asked.GAP, one, other, before, limits.max_gap)
            if metric == limited and limits.max_ratio is not None and metric in SHARES:
                yield Pair(metric, Asked.RATIO, one, other, before, limits.max_ratio)


def gaps(pairs: Sequence[Pair], sums: Mapping[str, Sums], *, alpha: float) -> Gaps:
    """Gather evidence on all pairs; `sums` by metric have shape (n_periods, n_parts), `alpha` is shared by all pairs.

    The evidence is `stats.creep.gather`'s: without a wider gap the mean number of periods to an alarm of any pair is
    at least 1 / alpha.
    """
    points = tuple(_points(sums[pair.metric], pair) for pair in pairs)
    n_points = max((each.first.size for each in points), default=0)
    standard, slack = np.zeros((n_points, len(pairs))), np.zeros((n_points, len(pairs)))
    for i, (pair, known) in enumerate(zip(pairs, points, strict=True)):
        n = known.first.size
        if n:
            standard[:n, i], slack[:n, i] = _standard(pair, known)
    each = np.full(len(pairs), alpha / max(len(pairs), 1))
    return Gaps(tuple(pairs), points, gather(standard, slack=slack, alpha=each))


def interval_of(metric: str, n: float, total: float, squares: float) -> Interval:
    """Return a metric with its 95% interval from its sums; unknown below thirty rows.

    >>> interval_of("selection_rate", 100, 50, 50).value
    0.5
    """
    if n < LEAST_ROWS:
        return unknown(total / n if n else float("nan"))
    if metric in SHARES:
        return wilson(min(max(total, 0.0), n), n)
    variance = max(squares / n - (total / n) ** 2, 0.0)
    return t_interval(total / n, float(np.sqrt(variance / (n - 1))), round(n))


def window(points: Points, first: int, last: int) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return the sums of both groups from point `first` to point `last`."""
    inside = slice(first, last + 1)
    one, other = points.one.among(inside), points.other.among(inside)
    return (
        (float(one.n.sum()), float(one.total.sum()), float(one.squares.sum())),
        (float(other.n.sum()), float(other.total.sum()), float(other.squares.sum())),
    )


def _least(metric: str, known: Mapping[int, tuple[float, float, float]]) -> float:
    """The smallest change of a gap that is worth an alarm, in the metric's unit."""
    if metric in SHARES or (metric == "calibration_gap" and _is_share(known)):
        return LEAST_GAP
    n, total, squares = (sum(sums[i] for sums in known.values()) for i in range(3))
    return LEAST_SPREAD * float(np.sqrt(max(squares / max(n, 1.0) - (total / max(n, 1.0)) ** 2, 0.0)))


def _is_share(known: Mapping[int, tuple[float, float, float]]) -> bool:
    """Whether what is summed lies within a probability: no mean square beyond 1."""
    return all(squares <= n for n, _, squares in known.values())


def _points(sums: Sums, pair: Pair) -> Points:
    n = sums.n[:, [pair.one, pair.other]]
    cuts, firsts, lasts = np.zeros(2), list[int](), list[int]()
    begun = 0
    for t, rows in enumerate(n):
        cuts = cuts + rows
        if cuts.min() >= LEAST_ROWS:
            firsts.append(begun)
            lasts.append(t)
            begun, cuts = t + 1, np.zeros(2)
    first, last = np.array(firsts, dtype=np.int64), np.array(lasts, dtype=np.int64)
    return Points(first, last, _added(sums, pair.one, first, last), _added(sums, pair.other, first, last))


def _added(sums: Sums, part: int, first: Ints, last: Ints) -> Sums:
    def over(values: Floats) -> Floats:
        rising = np.concatenate([[0.0], np.cumsum(values[:, part])])
        added: Floats = rising[last + 1] - rising[first]
        return added

    return Sums(over(sums.n), over(sums.total), over(sums.squares))


def _standard(pair: Pair, known: Points) -> tuple[Floats, Floats]:
    """How far each point lies from what is allowed, in standard errors, and what is allowed in the same unit."""
    (one, spread), (other, other_spread) = _mean(pair.metric, known.one), _mean(pair.metric, known.other)
    if pair.asked is Asked.RATIO:
        apart = np.log(one / other)
        variance = spread / one**2 + other_spread / other**2
        allowed = np.log(pair.limit)
    else:
        before = pair.before.value if pair.asked is Asked.WIDENED else 0.0
        apart, variance = one - other - before, spread + other_spread
        doubt = CAREFUL * (pair.before.high - pair.before.low) / 3.92 if pair.asked is Asked.WIDENED else 0.0
        allowed = pair.limit + doubt
    column = np.full((apart.size, 1), allowed)
    found = standardised(apart[:, None], variance[:, None], column)
    return found.standard[:, 0], found.slack[:, 0]


def _mean(metric: str, sums: Sums) -> tuple[Floats, Floats]:
    """Mean and its variance; of a share drawn half a row towards the middle, so that none has no spread."""
    if metric in SHARES:
        share = (sums.total + 0.5) / (sums.n + 1)
        return share, share * (1 - share) / (sums.n + 1)
    mean = sums.total / sums.n
    variance = np.maximum(sums.squares / sums.n - mean**2, 1e-12)
    return mean, variance / sums.n
