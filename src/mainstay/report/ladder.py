"""What each threshold decides, finds and is worth, counted once: the slider, the table and the picture all read it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mainstay.report.rows import Floats, Rows, Worth
from mainstay.stats.intervals import Interval, wilson
from mainstay.stats.value import ValueCurve, value_curve

N_STEPS = 1000  # round thresholds: one a pixel, and few enough that a page of a million rows stays small
UPPER_SHARE = 0.995  # the slider reaches the score that this share of rows lies below: beyond it little is decided
REACH = 2.0  # and at least so many times the chosen threshold, so that both sides of it can be tried
VALUE_NOISE, SPREAD_NOISE = 1e-9, 1e-6  # shares of the largest money of a row that rounding alone can leave
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ViewCurves:
    """Money per decision by a further value table, by threshold: `worth` alone, `ahead` over doing nothing."""

    name: str
    worth: ValueCurve
    ahead: ValueCurve
    best: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """Thresholds from 0 (everybody decided high) to infinity (nobody), arrays of one length.

    `n_high` rows score at or above each, `n_right` of them positive. The curves are money per decision: `worth` alone,
    `ahead` over doing nothing and `ahead_of_today` over today's rule, both paired row by row. `chosen` is the index of
    the version's threshold, `upper` where the slider's even steps end. `best` is the index that is worth most on these
    very rows (without money: where most decisions are right), the nearest to the chosen one of those.
    """

    at: Floats
    n_high: Counts
    n_right: Counts
    worth: ValueCurve | None
    ahead: ValueCurve | None
    ahead_of_today: ValueCurve | None
    chosen: int
    upper: float
    n: int
    n_positive: int
    best: int
    views: tuple[ViewCurves, ...] = ()

    def share_high(self, i: int) -> Interval:
        """The share of rows decided high at the i-th threshold."""
        return wilson(int(self.n_high[i]), self.n)

    def precision(self, i: int) -> Interval:
        """The share of rows decided high that are positive; unknown where none is."""
        return wilson(int(self.n_right[i]), int(self.n_high[i]))

    def missed(self, i: int) -> Interval:
        """The share of positive rows that are decided low; unknown without positives."""
        return wilson(self.n_positive - int(self.n_right[i]), self.n_positive)


def ladder(rows: Rows, threshold: float | None) -> Ladder:
    """Count what a thousand round thresholds and the chosen one decide; None stands for infinity, which decides none.

    Cost: a sort of the rows, whatever the number of thresholds.
    """
    chosen = math.inf if threshold is None else max(float(threshold), 0.0)
    upper = _upper(rows.scores, chosen)
    even = np.round(np.arange(N_STEPS + 1) * (upper / N_STEPS), 9)
    at = np.unique(np.concatenate([even, [chosen, math.inf]]))
    order = np.argsort(rows.scores, kind="stable")
    n_low = np.searchsorted(rows.scores[order], at, side="left")
    right_low = np.insert(np.cumsum(rows.outcomes[order]), 0, 0)[n_low]
    n_positive, place = int(np.count_nonzero(rows.outcomes)), int(np.searchsorted(at, chosen))
    n_high, n_right = (rows.n - n_low).astype(np.int64), (n_positive - right_low).astype(np.int64)
    worth = _curve(rows, at, np.zeros(rows.n))
    return Ladder(
        at=at,
        n_high=n_high,
        n_right=n_right,
        worth=worth,
        ahead=_curve(rows, at, rows.worth.nothing if rows.worth else None),
        ahead_of_today=_curve(rows, at, today_values(rows)),
        chosen=place,
        upper=upper,
        n=rows.n,
        n_positive=n_positive,
        best=_most((2 * n_right - n_high).astype(np.float64) if worth is None else worth.per_decision, place),
        views=tuple(_view(name, rows, view, at, place) for name, view in rows.views.items()),
    )


def _view(name: str, rows: Rows, view: Worth, at: Floats, chosen: int) -> ViewCurves:
    worth = curve_of(rows.scores, view, at, np.zeros(rows.n))
    return ViewCurves(name, worth, curve_of(rows.scores, view, at, view.nothing), _most(worth.per_decision, chosen))


def _most(found: Floats, chosen: int) -> int:
    """The index of the largest number, the nearest to `chosen` of equal ones."""
    largest = np.flatnonzero(found >= found.max() - VALUE_NOISE * np.abs(found).max())
    return int(largest[np.argmin(np.abs(largest - chosen))])


def today_values(rows: Rows) -> Floats | None:
    """Each row's money under today's rule, or None without a rule or without a value table."""
    if rows.worth is None or rows.today is None:
        return None
    return np.where(rows.today, rows.worth.high, rows.worth.low)


def today_level(steps: Ladder) -> float | None:
    """What today's rule is worth per decision over doing nothing: the same at every threshold."""
    if steps.ahead is None or steps.ahead_of_today is None:
        return None
    return float(steps.ahead.per_decision[0] - steps.ahead_of_today.per_decision[0])


def at_index(curve: ValueCurve | None, i: int) -> Interval | None:
    """The i-th point of a curve of money, with its interval."""
    if curve is None:
        return None
    return Interval(float(curve.per_decision[i]), float(curve.per_decision_low[i]), float(curve.per_decision_high[i]))


def _curve(rows: Rows, at: Floats, base: Floats | None) -> ValueCurve | None:
    return None if rows.worth is None or base is None else curve_of(rows.scores, rows.worth, at, base)


def curve_of(scores: Floats, worth: Worth, at: Floats, base: Floats) -> ValueCurve:
    """Money per decision beyond a base that every row has anyway: taking it off pairs the difference row by row."""
    high, low = worth.high - base, worth.low - base
    scale = float(max(np.abs(high).max(), np.abs(low).max()))
    return _without_noise(value_curve(scores, high, low, thresholds=at), scale)


def _without_noise(curve: ValueCurve, scale: float) -> ValueCurve:
    """A curve in which no difference is exactly nought: running sums leave the last digits of large numbers behind."""
    value, low, high = curve.per_decision, curve.per_decision_low, curve.per_decision_high
    is_noise = (np.abs(value) <= VALUE_NOISE * scale) & (high - low <= SPREAD_NOISE * scale)
    value, low, high = (np.where(is_noise, 0.0, column) for column in (value, low, high))
    return replace(curve, per_decision=value, per_decision_low=low, per_decision_high=high)


def _upper(scores: Floats, chosen: float) -> float:
    """A round number that covers nearly all scores and both sides of the chosen threshold, 1 at the most."""
    reach = float(np.quantile(scores, UPPER_SHARE))
    if math.isfinite(chosen):
        reach = max(reach, REACH * chosen)
    if not 0 < reach < 1:
        return 1.0
    scale = 10.0 ** math.floor(math.log10(reach))
    return min(next((step * scale for step in (1, 2, 5) if step * scale >= reach), 10 * scale), 1.0)
