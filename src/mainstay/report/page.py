"""The report: from what the holdout showed to one page that works offline, for the person who signs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mainstay.domain.brief import Brief
from mainstay.domain.errors import Asked
from mainstay.domain.evaluation import Evaluation, Summary
from mainstay.domain.finding import Verdict
from mainstay.report import answer, decisions, pictures, tables
from mainstay.report.actions import Words, words_of
from mainstay.report.buckets import CHOICES, cut, lift_cells, sums_at_edges
from mainstay.report.embed import buckets_data, spark, thresholds_data
from mainstay.report.figure import Figure, figure
from mainstay.report.frame import html_of
from mainstay.report.ladder import Ladder, ladder
from mainstay.report.pictures.money_curve import MoneyWords
from mainstay.report.rows import Rows, rows_of
from mainstay.report.small_print import small_print
from mainstay.stats.calibration import calibration_error, reliability
from mainstay.stats.lift import lift_table

MOST_BUCKETS = 100  # more are thinner than the lines that draw them


@dataclass(frozen=True, slots=True)
class Told:
    """Everything the page's parts are made from."""

    summary: Summary
    brief: Brief
    rows: Rows
    steps: Ladder
    words: Words

    @property
    def nothing(self) -> str:
        """Doing nothing in words; empty without money."""
        side = tables.nothing_of(self.rows, self.words)
        return side.always if side else ""


def render(evaluation: Evaluation, brief: Brief, *, version: str, made_at: datetime, n_buckets: int = 10) -> str:
    """One HTML page without anything outside it: no request is made when it is opened.

    `version` is the version's name, such as `credit/3`; `n_buckets` how many buckets the lift table opens with.
    Raises `Asked` for fewer than 2 or more than 100 of them, `DataError` for a task without a report and for an
    evaluation that is not whole.
    """
    if not 2 <= n_buckets <= MOST_BUCKETS:
        raise Asked(f"{n_buckets} buckets were asked for", remedy=f"Ask for 2 to {MOST_BUCKETS}; 10 is usual.")
    rows = rows_of(evaluation)
    steps = ladder(rows, evaluation.summary.threshold)
    told = Told(evaluation.summary, brief, rows, steps, words_of(brief))
    return html_of(
        "report.html.j2",
        title=f"{version}: {brief.model.purpose or brief.model.name}",
        scripts=("words.js", "address.js", "threshold.js", "buckets.js", "page.js"),
        version=version,
        made_at=made_at,
        **_first_page(told),
        **_lift(told, n_buckets),
        **_thresholds(told),
        **_rest(told, version, made_at),
    )


def _first_page(told: Told) -> dict[str, Any]:
    summary, steps, words = told.summary, told.steps, told.words
    verdict, sentence = answer.verdict_sentence(summary.findings)
    ranked = answer.by_weight(summary.findings)
    return {
        "brief": told.brief,
        "words": words,
        "sentences": answer.worth_sentences(steps, told.rows, words, summary),
        "facts": answer.facts(steps, steps.chosen, words, summary.currency, told.nothing),
        "nothing": told.nothing,
        "spark": spark(steps),
        "verdict": verdict.value,
        "verdict_sentence": sentence,
        "counts": answer.counts(summary.findings),
        "shapes": {verdict.value: shape for verdict, shape in answer.SHAPES.items()},
        "conditions": [finding for finding in ranked if finding.verdict in (Verdict.FAIL, Verdict.WARN)],
        "findings": ranked,
        "asked": answer.asked_of_reader(told.brief, steps, summary.findings),
    }


def _lift(told: Told, n_buckets: int) -> dict[str, Any]:
    rows, words = told.rows, told.words
    choices = tuple(sorted({*CHOICES, n_buckets}))
    sums = sums_at_edges(rows, choices)
    return {
        "n_buckets": n_buckets,
        "lifts": {n: figure(f"lift-{n}", _drawn_lift(rows, words, n)) for n in choices},
        "lift_table": lift_cells(cut(sums, n_buckets), words, told.summary.currency),
        "buckets_data": buckets_data(sums),
    }


def _drawn_lift(rows: Rows, words: Words, n_buckets: int) -> Callable[[int], Any]:
    table = lift_table(rows.outcomes, rows.scores, n_buckets=n_buckets)
    return lambda width: pictures.lift(table, words, width=width)


def _thresholds(told: Told) -> dict[str, Any]:
    steps, words, currency = told.steps, told.words, told.summary.currency
    return {
        "steps": steps,
        "threshold": tables.threshold_text(float(steps.at[steps.chosen]), steps.upper),
        "threshold_range": _threshold_range(told),
        "money": _money_figure(told),
        "threshold_table": tables.threshold_table(steps, told.rows, words, currency),
        "thresholds_data": thresholds_data(steps, words, currency, told.nothing),
    }


def _threshold_range(told: Told) -> tuple[str, str] | None:
    """Where the best threshold likely lies, in words."""
    found = told.summary.threshold_interval
    if found is None or found.low is None or found.high is None:
        return None
    low, high = (tables.threshold_text(bound, told.steps.upper) for bound in (found.low, found.high))
    return low, high


def _money_figure(told: Told) -> Figure | None:
    steps, found = told.steps, told.summary.threshold_interval
    ahead = steps.ahead
    if ahead is None:
        return None
    bounds = (found.low, found.high) if found else (None, None)
    said = MoneyWords(told.summary.currency, told.nothing, told.words.high.done, *bounds)
    return figure("money", lambda width: pictures.money_curve(steps, ahead, said, width=width))


def _rest(told: Told, version: str, made_at: datetime) -> dict[str, Any]:
    rows, words, summary = told.rows, told.words, told.summary
    high = rows.scores >= told.steps.at[told.steps.chosen]
    bins, error = reliability(rows.outcomes, rows.scores), calibration_error(rows.outcomes, rows.scores)
    has_money = any(result.winner_ahead for result in summary.candidates)
    return {
        "reliability": figure("reliability", lambda width: pictures.reliability(bins, error, words, width=width)),
        "reliability_table": tables.reliability_table(bins, words),
        "decisions": decisions.decision_sentences(high, rows, words),
        "confusion": decisions.confusion_table(high, rows, words, summary.currency),
        "classes": decisions.classes_table(high, rows, words),
        "candidates": _candidates_figure(summary) if has_money else None,
        "chosen": next((one.title[:1].upper() + one.title[1:] for one in summary.candidates if one.chosen), "Nothing"),
        "candidates_table": tables.candidates_table(summary),
        "metrics": tables.metrics_table(summary),
        "small_print": small_print(summary, told.brief, rows, version=version, made_at=made_at),
    }


def _candidates_figure(summary: Summary) -> Figure:
    return figure("candidates", lambda width: pictures.candidates(summary.candidates, summary.currency, width=width))
