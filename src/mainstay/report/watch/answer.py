"""The first sentence: whether the model earns what was promised, how sure that is, and what follows it."""

from __future__ import annotations

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Estimate
from mainstay.domain.overview import Overview
from mainstay.report.estimates import how_likely, said
from mainstay.report.metrics import LOWER_IS_BETTER, name_of
from mainstay.report.watch.ways import way_of
from mainstay.report.watch.when import on, until
from mainstay.report.words import counted, money, percent, signed, step_of

ALARMS = ("fail", "warn")


def answer(found: Overview, brief: Brief) -> str:
    """How the model stands, in one sentence with a number and its uncertainty."""
    if found.earned.value is not None:
        return _of_money(found, brief)
    if found.performance.value is not None:
        return _of_metric(found)
    if not sum(found.traffic.decisions):
        return f"Nothing was decided since {on(found, found.since)}, so nothing can be said."
    return f"What {found.model} is worth cannot be said yet: {why_not(found)}."


def more(found: Overview, brief: Brief) -> list[str]:
    """What follows the first sentence: against doing otherwise, in all, what is open, and what is calm."""
    return [each for each in (_against(found, brief), _in_all(found), open_words(found)) if each]


def open_words(found: Overview) -> str:
    """How many signals are open, and what the worst costs."""
    alarms = [signal for signal in found.signals if signal.verdict in ALARMS]
    n, n_grave = len(alarms), sum(signal.verdict == "fail" for signal in alarms)
    notices = len(found.signals) - n
    quiet = f" {counted(notices, 'notice').capitalize()} of what cannot be told." if notices else ""
    if not n:
        return f"No signal is open.{quiet}"
    grave = "" if not n_grave else f", {'all' if n_grave == n else counted(n_grave, '', '').strip()} of them grave"
    if n == n_grave == 1:
        grave = ", and it is grave"
    return f"{counted(n, 'signal is', 'signals are').capitalize()} open{grave}.{quiet}"


def why_not(found: Overview) -> str:
    """Why nothing ripe is known."""
    arrival = found.arrival
    if not arrival.due:
        return f"outcomes are known {_days(arrival.delay_days)} after a decision, and none is due yet"
    if not arrival.came:
        return f"no outcome has come for {arrival.due:,} decisions whose outcomes are due"
    return "too few of the outcomes that came are of decisions whose outcomes are all due"


def against_promise(value: Estimate, promised: Estimate | None, *, lower_is_better: bool = False) -> str:
    """Whether a number is what was promised, as far as both are known: `as`, `less`, `more`, or empty.

    The difference of two independent numbers is uncertain by the root of the sum of both squares.

    >>> against_promise(Estimate(5.0, 4.8, 5.2), Estimate(6.0, 5.9, 6.1))
    'less'
    """
    if promised is None or value.low is None or value.high is None:
        return ""
    own = (promised.low, promised.high)
    half = (own[1] - own[0]) / 2 if own[0] is not None and own[1] is not None else 0.0
    reach = (((value.high - value.low) / 2) ** 2 + half**2) ** 0.5
    gap = value.value - promised.value
    if abs(gap) <= reach:
        return "as"
    return "less" if (gap < 0) != lower_is_better else "more"


def _of_money(found: Overview, brief: Brief) -> str:
    value, promised = found.earned.value, found.earned.promised
    assert value is not None
    verb = "has cost" if value.value < 0 and (value.high or 0) < 0 else "has earned"
    size = Estimate(-value.value, _minus(value.high), _minus(value.low)) if verb == "has cost" else value
    amount = money(size.value, brief.value.currency, step_of(size.value, size.low, size.high))
    told = f"A decision {verb} about {amount} ({how_likely(size)})"
    how = against_promise(value, promised)
    if promised is None or not how:
        return f"{told} since {_since(found)}."
    step = step_of(value.value, value.low, value.high)
    was = money(promised.value, brief.value.currency, step)
    said_so = {"as": f"as was promised ({was})", "less": f"less than the {was} that was promised"}
    return f"{told} since {_since(found)}, {said_so.get(how, f'more than the {was} that was promised')}."


def _of_metric(found: Overview) -> str:
    shown, promised = found.performance, found.performance.promised
    value = shown.value
    assert value is not None
    lower = shown.metric in LOWER_IS_BETTER
    how = against_promise(value, promised, lower_is_better=lower)
    was = "" if promised is None else f", where {said(promised)} was promised"
    word = {"as": "keeps its word", "less": "does worse than was promised", "more": "does better than was promised"}
    lead = f"{found.model} {word.get(how, 'is measured')}"
    number = f"{name_of(shown.metric)} {said(value)} ({how_likely(value)}) on {shown.rows:,} outcomes"
    return f"{lead} since {_since(found)}: {number}{was}."


def _against(found: Overview, brief: Brief) -> str:
    if found.earned.value is None:
        return "" if brief.value.task is not None else "What that is worth nobody has said: the brief states no value."
    if not found.earned.ahead:
        return ""
    way, ahead = next(iter(found.earned.ahead.items()))
    name = way_of(way, brief)
    step = step_of(ahead.value, ahead.low, ahead.high)
    if ahead.low is None or ahead.high is None or ahead.low <= 0 <= ahead.high:
        sure = f"{signed(ahead.value, step)}, {how_likely(ahead)}"
        return f"Whether that is more than {name} would have earned cannot be told ({sure})."
    size = ahead if ahead.value > 0 else Estimate(-ahead.value, _minus(ahead.high), _minus(ahead.low))
    amount = money(size.value, brief.value.currency, step)
    more = f"{amount} {'more' if ahead.value > 0 else 'less'}"
    return f"That is {more} than {name} would have earned on the same cases ({how_likely(size)})."


def _in_all(found: Overview) -> str:
    value, rows = found.earned.value, found.earned.rows
    if value is None or not rows:
        return ""
    whole = Estimate(value.value * rows, *(None if b is None else b * rows for b in (value.low, value.high)))
    amount = money(whole.value, found.currency, step_of(whole.value, whole.low, whole.high))
    shown = found.earned.spans
    when = f"from {on(found, shown.starts[0])} to {until(found, shown.ends[-1])}" if len(shown) else ""
    return f"In all {amount} on {rows:,} decisions {when}, those whose outcomes are due."


def share_of_due(found: Overview) -> str:
    """Which share of the outcomes that are due has come."""
    arrival = found.arrival
    return percent(arrival.due_came / arrival.due) if arrival.due else "none"


def _since(found: Overview) -> str:
    shown = found.earned.spans if len(found.earned.spans) else found.performance.spans
    return on(found, shown.starts[0]) if len(shown) else on(found, found.since)


def _days(n: float) -> str:
    return counted(round(n), "day") if n >= 1 else f"{n * 24:.0f} hours"


def _minus(bound: float | None) -> float | None:
    return None if bound is None else -bound
