"""The first page: what it is worth in a sentence, whether it is ready, and what is asked of the reader."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Summary
from mainstay.domain.finding import ORDER, Finding, Verdict, worst
from mainstay.report.actions import Words, action_of
from mainstay.report.ladder import Ladder, at_index
from mainstay.report.rows import Rows
from mainstay.report.tables import nothing_of, threshold_text
from mainstay.report.words import counted, likely, money, number, of_hundred, percent, share_range, signed, step_of
from mainstay.stats.intervals import Interval

SECONDS_A_MONTH = 86400 * 365.25 / 12
SHORTEST_SPAN = 28 * 86400  # seconds of history below which a month's volume would be a guess
SHAPES = {Verdict.PASS: "●", Verdict.WARN: "▲", Verdict.FAIL: "■", Verdict.UNKNOWN: "○"}
COUNTED = {
    Verdict.PASS: ("passed", "passed"),
    Verdict.WARN: ("warning", "warnings"),
    Verdict.FAIL: ("failed", "failed"),
    Verdict.UNKNOWN: ("cannot be told", "cannot be told"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line beside the slider: its name for the script, a label, what it says and how surely."""

    name: str
    label: str
    says: str
    likely: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many checks ended so, with the verdict's word and shape."""

    verdict: str
    shape: str
    says: str


def worth_sentences(steps: Ladder, rows: Rows, words: Words, summary: Summary) -> list[str]:
    """What the decisions are worth against doing nothing and against today's rule, and in a month where that is known.

    Without money: what is found and at what price in wrong decisions.
    """
    i, nothing = steps.chosen, nothing_of(rows, words)
    ahead, today = at_index(steps.ahead, i), at_index(steps.ahead_of_today, i)
    if ahead is None or nothing is None:
        return _in_shares(steps, words)
    first = _against(ahead, nothing.always, summary.currency)
    if today is not None:
        joint = "and" if _direction(today) == _direction(ahead) else "but"
        first += f", {joint} {_also(today, 'today’s rule', summary.currency)}"
    monthly = n_per_month(rows, summary)
    base, other = (ahead, nothing.always) if today is None else (today, "today’s rule")
    return [f"{first}.", *_a_month(base, other, monthly, summary.currency)]


def n_per_month(rows: Rows, summary: Summary) -> float | None:
    """Decisions a month over the history, where a time column tells and at least four weeks are covered.

    A holdout split off by time covers its own span; one drawn at random stands for the span of all rows.
    """
    if rows.at is None:
        return None
    span = float(np.ptp(rows.at))
    if span < SHORTEST_SPAN:
        return None
    n = rows.n if summary.split == "time" else sum(summary.rows.values())
    return n / span * SECONDS_A_MONTH


def facts(steps: Ladder, i: int, words: Words, currency: str, nothing: str) -> tuple[Fact, ...]:
    """What the i-th threshold decides, finds, misses and is worth, as the page's script says it too."""
    share, right, missed = steps.share_high(i), steps.precision(i), steps.missed(i)
    found = [
        Fact("share", words.high.done, f"{percent(share.value)} of cases", share_range(share.low, share.high)),
        _right(right, words),
        Fact("missed", "missed", f"{percent(missed.value)} of {words.cases}", _range(missed)),
    ]
    if (point := at_index(steps.worth, i)) is not None:
        step = step_of(point.value, point.low, point.high)
        says = f"{money(point.value, currency, step)} a decision"
        found.append(Fact("worth", "money", says, likely(point.low, point.high, step)))
    for name, curve, other in (("ahead", steps.ahead, nothing), ("today", steps.ahead_of_today, "today’s rule")):
        if (point := at_index(curve, i)) is not None:
            step = step_of(point.value, point.low, point.high)
            says = f"{signed(point.value, step)} against {other}"
            found.append(Fact(name, "gain", says, likely(point.low, point.high, step)))
    return tuple(found)


def verdict_sentence(findings: tuple[Finding, ...]) -> tuple[Verdict, str]:
    """Whether it is ready, in a word and a sentence."""
    n = Counter(finding.verdict for finding in findings)
    if not findings:
        return Verdict.UNKNOWN, "Nothing has been checked yet."
    if n[Verdict.FAIL]:
        return Verdict.FAIL, f"Not ready: {counted(n[Verdict.FAIL], 'check')} failed."
    if n[Verdict.WARN]:
        return Verdict.WARN, f"Ready, with {counted(n[Verdict.WARN], 'condition')}."
    if n[Verdict.UNKNOWN]:
        return worst(n), f"Ready as far as can be told, with {counted(n[Verdict.UNKNOWN], 'open question')}."
    return Verdict.PASS, "Ready."


def counts(findings: tuple[Finding, ...]) -> tuple[Count, ...]:
    """How many checks ended how: passed, warnings, failed, cannot be told."""
    n = Counter(finding.verdict for finding in findings)
    order = (Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.UNKNOWN)
    return tuple(Count(v.value, SHAPES[v], f"{n[v]:,} {COUNTED[v][n[v] != 1]}") for v in order)


