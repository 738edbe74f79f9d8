"""The first page: what it is worth in a sentence, whether it is ready, and what is asked of the reader."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Summary
from mainstay.domain.finding import NOT_APPLICABLE, Finding, Verdict, worst
from mainstay.report.actions import Words, cut
from mainstay.report.ahead import n_per_month, worth_over
from mainstay.report.ladder import Ladder, at_index
from mainstay.report.rows import Rows
from mainstay.report.tables import nothing_of, threshold_text
from mainstay.report.words import counted, likely, money, of_hundred, percent, share_range, signed, step_of
from mainstay.stats.intervals import Interval

SHAPES: dict[str, str] = {
    Verdict.PASS: "●",
    Verdict.WARN: "▲",
    Verdict.FAIL: "■",
    Verdict.UNKNOWN: "○",
    NOT_APPLICABLE: "–",
}
ACCEPT = "accept"  # begins what is accepted by signing
COUNTED: dict[str, tuple[str, str]] = {
    Verdict.PASS: ("passed", "passed"),
    Verdict.WARN: ("warning", "warnings"),
    Verdict.FAIL: ("failed", "failed"),
    Verdict.UNKNOWN: ("cannot be told", "cannot be told"),
    NOT_APPLICABLE: (NOT_APPLICABLE, NOT_APPLICABLE),
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
    return worth_over(ahead, nothing.always, today, summary, n_per_month(rows.at, summary))


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
    for name, curve, other in (("ahead", steps.ahead, nothing), ("today", steps.ahead_of_today, "today's rule")):
        if (point := at_index(curve, i)) is not None:
            step = step_of(point.value, point.low, point.high)
            says = f"{signed(point.value, step)} against {other}"
            found.append(Fact(name, "gain", says, likely(point.low, point.high, step)))
    return (*found, *_by_view(steps, i, words, nothing))


def _by_view(steps: Ladder, i: int, words: Words, nothing: str) -> Iterator[Fact]:
    """What the i-th threshold is worth by each further value table."""
    for k, view in enumerate(steps.views):
        worth, ahead = at_index(view.worth, i), at_index(view.ahead, i)
        assert worth is not None
        assert ahead is not None
        step = step_of(worth.value, worth.low, worth.high)
        more = signed(ahead.value, step_of(ahead.value, ahead.low, ahead.high))
        how = likely(worth.low, worth.high, step) + (f"; {more} against {nothing}" if nothing else "")
        says = f"{money(worth.value, words.currencies.get(view.name, ''), step)} a decision"
        yield Fact(f"view-{k}", cut(view.name.replace("_", " ")), says, how)


def verdict_sentence(
    findings: Sequence[Finding],
    gated: Sequence[str] | None = None,
    *,
    deployed: bool = True,
    examined: bool = True,
    unsaid: Sequence[str] = (),
) -> tuple[Verdict, str]:
    """Whether it is ready, in a word and a sentence.

    `gated` are codes that stop it, None where every failure does; `deployed` is false where something else is to be
    done with it, `examined` where no exam was taken: then it is not called ready without saying so first. `unsaid` are
    columns of which somebody must say first when they are known.
    """
    n = Counter(finding.verdict for finding in findings if finding.applies)
    if not findings:
        return Verdict.UNKNOWN, "Nothing has been checked yet."
    if n[Verdict.FAIL] and (gated is None or gated):
        stops = n[Verdict.FAIL] if gated is None else len(gated)
        return Verdict.FAIL, f"Not ready: {counted(stops, 'check')} failed{'' if gated is None else ' that must pass'}."
    failed = counted(n[Verdict.FAIL], "check") if n[Verdict.FAIL] else "no check"
    if not deployed:
        joined = "and" if n[Verdict.FAIL] else "but"
        if unsaid:
            told = f"{' and '.join(cut(name) for name in unsaid)} {'is' if len(unsaid) == 1 else 'are'}"
            return Verdict.WARN, f"{failed.capitalize()} failed, {joined} nobody has said when {told} known."
        return Verdict.WARN, f"{failed.capitalize()} failed, {joined} there is no case for deploying it."
    ready = "Ready" if examined else "Not examined yet; by what training asked it is ready"
    if n[Verdict.FAIL]:
        return Verdict.WARN, f"{ready} by the brief's own gates, but {failed} failed."
    if n[Verdict.WARN]:
        return Verdict.WARN, f"{ready}, with {counted(n[Verdict.WARN], 'condition')}."
    if n[Verdict.UNKNOWN]:
        return worst(n), f"{ready} as far as can be told, with {counted(n[Verdict.UNKNOWN], 'open question')}."
    return Verdict.PASS if examined else Verdict.UNKNOWN, f"{ready}."


def decides(steps: Ladder, words: Words) -> str:
    """What is decided about two outcomes at the chosen threshold, and how often."""
    at, share = float(steps.at[steps.chosen]), steps.share_high(steps.chosen)
    if math.isinf(at):
        return f"No case is {words.high.done}: no score reaches the threshold."
    reached = f"A case is {words.high.done} where {words.event} is at least {percent(at)} likely"
    often = f"{of_hundred(share.value)} cases ({_range(share)})"
    return f"{reached}: {often}. All others are {words.low.done}."


def accepted(steps: Ladder, words: Words) -> str:
    """What is accepted by signing."""
    at = float(steps.at[steps.chosen])
    return (
        f"that no case is {words.high.done}" if math.isinf(at) else f"the threshold {threshold_text(at, steps.upper)}"
    )


def how_sure(summary: Summary, brief: Brief) -> str:
    """On how many cases it was judged, what they are like, how often they were looked at, and what a range means."""
    kind = "that came after all it learned from" if summary.split == "time" else "drawn at random"
    judged = f"Judged on {summary.rows.get('holdout', 0):,} cases {kind}; none of them had a part in making it"
    looks = f" This is look {summary.looks} of {brief.holdouts.looks} at them." if summary.looks else ""
    sure = " “Likely” ranges hold the truth in 95 of 100 reports like this one, if tomorrow's cases are like these."
    return f"{judged}.{looks}{sure}"


def counts(findings: Sequence[Finding]) -> tuple[Count, ...]:
    """How many checks ended how: passed, warnings, failed, cannot be told; not applicable only where some are not."""
    n = Counter(finding.word for finding in findings)
    colours = {word: Verdict.UNKNOWN.value if word == NOT_APPLICABLE else word for word in COUNTED}
    said = [word for word in COUNTED if n[word] or word != NOT_APPLICABLE]
    return tuple(Count(colours[word], SHAPES[word], f"{n[word]:,} {COUNTED[word][n[word] != 1]}") for word in said)


def asked(
    brief: Brief, findings: Sequence[Finding], *, accepted: str, unpriced: str, gated: Sequence[str] | None = None
) -> tuple[str, list[str]]:
    """What the person who signs has to do: approve, decide or mend in a word, then step by step.

    `accepted` is what is accepted by signing, `unpriced` what the brief should say of money and does not (empty where
    it does), `gated` as in `verdict_sentence`.
    """
    n = Counter(finding.verdict for finding in findings)
    stopped = bool(n[Verdict.FAIL] and (gated is None or gated))
    word = "Mend" if stopped else "Decide" if n[Verdict.FAIL] or n[Verdict.WARN] or not findings else "Approve"
    found = ["have the failed checks mended, or overrule them in writing"] if n[Verdict.FAIL] else []
    found.append(f"{ACCEPT} {accepted}")
    if n[Verdict.WARN]:
        found.append(f"say who acts on the {counted(n[Verdict.WARN], 'condition')}")
    if unpriced:
        found.append(f"say {unpriced}")
    missing = (
        ("an owner", brief.model.owner),
        ("a purpose", brief.model.purpose),
        ("a day of review", brief.model.review_by),
    )
    if unnamed := [what for what, there in missing if not there]:
        found.append(f"name {', '.join(unnamed)}")
    return word, found


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


def _range(share: Interval) -> str:
    return share_range(share.low, share.high)
