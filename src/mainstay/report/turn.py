"""What a history was worth before and after its turn, in words; without a turn, over the whole time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from mainstay.report.words import day, fixed, likely, money, step_of
from mainstay.stats.intervals import Interval, ratio_interval

LEAST_PERIODS = 2  # on each side of a turn, below which no likely range is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One period from `at` on: how many decisions, money per decision by way of deciding, and how well it ranked.

    None where the truth is not known or the way was not followed.
    """

    at: datetime
    decisions: int
    value_mainstay: float | None = None
    value_baseline: float | None = None
    value_never_retrained: float | None = None
    roc_auc: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """The periods on both sides of the moment `at`; without one, all of them are `before`."""

    before: tuple[Period, ...]
    after: tuple[Period, ...] = ()
    at: datetime | None = None


def turned(periods: Sequence[Period], at: datetime | None) -> Turn:
    """Part periods at a turn; a turn with too few measured periods on either side is none."""
    if at is None:
        return Turn(tuple(periods))
    before = tuple(period for period in periods if period.at < at)
    after = tuple(period for period in periods if period.at >= at)
    if min(map(_n_measured, (before, after))) < LEAST_PERIODS:
        return Turn(tuple(periods))
    return Turn(before, after, at)


def over_baseline(periods: Sequence[Period]) -> Interval | None:
    """Money per decision over the baseline across all periods that know both, each period a cluster; None without.

    Unit: currency per decision. Periods are taken as independent of one another.
    """
    ahead = [
        (period.decisions, period.value_mainstay - period.value_baseline)
        for period in periods
        if period.decisions and period.value_mainstay is not None and period.value_baseline is not None
    ]
    return _mean(ahead)


def value_words(turn: Turn, currency: str, baseline: str) -> str:
    """Say what decisions were worth over the baseline, before and after the turn."""
    first, then = over_baseline(turn.before), over_baseline(turn.after)
    if first is None:
        return "Money per decision over time"
    if turn.at is None or then is None:
        return _whole(first, currency, baseline)
    said = _against(first, currency, baseline) or f"Not to be told from {baseline}{_range(first)}"
    since = _against(then, currency, baseline) or f"not to be told from {baseline}{_range(then)}"
    return (
        f"{_begun(said)} until {day(turn.at)}; since then it {_earned(turn, currency)}, {since.removeprefix('worth ')}"
    )


def money_words(turn: Turn, currency: str, baseline: str) -> str:
    """Say how money per decision moved at the turn; without one, what `value_words` says."""
    first, then = _in_all(turn.before), _in_all(turn.after)
    if turn.at is None or first is None or then is None or not (first.known and then.known):
        return value_words(turn, currency, baseline)
    if first.low <= then.high and then.low <= first.high:
        return f"Money hardly moved on {day(turn.at)}"
    start, end = (money(each.value, currency, step_of(each.value, each.low, each.high)) for each in (first, then))
    return f"A decision brought {start} until {day(turn.at)}, and {end} since"


def ranking_words(turn: Turn) -> str:
    """Say how well scores ranked, before and after the turn."""
    first, then = _ranked(turn.before), _ranked(turn.after)
    if first is not None and then is not None and turn.at is not None and first.known and then.known:
        start, end = fixed(first.value, 2), fixed(then.value, 2)
        if then.high < first.low or then.low > first.high:
            return f"Ranking {'fell' if then.value < first.value else 'rose'} from {start} to {end} on {day(turn.at)}"
        return f"Ranking hardly moved on {day(turn.at)}: {start} before, {end} since"
    known = [period.roc_auc for period in (*turn.before, *turn.after) if period.roc_auc is not None]
    return f"Ranking lay between {fixed(min(known), 2)} and {fixed(max(known), 2)}" if known else "Ranking over time"


def _whole(ahead: Interval, currency: str, baseline: str) -> str:
    said = _against(ahead, currency, baseline, " over the whole time")
    if not said:
        return f"Over the whole time the money cannot be told from {baseline}"
    return _begun(said)


def _begun(said: str) -> str:
    return said[:1].upper() + said[1:]


def _against(ahead: Interval, currency: str, baseline: str, when: str = "") -> str:
    """The difference in words, or nothing where its sign is not known."""
    if not ahead.known or ahead.low <= 0 <= ahead.high:
        return ""
    step = step_of(ahead.value, ahead.low, ahead.high)
    more, bounds = ("more", (ahead.low, ahead.high)) if ahead.value > 0 else ("less", (-ahead.high, -ahead.low))
    amount = money(abs(ahead.value), currency, step)
    return f"worth {amount} a decision {more} than {baseline}{when} ({likely(*bounds, step)})"


def _earned(turn: Turn, currency: str) -> str:
    """What a decision earned or lost in all since the turn."""
    found = _in_all(turn.after)
    if found is None or not found.known or found.low <= 0 <= found.high:
        return "neither earns nor loses as far as can be told"
    step = step_of(found.value, found.low, found.high)
    return f"{'loses' if found.value < 0 else 'earns'} {money(abs(found.value), currency, step)} a decision in all"


def _in_all(periods: Sequence[Period]) -> Interval | None:
    return _mean([(p.decisions, p.value_mainstay) for p in periods if p.decisions and p.value_mainstay is not None])


def _range(interval: Interval) -> str:
    if not interval.known:
        return ""
    return f" ({likely(interval.low, interval.high, step_of(interval.value, interval.low, interval.high))})"


def _ranked(periods: Sequence[Period]) -> Interval | None:
    return _mean([(p.decisions, p.roc_auc) for p in periods if p.decisions and p.roc_auc is not None])


def _mean(weighed: Sequence[tuple[int, float]]) -> Interval | None:
    if not weighed:
        return None
    n, values = (np.array(column, dtype=np.float64) for column in zip(*weighed, strict=True))
    return ratio_interval(n * values, n)


def _n_measured(periods: Sequence[Period]) -> int:
    return sum(1 for p in periods if p.decisions and (p.value_mainstay is not None or p.roc_auc is not None))
