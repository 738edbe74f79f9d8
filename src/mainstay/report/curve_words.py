"""A learning curve in words: how much is enough, what twice as much would bring, and whether its law held."""

from __future__ import annotations

from mainstay.domain.evaluation import Curve, Estimate
from mainstay.report.metrics import name_of
from mainstay.report.words import fixed, likely, money, number, percent, step_of

ROWS = "rows"
DAY = 86400.0
SPANS = ((365.25 * DAY, "years", 3.0), (365.25 * DAY / 12, "months", 3.0), (DAY, "days", 2.0), (3600.0, "hours", 0.0))
DIGITS = 3  # of a metric in a sentence
WITHIN = (
    "Both are foretold from training rows alone, scored by fits that did not see them: neither is the holdout's number."
)


def curve_sentences(curve: Curve, currency: str) -> list[str]:
    """A heading without its end, then sentences: what twice as much would bring, the law, and its own test."""
    return [_enough(curve), *_twice(curve, currency), _law(curve), *_test(curve)]


def curve_unit(curve: Curve) -> str:
    """What the curve grows over, in the unit that is shown: rows, years, months, days or hours."""
    return ROWS if curve.over == ROWS else _span(curve)[1]


def shown_size(n: float, curve: Curve) -> float:
    """A size in the unit that is shown."""
    return n if curve.over == ROWS else n / _span(curve)[0]


def size_of(n: float, curve: Curve) -> str:
    """A size as a number in the unit that is shown, without it."""
    size = shown_size(n, curve)
    return number(size, 1.0 if curve.over == ROWS else max(step_of(size) * 10, 0.1))


def whole(curve: Curve) -> float:
    """All there was to learn from: the least size that is foretold, or the largest that was measured."""
    foretold = [point.n for point in curve.points if point.foretold]
    return min(foretold) if foretold else max(point.n for point in curve.points)


def _enough(curve: Curve) -> str:
    unit, all_of = curve_unit(curve), size_of(whole(curve), curve)
    found = curve.enough
    if found is None:
        return (
            f"How many {unit} are enough cannot be told"
            if unit == ROWS
            else "How much history is enough cannot be told"
        )
    if found.value >= whole(curve):
        return f"All {all_of} {unit} are needed: fewer reach less than 99% of what they give"
    value = _about(found.value, curve)
    ends = [_about(bound, curve) for bound in (found.low, found.high) if bound is not None]
    span = f" (likely {ends[0]} to {ends[1]})" if len(ends) == 2 and set(ends) != {value} else ""
    return f"{value} of {all_of} {unit} reach 99% of what all of them give{span}"


def _twice(curve: Curve, currency: str) -> list[str]:
    twice = curve.twice
    now = next((point.metric for point in curve.points if point.foretold and point.n == whole(curve)), None)
    if twice is None or now is None:
        return []
    what = "Twice the rows" if curve.over == ROWS else "Twice the history"
    step = min(step_of(twice.value, twice.low, twice.high), 10.0**-DIGITS)
    then, before = number(twice.value, step), number(now.value, step)
    said = f"{name_of(curve.metric)} {then} ({likely(twice.low, twice.high, step)})"
    said = f"{what} would bring {said} instead of {before}" if then != before else f"{what} would leave {said}"
    return [f"{said}{_worth(curve.twice_value, currency)}. {WITHIN}"]


def _worth(found: Estimate | None, currency: str) -> str:
    if found is None:
        return ""
    step = step_of(found.value, found.low, found.high)
    return f", worth {money(found.value, currency, step)} a decision ({likely(found.low, found.high, step)})"


def _about(n: float, curve: Curve) -> str:
    """A size that is told with an interval: two digits are known of it at the most."""
    size = shown_size(n, curve)
    return number(size, max(step_of(size) * 10, 1.0 if curve.over == ROWS else 0.1))


def _law(curve: Curve) -> str:
    """The law near all there is: its limit, and how fast what is missing to it shrinks."""
    near = f"Near all of them {name_of(curve.metric)} tends to {fixed(curve.limit.value, DIGITS)}"
    return f"{near}, and twice as many leave {percent(2.0**-curve.power)} of what is missing (a power law)."


def _test(curve: Curve) -> list[str]:
    third, measured = curve.from_third, [point for point in curve.points if not point.foretold]
    if third is None or third.low is None or third.high is None or not measured:
        return []
    last = max(measured, key=lambda point: point.n)
    held = "it held" if third.low <= last.metric.value <= third.high else "it did not hold"
    size = f"{size_of(last.n, curve)} {curve_unit(curve)}"
    bounds = f"{fixed(third.low, DIGITS)} to {fixed(third.high, DIGITS)}"
    came = fixed(last.metric.value, DIGITS)
    return [f"Tested: from a third it foretold {bounds} at {size}, and {came} was measured: {held}."]


def _span(curve: Curve) -> tuple[float, str]:
    longest = max(point.n for point in curve.points)
    return next(((unit_s, name) for unit_s, name, least in SPANS if longest >= least * unit_s), (3600.0, "hours"))