def by_weight(findings: tuple[Finding, ...]) -> list[Finding]:
    """Findings with the worst first, as they came within one verdict."""
    return sorted(findings, key=lambda finding: -ORDER.index(finding.verdict))


def asked_of_reader(brief: Brief, steps: Ladder, findings: tuple[Finding, ...]) -> list[str]:
    """What the person who signs has to do, in the order of its weight."""
    n = Counter(finding.verdict for finding in findings)
    at = float(steps.at[steps.chosen])
    done = action_of(brief.decision.when_high).done
    accepted = f"that no case is {done}" if math.isinf(at) else f"the threshold {threshold_text(at, steps.upper)}"
    asked = ["have the failed checks mended, or overrule them in writing"] if n[Verdict.FAIL] else []
    asked.append(f"accept {accepted}")
    if n[Verdict.WARN]:
        asked.append(f"say who acts on the {counted(n[Verdict.WARN], 'condition')}")
    if not steps.ahead:
        asked.append("say what each outcome is worth")
    missing = (
        ("an owner", brief.model.owner),
        ("a purpose", brief.model.purpose),
        ("a day of review", brief.model.review_by),
    )
    if unnamed := [what for what, there in missing if not there]:
        asked.append(f"name {', '.join(unnamed)}")
    return asked


def _right(right: Interval, words: Words) -> Fact:
    if math.isnan(right.value):
        return Fact("right", "right", f"no case is {words.high.done}", "")
    return Fact(
        "right", "right", f"{of_hundred(right.value)} {words.high.done} turned out {words.event}", _range(right)
    )


def _in_shares(steps: Ladder, words: Words) -> list[str]:
    i = steps.chosen
    share, right, missed = steps.share_high(i), steps.precision(i), steps.missed(i)
    if not steps.n_high[i]:
        return [f"At the chosen threshold no case is {words.high.done}, so nothing is found."]
    found = Interval(1 - missed.value, 1 - missed.high, 1 - missed.low)
    gained = f"Finds {percent(found.value)} of {words.cases} ({_range(found)})"
    spent = f"with {percent(share.value)} of cases {words.high.done}"
    return [f"{gained} {spent}; {of_hundred(right.value)} of those turn out {words.event} ({_range(right)})."]


def _against(ahead: Interval, other: str, currency: str) -> str:
    if ahead.value == ahead.low == ahead.high == 0:
        return f"Worth the same as {other}: every case is decided alike"
    step = step_of(ahead.value, ahead.low, ahead.high)
    if not ahead.known:
        return f"From too few cases to be sure: {signed(ahead.value, step)} {currency} a decision against {other}"
    if not _is_clear(ahead):
        more = f"{signed(ahead.value, step)} {currency}".strip()
        return f"Not to be told from {other}: {more} a decision ({likely(ahead.low, ahead.high, step)})"
    amount = money(abs(ahead.value), currency, step)
    return f"Worth about {amount} a decision {_more(ahead)} than {other} ({_likely(ahead, step)})"


def _also(ahead: Interval, other: str, currency: str) -> str:
    if ahead.value == ahead.low == ahead.high == 0:
        return f"the same as {other}"
    step = step_of(ahead.value, ahead.low, ahead.high)
    if not _is_clear(ahead):
        return f"not to be told from {other} ({signed(ahead.value, step)}, {likely(ahead.low, ahead.high, step)})"
    return f"{number(abs(ahead.value), step)} {_more(ahead)} than {other} ({_likely(ahead, step)})"


def _a_month(ahead: Interval, other: str, monthly: float | None, currency: str) -> list[str]:
    if monthly is None or not _is_clear(ahead):
        return []
    total = Interval(ahead.value * monthly, ahead.low * monthly, ahead.high * monthly)
    step = step_of(total.value, total.low, total.high)
    amount = money(abs(total.value), currency, step)
    volume = number(monthly, step_of(monthly) * 10)
    more = f"{amount} a month {_more(total)} than {other} ({_likely(total, step)})"
    return [f"At about {volume} decisions a month that is {more}."]


def _is_clear(ahead: Interval) -> bool:
    """Whether the interval keeps clear of nought."""
    return ahead.known and (ahead.low > 0 or ahead.high < 0)


def _direction(ahead: Interval) -> int:
    return (1 if ahead.value > 0 else -1) if _is_clear(ahead) else 0


def _more(ahead: Interval) -> str:
    return "more" if ahead.value > 0 else "less"


def _likely(ahead: Interval, step: float) -> str:
    """The interval of a clear difference, in the direction that the sentence has."""
    low, high = (ahead.low, ahead.high) if ahead.value > 0 else (-ahead.high, -ahead.low)
    return likely(low, high, step)


def _range(share: Interval) -> str:
    return share_range(share.low, share.high)
