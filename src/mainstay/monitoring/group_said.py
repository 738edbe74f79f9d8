"""A gap between two groups in a sentence, with its interval and what it is compared with."""

from __future__ import annotations

from mainstay.domain.fairness import spoken
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.spelled import spelled, with_unit
from mainstay.monitoring.group_gaps import Asked, Pair, interval_of
from mainstay.monitoring.group_sums import MONEY_EACH, SHARES
from mainstay.stats.group_gaps import difference, ratio
from mainstay.stats.intervals import Interval

OfGroup = tuple[float, float, float]  # rows that carry the metric, the sum over them and that of squares
TRACE = "Follow it to training rows, labels and inputs: mainstay signals show ID --trace."


def gap_said(
    code: str, pair: Pair, names: tuple[str, str], sums: tuple[OfGroup, OfGroup], *, currency: str
) -> Finding | None:
    """Return the finding that a gap makes; None where it did move, but not apart."""
    one, other = (interval_of(pair.metric, *each) for each in sums)
    if one.value < other.value:
        one, other, names, sums = other, one, (names[1], names[0]), (sums[1], sums[0])
    apart = ratio(one, other) if pair.asked is Asked.RATIO else difference(one, other)
    before = abs(pair.before.value)
    if pair.asked is Asked.WIDENED and not apart.value > before:
        return None
    told = [_number(pair.metric, each.value, currency) for each in (one, other)]
    rows = " and ".join(f"{n:,.0f}" for n, _, _ in sums)
    return Finding(
        code=code,
        verdict=Verdict.WARN if pair.asked is Asked.WIDENED else Verdict.FAIL,
        because=f"{spoken(pair.metric)} {told[0]} of {names[0]} and {told[1]} of {names[1]} ({rows} rows): "
        f"{_apart(pair, apart, currency)}; {_compared(pair, currency)}",
        subjects=names,
        measured=apart.value,
        limit=before if pair.asked is Asked.WIDENED else pair.limit,
        low=apart.low if apart.known else None,
        high=apart.high if apart.known else None,
        remedy=TRACE,
    )


def _apart(pair: Pair, apart: Interval, currency: str) -> str:
    if pair.asked is Asked.RATIO:
        return f"a ratio of {apart.value:.2f} ({apart.low:.2f} to {apart.high:.2f})"
    bounds = [_number(pair.metric, each, currency) for each in (apart.value, apart.low, apart.high)]
    return f"a gap of {bounds[0]} ({bounds[1]} to {bounds[2]})"


def _compared(pair: Pair, currency: str) -> str:
    if pair.asked is Asked.WIDENED:
        return f"it was {_number(pair.metric, abs(pair.before.value), currency)} where the version was made"
    limit = f"{pair.limit:g}" if pair.asked is Asked.RATIO else _number(pair.metric, pair.limit, currency)
    return f"the brief allows {limit}"


def _number(metric: str, value: float, currency: str) -> str:
    if metric in SHARES:
        return f"{value:.1%}"
    return with_unit(spelled(value), currency) if metric == MONEY_EACH else spelled(value)
