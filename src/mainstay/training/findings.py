"""What a training finds beside the targets: each check is one function and one line in `CHECKS`."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from msgspec.structs import replace

from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.plan import TextPart, TextScore
from mainstay.domain.schema import Kind
from mainstay.domain.spelled import spelled, with_unit
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray
from mainstay.stats.intervals import Interval, unknown
from mainstay.stats.value import top_share, winsorised_mean
from mainstay.training.calibrated_well import calibration
from mainstay.training.last_value import LAST_VALUE
from mainstay.training.results import Ahead, ahead_of
from mainstay.training.shown import Evidence, Shown
from mainstay.training.targets import target_findings
from mainstay.training.wording import shown_interval

TAIL_SHARE, TAIL_LIMIT = 0.01, 0.25  # when a hundredth of the rows carries a quarter of the money, averages mislead
ERROR_TAIL_LIMIT = 0.5  # of all squared error; a normal error's hundredth carries a tenth
BASELINES = ("base_rate", "mean", "today", "logistic", "ridge")


def findings_of(evidence: Evidence) -> tuple[Finding, ...]:
    """Return everything the training found, targets first."""
    found = [finding for check in CHECKS for finding in check(evidence)]
    return (*target_findings(evidence), *found)


def baselines(evidence: Evidence) -> list[Finding]:
    """`F05-beats-…`: whether the winner beats each simpler candidate and the last value, paired by row."""
    simpler = []
    for one in evidence.shown:
        if one is evidence.winner:
            break
        simpler.append(one)
    found = [_beats(one, evidence) for one in simpler if one.name in BASELINES]
    return found + [_beats(one, evidence) for one in evidence.shown if one.name == LAST_VALUE]


def curse(evidence: Evidence) -> list[Finding]:
    """`F05-winners-curse`: how much further ahead the best looked in cross-fitting than on rows that chose nothing.

    Ahead of the simplest candidate, so that a lucky part does not count as a curse. The error of the cross-fitted
    number is taken as that of the holdout's, at its number of rows. Where all of it may be luck, nobody knows.
    """
    choice, prepared = evidence.choice, evidence.prepared
    simplest_one, best = (_named(evidence, name) for name in (evidence.shown[0].name, choice.best))
    if simplest_one is best or simplest_one.name not in choice.gains:
        return []
    found_ahead = ahead_of(best, simplest_one, prepared)
    if found_ahead is None:
        return []
    ahead, unit = found_ahead.interval, found_ahead.unit
    looked = choice.gains[best.name] - choice.gains[simplest_one.name]
    stretch = math.sqrt(1 + prepared.holdout.size / prepared.training.size)
    more = looked - ahead.value
    low, high = (more + stretch * (bound - ahead.value) for bound in (ahead.low, ahead.high))
    found = Interval(more, low, high)
    verdict = Verdict.WARN if low > 0 else Verdict.PASS
    if not found.known or (verdict is Verdict.PASS and high >= looked > 0):
        verdict = Verdict.UNKNOWN
    how = {Verdict.WARN: "more than", Verdict.PASS: "no more than"}.get(verdict, "perhaps")
    by = with_unit(spelled(looked), unit)
    lead = f"{best.title}, best of {len(choice.gains)}, was ahead of {simplest_one.title} by {by}"
    because = f"{lead} a decision in cross-fitting and by {spelled(ahead.value)} on the holdout: {_less(found, how)}"
    remedy = "Believe the holdout; the world may also have moved in between." if verdict is Verdict.WARN else ""
    return [_with(Finding(code="F05-winners-curse", verdict=verdict, because=because, remedy=remedy), found, limit=0.0)]


def _less(found: Interval, how: str) -> str:
    if found.value < 0:
        return f"nothing of it was lost{', as far as these rows tell' if found.high > 0 else ''}"
    return f"{shown_interval(found)} less, {how} chance explains"


def simplest(evidence: Evidence) -> list[Finding]:
    """`F05-simplest-chosen`: said where a simpler candidate was chosen than the one that was best on average."""
    choice = evidence.choice
    if choice.winner == choice.best:
        return []
    titles = {one.name: one.title for one in evidence.shown}
    because = (
        f"{titles[choice.best]} did best in cross-fitting, but {titles[choice.winner]} is simpler and within one "
        "standard error of it"
    )
    measured = choice.gains[choice.best] - choice.gains[choice.winner]
    return [Finding(code="F05-simplest-chosen", verdict=Verdict.PASS, because=because, measured=measured)]


def money_stated(evidence: Evidence) -> list[Finding]:
    """`F03-money-not-stated`: without a value table nothing is chosen by what it is worth."""
    if evidence.prepared.has_money:
        return []
    because = f"the brief does not say what decisions are worth: {_instead(evidence)}"
    remedy = "Fill in [value]: what each outcome of a decision is worth."
    return [Finding(code="F03-money-not-stated", verdict=Verdict.UNKNOWN, because=because, remedy=remedy)]


def value_tail(evidence: Evidence) -> list[Finding]:
    """`F03-value-tail`: how much of all money the top hundredth of rows carries."""
    money = evidence.winner.money
    if money is None:
        return []
    share = top_share(money, TAIL_SHARE)
    if math.isnan(share):
        return []
    verdict = Verdict.PASS if share <= TAIL_LIMIT else Verdict.WARN
    because = f"the top 1% of rows carries {share:.0%} of all money won or lost"
    if verdict is Verdict.WARN:
        because += f"; {_pulled_in(money, evidence.prepared.brief.value.currency)}"
    remedy = "" if verdict is Verdict.PASS else "A few rows decide the result: look at them, and judge on more rows."
    finding = Finding(code="F03-value-tail", verdict=verdict, because=because, remedy=remedy)
    return [replace(finding, measured=share, limit=TAIL_LIMIT)]


def error_tail(evidence: Evidence) -> list[Finding]:
    """`F03-error-tail`: of amounts, how much of all squared error the top hundredth of rows carries."""
    if evidence.prepared.task is not Task.REGRESSION:
        return []
    share = top_share(np.square(evidence.outcomes - evidence.winner.decisions), TAIL_SHARE)
    if math.isnan(share):
        return []
    verdict = Verdict.PASS if share <= ERROR_TAIL_LIMIT else Verdict.WARN
    because = f"the top 1% of rows carries {share:.0%} of all squared error"
    remedy = "" if verdict is Verdict.PASS else "A few rows decide r2 and rmse: look at them, and judge by mae."
    finding = Finding(code="F03-error-tail", verdict=verdict, because=because, remedy=remedy)
    return [replace(finding, measured=share, limit=ERROR_TAIL_LIMIT)]


def unused_texts(evidence: Evidence) -> list[Finding]:
    """`F15-text-unused`: free texts that no candidate reads."""
    texts = tuple(
        field.name
        for field in evidence.prepared.schema.fields
        if field.kind is Kind.TEXT and field.name not in _texts_read(evidence)
    )
    if not texts:
        return []
    because = f"free text is not learned from: {', '.join(texts)}"
    remedy = "Exclude it, or bring its meaning as a category or a number."
    return [Finding(code="F15-text-unused", verdict=Verdict.WARN, subjects=texts, because=because, remedy=remedy)]


CHECKS: tuple[Callable[[Evidence], list[Finding]], ...] = (
    calibration,
    baselines,
    curse,
    simplest,
    money_stated,
    value_tail,
    error_tail,
    unused_texts,
)


def _instead(evidence: Evidence) -> str:
    """What decides where money does not."""
    prepared = evidence.prepared
    if prepared.task is Task.REGRESSION:
        return "candidates are compared by squared error"
    if prepared.task is Task.MULTICLASS:
        return "the likeliest class is decided, candidates compared by log loss"
    wanted = prepared.brief.decision.threshold
    how = "0.5 (fewest errors)" if wanted == "best" else f"{wanted:g} (the brief's)"
    return f"the threshold is {how}, candidates compared by log loss"


def _texts_read(evidence: Evidence) -> set[str]:
    fitted = [one.candidate.fitted for one in evidence.shown if one.candidate is not None]
    inputs = [source for each in fitted if each is not None for source in each.inputs.values()]
    return {source.field for source in inputs if isinstance(source, TextPart | TextScore)}


def _beats(one: Shown, evidence: Evidence) -> Finding:
    found = ahead_of(evidence.winner, one, evidence.prepared) or Ahead(unknown(), "of anything")
    return beats(evidence.winner.title, one.name, one.title, found)


def beats(winner: str, name: str, title: str, found: Ahead) -> Finding:
    """Say whether the winner is ahead of a simpler candidate, given by its name and title (`F05-beats-…`).

    >>> beats("a line", "today", "today's rule", Ahead(Interval(2.0, 1.0, 3.0), "EUR")).because
    "a line is ahead of today's rule: EUR 2.0 (1.0 to 3.0) a decision, paired by row"
    """
    ahead = found.interval
    verdict = Verdict.PASS if ahead.low > 0 else Verdict.FAIL if ahead.high < 0 else Verdict.WARN
    verdict = verdict if ahead.known else Verdict.UNKNOWN
    words = {Verdict.PASS: "ahead of", Verdict.FAIL: "behind"}.get(verdict, "not shown to be ahead of")
    how_far = f"{with_unit(shown_interval(ahead), found.unit)} a decision, paired by row"
    finding = Finding(
        code=f"F05-beats-{name.replace('_', '-')}",
        verdict=verdict,
        because=f"{winner} is {words} {title}: {how_far}",
        remedy="" if verdict is Verdict.PASS else _remedy(name, title, verdict),
    )
    return _with(finding, ahead, limit=0.0)


def _pulled_in(money: FloatArray, currency: str) -> str:
    """What the rows furthest out do to the mean: a difference, which stands beside any corrected number."""
    moved = winsorised_mean(money, TAIL_SHARE) - float(money.mean())
    more = with_unit(spelled(abs(moved)), currency) + (" more" if moved > 0 else " less")
    return f"with the furthest 1% at each end pulled in, a decision would seem worth {more} than the table says"


def _remedy(name: str, title: str, verdict: Verdict) -> str:
    if name == LAST_VALUE:
        return "Tomorrow is as today: give the model the last outcomes known as columns."
    if verdict is Verdict.FAIL:
        return f"It did better where it was chosen, on training rows; on these {title} does: keep to that."
    chosen = "It was ahead where it was chosen, on training rows; these are too few to tell"
    return f"{chosen}: judge on more rows, or keep to {title}."


def _named(evidence: Evidence, name: str) -> Shown:
    return next(one for one in evidence.shown if one.name == name)


def _with(finding: Finding, found: Interval, *, limit: float) -> Finding:
    """The finding with its number; one that is not known is left out."""
    low, high = (found.low, found.high) if found.known else (None, None)
    measured = None if math.isnan(found.value) else found.value
    return replace(finding, measured=measured, limit=limit, low=low, high=high)
