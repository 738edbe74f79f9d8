"""What a version is worth, in a sentence that leads with the difference it makes."""

from __future__ import annotations

import math

from mainstay.domain.evaluation import CandidateResult, Estimate, Summary
from mainstay.interfaces.cli.show import between, money

TODAY, EVERYONE = "today", ("all_high", "all_low")
BLIND = {"mean": "always foretelling the mean", "base_rate": "deciding every case alike"}


def worth_words(summary: Summary) -> str:
    """Say what a decision is worth against today's rule, or against the best that needs no look at a case.

    Without anything to compare with, the money in all and its interval; empty without money.
    """
    if summary.value is None:
        return ""
    in_all = money(summary.value.value, summary.currency)
    other = _other(summary)
    if other is None or other.winner_ahead is None:
        return f"{in_all} a decision (likely {between(summary.value.low, summary.value.high)})"
    return f"{difference(other.winner_ahead, _name(other), summary.currency)}; {in_all} a decision in all"


def difference(ahead: Estimate, name: str, currency: str) -> str:
    """Say how much more or less a decision is worth than by another way.

    >>> difference(Estimate(646.0, 429.0, 862.0), "today's rule", "TWD")
    "TWD 646 a decision more than today's rule (likely 429 to 862)"
    >>> difference(Estimate(-5.0, -9.0, -1.0), "today's rule", "TWD")
    "TWD 5.00 a decision less than today's rule (likely 1.00 to 9.00)"
    """
    low, high = (ahead.low, ahead.high) if ahead.value >= 0 else (_minus(ahead.high), _minus(ahead.low))
    more = "more" if ahead.value >= 0 else "less"
    return f"{money(abs(ahead.value), currency)} a decision {more} than {name} (likely {between(low, high)})"


def _name(other: CandidateResult) -> str:
    if other.name in EVERYONE:
        return f"deciding {other.title.removesuffix(' everyone')!r} in every case"
    return "today's rule" if other.name == TODAY else BLIND.get(other.name) or other.title


def _other(summary: Summary) -> CandidateResult | None:
    compared = {each.name: each for each in summary.candidates if each.winner_ahead is not None}
    if TODAY in compared:
        return compared[TODAY]
    simple = [compared[name] for name in EVERYONE if name in compared]
    simple = simple or [compared[name] for name in BLIND if name in compared]
    return max(simple, key=lambda each: each.value.value if each.value else -math.inf, default=None)


def _minus(bound: float | None) -> float | None:
    return None if bound is None else -bound
