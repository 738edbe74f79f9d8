"""How far ahead one way of deciding is of another, in a sentence that leads with money and says how sure it is."""

from __future__ import annotations

import math

import numpy as np

from mainstay.domain.evaluation import Estimate, Summary
from mainstay.domain.spelled import with_unit
from mainstay.report.rows import Floats
from mainstay.report.words import likely, money, number, signed, step_of
from mainstay.stats.intervals import Interval

TODAY = "today's rule"
SECONDS_A_MONTH = 86400 * 365.25 / 12
SHORTEST_SPAN = 28 * 86400  # seconds of history below which a month's volume would be a guess


def n_per_month(at: Floats | None, summary: Summary) -> float | None:
    """Decisions a month over the history, where a time column tells and at least four weeks are covered.

    `at` are the moments of the holdout rows in UTC seconds. A holdout split off by time covers its own span; one drawn
    at random stands for the span of all rows.
    """
    if at is None:
        return None
    span = float(np.ptp(at))
    if span < SHORTEST_SPAN:
        return None
    n = at.size if summary.split == "time" else sum(summary.rows.values())
    return n / span * SECONDS_A_MONTH


def worth_over(
    ahead: Interval, nothing: str, today: Interval | None, summary: Summary, monthly: float | None
) -> list[str]:
    """What decisions are worth over `nothing` (a way of deciding in words) and over today's rule, and in a month."""
    first = against(ahead, nothing, summary.currency)
    if today is not None:
        joint = "and" if direction(today) == direction(ahead) else "but"
        first += f", {joint} {also(today, TODAY, summary.currency)}"
    base, other = (ahead, nothing) if today is None else (today, TODAY)
    return [f"{first}.", *a_month(base, other, monthly, summary.currency)]


def interval_of(found: Estimate | None) -> Interval | None:
    """An estimate as an interval, bounds that are not known as NaN; None for none."""
    if found is None:
        return None
    low, high = (math.nan if bound is None else bound for bound in (found.low, found.high))
    return Interval(found.value, low, high)


def against(ahead: Interval, other: str, currency: str) -> str:
    """Say what a decision is worth over another way of deciding: a sentence without its end."""
    if ahead.value == ahead.low == ahead.high == 0:
        return f"Worth the same as {other}: every case is decided alike"
    step = step_of(ahead.value, ahead.low, ahead.high)
    more = with_unit(signed(ahead.value, step), currency)
    if not ahead.known:
        return f"From too few cases to be sure: {more} a decision against {other}"
    if not is_clear(ahead):
        return f"Not to be told from {other}: {more} a decision ({likely(ahead.low, ahead.high, step)})"
    amount = money(abs(ahead.value), currency, step)
    return f"Worth about {amount} a decision {_more(ahead)} than {other} ({_likely(ahead, step)})"


def also(ahead: Interval, other: str, currency: str) -> str:
    """Say the same of a second way, to follow after the first."""
    if ahead.value == ahead.low == ahead.high == 0:
        return f"the same as {other}"
    step = step_of(ahead.value, ahead.low, ahead.high)
    if not is_clear(ahead):
        return f"not to be told from {other} ({signed(ahead.value, step)}, {likely(ahead.low, ahead.high, step)})"
    return f"{number(abs(ahead.value), step)} {_more(ahead)} than {other} ({_likely(ahead, step)})"


def a_month(ahead: Interval, other: str, monthly: float | None, currency: str) -> list[str]:
    """Say what a clear difference comes to in a month; nothing where the volume is not known."""
    if monthly is None or not is_clear(ahead):
        return []
    total = Interval(ahead.value * monthly, ahead.low * monthly, ahead.high * monthly)
    step = step_of(total.value, total.low, total.high)
    amount = money(abs(total.value), currency, step)
    volume = number(monthly, step_of(monthly) * 10)
    more = f"{amount} a month {_more(total)} than {other} ({_likely(total, step)})"
    return [f"At about {volume} decisions a month that is {more}."]


def is_clear(ahead: Interval) -> bool:
    """Whether the interval keeps clear of nought."""
    return ahead.known and (ahead.low > 0 or ahead.high < 0)


def direction(ahead: Interval) -> int:
    """The sign of a clear difference, 0 for one that is not."""
    return (1 if ahead.value > 0 else -1) if is_clear(ahead) else 0


def _more(ahead: Interval) -> str:
    return "more" if ahead.value > 0 else "less"


def _likely(ahead: Interval, step: float) -> str:
    """The interval of a clear difference, in the direction that the sentence has."""
    low, high = (ahead.low, ahead.high) if ahead.value > 0 else (-ahead.high, -ahead.low)
    return likely(low, high, step)
