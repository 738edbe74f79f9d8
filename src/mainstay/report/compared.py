"""The first page's numbers from the table of candidates: the chosen one, guessing without looking, and today's rule."""

from __future__ import annotations

from mainstay.domain.evaluation import CandidateResult, Summary
from mainstay.report.ahead import TODAY, interval_of, n_per_month, worth_over
from mainstay.report.answer import Fact
from mainstay.report.rows import Floats
from mainstay.report.words import likely, money, signed, step_of

BLIND = ("mean", "base_rate")  # candidates that look at no input
RULE = "today"


def chosen_of(summary: Summary) -> CandidateResult | None:
    """The candidate that was chosen."""
    return next((result for result in summary.candidates if result.chosen), None)


def blind_of(summary: Summary) -> CandidateResult | None:
    """The candidate that says the same of every case."""
    return _named(summary, *BLIND)


def rule_of(summary: Summary) -> CandidateResult | None:
    """Today's rule among the candidates."""
    return _named(summary, RULE)


def money_sentences(summary: Summary, alike: str, at: Floats | None) -> list[str]:
    """What decisions are worth against deciding all cases alike (`alike` in words) and against today's rule.

    Empty without money. `at` are the moments of the holdout rows, from which a month's volume is known.
    """
    if summary.value is None:
        return []
    ahead, today = (interval_of(one.winner_ahead) if one else None for one in (blind_of(summary), rule_of(summary)))
    monthly = n_per_month(at, summary)
    if ahead is not None:
        return worth_over(ahead, alike, today, summary, monthly)
    if today is not None:
        return worth_over(today, TODAY, None, summary, monthly)
    step = step_of(summary.value.value, summary.value.low, summary.value.high)
    return [f"{money(summary.value.value, summary.currency, step)} a decision, and nothing to compare it with."]


def money_facts(summary: Summary, alike: str) -> list[Fact]:
    """Money per decision, and what it is ahead of deciding alike and of today's rule."""
    facts = []
    if (worth := summary.value) is not None:
        step = step_of(worth.value, worth.low, worth.high)
        says = f"{money(worth.value, summary.currency, step)} a decision"
        facts.append(Fact("worth", "money", says, likely(worth.low, worth.high, step)))
    for name, one, other in (("ahead", blind_of(summary), alike), ("today", rule_of(summary), TODAY)):
        if one is not None and (ahead := one.winner_ahead) is not None:
            step = step_of(ahead.value, ahead.low, ahead.high)
            says = f"{signed(ahead.value, step)} against {other}"
            facts.append(Fact(name, "gain", says, likely(ahead.low, ahead.high, step)))
    return facts


def _named(summary: Summary, *names: str) -> CandidateResult | None:
    return next((result for result in summary.candidates if result.name in names), None)
